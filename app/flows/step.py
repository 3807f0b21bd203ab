"""One decision under way: a copy of the state on which tokens move, and the effects and events that follow.

The copy is shallow but for the parts the engine writes, whose entries are replaced and never changed in place, so the
state that was handed in stays as it was. Keys are `node:visit`, with a suffix where a visit asks for more than one;
they are walked in sorted order, because a database may give them back in another.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem
from app.core.expressions import Env
from app.flows.asks import SIDE, perform
from app.flows.base import Answer, End, Go, Job, Merge, Outcome, Park, Split, Wait, World
from app.flows.ctx import Ctx
from app.flows.model import Flow, Node

MAX_MOVES = 500  # transitions of one decision; more is a loop that waits for nobody
_PARTS = ("vars", "ticket", "tokens", "visits", "tasks", "timers", "jobs", "messages", "sla", "answers", "done")


class Step:
    """The working copy. `actor` ({"type", "id"}) stands in every event of this decision."""

    def __init__(self, flow: Flow, state: Mapping[str, Any], now: int, world: World, actor: Mapping[str, Any]) -> None:
        self.flow = flow
        self.now = now
        self.world = world
        self.actor = actor
        self.state: dict[str, Any] = {**state, **{part: dict(state.get(part) or {}) for part in _PARTS}}
        self.tokens: dict[str, Any] = self.state["tokens"]
        self.tasks: dict[str, Any] = self.state["tasks"]
        self.timers: dict[str, int] = self.state["timers"]
        self.ticket: dict[str, Any] = self.state["ticket"]
        self.effects: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._queue: list[tuple[str, str]] = []  # (token, node it goes to), the next one last
        self._moves = 0
        self._env: Env | None = None

    # ---- small things ----

    @property
    def open(self) -> bool:
        return bool(self.state["status"] == "open")

    @property
    def env(self) -> Env:
        if self._env is None:
            self._env = Env(self.now, self.world.tz(self.now))
        return self._env

    def event(self, kind: str, node: str | None = None, token: str | None = None, *, port: str | None = None,
              edge: str | None = None, delta: Mapping[str, Any] | None = None) -> None:
        entry: dict[str, Any] = {"kind": kind}
        for key, value in (("node", node), ("port", port), ("edge", edge), ("token", token)):
            if value is not None:
                entry[key] = value
        entry["actor"] = self.actor
        entry["delta"] = dict(delta or {})
        self.events.append(entry)

    def effect(self, do: str, **parts: Any) -> None:
        self.effects.append({"do": do, **parts})

    def problem(self, node: str, code: str, params: Mapping[str, Any] | None = None, token: str | None = None) -> None:
        """Something for a person to look at; the flow goes on or stands, but nothing is lost."""
        self.event("problem", node, token, delta={"code": code, "params": dict(params or {})})

    def ctx(self, node: Node, visit: int, token: Mapping[str, Any] | None = None) -> Ctx:
        token = token or {}
        return Ctx(node, visit, self.state, self.now, self.world, self.env, token.get("memo"), token.get("by"))

    def set_form(self, values: Mapping[str, Any] | None, node: str | None = None) -> None:
        """Store judged answers. The event names the fields; their values stay in the ticket's data."""
        before = self.state["form"]
        if not values or values == before:
            return
        names = sorted(key for key in {**before, **values} if values.get(key) != before.get(key))
        self.state["form"] = dict(values)
        if names:
            self.event("form.changed", node, delta={"fields": names})

    def assign_values(self, node: str, values: Mapping[str, Any]) -> None:
        """{"vars.x" or "form.f": value}."""
        changed = {}
        for ref, value in values.items():
            root, _, name = ref.partition(".")
            old = self.state[root].get(name)
            if old != value:
                changed[ref] = [old, value]
                self.state[root] = {**self.state[root], name: value}
        in_form = [ref.partition(".")[2] for ref in changed if ref.startswith("form.")]
        if in_form:
            self.event("form.changed", node, delta={"fields": in_form})
        if len(changed) > len(in_form):
            self.event("vars.set", node, delta={ref: pair for ref, pair in changed.items() if ref.startswith("vars.")})

    def set_owner(self, person: str | None, node: str | None, token: str | None) -> None:
        """Give the ticket to somebody, or take it from whoever has it."""
        old = self.ticket.get("owner")
        if person != old:
            self.ticket["owner"] = person
            self.effect("ticket.owner", person=person)
            self.event("owner.changed", node, token, delta={"owner": [old, person]})

    # ---- tokens ----

    def token_at(self, node: str, visit: int) -> str | None:
        """The token of a visit, if it is still there."""
        for key, token in self.tokens.items():
            if token["node"] == node and token["visit"] == visit:
                return key
        return None

    def spawn(self, node: str, visit: int, scope: Sequence[str] = (), side: bool = False, by: str | None = None) -> str:
        """A new token that stands, for now, at the node it comes from."""
        number = self.state["made"] = self.state.get("made", 0) + 1
        key = str(number)
        self.tokens[key] = {"node": node, "visit": visit, "scope": list(scope), "by": by}
        if side:
            self.tokens[key]["side"] = True
        return key

    def go_to(self, token: str, node: str) -> None:
        """Queue the token's arrival."""
        self._queue.append((token, node))

    def run(self) -> None:
        """Move tokens until each of them waits, is parked or is gone."""
        while self._queue:
            token, node = self._queue.pop()
            if token in self.tokens:
                self._moves += 1
                if self._moves > MAX_MOVES:
                    self._stand(token, node)
                    self.park(token, "flow_too_many_steps", {"max": MAX_MOVES})
                else:
                    self._arrive(token, node)

    def _stand(self, token: str, node: str, visit: int = 0) -> dict[str, Any]:
        kept = {key: self.tokens[token][key] for key in ("scope", "by", "side") if key in self.tokens[token]}
        self.tokens[token] = {"node": node, "visit": visit, **kept}
        return self.tokens[token]

    def _arrive(self, token: str, node_id: str) -> None:
        node = self.flow.nodes[node_id]
        self._leave_blocks(token, node_id)
        if node.type.gathers and not self._gathered(token, node):
            return
        visit = self.state["visits"][node_id] = self.state["visits"].get(node_id, 0) + 1
        entry = self._stand(token, node_id, visit)
        self.event("node.entered", node_id, token, delta={"visit": visit})
        try:
            outcome = node.type.enter(self.ctx(node, visit, entry), node.config)
        except Problem as problem:
            outcome = Park(problem.code, problem.params)
        self.apply(token, outcome)

    def apply(self, token: str, outcome: Outcome) -> None:
        """Do what a node answered."""
        entry = self.tokens[token]
        node = self.flow.nodes[entry["node"]]
        if isinstance(outcome, Job):
            outcome = Wait((outcome,))
        if isinstance(outcome, Go):
            self.assign_values(node.id, outcome.set)
            perform(self, node, entry["visit"], token, outcome.do)
            self._leave(token, outcome.port)
        elif isinstance(outcome, Wait):
            if outcome.keep is not None:
                self.tokens[token] = {**entry, "memo": dict(outcome.keep)}
            perform(self, node, entry["visit"], token, outcome.do)
        elif isinstance(outcome, Split):
            self._split(token, outcome.ports)
        elif isinstance(outcome, Merge):
            self._leave(token, "out")
        elif isinstance(outcome, End):
            if entry.get("side"):
                self.drop(token)
            else:
                self.close(outcome.status, outcome.reason)
        else:
            self.park(token, outcome.code, outcome.params)

    def park(self, token: str, code: str, params: Mapping[str, Any]) -> None:
        """Stay where nothing more can happen until somebody retries."""
        entry = self.tokens[token]
        self.release(token)
        self.tokens[token] = {**entry, "parked": {"code": code, "params": dict(params)}}
        self.problem(entry["node"], code, params, token)

    def _leave(self, token: str, port: str) -> None:
        entry = self.tokens[token]
        edge = self.flow.nodes[entry["node"]].outs.get(port)
        if edge is None and not entry.get("side"):
            self.park(token, "flow_open_port", {"node": entry["node"], "port": port})
            return
        self.release(token)
        self.event("node.left", entry["node"], token, port=port, edge=edge.id if edge else None)
        if edge is None:
            del self.tokens[token]
        else:
            self.go_to(token, edge.target)

    def _split(self, token: str, ports: Sequence[str]) -> None:
        entry = self.tokens.pop(token)
        node = self.flow.nodes[entry["node"]]
        arrivals = []
        for port in ports:
            scope = [*entry["scope"], f"{node.id}:{entry['visit']}:{port}"]
            child = self.spawn(node.id, entry["visit"], scope, entry.get("side", False), entry.get("by"))
            edge = node.outs.get(port)
            if edge is None:
                self.park(child, "flow_open_port", {"node": node.id, "port": port})
            else:
                self.event("node.left", node.id, child, port=port, edge=edge.id)
                arrivals.append((child, edge.target))
        self._queue += reversed(arrivals)

    def _leave_blocks(self, token: str, node: str) -> None:
        """A token that leaves a parallel block by another way than its join (a return) cancels the other branches."""
        scope = self.tokens[token]["scope"]
        while scope:
            fork = scope[-1].split(":")[0]
            if node == self.flow.joins.get(fork) or node in self.flow.blocks.get(fork, ()):
                return
            self._cancel_rest(token, len(scope) - 1)
            scope = scope[:-1]
            self.tokens[token] = {**self.tokens[token], "scope": scope}

    def _branches(self, token: str, depth: int) -> dict[str, str]:
        """Tokens (this one too) of the same run through the fork at `depth` of the scope → their branch."""
        scope = self.tokens[token]["scope"]
        run = scope[depth].rpartition(":")[0] + ":"
        return {key: other["scope"][depth] for key, other in sorted(self.tokens.items())
                if len(other["scope"]) > depth and other["scope"][:depth] == scope[:depth]
                and other["scope"][depth].startswith(run)}

    def _cancel_rest(self, token: str, depth: int) -> None:
        for key in self._branches(token, depth):
            if key != token:
                self.drop(key)

    def _gathered(self, token: str, node: Node) -> bool:
        """Whether the join may go on with this token; else the token waits there for the other branches."""
        merge = node.type.enter(self.ctx(node, 0, self.tokens[token]), node.config)
        assert isinstance(merge, Merge)
        scope = self.tokens[token]["scope"]
        depth = next((at for at in range(len(scope) - 1, -1, -1) if scope[at].startswith(f"{merge.fork}:")), None)
        if depth is None:
            return True  # no fork behind it: nothing to wait for
        self._stand(token, node.id)["arrived"] = True
        self.event("branch.arrived", node.id, token, delta={"branch": scope[depth].rpartition(":")[2]})
        branches = self._branches(token, depth)
        total = len(set(branches.values()))
        arrived = {branch for key, branch in branches.items() if self.tokens[key].get("arrived")}
        if len(arrived) < min(merge.need or total, total):
            return False
        self._cancel_rest(token, depth)
        self.tokens[token] = {**self.tokens[token], "scope": scope[:depth]}
        return True

    def drop(self, token: str) -> None:
        """The token is gone and with it all that it waited for."""
        entry = self.tokens[token]
        self.release(token)
        del self.tokens[token]
        if not entry.get("arrived"):
            self.event("token.cancelled", entry["node"], token)

    def release(self, token: str) -> None:
        """Cancel what the token waits for: its tasks, timers, jobs and question. Side timers go on."""
        entry = self.tokens[token]
        node, begin = entry["node"], f"{entry['node']}:{entry['visit']}:"
        for key in [key for key, task in sorted(self.tasks.items()) if task["token"] == token]:
            self.close_task(key, "cancelled")
        for key in [key for key in sorted(self.timers) if key.startswith(begin) and key[len(begin)] != SIDE]:
            self.cancel_timer(key, node)
        for key in [key for key, job in sorted(self.state["jobs"].items()) if job["token"] == token]:
            self.cancel_job(key)
        others = [other for other in self.state["answers"].pop(node, ()) if other != token]
        if others:
            self.state["answers"][node] = others

    def close(self, status: str, reason: str | None) -> None:
        """The ticket is over: everything that is open ends with it."""
        self._queue.clear()
        for token in sorted(self.tokens):
            self.release(token)
        self.tokens.clear()
        for key in sorted(self.timers):
            self.cancel_timer(key, key.partition(":")[0])
        self.state["sla"] = {name: {**clock, "since": None} for name, clock in self.state["sla"].items()}
        self.state["status"], self.state["reason"] = status, reason
        self.effect("ticket.close", status=status, reason=reason)
        self.event("ticket.closed", delta={"status": status, "reason": reason})

    # ---- what is open ----

    def close_task(self, key: str, outcome: str, by: str | None = None) -> None:
        """End a task; `done` remembers who did what, for those who come too late."""
        del self.tasks[key]
        self.state["done"][key] = [outcome, by]
        self.effect("task.close", task=key, outcome=outcome, by=by)

    def assign_task(self, key: str, person: str, reason: str, note: str = "") -> None:
        """Hand an open task to somebody."""
        task = self.tasks[key]
        self.tasks[key] = {**task, "assignee": person}
        self.effect("task.assign", task=key, assignee=person, reason=reason)
        delta = {"task": key, "from": task["assignee"], "to": person, "reason": reason}
        self.event("task.assigned", task["node"], task["token"], delta={**delta, "note": note} if note else delta)

    def arm(self, key: str, node: str, kind: str, due: int) -> None:
        """Ask to be woken at `due`."""
        self.timers[key] = due
        self.effect("timer.arm", timer=key, node=node, kind=kind, due=due)
        self.event("timer.armed", node, delta={"timer": key, "due": due})

    def cancel_timer(self, key: str, node: str) -> None:
        """Not to be woken after all."""
        del self.timers[key]
        self.effect("timer.cancel", timer=key)
        self.event("timer.cancelled", node, delta={"timer": key})

    def cancel_job(self, key: str) -> None:
        """The answer of a job is no longer wanted."""
        job = self.state["jobs"].pop(key)
        self.effect("job.cancel", job=key)
        self.event("job.cancelled", job["node"], job["token"], delta={"job": key})

    def resume(self, token: str, answer: Answer) -> Outcome:
        """Ask the node again. Refusals (Conflict, Denied) pass to the caller, whose signal is then void."""
        entry = self.tokens[token]
        node = self.flow.nodes[entry["node"]]
        return node.type.resume(self.ctx(node, entry["visit"], entry), node.config, answer)
