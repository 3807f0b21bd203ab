"""Engine and runtime against a model that is nothing but a dict of tickets, after every one of random steps."""
from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select

from app.core.errors import Conflict, Problem
from app.core.principal import Principal
from app.extensions import clock, db
from app.runtime import queries, service, timers
from app.runtime.models import Task, Ticket
from app.runtime.plan import task_id
from app.runtime.repeats import Same
from app.runtime.stepping import Done
from tests.runtime.company import command, principal

AGENTS = ("a1", "a2", "a3")
EVERYBODY = (*AGENTS, "lead", "hq", "guest")
MINUTE = 60_000
CLAIM_MS, ANSWER_MS = 30 * MINUTE, 24 * 60 * MINUTE
SAME_MS = 30 * MINUTE  # how long a request is taken for the same one
AMOUNTS = strategies.sampled_from([0, 1000, 1001, 50_000])
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "20"))


@dataclass
class Model:
    """What a ticket of the small flow should be. `node`: where it waits, "" when it is over."""

    id: str
    token: str
    sum: int
    key: str  # by which the same request is recognised
    opened: int
    node: str = "pool"
    status: str = "open"
    owner: str | None = None
    assignee: str | None = None
    due: int | None = None  # of the timer that waits
    version: int = 1
    visits: Counter[str] = field(default_factory=Counter)

    @property
    def task(self) -> str:
        """Id of the task that is open, if one is."""
        key = f"{self.node}:{self.visits[self.node]}"
        return task_id(self.id, f"{key}:1" if self.node == "approve" else key)

    def enter(self, node: str, now: int) -> None:
        self.node, self.assignee, self.due = node, None, None
        self.visits[node] += 1
        if node == "pool":
            self.owner, self.due = None, now + CLAIM_MS
        elif node == "handle":
            self.assignee = self.owner
        elif node == "ask":
            self.due = now + ANSWER_MS
        elif node == "approve":
            self.assignee = "hq"

    def end(self, status: str) -> None:
        self.node, self.status, self.assignee, self.due = "", status, None, None


class Desk(RuleBasedStateMachine):
    """Everything that people, customers and clocks do to tickets."""

    tickets = Bundle("tickets")

    def __init__(self, version: str, advance: Callable[[int], None]) -> None:
        super().__init__()
        self.flow = version
        self.advance = advance
        self.model: dict[str, Model] = {}
        self.people: dict[str, Principal] = {}
        self.last: tuple[Callable[[], Done], Done] | None = None

    @initialize(target=tickets, amounts=strategies.lists(AMOUNTS, min_size=1, max_size=3))
    def meet(self, amounts: list[int]) -> Any:
        self.people = {person: principal(person) for person in EVERYBODY}
        return multiple(*(self.open(amount) for amount in amounts))

    def moment(self, ticket: Model) -> int:
        """When the ticket's last step was, by the database's clock."""
        at = db.session.scalar(select(Ticket.updated_at).where(Ticket.id == ticket.id))
        db.session.rollback()
        assert at is not None
        return at

    def does(self, ticket: Model, call: Callable[[], Done], allowed: bool) -> bool:
        """Make the call; it must succeed exactly if the model says so. True: it did."""
        try:
            done = call()
        except Problem:
            assert not allowed
            return False
        assert allowed
        ticket.version += 1
        assert (done.ticket_id, done.version, done.repeated) == (ticket.id, ticket.version, False)
        self.last = (call, done)
        return True

    # ---- rules ----

    @rule(target=tickets, amount=AMOUNTS)
    def submit(self, amount: int) -> Model:
        return self.open(amount)

    def open(self, amount: int, key: str = "") -> Model:
        """A request; one with the `key` of another is the same one."""
        mark = command()
        same = Same(key or mark, SAME_MS, refuse=False)

        def call() -> Done:
            answers = {"f_what": "一件事", "f_sum": str(amount), "f_phone": "13800138000"}
            return service.submit(self.flow, "start", answers, ticket={"channel": "web"}, command_id=mark, same=same)

        now = clock.now_ms()
        first = [ticket for ticket in self.model.values()
                 if ticket.key == key and ticket.status == "open" and ticket.opened >= now - SAME_MS]
        done = call()
        self.last = (call, done)
        assert done.joined == bool(first)
        if first:
            first[-1].version += 1
            assert (done.ticket_id, done.version) == (first[-1].id, first[-1].version)
            return first[-1]
        ticket = Model(done.ticket_id, done.token, amount, same.key, now)
        self.model[ticket.id] = ticket
        ticket.enter("pool", self.moment(ticket))
        return ticket

    @rule(target=tickets, ticket=tickets, amount=AMOUNTS)
    def submit_again(self, ticket: Model, amount: int) -> Any:
        """The same customer in another form, perhaps long after."""
        known = set(self.model)
        made = self.open(amount, ticket.key)
        return multiple() if made.id in known else made

    @rule(ticket=tickets, person=strategies.sampled_from(EVERYBODY))
    def claim(self, ticket: Model, person: str) -> None:
        mark, task = command(), ticket.task
        allowed = ticket.node == "pool" and person in AGENTS
        if self.does(ticket, lambda: service.act(
            task, "claim", {}, actor=self.people[person], command_id=mark), allowed
        ):
            ticket.owner = person
            ticket.enter("handle", 0)

    @rule(
        ticket=tickets, person=strategies.sampled_from(EVERYBODY), mine=strategies.booleans(),
        action=strategies.sampled_from(["submit", "submit", "return", "ask"]),
        reply=strategies.sampled_from(["好", ""]),
    )
    def handle(self, ticket: Model, person: str, mine: bool, action: str, reply: str) -> None:
        if mine and ticket.assignee:
            person = ticket.assignee
        mark, task = command(), ticket.task
        answered = bool(reply) or bool(self.stored(ticket).get("f_reply"))
        allowed = ticket.node == "handle" and person == ticket.assignee and (answered or action == "return")
        form = {"f_reply": reply} if reply else {}
        if self.does(ticket, lambda: service.act(
            task, action, form, actor=self.people[person], command_id=mark), allowed
        ):
            if action == "submit" and ticket.sum <= 1000:
                ticket.end("closed")
            else:
                ticket.enter({"submit": "approve", "return": "pool", "ask": "ask"}[action], self.moment(ticket))

    @rule(
        ticket=tickets, person=strategies.sampled_from(["hq", "hq", "hq", "lead", "a1"]),
        action=strategies.sampled_from(["approve", "reject"]),
    )
    def decide(self, ticket: Model, person: str, action: str) -> None:
        mark, task = command(), ticket.task
        allowed = ticket.node == "approve" and person == "hq"
        if self.does(ticket, lambda: service.act(
            task, action, {}, actor=self.people[person], command_id=mark), allowed
        ):
            if action == "approve":
                ticket.end("closed")
            else:
                ticket.enter("handle", 0)

    @rule(ticket=tickets, to=strategies.sampled_from([*EVERYBODY, "nobody"]))
    def transfer(self, ticket: Model, to: str) -> None:
        if ticket.assignee is None:
            return
        by, mark, task = ticket.assignee, command(), ticket.task
        allowed = ticket.node == "handle" and to in EVERYBODY and to != by
        if self.does(ticket, lambda: service.act(
            task, "transfer", {}, actor=self.people[by], to=to, command_id=mark), allowed
        ):
            ticket.assignee = to
            if ticket.owner == by:
                ticket.owner = to

    @rule(ticket=tickets, text=strategies.sampled_from(["红色", ""]))
    def answer(self, ticket: Model, text: str) -> None:
        mark = command()
        answered = bool(text) or bool(self.stored(ticket).get("f_more"))
        form = {"f_more": text} if text else {}
        if self.does(ticket, lambda: service.answer(
            ticket.token, "ask", form, command_id=mark), ticket.node == "ask" and answered
        ):
            ticket.enter("handle", 0)

    @rule(ticket=tickets, person=strategies.sampled_from([*EVERYBODY, "customer"]))
    def withdraw(self, ticket: Model, person: str) -> None:
        mark = command()
        allowed = ticket.status == "open" and person in ("lead", "customer", ticket.owner)

        def call() -> Done:
            if person == "customer":
                return service.withdraw_by_customer(ticket.token, "算了", command_id=mark)
            return service.withdraw(ticket.id, "算了", actor=self.people[person], command_id=mark)

        if self.does(ticket, call, allowed):
            ticket.end("withdrawn")

    @rule(ticket=tickets, note=strategies.sampled_from(["看一下", "  "]))
    def comment(self, ticket: Model, note: str) -> None:
        mark = command()
        self.does(ticket, lambda: service.comment(
            ticket.id, note, actor=self.people["lead"], command_id=mark), bool(note.strip()))

    @rule(minutes=strategies.sampled_from([29, 31, 24 * 60 + 1]))
    def time_passes(self, minutes: int) -> None:
        self.advance(minutes * MINUTE)
        now = clock.now_ms()
        load = Counter(ticket.assignee for ticket in self.model.values() if ticket.assignee)
        while timers.fire_due():
            pass
        due = [ticket for ticket in self.model.values() if ticket.due is not None and ticket.due <= now]
        for ticket in sorted(due, key=lambda ticket: ticket.due or 0):
            ticket.version += 1
            if ticket.node == "pool":
                row = self.row(ticket)
                assert row.owner_id in AGENTS
                assert load[row.owner_id] == min(load[agent] for agent in AGENTS)
                ticket.owner = row.owner_id
            ticket.enter("handle", 0)
            load[ticket.owner] += 1

    @rule()
    def again(self) -> None:
        """The last request once more, as an impatient browser sends it."""
        if self.last is not None:
            call, before = self.last
            done = call()
            assert done.repeated
            assert (done.ticket_id, done.version, done.status) == (before.ticket_id, before.version, before.status)
            assert done.joined == before.joined

    @rule(ticket=tickets)
    def stale(self, ticket: Model) -> None:
        """Somebody acts on what they saw a step ago."""
        if ticket.node in ("pool", "handle", "approve"):
            person = {"pool": "a1", "handle": ticket.assignee or "a1", "approve": "hq"}[ticket.node]
            action = {"pool": "claim", "handle": "return", "approve": "approve"}[ticket.node]
            try:
                service.act(
                    ticket.task, action, {}, actor=self.people[person], command_id=command(),
                    expected_version=ticket.version - 1,
                )
            except Conflict as refused:
                assert refused.code == "ticket_moved"
                assert refused.params == {"version": ticket.version}
            else:
                raise AssertionError("a stale request was carried out")

    @rule(target=tickets, ticket=consumes(tickets))
    def leave_alone(self, ticket: Model) -> Any:
        """Old tickets come up less often than new ones."""
        return ticket if ticket.status == "open" else multiple()

    # ---- what must agree ----

    def row(self, ticket: Model) -> Ticket:
        row = db.session.scalars(select(Ticket).where(Ticket.id == ticket.id)).one()
        db.session.expunge(row)
        db.session.rollback()
        return row

    def stored(self, ticket: Model) -> dict[str, Any]:
        return self.row(ticket).data

    @invariant()
    def tickets_agree(self) -> None:
        rows = {row.id: row for row in db.session.scalars(select(Ticket).where(Ticket.id.in_(list(self.model))))}
        tasks = db.session.execute(
            select(Task.ticket_id, Task.node, Task.assignee_id)
            .where(Task.ticket_id.in_(list(self.model)), Task.status == "open")
        ).all()
        for ticket in self.model.values():
            row = rows[ticket.id]
            seen = [(task.node, task.assignee_id) for task in tasks if task.ticket_id == ticket.id]
            seen += [(node, None) for node in row.state["answers"]]
            assert seen == ([(ticket.node, ticket.assignee)] if ticket.node else [])
            assert (row.status, row.owner_id, row.version) == (ticket.status, ticket.owner, ticket.version)
        db.session.rollback()

    @invariant()
    def lists_agree(self) -> None:
        for person, who in self.people.items():
            todo = {line.ticket_id for line in queries.todo(who)}
            assert todo == {ticket.id for ticket in self.model.values() if ticket.assignee == person}
            free = {line.ticket_id for line in queries.pool(who)}
            pool = {ticket.id for ticket in self.model.values() if ticket.node == "pool"}
            assert free == (pool if person in AGENTS else set())
        db.session.rollback()

    def teardown(self) -> None:
        """The next example begins with nobody busy."""
        for ticket in self.model.values():
            if ticket.status == "open":
                service.withdraw(ticket.id, "", actor=self.people["lead"], command_id=command())


def test_the_desk_does_what_the_model_says(desk: Flask, small: str, advance: Callable[[int], None]) -> None:
    run_machine(
        lambda: Desk(small, advance),
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=25, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
