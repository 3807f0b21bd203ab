"""Real worker and relay processes: woken, killed, stopped, without Redis, on both databases."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.runtime.models import Outbox, OutboxAttempt, Timer, Worker
from tests.runtime import company
from tests.runtime.conftest import Erp
from tests.servers import Process, wait_for

Spawn = Callable[..., Process]
ASK = {"f_what": "换一把椅子", "f_sum": "800"}
RED = {**company.COMPLAINT, "f_body": "饭里有异物"}


def seen(query: Any) -> Any:
    """One value, from a transaction of its own."""
    value = db.session.scalar(query)
    db.session.rollback()
    return value


def waiting() -> int:
    return int(seen(select(func.count()).select_from(Outbox).where(Outbox.state.in_(("ready", "leased")))))


def alive() -> int:
    return int(seen(select(func.count()).select_from(Worker)))


def answered(redis_url: str) -> int:
    """How many bells the workers have answered (RQ counts them)."""
    with redis.Redis.from_url(redis_url) as connection:
        workers = list(connection.scan_iter("rq:worker:*", _type="HASH"))
        counts = [connection.hget(key, "successful_job_count") for key in workers]
    return sum(int(count or 0) for count in counts)


def test_without_redis_the_clock_finds_the_work(complaint: str, spawn: Spawn) -> None:
    worker = spawn("worker")
    wait_for(lambda: alive() == 1, 20, "the worker to say that it lives")
    company.submit(complaint, RED, "t_menu", phone="13800138000")
    wait_for(lambda: waiting() == 0, 10, "the messages to go out")
    assert worker.stop(12) == 0
    assert alive() == 0


def test_a_kick_wakes_the_worker(
    desk: Flask, complaint: str, spawn: Spawn, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = desk.extensions["danflow"]
    woken = replace(found, settings=found.settings.model_copy(update={"redis_url": redis_url}))
    monkeypatch.setitem(desk.extensions, "danflow", woken)
    worker = spawn("worker", REDIS_URL=redis_url)
    wait_for(lambda: alive() == 1, 20, "the worker to say that it lives")
    for number in range(1, 4):
        company.submit(complaint, RED, "t_menu", phone="13800138000")
        wait_for(lambda: answered(redis_url) == number, 20, f"bell {number} to be answered")  # noqa: B023 - asked at once
        wait_for(lambda: waiting() == 0, 10, "the messages to go out")
    assert worker.stop(12) == 0


def test_a_killed_workers_call_is_made_again_with_the_same_key(complaint: str, erp: Erp, spawn: Spawn) -> None:
    erp.delays = [30]
    ticket_id = company.to_payment(complaint)
    first = spawn("worker", "--lease-s", "1")
    wait_for(lambda: len(erp.calls) == 1, 20, "the first call")
    first.kill()
    second = spawn("worker", "--lease-s", "1")
    wait_for(lambda: waiting() == 0 or len(erp.calls) > 2, 20, "the second worker to finish")
    assert [call["key"] for call in erp.calls] == [f"{ticket_id}:pay:1"] * 2
    assert "rate" in company.ticket(ticket_id).state["answers"]
    wait_for(lambda: waiting() == 0, 10, "the customer to be told")
    outcomes = db.session.execute(
        select(OutboxAttempt.attempt_no, OutboxAttempt.outcome).join(Outbox, Outbox.id == OutboxAttempt.outbox_id)
        .where(Outbox.kind == "webhook").order_by(OutboxAttempt.attempt_no)
    ).all()
    db.session.rollback()
    assert outcomes == [(1, "lost"), (2, "done")]
    assert second.stop(12) == 0


def test_sigterm_lets_the_call_under_way_end(complaint: str, erp: Erp, spawn: Spawn) -> None:
    erp.delays = [2]
    ticket_id = company.to_payment(complaint)
    worker = spawn("worker")
    wait_for(lambda: len(erp.calls) == 1, 20, "the call")
    assert worker.stop(12) == 0
    assert "rate" in company.ticket(ticket_id).state["answers"]
    assert seen(select(Outbox.state).where(Outbox.kind == "webhook")) == "done"


def test_the_relay_fires_timers_and_drains_nothing(
    complaint: str, spawn: Spawn, advance: Callable[[int], None]
) -> None:
    done = company.submit(complaint, company.COMPLAINT, "t_menu", phone="13800138000")
    relay = spawn("relay", "--lease-s", "1")
    wait_for(lambda: alive() == 1, 20, "the relay to live")
    advance(31 * 60_000)
    armed = select(func.count()).select_from(Timer).where(Timer.state == "armed", Timer.key == "pool:1:timeout")
    wait_for(lambda: seen(armed) == 0, 10, "the timer to fire")
    assert company.open_task(done.ticket_id, "handle").assignee_id in {"a1", "a2", "a3"}
    assert relay.stop(12) == 0
    assert relay.text().count('"effect_done"') == 0


def test_two_relays_and_a_worker_fire_each_timer_once(
    small: str, spawn: Spawn, advance: Callable[[int], None]
) -> None:
    made = [company.submit(small, ASK, "start") for _ in range(12)]
    running = [spawn("relay"), spawn("relay"), spawn("worker")]
    wait_for(lambda: alive() == 3, 30, "all to live")
    advance(31 * 60_000)
    armed = select(func.count()).select_from(Timer).where(Timer.state == "armed")
    wait_for(lambda: seen(armed) == 0, 15, "all timers to fire")
    for done in made:
        assert company.kinds(done.ticket_id).count("timer.fired") == 1
    assert [process.stop(12) for process in running] == [0, 0, 0]


def test_kills_in_the_middle_lose_nothing(complaint: str, erp: Erp, spawn: Spawn) -> None:
    """A worker is killed whenever it is at work; every ticket gets where it must all the same."""
    tickets = [company.to_payment(complaint) for _ in range(8)]
    erp.delays = [0.3] * 200
    kills = 0
    while kills < 4:
        before, worker = len(erp.calls), spawn("worker", "--lease-s", "1")
        wait_for(lambda: len(erp.calls) > before or waiting() == 0, 30, "a call")  # noqa: B023 - asked at once
        worker.kill()
        kills += 1
    last = spawn("worker", "--lease-s", "1")
    wait_for(lambda: waiting() == 0, 60, "everything to be carried out")
    for ticket_id in tickets:
        assert "rate" in company.ticket(ticket_id).state["answers"]
        assert company.kinds(ticket_id).count("job.done") == 1
    assert len({call["key"] for call in erp.calls}) == 8
    assert len(erp.calls) <= 8 + kills * 2
    assert last.stop(12) == 0
