"""Workers are killed at random, Redis forgets everything, the web server dies: every ticket comes to its end.

Set CHAOS_SEED to repeat the killer's choices of a run (not its timing).
"""
from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy import func, select

from app.extensions import clock, db, parts
from app.notify.models import MessageRow
from app.runtime.models import Outbox, OutboxAttempt, Ticket, TicketEvent
from app.runtime.verify import verify
from app.settings import Settings, load
from tests.faults import chaos
from tests.faults.kit import Erp, Mill
from tests.live import Live
from tests.live_stories.company import connect_erp
from tests.people import colleagues, over_http
from tests.servers import wait_for

pytestmark = pytest.mark.faults

TICKETS, SECONDS, KILLS = 250, 16.0, 22
WORKERS = {"sqlite": 2, "postgresql": 3}
LEASE_MS = 3_000  # longer than a living worker stalls on a busy machine
RECOVERY_S = 20.0  # after the last fault, on a machine that does other things besides


def test_every_ticket_ends_and_nothing_happens_twice(
    backend: str, live: Live, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or time.time())
    chance = random.Random(seed)
    print(f"CHAOS_SEED={seed}")
    app = make_app(load(live.env, redis_url=""))
    with Erp(delay_s=0.01) as erp, Mill(live.env, tmp_path / "mill.log") as mill, app.app_context():
        connect_erp(erp.url)
        chaos.publish()
        admin = colleagues(over_http(live.url), "admin")["admin"]
        live.web()
        _storm(live, mill, chaos.Crowd(admin, TICKETS, SECONDS), WORKERS[backend], chance)
        _all_is_well(erp)


def _storm(live: Live, mill: Mill, crowd: chaos.Crowd, workers: int, chance: random.Random) -> None:
    relay = mill.start("relay", lease_ms=LEASE_MS)
    killer = chaos.Killer(mill, workers, chance, LEASE_MS)
    crowd.start()
    wipe, web = chance.sample(range(2, KILLS - 2), 2)
    for number in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.9))
        killer.strike(chaos.leased)
        if number == wipe:
            with redis.Redis.from_url(live.env["REDIS_URL"]) as client:
                client.flushall()
        if number == web:
            live.processes["web"].kill()
            live.web()
    crowd.join()
    calm = time.monotonic()
    assert crowd.refused == []
    assert len(crowd.accepted) == len(set(crowd.accepted.values())) == TICKETS
    wait_for(lambda: not _open(), RECOVERY_S, "every ticket to end")
    print(f"{killer.kills} kills, {killer.at_work} at work; {crowd.retried} requests repeated;"
          f" the last ticket ended {time.monotonic() - calm:.1f} s after the last fault")
    assert killer.at_work >= KILLS // 4, "hardly anybody was interrupted: this run proves little"
    assert mill.end(relay, signal.SIGTERM) == 0
    tickets = set(db.session.scalars(select(Ticket.id)))
    db.session.rollback()
    assert tickets == set(crowd.accepted.values())


def _open() -> int:
    found = db.session.scalar(select(func.count()).select_from(Ticket).where(Ticket.status == "open")) or 0
    going = db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state.in_(("ready", "leased"))))
    db.session.rollback()
    return found + (going or 0)


def _all_is_well(erp: Erp) -> None:
    assert list(verify(clock.now_ms(), parts().settings.uploads, lease_ms=LEASE_MS)) == []
    reasons = Counter(db.session.scalars(select(Ticket.reason)))
    assert reasons == {None: TICKETS}
    happened = Counter(map(tuple, db.session.execute(select(TicketEvent.ticket_id, TicketEvent.kind).where(
        TicketEvent.kind.in_(("timer.fired", "job.done", "ticket.closed", "message.queued"))))))
    assert len(happened) == 4 * TICKETS and set(happened.values()) == {1}
    sent = Counter(db.session.scalars(select(MessageRow.ticket_id).where(MessageRow.status == "sent")))
    assert len(sent) == TICKETS and set(sent.values()) == {1}
    calls = erp.per_key()
    assert set(calls) == {f"{row}:pay:1" for row in sent}
    assert all(len(bodies) == 1 for bodies in calls.values()), "one key, two different calls"
    again = sum(bodies.total() - 1 for bodies in calls.values())
    lost = db.session.scalar(select(func.count()).where(OutboxAttempt.outcome == "lost")) or 0
    db.session.rollback()
    print(f"{again} calls made twice, {lost} leases lost")
    assert again <= KILLS, "a death interrupts one call, no more"
    assert lost > 0, "no kill hit an effect: this run proves nothing"
