"""The backlog guard live: one alarm however many come at once, help, and an end by itself when the work is done."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from flask import Flask
from sqlalchemy import select

from app.extensions import clock, db
from app.runtime import guards, queries
from app.runtime.models import Outbox
from tests.runtime.company import act, kinds, open_task, principal, submit
from tests.runtime.test_assigning import ASK, publish
from tests.runtime.test_races import at_once, claim, outcome

GUARD = {"waiting": 4, "normal": 1, "how": "borrow", "people": [{"role": "quality"}], "tell": [{"role": "cs_lead"}]}


def told(template: str) -> int:
    """How many such messages are on their way."""
    rows = list(db.session.scalars(select(Outbox.payload).where(Outbox.kind == "message")))
    db.session.rollback()
    return sum(row["template"] == template for row in rows)


def test_ten_at_once_raise_one_alarm_and_work_ends_it(desk: Flask) -> None:
    version = publish(pool={"guard": GUARD, "max_open_per_person": 20})
    results = at_once(desk, [partial(submit, version, ASK, "start") for _ in range(10)])
    assert Counter(outcome(one) for one in results) == {"done": 10}
    guards.sweep(clock.now_ms())  # those who decided at the same moment saw few waiting: the alarm may still be due
    happened = Counter(kind for one in results for kind in kinds(one.ticket_id) if kind.startswith("guard."))
    assert (happened["guard.raised"], told("backlog_raised")) == (1, 1)
    late = submit(version, ASK, "start").ticket_id
    assert [kind for kind in kinds(late) if kind.startswith("guard.")] == ["guard.helps"]
    claim(open_task(late, "pool").id, principal("qa"))  # somebody who helps
    assert guards.sweep(clock.now_ms()) == 0
    for one in results:
        act("a1", open_task(one.ticket_id, "pool").id, "claim")
    assert guards.sweep(clock.now_ms()) == 1
    assert guards.sweep(clock.now_ms()) == 0
    assert told("backlog_over") == 1
    assert "guard.helps" not in kinds(submit(version, ASK, "start").ticket_id)


def test_nobody_needs_to_come_for_an_alarm_about_a_long_wait(desk: Flask, advance: Callable[[int], None]) -> None:
    version = publish(pool={"guard": {**GUARD, "waiting": None, "normal": None, "oldest": "PT2H"}, "timeout": None})
    assert guards.sweep(clock.now_ms()) == 0
    done = submit(version, ASK, "start")
    advance(2 * 3_600_000)
    assert sum(at_once(desk, [partial(guards.sweep, clock.now_ms()) for _ in range(3)])) == 1
    (event,) = [one for one in queries.events_of(done.ticket_id) if one.kind == "guard.raised"]
    assert event.body["delta"]["waiting"] == 1 and event.actor_type == "system"
    db.session.rollback()
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    assert guards.sweep(clock.now_ms()) == 1
    assert kinds(done.ticket_id)[-2:] == ["guard.ended", "message.queued"]
