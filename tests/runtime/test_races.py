"""Many at once on one ticket: one wins, the others are told, nothing happens twice."""
from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.core.errors import Problem
from app.core.principal import Principal
from app.extensions import db
from app.runtime import queries, service, timers
from app.runtime.models import Command, Ticket
from app.runtime.stepping import Done
from tests.runtime.company import (
    COMPLAINT,
    act,
    command,
    kinds,
    open_task,
    principal,
    submit,
    ticket,
    timers_until_quiet,
)

ASK = {"f_what": "换一把椅子", "f_sum": "800"}


def at_once(app: Flask, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Call them in threads of their own, all let go at the same moment; results or exceptions, in order."""
    results: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(index: int) -> None:
        with app.app_context():
            gate.wait(20)
            try:
                results[index] = calls[index]()
            except Exception as error:
                results[index] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def claim(task: str, actor: Principal) -> Done:
    return service.act(task, "claim", {}, actor=actor, command_id=command())


def outcome(result: Any) -> str:
    return "done" if isinstance(result, Done) else result.code if isinstance(result, Problem) else repr(result)


def test_twenty_people_claim_one_ticket(desk: Flask, small: str) -> None:
    for _ in range(3):
        done = submit(small, ASK, "start")
        task = open_task(done.ticket_id, "pool").id
        actors = [principal(person) for person in ("a1", "a2", "a3")]
        calls = [partial(claim, task, actors[n % 3]) for n in range(20)]
        outcomes = Counter(outcome(result) for result in at_once(desk, calls))
        assert outcomes["done"] == 1
        assert set(outcomes) <= {"done", "task_taken", "ticket_busy"}
        assert kinds(done.ticket_id).count("task.claimed") == 1
        assert ticket(done.ticket_id).version == 2


def test_one_command_fifty_times_makes_one_ticket(desk: Flask, small: str) -> None:
    calls = [
        lambda: service.submit(small, "start", ASK, ticket={"channel": "web"}, command_id="fifty-at-once")
    ] * 50
    results = at_once(desk, calls)
    assert {outcome(result) for result in results} == {"done"}
    assert len({result.ticket_id for result in results}) == 1
    assert sum(not result.repeated for result in results) == 1
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 1
    assert db.session.scalar(select(func.count()).select_from(Command)) == 1


def test_one_action_sent_ten_times_at_once(desk: Flask, small: str) -> None:
    done = submit(small, ASK, "start")
    task, actor = open_task(done.ticket_id, "pool").id, principal("a1")
    results = at_once(desk, [lambda: service.act(task, "claim", {}, actor=actor, command_id="ten-at-once")] * 10)
    assert {outcome(result) for result in results} == {"done"}
    assert {result.version for result in results} == {2}
    assert ticket(done.ticket_id).version == 2


def test_approve_against_withdraw(desk: Flask, small: str) -> None:
    for _ in range(4):
        done = submit(small, {**ASK, "f_sum": "9000"}, "start")
        act("a1", open_task(done.ticket_id, "pool").id, "claim")
        act("a1", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "批"})
        task, boss, lead = open_task(done.ticket_id, "approve").id, principal("hq"), principal("lead")
        results = at_once(desk, [
            partial(service.act, task, "approve", {}, actor=boss, command_id=command()),
            partial(service.withdraw, done.ticket_id, "算了", actor=lead, command_id=command()),
        ])
        outcomes = sorted(outcome(result) for result in results)
        assert outcomes in (["done", "task_cancelled"], ["done", "ticket_closed"])
        assert ticket(done.ticket_id).status in ("closed", "withdrawn")
        assert kinds(done.ticket_id).count("ticket.closed") == 1


def test_timer_against_claim(desk: Flask, small: str, advance: Callable[[int], None]) -> None:
    made = [submit(small, ASK, "start") for _ in range(6)]
    advance(31 * 60_000)
    actor = principal("a1")
    tasks = [open_task(done.ticket_id, "pool").id for done in made]
    claims = [partial(claim, task, actor) for task in tasks]
    at_once(desk, [*claims, timers.fire_due, timers.fire_due])
    for done in made:
        happened = kinds(done.ticket_id)
        assert happened.count("task.claimed") + happened.count("timer.fired") == 1
        assert happened.count("task.opened") == 2


def test_escalation_against_completion(desk: Flask, complaint: str, advance: Callable[[int], None]) -> None:
    """Who finishes in time is not escalated, who is escalated can still finish; never an escalation after the end."""
    tasks = []
    for number in range(4):
        done = submit(complaint, {**COMPLAINT, "f_order": f"A{number}"}, "t_menu", phone="13800138000")
        act("a1", open_task(done.ticket_id, "pool").id, "claim")
        tasks.append(open_task(done.ticket_id, "handle"))
    advance(30 * 24 * 3_600_000)
    actor, answer = principal("a1"), {"f_reply": "已致歉", "f_rate": "0"}
    finish = [partial(service.act, task.id, "submit", answer, actor=actor, command_id=command()) for task in tasks]
    results = at_once(desk, [*finish, timers.fire_due, timers.fire_due])
    assert Counter(outcome(result) for result in results[:4]) == {"done": 4}
    timers_until_quiet()
    for task in tasks:
        happened = queries.events_of(task.ticket_id)
        (end,) = [event.seq for event in happened if event.kind == "task.done"]
        assert [event.seq for event in happened if event.kind in ("timer.fired", "escalated") and event.seq > end] == []
        assert not any(key.startswith("sla:") for key in ticket(task.ticket_id).state["timers"])
    db.session.rollback()


def test_steps_in_parallel_leave_an_unbroken_history(desk: Flask, small: str) -> None:
    done = submit(small, ASK, "start")
    lead = principal("lead")
    calls = [
        lambda n=n: service.comment(done.ticket_id, f"第 {n} 条", actor=lead, command_id=command()) for n in range(12)
    ]
    results = at_once(desk, calls)
    happened = sum(isinstance(result, Done) for result in results)
    assert {outcome(result) for result in results} <= {"done", "ticket_busy"}
    assert happened >= 10
    numbers = [event.seq for event in queries.events_of(done.ticket_id)]
    row = ticket(done.ticket_id)
    assert (list(range(1, row.seq + 1)), row.version) == (numbers, 1 + happened)
