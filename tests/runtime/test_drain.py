"""Effects: carried out once where that can be promised, tried again where not, given up visibly, never lost."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.extensions import db, parts
from app.notify.models import MessageRow
from app.runtime import drain as drain_module
from app.runtime import outbox
from app.runtime.drain import Drain
from app.runtime.effects.base import Effect, EffectError, Result, Work
from app.runtime.models import Outbox, OutboxAttempt
from app.wire import Wire
from tests.runtime import company
from tests.runtime.company import kinds, open_task, submit, ticket
from tests.runtime.conftest import Erp

NIGHT = 16 * 3_600_000


class Probe(Effect):
    """An effect that does what the test wants."""

    name = "probe"
    lane = "internal"
    max_attempts = 3
    backoff_ms = 1_000
    todo: ClassVar[list[Exception | None]] = []
    done: ClassVar[list[str]] = []

    def run(self, work: Work) -> Result:
        wanted = self.todo.pop(0) if self.todo else None
        if wanted is not None:
            raise wanted
        self.done.append(work.idem_key)
        return Result()


class Bulk(Probe):
    name = "bulk"
    outward = False


@pytest.fixture
def probe(desk: Flask) -> Iterator[type[Probe]]:
    Probe.todo, Probe.done = [], []
    parts().catalog.effects.add("probe", Probe())
    parts().catalog.effects.add("bulk", Bulk())
    yield Probe


def put(count: int, kind: str = "probe", **more: Any) -> None:
    """Put rows for one ticket straight into the outbox."""
    ticket_id = submit(company.publish_small(), {"f_what": "x"}, "start").ticket_id
    now = time.time_ns() // 1_000_000
    for number in range(count):
        row = Outbox(
            ticket_id=ticket_id, key=f"k:{number}", kind=kind, lane="internal", is_job=False, payload={}, state="ready",
            run_at=now - 1000 + number, attempts=0, max_attempts=3, backoff_ms=1000, created_at=now,
        )
        for name, value in more.items():
            setattr(row, name, value)
        db.session.add(row)
    db.session.commit()


def states() -> dict[str, int]:
    rows = db.session.execute(select(Outbox.state, func.count()).group_by(Outbox.state)).all()
    db.session.rollback()
    return dict(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["probe", "bulk"])
def test_drains_in_order_and_once(probe: type[Probe], kind: str) -> None:
    put(45, kind)
    assert Drain("w1").lane("internal") == 45
    assert Drain("w1").lane("internal") == 0
    assert [key.rpartition(":")[2] for key in probe.done] == [str(number) for number in range(45)]
    assert states() == {"done": 45}
    assert db.session.execute(select(OutboxAttempt.outcome, func.count()).group_by(OutboxAttempt.outcome)).all() == [
        ("done", 45)
    ]


def test_lanes_are_apart(probe: type[Probe]) -> None:
    put(2)
    assert Drain("w1").lane("webhook") == 0
    assert Drain("w1").lane("notify") == 0
    assert Drain("w1").lane("internal") == 2


def test_failures_wait_longer_each_time_and_end_on_the_dead_list(
    probe: type[Probe], advance: Callable[[int], None]
) -> None:
    put(1)
    probe.todo = [EffectError("busy", permanent=False), RuntimeError("bug"), EffectError("busy", permanent=False)]
    drain = Drain("w1")
    assert drain.lane("internal") == 1
    row = db.session.scalars(select(Outbox)).one()
    wait = row.run_at - row.created_at
    assert (row.state, row.attempts, row.last_error) == ("ready", 1, "busy")
    assert 300 <= wait <= 4_000
    db.session.rollback()
    assert drain.lane("internal") == 0  # not due yet
    advance(2_000)
    assert drain.lane("internal") == 1
    assert db.session.scalars(select(Outbox.last_error)).one() == "RuntimeError"
    db.session.rollback()
    advance(4_000)
    assert drain.lane("internal") == 1
    assert states() == {"dead": 1}
    assert outbox.dead()[0]["last_error"] == "busy"
    advance(60_000)
    assert drain.lane("internal") == 0
    ident = outbox.dead()[0]["id"]
    assert outbox.redrive([ident], time.time_ns() // 1_000_000) == 1
    assert drain.lane("internal") == 1
    assert states() == {"done": 1}
    assert db.session.scalars(select(OutboxAttempt.attempt_no)).all() == [1, 2, 3, 4]


def test_a_final_failure_is_not_tried_again(probe: type[Probe]) -> None:
    put(1)
    probe.todo = [EffectError("no_such_number", permanent=True)]
    Drain("w1").lane("internal")
    assert states() == {"dead": 1}


def test_an_unknown_kind_is_given_up_visibly(probe: type[Probe]) -> None:
    put(1, "gone_plugin")
    Drain("w1").lane("internal")
    assert outbox.dead()[0]["last_error"] == "effect_unknown"


def test_the_work_of_a_dead_worker_is_done_by_another(probe: type[Probe], advance: Callable[[int], None]) -> None:
    put(3)
    with Wire() as wire:
        held = outbox.claim(wire, "dead", "internal", 20, 60_000)
    assert len(held) == 3
    alive = Drain("alive")
    assert alive.sweep() == 0
    assert alive.lane("internal") == 0
    advance(61_000)
    assert alive.sweep() == 3
    assert alive.lane("internal") == 3
    assert states() == {"done": 3}
    outcomes = db.session.execute(
        select(OutboxAttempt.attempt_no, OutboxAttempt.worker_id, OutboxAttempt.outcome).order_by(
            OutboxAttempt.outbox_id, OutboxAttempt.attempt_no)
    ).all()
    assert outcomes[:2] == [(1, "dead", "lost"), (2, "alive", "done")]


def test_a_slow_worker_cannot_end_what_another_has_taken_over(
    probe: type[Probe], advance: Callable[[int], None]
) -> None:
    put(1)
    with Wire() as wire:
        slow = outbox.claim(wire, "slow", "internal", 20, 1_000)
    advance(2_000)
    quick = Drain("quick")
    assert (quick.sweep(), quick.lane("internal")) == (1, 1)
    with Wire() as wire:
        assert outbox.end(wire, "slow", [outbox.Ending(slow[0], "dead", slow[0].now)]) == 0
        assert not outbox.renew(wire, slow[0].lease)
    assert states() == {"done": 1}


def test_a_row_that_kills_every_worker_ends_on_the_dead_list(
    probe: type[Probe], advance: Callable[[int], None]
) -> None:
    put(1)
    for _ in range(3):
        with Wire() as wire:
            assert len(outbox.claim(wire, "victim", "internal", 20, 1_000)) == 1
        advance(2_000)
        Drain("sweeper").sweep()
    assert states() == {"dead": 1}
    assert outbox.dead()[0]["last_error"] == "lease_lost"


def test_stopping_gives_back_what_is_left(probe: type[Probe]) -> None:
    put(5)
    drain = Drain("w1", stop=lambda: len(Probe.done) >= 2)
    drain.lane("internal")
    assert len(probe.done) == 2
    assert states() == {"done": 2, "ready": 3}


def test_long_batches_keep_their_lease(probe: type[Probe]) -> None:
    put(4)

    class Slow(Probe):
        def run(self, work: Work) -> Result:
            time.sleep(0.35)
            with Wire() as wire:
                outbox.give_back(wire)  # what another process would do at any moment
            return super().run(work)

    catalog = parts().catalog
    catalog.effects._items["probe"] = (Slow(), "core")
    Drain("w1", lease_ms=1000).lane("internal")
    assert len(probe.done) == 4
    assert states() == {"done": 4}


# ---- the real effects -----------------------------------------------------------------------------------------------


def test_a_webhook_resumes_the_flow_and_its_row_ends_in_the_same_step(complaint: str, erp: Erp) -> None:
    ticket_id = company.to_payment(complaint)
    assert Drain("w1").lane("webhook") == 1
    assert [call["path"] for call in erp.calls] == ["/erp/refunds"]
    assert erp.calls[0]["key"] == f"{ticket_id}:pay:1"
    assert "rate" in ticket(ticket_id).state["answers"]
    assert db.session.scalars(select(Outbox.state).where(Outbox.kind == "webhook")).one() == "done"
    assert db.session.scalars(select(OutboxAttempt.outcome)).all() == ["done"]
    db.session.rollback()
    assert Drain("w1").lane("notify") == 2  # the result, on two channels
    sent = db.session.scalars(select(MessageRow).where(MessageRow.to_kind == "customer")).all()
    assert {row.via for row in sent} == {"mini_program", "sms"}
    assert "已致歉" in sent[0].body
    assert "/t/" in sent[0].link
    db.session.rollback()


def test_a_webhook_that_is_not_well_is_called_again_with_the_same_key(
    complaint: str, erp: Erp, advance: Callable[[int], None]
) -> None:
    erp.answers = [503, 429]
    company.to_payment(complaint)
    drain = Drain("w1")
    for _ in range(3):
        assert drain.lane("webhook") == 1
        advance(NIGHT)
    assert len(erp.calls) == 3
    assert len({str(call["key"]) for call in erp.calls}) == 1
    assert db.session.scalars(select(OutboxAttempt.outcome).order_by(OutboxAttempt.attempt_no)).all() == [
        "ready", "ready", "done"]


def test_a_refusal_goes_to_the_flow(complaint: str, erp: Erp) -> None:
    erp.answers = [422]
    ticket_id = company.to_payment(complaint)
    Drain("w1").lane("webhook")
    assert open_task(ticket_id, "handle").assignee_id == "a1"
    assert "job.done" in kinds(ticket_id)


def test_a_job_that_is_given_up_tells_the_flow(complaint: str, erp: Erp, advance: Callable[[int], None]) -> None:
    erp.answers = [500] * 6
    ticket_id = company.to_payment(complaint)
    drain = Drain("w1")
    while drain.lane("webhook"):
        advance(NIGHT)
    assert len(erp.calls) == 6  # once, and five retries as the flow says
    assert open_task(ticket_id, "handle").assignee_id == "a1"
    assert states()["dead"] == 1


def test_a_job_whose_last_worker_died_tells_the_flow(complaint: str, advance: Callable[[int], None]) -> None:
    ticket_id = company.to_payment(complaint)
    db.session.execute(update(Outbox).where(Outbox.kind == "webhook").values(max_attempts=1))
    db.session.commit()
    with Wire() as wire:
        assert len(outbox.claim(wire, "victim", "webhook", 20, 1_000)) == 1
    advance(2_000)
    assert Drain("sweeper").sweep() == 1
    assert open_task(ticket_id, "handle").assignee_id == "a1"
    assert states()["dead"] == 1


def test_what_a_call_brought_is_kept_and_only_the_telling_is_tried_again(
    complaint: str, erp: Erp, advance: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in the step that follows, or a database that is away for a moment, must not pay twice."""
    ticket_id = company.to_payment(complaint)
    drain, telling = Drain("w1"), drain_module.service.job_done

    def breaks(*_: Any, **__: Any) -> bool:
        raise RuntimeError("a bug in a step")

    monkeypatch.setattr(drain_module.service, "job_done", breaks)
    for _ in range(3):
        assert drain.lane("webhook") == 1
        advance(NIGHT)
    assert len(erp.calls) == 1
    row = db.session.scalars(select(Outbox).where(Outbox.kind == "webhook")).one()
    assert (row.state, row.last_error) == ("ready", "flow: RuntimeError")
    db.session.rollback()
    monkeypatch.setattr(drain_module.service, "job_done", telling)
    assert drain.lane("webhook") == 1
    assert len(erp.calls) == 1
    assert "rate" in ticket(ticket_id).state["answers"], "the flow went on as after a payment"
    assert states()["ready"] == 2, "only the two messages to the customer are left"


def test_a_worker_that_dies_before_the_telling_has_not_called_in_vain(
    complaint: str, erp: Erp, advance: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket_id = company.to_payment(complaint)
    db.session.execute(update(Outbox).where(Outbox.kind == "webhook").values(max_attempts=1))
    db.session.commit()

    class Killed(BaseException):
        pass

    def dies(*_: Any, **__: Any) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(drain_module.service, "job_done", dies)
        with pytest.raises(Killed):
            Drain("victim", lease_ms=1_000).lane("webhook")
    advance(2_000)
    assert Drain("sweeper").sweep() == 1
    assert len(erp.calls) == 1
    assert "rate" in ticket(ticket_id).state["answers"], "it counts, though it was the last try"


def test_a_flow_that_can_never_be_told_ends_on_the_dead_list_and_is_only_told_again(
    complaint: str, erp: Erp, advance: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket_id = company.to_payment(complaint)
    drain = Drain("w1")

    def breaks(*_: Any, **__: Any) -> bool:
        raise RuntimeError("a bug in a step")

    with monkeypatch.context() as patched:
        patched.setattr(drain_module.service, "job_done", breaks)
        while drain.lane("webhook"):
            advance(NIGHT)
    dead = outbox.dead()
    assert [row["last_error"] for row in dead] == ["flow: RuntimeError"]
    outbox.redrive([dead[0]["id"]], time.time_ns() // 1_000_000)
    advance(NIGHT)
    assert drain.lane("webhook") == 1
    assert len(erp.calls) == 1
    assert "rate" in ticket(ticket_id).state["answers"]


def test_an_answer_for_a_ticket_that_was_withdrawn_ends_quietly(complaint: str, erp: Erp) -> None:
    ticket_id = company.to_payment(complaint)
    with Wire() as wire:
        rows = outbox.claim(wire, "w1", "webhook")
    company.service.withdraw(ticket_id, "", actor=company.principal("lead"), command_id=company.command())
    assert Drain("w1")._batch(rows) == 1
    assert db.session.scalars(select(Outbox.state).where(Outbox.kind == "webhook")).one() == "done"


def test_a_job_that_nobody_needs_any_more_is_not_carried_out(complaint: str, erp: Erp) -> None:
    ticket_id = company.to_payment(complaint)
    company.service.withdraw(ticket_id, "", actor=company.principal("lead"), command_id=company.command())
    assert Drain("w1").lane("webhook") == 0
    assert erp.calls == []


def test_reading_the_inbox_stops_the_ladder(complaint: str, advance: Callable[[int], None]) -> None:
    red = {**company.COMPLAINT, "f_body": "饭里有异物"}
    ticket_id = submit(complaint, red, "t_menu", phone="13800138000").ticket_id
    drain = Drain("w1")
    assert drain.lane("notify") == 3
    mine = db.session.scalars(select(MessageRow.id).where(MessageRow.to_id == "sup")).all()
    now = time.time_ns() // 1_000_000
    db.session.rollback()
    company.service.mark_read(mine, actor=company.principal("sup"), now=now)
    company.service.mark_read(mine, actor=company.principal("sup"), now=now)
    assert kinds(ticket_id).count("message.read") == 1
    advance(20 * 60_000)
    company.timers_until_quiet()
    assert drain.lane("notify") == 0
