"""Random flows, random people: whatever is done in whatever order, no token is lost and nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.core.errors import Problem
from app.flows import migrate
from app.flows.base import Decision
from app.flows.engine import decide
from app.flows.model import Flow
from app.flows.sandbox import SandboxWorld
from app.flows.schema import load_flow
from app.flows.takeback import recallable
from app.flows.verbs import returns
from tests.flows.kit import AGENTS, MINUTE, ORG, SOURCES, START, TYPES, catalog, flow, node
from tests.flows.test_properties import sound

MAY = ["transfer", "delegate", "add_sign", "return_to", "recall", "comment", "cc"]
PEOPLE = [person["id"] for person in ORG["people"]]
CHANCE = st.randoms(use_true_random=True)  # seeded by Hypothesis, and not mostly 0
# What a second copy of changes something again, and rightly: the first may have asked the same question anew.
AGAIN = ("answer", "event", "comment", "upgrade", "migrate")


class Builder:
    """A random flow of nested blocks; each `part` goes in at one step and out of some ports, to be joined up later."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[str] = []
        self.tasks: list[str] = []

    def add(self, kind: str, config: dict[str, Any], **more: Any) -> str:
        ident = f"n{len(self.nodes)}"
        self.nodes.append(node(ident, kind, config, **more))
        return ident

    def part(self, depth: int) -> tuple[str, list[str]]:
        """(where it begins, its open ways out)."""
        kinds = ["handle", "handle", "vote", "claim", "ask", "call", "ladder", "delay", "up", "event", "sub"]
        kind = self.rng.choice([*kinds, *(["block"] * 3 if depth else [])])
        if kind == "block":
            return self.block(depth - 1)
        made: str
        if kind == "handle":
            back = [self.rng.choice(self.tasks)] if self.tasks and self.rng.random() < 0.3 else []
            who = self.rng.choice([AGENTS, [{"person": "ann"}], [{"ref": "ticket.owner"}]])
            made = self.add("task.handle", {"assignee": who, "may": MAY,
                                            "actions": [{"port": "ok"}, *([{"port": "back"}] if back else [])]})
            self.edges += [f"{made}:back>{target}" for target in back]
            self.tasks.append(made)
            return made, [f"{made}:ok"]
        if kind == "vote":
            mode = self.rng.choice(["any", "all", "ratio", "turn", "up"])
            config = {"mode": mode, "may": MAY, "same_person": self.rng.choice(["ask", "pass", "skip"])}
            made = self.add("task.approval", config if mode == "up" else {**config, "approvers": AGENTS})
            self.tasks.append(made)
            return made, [f"{made}:approved", f"{made}:rejected"]
        if kind == "claim":
            made = self.add("task.claim", {"candidates": AGENTS, "timeout": "PT9M"})
            return made, [f"{made}:claimed", f"{made}:timeout"]
        if kind == "ask":
            made = self.add("wait.customer", {"fields": {"f_reply": "edit"}, "timeout": "PT5M"})
            return made, [f"{made}:received", f"{made}:timeout"]
        if kind == "event":
            made = self.add("wait.event", {"event": "paid", "key": "{{form.f_store}}", "timeout": "PT7M"})
            return made, [f"{made}:received", f"{made}:timeout"]
        if kind == "sub":
            made = self.add("flow.subticket", {"ticket_type": "x", "timeout": "PT8M",
                                               "wait": self.rng.choice([True, False])})
            return made, [f"{made}:done", f"{made}:timeout"]
        if kind == "call":
            made = self.add("action.webhook", {"connector": "erp"})
            return made, [f"{made}:out", f"{made}:error"]
        if kind == "delay":
            made = self.add("timer.delay", {"for": "PT3M"})
        elif kind == "up":
            made = self.add("assign.escalate", {"to": [{"role": "boss", "of": "form.f_store"}]})
        else:
            made = self.add("notify.staff", {"to": AGENTS, "template": "x", "ladder": [
                {"after": "PT1M", "via": "wecom"}, {"after": "PT2M", "if": "unread", "via": "voice"}]})
        return made, [f"{made}:out"]

    def block(self, depth: int) -> tuple[str, list[str]]:
        """A parallel block of two or three branches."""
        fork, join = f"n{len(self.nodes)}", f"n{len(self.nodes) + 1}"
        ports = ["a", "b", "c"][: self.rng.randint(2, 3)]
        mode = self.rng.choice(["all", "any", "n"])
        self.add("branch.parallel", {"branches": [{"port": port} for port in ports], "join": join})
        self.add("branch.join", {"fork": fork, "mode": mode, "n": 2})
        outside, self.tasks = self.tasks, []
        for port in ports:
            first, open_ends = self.line(depth, self.rng.randint(1, 2))
            self.edges += [f"{fork}:{port}>{first}", *(f"{end}>{join}" for end in open_ends)]
            self.tasks = []
        self.tasks = outside
        return fork, [f"{join}:out"]

    def line(self, depth: int, length: int) -> tuple[str, list[str]]:
        """Parts one after the other."""
        first, ends = self.part(depth)
        for _ in range(length - 1):
            begins, more = self.part(depth)
            self.edges += [f"{end}>{begins}" for end in ends]
            ends = more
        return first, ends

    def build(self) -> Flow:
        """The flow, with a clock over some of its tasks."""
        first, ends = self.line(2, self.rng.randint(3, 6))
        self.edges = [f"t:out>{first}", *self.edges, *(f"{end}>end" for end in ends)]
        if self.tasks:
            levels = [{"port": "l1", "at": "10%"}, {"port": "l2", "at": "100%"}]
            clock = self.add("timer.sla", {"due": "PT20M", "pause_on": ["wait.customer"], "levels": levels},
                             attach=self.tasks)
            told = self.add("assign.escalate", {"to": [{"person": "max"}]})
            self.edges += [f"{clock}:l1>{told}"]
        return flow(*self.nodes, edges=" ".join(self.edges))


def reworked(data: Any, rng: random.Random) -> tuple[Any, dict[str, str]]:
    """(a later version of a flow, old id → new id): a step put into a line, one renamed, settings changed."""
    data, moves = json.loads(json.dumps(data)), {}
    fresh = f"m{len(data['nodes'])}"
    rows = {row["id"]: row for row in data["nodes"]}
    free = [row for row in data["nodes"] if row["id"][0] in "nrm" and not row["type"].startswith("branch.")]
    if rng.random() < 0.6:
        edge = rng.choice([edge for edge in data["edges"] if not edge["from"].startswith("t:")])
        data["nodes"].append(node(fresh, "task.handle", {"assignee": AGENTS, "may": MAY, "actions": [{"port": "ok"}]}))
        data["edges"].append({"id": f"e{fresh}", "from": f"{fresh}:ok", "to": edge["to"]})
        edge["to"] = f"{fresh}:in"
    if free and rng.random() < 0.7:
        old = rng.choice(free)["id"]
        new = f"r{len(data['nodes'])}{old}"[:40]
        rows[old]["id"] = new
        for edge in data["edges"]:
            for end in ("from", "to"):
                name, port = edge[end].split(":")
                edge[end] = f"{new if name == old else name}:{port}"
        for row in data["nodes"]:
            row["attach"] = [new if name == old else name for name in row.get("attach", ())]
        if rng.random() < 0.8:
            moves[old] = new
    for row in data["nodes"]:
        config = row["config"]
        if row["type"] == "task.handle" and len(config["actions"]) < 10 and rng.random() < 0.3:
            config["actions"] = [*config["actions"], {"port": f"x{len(config['actions'])}"}]
        if row["type"] == "task.approval" and rng.random() < 0.2:
            config["mode"] = "all" if config["mode"] in ("any", "ratio", "turn") else config["mode"]
        if row["type"] == "timer.sla" and rng.random() < 0.4:
            config["due"] = rng.choice(["PT5M", "PT40M"])
    if rng.random() < 0.5:
        data["vars"] = [{"key": f"v{rng.randint(1, 3)}", "type": "number", "default": 1}]
    return data, moves


class Ticket(RuleBasedStateMachine):
    """One ticket of one random flow. `now` goes on with every step."""

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[str, Any] = {}
        self.effects: list[dict[str, Any]] = []
        self.now = START

    @initialize(rng=CHANCE)
    def open(self, rng: random.Random) -> None:
        self.flow = Builder(rng).build()
        self.world = SandboxWorld(ORG)
        self.send({"kind": "start", "trigger": "t", "form": {"f_store": "s1"}, "customer": {"id": "c"}, "ticket": {}})

    def dues(self, wanted: Callable[[str], bool]) -> list[int]:
        """When the timers of those steps are due, clocks left out."""
        clocks = {clock.id for clock in self.flow.clocks}
        return sorted(due for key, due in self.state["timers"].items()
                      if (name := key.partition(":")[0]) not in clocks and wanted(name))

    def migrate(self, rng: random.Random) -> None:
        """The ticket goes on under a changed flow; where that is refused nothing has changed."""
        data, moves = reworked(self.flow.raw, rng)
        old, new = self.flow, load_flow(data, catalog(), TYPES, sources=SOURCES)
        signal = {"kind": "migrate", "by": "adm", "old": old, "moves": moves, "delta": {}}
        refused = migrate.refusals(old, new, self.state, moves)
        before = {key: (task["assignee"], task["kind"]) for key, task in self.state["tasks"].items()}
        dues = self.dues(lambda name: name in new.nodes or name in moves)
        self.flow = new
        if not self.send(signal):
            assert refused
            self.flow = old
            return
        assert not refused
        assert sorted(before.values(), key=str) == sorted(
            ((task["assignee"], task["kind"]) for task in self.state["tasks"].values()), key=str)
        assert self.dues(lambda name: True) == dues
        assert not self.state["back"]
        assert {token["node"] for token in self.state["tokens"].values()} <= set(new.nodes)

    def decide(self, state: dict[str, Any], signal: dict[str, Any]) -> Decision:
        self.world.state = state
        return decide(self.flow, state, signal, self.now, self.world)

    def send(self, signal: dict[str, Any]) -> bool:
        """Whether it was done. The same from a state that was stored meanwhile; a second copy is refused or ignored."""
        before = json.dumps(self.state, sort_keys=True)
        try:
            decision = self.decide(self.state, signal)
        except Problem:
            assert json.dumps(self.state, sort_keys=True) == before
            return False
        stored = self.decide(json.loads(before), signal)
        assert json.dumps(self.state, sort_keys=True) == before
        assert (stored.state, stored.effects, stored.events) == (decision.state, decision.effects, decision.events)
        if decision.ignored:
            assert decision.state == self.state and not decision.effects
            return False
        assert decision.events
        self.state = decision.state
        self.effects += decision.effects
        twice = signal["kind"] in AGAIN or signal.get("action") in ("comment", "cc")
        if signal.get("action") == "recall":  # who takes a task back may go on to take back what its delegate asked
            twice = twice or signal["task"] in json.loads(before)["tasks"]
        if not twice:
            with contextlib.suppress(Problem):
                assert self.decide(self.state, signal).ignored, f"{signal} twice"
        return True

    def later(self, rng: random.Random) -> None:
        self.now += rng.choice([0, 1, 3, 10, 31]) * MINUTE

    # ---- what happens ----

    @precondition(lambda self: self.state["status"] == "open")
    @rule(rng=CHANCE)
    def go_on(self, rng: random.Random) -> None:
        """Something of what can happen now, mostly with a task."""
        can = [self.take_back] * 2 + [self.aside, self.migrate]
        can += [self.act] * 8 if self.state["tasks"] else []
        can += [self.wake] * 2 if self.state["timers"] else []
        can += [self.bring] * 3 if self.state["jobs"] else []
        can += [self.hear] * 3 if self.state["answers"] or self.state["listens"] else []
        rng.choice(can)(rng)

    @precondition(lambda self: self.state["status"] != "open")
    @rule(rng=CHANCE)
    def afterwards(self, rng: random.Random) -> None:
        """It is over: hardly anything can be done any more."""
        self.aside(rng)

    def act(self, rng: random.Random) -> None:
        """Somebody does something with a task: mostly its assignee, mostly a button."""
        self.later(rng)
        key = rng.choice(sorted(self.state["tasks"]))
        task = self.state["tasks"][key]
        by = task["assignee"] if task["assignee"] and rng.random() < 0.9 else rng.choice(PEOPLE)
        buttons = ["agree", "disagree"] if task["kind"] == "sign" else ["claim"] if task["kind"] == "claim" else \
            ["approve", "approve", "reject"] if task["kind"] == "approval" else ["ok", "ok", "back"]
        to = rng.choice(PEOPLE)
        action = rng.choice([*buttons * 4, *MAY, "return_to", "add_sign"])
        ways = returns(self.flow, self.state, key)
        if action == "return_to" and ways:
            to = rng.choice(ways)
        form = {**self.state["form"], "f_reply": rng.choice("ab")}
        self.send({"kind": "act", "task": key, "action": action, "by": by, "note": rng.choice(["n", "n", ""]), "to": to,
                   "when": rng.choice(["before", "after"]), "form": form})

    def take_back(self, rng: random.Random) -> None:
        """What the page offers must be possible; anything else must be refused."""
        person = rng.choice(PEOPLE)
        offered = recallable(self.state, person)
        known = [*self.state["done"], *self.state["tasks"]]
        if offered and rng.random() < 0.8:
            key = rng.choice(offered)
            assert self.send({"kind": "act", "task": key, "action": "recall", "by": person})
        elif known:
            key = rng.choice(known)
            assert key in offered or not self.send({"kind": "act", "task": key, "action": "recall", "by": person})

    def wake(self, rng: random.Random) -> None:
        """The next timer is due."""
        due, key = min((due, key) for key, due in self.state["timers"].items())
        self.now = max(self.now, due)
        assert self.send({"kind": "timer", "timer": key})

    def bring(self, rng: random.Random) -> None:
        """A worker is done."""
        key = rng.choice(sorted(self.state["jobs"]))
        assert self.send({"kind": "job", "job": key, "ok": rng.random() < 0.8, "result": {"id": f"c{key}", "no": 7}})

    def hear(self, rng: random.Random) -> None:
        """The customer answers, or another system tells something."""
        signals: list[dict[str, Any]] = [
            {"kind": "answer", "node": name, "form": {**self.state["form"], "f_reply": rng.choice("ab")}}
            for name in sorted(self.state["answers"])]
        signals += [{"kind": "event", "name": listen["name"], "subject": listen["subject"],
                     "data": {"id": "c", "no": 7, "status": "closed"}} for _, listen in
                    sorted(self.state["listens"].items())]
        assert self.send(rng.choice(signals))

    def aside(self, rng: random.Random) -> None:
        """What concerns the whole ticket."""
        self.later(rng)
        parked = [row["node"] for row in self.state["parked"]] or ["n0"]
        unread = [key for key, message in self.state["messages"].items() if message["read"] is None] or ["ghost:1:m1"]
        self.send(rng.choice([
            {"kind": "urge", "by": rng.choice([None, *PEOPLE]), "note": ""},
            {"kind": "retry", "node": rng.choice(parked), "by": "adm"},
            {"kind": "read", "message": rng.choice(unread), "by": "ann"},
            {"kind": "comment", "by": "ann", "note": "n"},
            {"kind": "upgrade", "by": "adm", "form": dict(self.state["form"]), "retired": {}, "delta": {}},
            {"kind": "timer", "timer": "ghost:1:timeout"}, {"kind": "job", "job": "ghost:1", "ok": True},
            *([{"kind": "withdraw", "by": None, "note": ""}] if rng.random() < 0.05 else []),
        ]))

    # ---- what must hold ----

    @invariant()
    def nothing_is_lost(self) -> None:
        if not self.state:
            return
        sound(self.flow, self.state, self.effects)
        tokens, tasks = self.state["tokens"], self.state["tasks"]
        # Every way of these flows leads on: nothing stands but where a worker said no.
        assert {row["code"] for row in self.state["parked"]} <= {"subticket_refused"}
        for key, entry in self.state["back"].items():
            assert any(token.get("after") == key for token in tokens.values()), f"{key} leads nowhere"
            assert set(entry["tasks"]) >= {key}
        for key, task in tasks.items():
            assert all(tasks[sign]["asks"] == key for sign in task.get("held", ()))
            if task["kind"] == "sign":
                assert key in tasks[task["asks"]]["held"]
            if "act" in task:
                assert task["held"]
        for token in tokens.values():
            for run in token["scope"]:
                fork = run.partition(":")[0]
                assert token["node"] in (fork, self.flow.joins[fork], *self.flow.blocks[fork])
        if self.state["status"] != "open":
            assert self.state["back"] == self.state["listens"] == {}


def test_no_token_is_lost() -> None:
    run_state_machine_as_test(Ticket, settings=settings(
        max_examples=100, stateful_step_count=40, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck)))
