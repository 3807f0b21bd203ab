"""The sandbox: the live engine with a virtual clock, a made-up company and nothing sent.

`script` steps run in order, each `after` the one before; default actors answer whenever their step waits; timers fire
on the way. The clock stops with the last thing somebody does, unless `until` (from the start) runs it on.
"""
from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from app.core.errors import Invalid, Problem
from app.flows.base import Go, Job, Listen, Message, NodeType, Outcome, Wait
from app.flows.ctx import Ctx
from app.flows.engine import blank, decide
from app.flows.model import Flow, Node
from app.flows.opinions import SIGN, actions
from app.flows.sandbox import CUSTOMER, SandboxWorld
from app.flows.scenario import REAL, unknown_names, unmet
from app.flows.takeback import RECALL, recalls
from app.flows.work import CHILD_ENDED

MAX_DECISIONS = 5000

#: (node, action or None at the start, what was submitted, state, now) → all answers; raises Problem or Invalid.
Judge = Callable[[str, str | None, Mapping[str, Any], Mapping[str, Any], int], Mapping[str, Any]]
#: What to note of a step as it is entered; it stands in that event as "checked".
Watch = Callable[[Ctx], Any]


@dataclass
class Result:
    """How a scenario went: `failures` are Problems with a place in the scenario, `events` carry `seq` and `t` (ms).

    `sent`: {to, via, template, node, at (ms from the start)}. `at`: where the clock stands (epoch ms). `world`: the
    company it played in.
    """

    name: str
    failures: list[Problem] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    at: int = 0
    world: SandboxWorld | None = None

    @property
    def ok(self) -> bool:
        return not self.failures

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        """`{name, ok, failures: [{code, message, where}], events}`."""
        return {"name": self.name, "ok": self.ok, "failures": [problem.as_dict(locale) for problem in self.failures],
                "events": self.events}


def simulate(flow: Flow, scenario: Any, org: Mapping[str, Any], judge: Judge, *, world: SandboxWorld | None = None,
             watch: Mapping[str, Watch] | None = None, pass_over: Collection[str] = ()) -> Result:
    """Play one loaded scenario (see `scenario.load_scenarios`) in the company `org`, or in `world`.

    `watch`: node → what to note of it whenever it is entered. `pass_over`: what people may be refused to do (`do` of a
    script's steps) without the story ending there; the refusal is a failure all the same.
    """
    result = Result(scenario.name, unknown_names(flow, scenario), at=scenario.at)
    if world is None and scenario.org == REAL:
        result.failures.append(Problem("sim_real_company", "org"))
    if all(problem.where.startswith("expect") for problem in result.failures):
        result.world = world or SandboxWorld(scenario.org or org)
        run = _Run(flow, scenario, result.world, judge, result, watch or {}, pass_over)
        run.play()
        result.at = run.now
        if result.state:
            result.failures += unmet(scenario.expect, result.state, result.events, result.sent)
    return result


class _Stand:
    """Stands before a step type and passes on whatever is asked of it."""

    def __init__(self, real: NodeType) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Watched(_Stand):
    """A step of which something is noted as it is entered."""

    def __init__(self, real: NodeType, watch: Watch, seen: dict[tuple[str, int], Any]) -> None:
        super().__init__(real)
        self._watch = watch
        self._seen = seen

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        self._seen[ctx.node.id, ctx.visit] = self._watch(ctx)
        return self._real.enter(ctx, config)


def _answered(ask: Any) -> bool:
    """Whether a worker's answer follows."""
    return isinstance(ask, Job) or (isinstance(ask, Message) and ask.answered)


class _Mocked(_Stand):
    """A step that leaves by the port the scenario says; one that asks for a job still does, and gets its answer so."""

    def __init__(self, real: NodeType, rows: Sequence[Any]) -> None:
        super().__init__(real)
        self._rows = rows

    def row(self, visit: int, asked: int = 1) -> Any:
        """What is said of a visit, or of what the step asks for the second, third … time in it."""
        row = self._rows[min(visit, len(self._rows)) - 1]
        return row.again[min(asked - 2, len(row.again) - 1)] if asked > 1 and row.again else row

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        outcome = self._real.enter(ctx, config)
        port = self.row(ctx.visit).port
        if isinstance(outcome, Wait) and any(_answered(ask) for ask in outcome.do) and not any(
                isinstance(ask, Listen) and ask.name != CHILD_ENDED for ask in outcome.do):
            return outcome
        return outcome if isinstance(outcome, Job) or port is None else Go(port)


class _Run:
    """One scenario under way."""

    def __init__(self, flow: Flow, scenario: Any, world: SandboxWorld, judge: Judge, result: Result,
                 watch: Mapping[str, Watch], pass_over: Collection[str]) -> None:
        self._checked: dict[tuple[str, int], Any] = {}  # (node, visit) → what was noted
        stands: dict[str, Any] = {id: _Watched(flow.nodes[id].type, note, self._checked) for id, note in watch.items()}
        stands |= {id: _Mocked(flow.nodes[id].type, rows) for id, rows in scenario.mocks.items()}
        nodes = {id: replace(node, type=stands[id]) if id in stands else node for id, node in flow.nodes.items()}
        self.flow = replace(flow, nodes=nodes)
        self.scenario = scenario
        self.world = world
        self.judge = judge
        self.pass_over = pass_over
        self.result = result
        self.state: dict[str, Any] = {}
        self.start = self.now = scenario.at
        self.decisions = 0
        self._heap: list[tuple[int, int, int, str, Any]] = []  # (due, rank, number, kind, what)
        self._pushed = 0
        self._alive = 0  # entries of the heap that somebody (or a worker) does, not the clock

    def play(self) -> None:
        if not self._try("form", self._begin):
            return
        for at, step in enumerate(self.scenario.script):
            moment = self.now + step.after
            self._run_until(moment)
            self.now = moment
            done = self._try(f"script[{at}]", partial(self._do, step, step.node, None))
            if not done and step.do not in self.pass_over:
                break
            self._run_until(moment)
        while self._alive and self.decisions < MAX_DECISIONS:
            self._pop()
        if self.scenario.until is not None:
            self._run_until(self.start + self.scenario.until)
        if self.decisions >= MAX_DECISIONS:
            self.result.failures.append(Problem("sim_endless", max=MAX_DECISIONS))
        self.result.state = self.state

    def _try(self, where: str, act: Callable[[], None]) -> bool:
        """Whether it could be done; a refusal is a failure of the scenario, at its place."""
        try:
            act()
        except Problem as problem:
            for each in problem.problems if isinstance(problem, Invalid) else [problem]:
                each.where = f"{where}: {each.where}" if each.where else where
                self.result.failures.append(each)
            return False
        return True

    # ---- the clock ----

    def _push(self, due: int, kind: str, what: Any) -> None:
        # At the same instant: answers of systems first, then timers, then people.
        rank = {"job": 0, "timer": 1, "person": 2}[kind]
        self._pushed += 1
        self._alive += kind != "timer"
        heapq.heappush(self._heap, (due, rank, self._pushed, kind, what))

    def _run_until(self, moment: int) -> None:
        while self._heap and self._heap[0][0] <= moment and self.decisions < MAX_DECISIONS:
            self._pop()
        self.now = max(self.now, moment)

    def _pop(self) -> None:
        due, _, _, kind, what = heapq.heappop(self._heap)
        self.now = max(self.now, due)
        self._alive -= kind != "timer"
        if kind == "timer":
            if what in self.state["timers"]:
                self._decide({"kind": "timer", "timer": what})
        elif kind == "job":
            self._decide(what)
        else:
            node, task = what
            waits = task in self.state["tasks"] if task else node in self.state["answers"] or self._listens(node)
            if waits:
                actor = self.scenario.default_actors[node]
                self._try(f"default_actors.{node}", partial(self._do, actor, node, task))

    # ---- signals ----

    def _decide(self, signal: Mapping[str, Any]) -> None:
        self.decisions += 1
        self.world.state = self.state
        decision = decide(self.flow, self.state, signal, self.now, self.world)
        self.state = decision.state
        for event in decision.events:
            self.result.events.append({"seq": len(self.result.events) + 1, "t": self.now, **event})
            seen = event["kind"] == "node.entered" and self._checked.pop((event["node"], event["delta"]["visit"]), None)
            if seen:
                self.result.events[-1]["checked"] = seen
            if event["kind"] in ("customer.asked", "event.awaited"):
                self._expect_actor(event["node"], None)
        for effect in decision.effects:
            self._take(effect)

    def _take(self, effect: Mapping[str, Any]) -> None:
        do = effect["do"]
        if do == "timer.arm":
            self._push(max(effect["due"], self.now), "timer", effect["timer"])
        elif do == "task.open" and effect["kind"] != SIGN:  # an opinion is asked of somebody, not of whoever is there
            self._expect_actor(effect["node"], effect["task"])
        elif do == "message":
            message = {key: effect[key] for key in ("via", "node", "template")}
            to = effect["to"].get("person") or effect["to"].get("group", CUSTOMER)
            self.result.sent.append({**message, "to": to, "at": self.now - self.start})
            if effect["answered"]:
                self._answer_job(effect["message"], self.flow.nodes[effect["node"]])
        elif do == "tick":
            self.world.tick(effect, self.now)
        elif do == "job":
            self._answer_job(effect["job"], self.flow.nodes[effect["node"]])

    def _expect_actor(self, node: str, task: str | None) -> None:
        if node in self.scenario.default_actors:
            self._push(self.now + self.scenario.default_actors[node].after, "person", (node, task))

    def _answer_job(self, key: str, node: Node) -> None:
        numbers = [int(part) for part in key.split(":")[1:] if part.isdigit()]
        row = node.type.row(*numbers) if isinstance(node.type, _Mocked) else None
        if row and row.after is None:
            return  # told of a real ticket: the other system never answered
        port = (row and (row.port or row.leads)) or (node.ports[0].id if node.ports else "")
        answer: dict[str, Any] = {"error": "", **node.type.simulate(node.config, port)}
        if row and row.ok is not None:
            answer |= {"ok": bool(row.ok), "error": "" if row.ok else answer["error"]}
        if row and row.result is not None:
            answer["result"] = row.result
        if row and row.error:
            answer["error"] = row.error
        self._push(self.now + (row.after if row else 0), "job", {"kind": "job", "job": key, **answer})

    def _begin(self) -> None:
        triggers = self.flow.triggers()
        trigger = self.scenario.trigger or (triggers[0].id if len(triggers) == 1 else None)
        if trigger is None or trigger not in {node.id for node in triggers}:
            raise Problem("sim_no_trigger", "trigger", triggers=", ".join(node.id for node in triggers))
        channel = getattr(self.flow.nodes[trigger].config, "channel", None)
        signal = {"kind": "start", "trigger": trigger, "customer": {"id": CUSTOMER, **self.scenario.customer},
                  "ticket": {"channel": channel, **self.scenario.ticket}}
        empty = blank(self.flow, signal, self.now)
        form = self.judge(trigger, None, self.scenario.form, empty, self.now)
        self._decide({**signal, "form": dict(form)})

    def _do(self, step: Any, node: str | None, task: str | None) -> None:
        """One thing somebody does: on `task`, or on the task of `node` that is theirs."""
        by = None if step.as_ in (None, CUSTOMER, "any") else step.as_
        if step.do == "answer":
            node = node or next(iter(self.state["answers"]), None)
            if node is None or node not in self.state["answers"]:
                raise Problem("sim_not_waiting", node=node or "?")
            form = self.judge(node, None, step.form, self.state, self.now)
            self._decide({"kind": "answer", "node": node, "form": dict(form), **({"by": by} if by else {})})
        elif step.do == "event":
            heard = next(iter(self._listens(node)), None)
            if heard is None:
                raise Problem("sim_not_waiting", node=node or "?")
            self._decide({"kind": "event", "name": heard["name"], "subject": heard["subject"], "data": step.form})
        elif step.do == "read":
            for key in [key for key, message in self.state["messages"].items() if message["read"] is None
                        and message["to"] == by and (node is None or key.startswith(f"{node}:"))]:
                self._decide({"kind": "read", "message": key, "by": by})
        elif step.do in ("withdraw", "retry", "urge") or (step.do == "comment" and node is None):
            self._decide({"kind": step.do, "by": by, "note": step.note, "node": node})
        elif step.do == RECALL:
            own = next(((person, key) for person, key in recalls(self.state)
                        if by in (None, person) and node in (None, key.partition(":")[0])), None)
            if own is None:
                raise Problem("recall_nothing")
            self._decide({"kind": "act", "task": own[1], "action": RECALL, "by": own[0]})
        else:
            self._act(step, task or self._task_for(step, node))

    def _listens(self, node: str | None) -> list[Mapping[str, Any]]:
        """The events that a step (None: any) waits for."""
        return [listen for listen in self.state["listens"].values() if node in (None, listen["node"])]

    def _act(self, step: Any, key: str) -> None:
        task = self.state["tasks"][key]
        by = self._anybody(task) if step.as_ in (None, "any") else step.as_
        node = self.flow.nodes[task["node"]]
        signal = {"kind": "act", "task": key, "action": step.do, "by": by, "note": step.note, "to": step.to,
                  "when": step.when}
        if node.fields and task["kind"] != SIGN and any(step.do == action.id for action in actions(node, task)):
            signal["form"] = dict(self.judge(node.id, step.do, step.form, self.state, self.now))
        elif step.form:
            raise Problem("sim_no_form", node=node.id)
        self._decide(signal)

    def _task_for(self, step: Any, node: str | None) -> str:
        """The open task of the node that this person could mean: their own, one they may take, or else the first."""
        here = [key for key, task in self.state["tasks"].items() if node is None or task["node"] == node]
        if not here:
            raise Problem("sim_not_waiting", node=node or "?")
        for key in here:
            task = self.state["tasks"][key]
            if task["assignee"] == step.as_ and step.as_:
                return key
        for key in here:
            task = self.state["tasks"][key]
            if task["assignee"] is None and (step.as_ in (None, "any") or
                                             self.world.may(step.as_, task["groups"], task["people"])):
                return key
        return here[0]

    def _anybody(self, task: Mapping[str, Any]) -> str:
        """Whoever may do it: the assignee, or the first candidate in the order of the people."""
        if task["assignee"] is not None:
            return str(task["assignee"])
        for person in self.world.everybody:
            if self.world.may(person, task["groups"], task["people"]) and person not in task.get("avoid", ()):
                return person
        raise Problem("sim_nobody", node=task["node"])
