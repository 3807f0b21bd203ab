"""The copy of a ticket's state that one decision works on, and the effects and events that follow from it.

The copy is shallow but for the parts the engine writes, whose entries are replaced and never changed in place, so the
state that was handed in stays as it was. Keys are `node:visit`, with a suffix where a visit asks for more than one;
they are walked in sorted order, because a database may give them back in another.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.expressions import Env
from app.flows.ctx import Ctx
from app.flows.model import Flow, Node
from app.flows.world import World

CHILD_ENDED = "+subticket"  # the event by which a ticket's child ends; no other system can tell such a name
SIDE = "+"  # begins the name of a timer that outlives its token
_PARTS = ("vars", "ticket", "tokens", "visits", "tasks", "timers", "jobs", "messages", "sla", "answers", "done",
          "acted", "kept", "listens", "back", "children")


class Work:
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
        """{"vars.x", "form.f" or "customer.x": value}; what a customer is known as, the step itself tells."""
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
        in_vars = {ref: pair for ref, pair in changed.items() if ref.startswith("vars.")}
        if in_vars:
            self.event("vars.set", node, delta=in_vars)

    def set_owner(self, person: str | None, node: str | None, token: str | None) -> None:
        """Give the ticket to somebody, or take it from whoever has it."""
        old = self.ticket.get("owner")
        if person != old:
            self.ticket["owner"] = person
            self.effect("ticket.owner", person=person)
            self.event("owner.changed", node, token, delta={"owner": [old, person]})

    # ---- what is open ----

    def close_task(self, key: str, outcome: str, by: str | None = None) -> None:
        """End a task; `done` remembers who did what, for those who come too late."""
        del self.tasks[key]
        self.state["done"][key] = [outcome, by]
        self.effect("task.close", task=key, outcome=outcome, by=by)

    def assign_task(self, key: str, person: str, reason: str, note: str = "") -> None:
        """Hand an open task to somebody."""
        task = self.tasks[key]
        self.tasks[key] = {**{part: task[part] for part in task if part != "behalf"}, "assignee": person}
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

    def stop_listening(self, key: str) -> None:
        """The event is no longer waited for."""
        del self.state["listens"][key]
        self.effect("listen.close", listen=key)

    def cancel_job(self, key: str) -> None:
        """The answer of a job is no longer wanted."""
        job = self.state["jobs"].pop(key)
        self.effect("job.cancel", job=key)
        self.event("job.cancelled", job["node"], job["token"], delta={"job": key})
