"""The complaint over HTTP, with every real process dying under it: gunicorn, `flask worker` and `flask relay`.

Each is killed at one of its first SQL statements (CRASH_AT_SQL) and started again, as a supervisor would, with the
crash a little later each time; the people just try again. Time is moved past the claim pool's half hour.
"""
from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.demo.models import DemoRefund
from app.extensions import db
from app.notify.models import MessageRow
from app.runtime.history import events_in
from app.runtime.models import Ticket, TicketHistory
from app.settings import Settings
from tests.conftest import make_settings
from tests.faults.tale import HOUR, REFUND, Tale
from tests.live import Live
from tests.live_stories.company import connect_erp
from tests.people import Got, Send, Sent, Unanswered, colleagues, doors, over_http
from tests.servers import Process, wait_for

pytestmark = pytest.mark.faults

FIRST, STEP = 9, 8  # the statement of the first death, and how many later each next one comes
WEB_LIFE = 45  # statements that a web process lives; gunicorn starts the next one by itself
PATIENCE_S = 40.0


class Keeper:
    """Starts a process, and again whenever it is found dead, each life a few statements longer."""

    def __init__(self, start: Callable[[int], Process]) -> None:
        self._start = start
        self._over = threading.Event()
        self.lives = 0
        self._process = self._born()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _born(self) -> Process:
        self.lives += 1
        return self._start(FIRST + STEP * self.lives)

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            if not self._process.running():
                self._process.kill()  # closes its log
                self._process = self._born()

    def stop(self) -> None:
        """Let it be."""
        self._over.set()
        self._thread.join()
        if self._process.running():
            self._process.stop()
        else:
            self._process.kill()


def patient(send: Send, count: Counter[str]) -> Send:
    """A person who tries again when the page does not come."""

    def sent(request: Sent) -> Got:
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                got = send(request)
                if got.status < 500:
                    return got
                count[f"status {got.status}"] += 1
            except Unanswered:
                count["no answer"] += 1
            assert time.monotonic() < end, f"{request.path}: no answer for {PATIENCE_S} s"
            time.sleep(0.2)

    return sent


@contextmanager
def dying(live: Live) -> Iterator[list[Keeper]]:
    """All processes, none of which lives long."""
    live.web(CRASH_AT_SQL=str(WEB_LIFE))
    keepers = [
        Keeper(lambda n: live.worker("worker", "--lease-s", "2", CRASH_AT_SQL=str(n))),
        Keeper(lambda n: live.relay(CRASH_AT_SQL=str(n))),
    ]
    try:
        yield keepers
    finally:
        for keeper in keepers:
            keeper.stop()


def test_the_complaint_is_closed_though_every_process_dies(
    live: Live, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    app = make_app(make_settings(tmp_path, database_url=live.env["DATABASE_URL"], clock_file=live.clock_file))
    trouble: Counter[str] = Counter()
    send = patient(over_http(live.url), trouble)
    with app.app_context():
        connect_erp(live.url)
        staff = colleagues(send, "a1", "a2")
        tale = Tale(send, doors()["t_menu"], REFUND, staff)
        with dying(live) as keepers:
            tale.answered("submit", send(tale.request("submit")))
            live.advance(HOUR)
            wait_for(lambda: _tasks(tale, "handle"), PATIENCE_S, "the timer to fire and somebody to be given the task")
            tale.answered("handle", send(tale.request("handle")))
            wait_for(lambda: _asked(tale, live), PATIENCE_S, "the refund to be paid")
            tale.answered("rate", send(tale.request("rate")))
            wait_for(lambda: _sent() == ["mini_program", "sms"], PATIENCE_S, "the messages to be sent")
        print(f"{[keeper.lives for keeper in keepers]} lives of worker and relay, trouble met: {dict(trouble)}")
        assert min(keeper.lives for keeper in keepers) > 1, "nobody died"
        assert trouble["no answer"] > 0, "the web server did not die"
        _told_once(tale.customer.link.rpartition("/")[2])
    assert '"violations": 0' in live.flask("doctor", "--lease-s", "2")


def _asked(tale: Tale, live: Live) -> bool:
    """Whether the customer is asked already. The ERP lives in the dying web server: a call that found it dead is tried
    again after minutes of the product's clock, which go by here in seconds."""
    if "_token" in tale.customer.see(tale.customer.link):
        return True
    live.advance(HOUR // 20)
    time.sleep(1)
    return False


def _tasks(tale: Tale, node: str) -> list[dict[str, Any]]:
    return [task for who in tale.staff.values() for task in who.tasks() if task["node"] == node]


def _sent() -> list[str]:
    found = sorted(db.session.scalars(select(MessageRow.via).where(MessageRow.to_kind == "customer",
                                                                   MessageRow.status == "sent")))
    db.session.rollback()
    return found


def _told_once(token: str) -> None:
    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.token, ticket.status) == (token, "closed")
    events = events_in(db.session.execute(select(TicketHistory.__table__)))
    happened = Counter((row.kind, row.node, json.dumps(row.body.get("delta", {}).get("task"))) for row in events
                       if row.kind in ("ticket.created", "timer.fired", "task.done", "job.done", "customer.answered"))
    assert dict(happened) == {
        ("ticket.created", "t_menu", "null"): 1, ("timer.fired", "pool", "null"): 1,
        ("task.done", "handle", '"handle:1"'): 1, ("job.done", "pay", "null"): 1,
        ("customer.answered", "rate", "null"): 1,
    }
    assert db.session.scalars(select(DemoRefund.idem_key)).all() == [f"{ticket.id}:pay:1"]
    keys = db.session.scalars(select(MessageRow.idem_key)).all()
    assert len(keys) == len(set(keys))
    db.session.rollback()
