"""Plays a sandbox scenario in a live installation: the same script, through pages, API, workers and a moved clock."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.live_stories.company import Company
from tests.people import Colleague, Customer

MOST = 400  # things that happen in one story


@dataclass
class Story:
    """How it went: events as {kind, node, port, edge, token, actor, delta, at (ms since the start)}."""

    ticket_id: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)


class Player:
    """One scenario under way. `clock` is the scenario's own time; the installation's is set to it before each act."""

    def __init__(self, company: Company, customer: Customer, staff: Mapping[str, Colleague], scenario: Any) -> None:
        self.company, self.customer, self.staff, self.scenario = company, customer, staff, scenario
        self.clock = scenario.at
        self.token = ""
        self.story = Story()
        self._seen: set[str] = set()  # tasks and questions whose actors are on their way
        self._coming: list[tuple[int, str, str]] = []  # (when, node, task or "")

    def play(self, door: str) -> Story:
        """From the public form to where the scenario ends."""
        self.company.go_to(self.clock)
        self.token = self.customer.complain(door, self.scenario.form)
        self.story.ticket_id = self.company.ticket(self.token)[0]
        self._settle()
        for step in self.scenario.script:
            moment = self.clock + step.after
            self._run_until(moment)
            self._do(step, step.node)
        for _ in range(MOST):
            if not self._coming:
                break
            self._run_until(min(self._coming)[0])
        if self.scenario.until is not None:
            self._run_until(self.scenario.at + self.scenario.until)
        return self._told()

    def _settle(self) -> None:
        self.company.settle()
        state = self._state()
        waiting = [(task["node"], key) for key, task in state["tasks"].items()]
        waiting += [(node, "") for node in state["answers"]]
        for node, task in waiting:
            name = task or f"{node}:{state['visits'][node]}"
            if node in self.scenario.default_actors and name not in self._seen:
                self._seen.add(name)
                self._coming.append((self.clock + self.scenario.default_actors[node].after, node, task))

    def _run_until(self, moment: int) -> None:
        """Let everything happen that happens until then: timers and default actors, in their order."""
        for _ in range(MOST):
            due = self.company.next_timer()
            actor = min(self._coming, default=None)
            if actor is not None and actor[0] <= moment and (due is None or actor[0] < due):
                self._coming.remove(actor)
                self._go(actor[0])
                self._act_by_default(actor[1], actor[2])
            elif due is not None and due <= moment:
                self._go(due)
                self._settle()
            else:
                break
        self._go(moment)

    def _go(self, moment: int) -> None:
        self.clock = max(self.clock, moment)
        self.company.go_to(self.clock)

    def _state(self) -> dict[str, Any]:
        return self.company.ticket(self.token)[1]

    def _act_by_default(self, node: str, task: str) -> None:
        state = self._state()
        if task in state["tasks"] if task else node in state["answers"]:
            self._do(self.scenario.default_actors[node], node)

    def _do(self, step: Any, node: str) -> None:
        self.company.go_to(self.clock)
        if step.do == "answer":
            self.customer.answer(step.form)
        elif step.as_ not in (None, "any"):
            self._act(self.staff[step.as_], step, node)
        else:
            self._anybody(step, node)
        self._settle()

    def _act(self, who: Colleague, step: Any, node: str) -> None:
        who.act(who.task(self.story.ticket_id, node)["id"], step.do, step.form, step.note)

    def _anybody(self, step: Any, node: str) -> None:
        """The first who finds the task on their list and is not refused."""
        refusals = []
        for who in self.staff.values():
            for task in who.tasks(self.story.ticket_id):
                if task["node"] == node:
                    got = who.send(who.action(task["id"], step.do, step.form, step.note))
                    if got.status == 200:
                        return
                    refusals.append((who.id, got.status, got.text))
        raise AssertionError(f"nobody could {step.do} at {node}: {refusals}")

    def _told(self) -> Story:
        start = self.scenario.at
        for line in self.company.events(self.story.ticket_id):
            event = {"kind": line.kind, "node": line.node, "actor": line.actor_type, "at": line.at - start, **line.body}
            self.story.events.append(event)
        self.story.sent = [{**row, "at": row["at"] - start} for row in self.company.messages(self.story.ticket_id)]
        self.story.state = self._state()
        return self.story


def plain(events: list[dict[str, Any]], start: int, agents: list[str]) -> list[dict[str, Any]]:
    """Events without what must differ between sandbox and live: moments count from the start (in whole minutes), and
    where the flow draws lots among equals, people are named in the order in which they come to own the ticket."""
    owners = [who for event in events if event["kind"] == "owner.changed" for who in event["delta"]["owner"]]
    order = dict.fromkeys([who for who in owners if who in agents] + agents)
    names = {who: f"agent {number}" for number, who in enumerate(order, 1)}

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): clean(item) for key, item in value.items()}
        if isinstance(value, list):
            return sorted((clean(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, int) and value > start - 10**11 and value > 10**12:
            return f"{round((value - start) / 60_000)} min"
        return value

    return [{key: clean(value) for key, value in event.items() if value not in (None, {})} for event in events]
