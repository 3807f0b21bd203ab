"""Redis only wakes workers. Whatever becomes of it, nothing waits for it and nothing is lost with it."""
from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.notify.models import MessageRow
from app.runtime.models import Ticket
from app.settings import Settings, load
from tests.conftest import new_database
from tests.faults.kit import Erp
from tests.faults.tale import REFUND, Tale
from tests.live import Live
from tests.live_stories.company import connect_erp
from tests.people import Colleague, Got, Sent, colleagues, doors, over_http
from tests.servers import Valkey, wait_for

pytestmark = pytest.mark.faults

ANSWER_S = 2.0  # what a fault may add to the slowest answer in health, on whatever machine; it takes a fiftieth of that
DONE_S = 8.0  # from a commit to its effects, on a machine that does other things besides


class Installation:
    """Web, worker and relay as processes, a Valkey of their own, an ERP."""

    def __init__(self, live: Live, valkey: Valkey, erp: Erp, app: Flask) -> None:
        self.live, self.valkey, self.erp, self.app = live, valkey, erp, app
        self.slowest = 0.0
        with app.app_context():
            connect_erp(erp.url)
            self.staff: dict[str, Colleague] = colleagues(self.send, "a1")
            self.door = doors()["t_menu"]

    def send(self, sent: Sent) -> Got:
        """A request over HTTP, timed."""
        begun = time.monotonic()
        got = over_http(self.live.url)(sent)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return got

    def complain(self, fault: Callable[[], None]) -> None:
        """A complaint from form to rating; the fault strikes between claiming and handling."""
        tale = Tale(self.send, self.door, REFUND, self.staff)
        tale.answered("submit", self.send(tale.request("submit")))
        tale.answered("claim", self.send(tale.request("claim")))
        fault()
        tale.answered("handle", self.send(tale.request("handle")))
        token = tale.customer.link.rpartition("/")[2]
        wait_for(lambda: self.told(token), DONE_S, "the ERP to be called and the customer to be told")
        tale.answered("rate", self.send(tale.request("rate")))
        assert self.ticket(token).status == "closed"
        [bodies] = [bodies for key, bodies in self.erp.per_key().items() if key.startswith(self.ticket(token).id)]
        assert bodies.total() == 1

    def ticket(self, token: str) -> Any:
        """The ticket's row."""
        with self.app.app_context():
            return db.session.execute(
                select(Ticket.id, Ticket.status, Ticket.state).where(Ticket.token == token)).one()

    def told(self, token: str) -> bool:
        """Whether both messages to the customer went out and the ticket asks for a rating."""
        ticket = self.ticket(token)
        with self.app.app_context():
            sent = db.session.scalars(
                select(MessageRow.via).where(MessageRow.ticket_id == ticket.id, MessageRow.status == "sent")).all()
        return sorted(sent) == ["mini_program", "sms"] and bool(ticket.state["answers"])

    def redis(self) -> redis.Redis:
        """A connection of the test's own."""
        return redis.Redis.from_url(self.valkey.url)

    def wipe(self) -> None:
        """FLUSHALL."""
        with self.redis() as client:
            client.flushall()

    def freeze(self) -> None:
        """Redis answers nobody any more, and its socket stays open: worse than being gone."""
        assert self.valkey.process is not None
        os.kill(self.valkey.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self.valkey.process is not None
        os.kill(self.valkey.process.pid, signal.SIGCONT)

    def empty(self) -> None:
        """SIGKILL, and a new one that knows nothing."""
        self.valkey.kill()
        shutil.rmtree(self.valkey.folder / "appendonlydir")
        self.valkey.start()


@pytest.fixture
def installation(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> Iterator[Installation]:
    with ExitStack() as stack:
        valkey = Valkey(tmp_path / "vk")
        stack.callback(valkey.stop)
        url = stack.enter_context(new_database(backend, request, tmp_path, demo=True))
        live = Live(tmp_path / "live", url, valkey.url)
        stack.callback(live.stop)
        live.env["RATE_LIMITS"] = "true"  # their counters are in Redis, too
        erp = stack.enter_context(Erp())
        found = Installation(live, valkey, erp, make_app(load(live.env, redis_url="")))
        live.start()
        yield found


def test_nothing_waits_for_redis_and_nothing_is_lost_with_it(installation: Installation) -> None:
    wait_for(lambda: _somebody_listens(installation), 15, "the worker to listen for wake-ups")
    installation.complain(lambda: None)
    healthy, installation.slowest = installation.slowest, 0.0
    installation.complain(installation.wipe)
    installation.complain(installation.freeze)
    installation.thaw()
    installation.complain(installation.empty)
    wait_for(lambda: _somebody_listens(installation), 15, "the worker to listen again")
    installation.complain(lambda: None)
    installation.complain(installation.valkey.kill)
    installation.complain(lambda: None)  # and never back
    print(f"slowest answer: {healthy:.3f} s in health, {installation.slowest:.3f} s under faults")
    assert installation.slowest < healthy + ANSWER_S
    assert '"violations": 0' in installation.live.flask("doctor")
    for name in ("worker", "relay", "web"):
        process = installation.live.processes[name]
        assert process.running(), process.text()[-2000:]
        assert process.stop() == 0, process.text()[-2000:]


def _somebody_listens(installation: Installation) -> bool:
    with installation.redis() as client:
        return any("blmove" in str(who["cmd"]) for who in client.client_list())


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_worker_ends_when_told_to_though_redis_is_frozen(installation: Installation) -> None:
    wait_for(lambda: _somebody_listens(installation), 15, "the worker to listen for wake-ups")
    installation.freeze()
    begun = time.monotonic()
    try:
        assert installation.live.processes["worker"].stop(30) == 0
    finally:
        installation.thaw()
    print(f"ended after {time.monotonic() - begun:.1f} s")
