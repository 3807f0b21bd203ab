"""A live installation whose clock a test moves: the demo company in a database, and whoever works in it."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select, union_all
from werkzeug.serving import make_server

from app.core.principal import SYSTEM
from app.extensions import clock, db
from app.notify.models import MessageRow
from app.org import masterdata
from app.org.models import Connector
from app.runtime import queries
from app.runtime.effects.base import LANES
from app.runtime.models import Outbox, Ticket, Timer
from app.runtime.queries import EventLine
from app.runtime.seals import unseal
from app.worker.poller import Poller
from tests.servers import free_port, wait_for

SETTLE_S = 20


class Company:
    """The installation behind `app`. Its work is done by a worker of this process, or (`processes`) by real ones.

    All methods need an application context.
    """

    def __init__(self, app: Flask, clock_file: Path, processes: bool = False) -> None:
        self.app = app
        self._clock_file = clock_file
        self._worker = None if processes else Poller(app, LANES, threading.Event(), lease_ms=60_000, house=False)

    def go_to(self, moment: int) -> None:
        """Set the clock: epoch milliseconds."""
        aside = self._clock_file.with_suffix(".new")
        aside.write_text(str(moment - time.time_ns() // 1_000_000))
        aside.replace(self._clock_file)

    def settle(self) -> None:
        """Return when everything that is due has been done."""
        if self._worker is None:
            wait_for(self.quiet, SETTLE_S, f"the workers to do what is due: {self.due()}")
            return
        end = time.monotonic() + SETTLE_S
        while not self.quiet():
            self._worker.tick()
            assert time.monotonic() < end, f"the worker leaves undone: {self.due()}"

    def quiet(self) -> bool:
        """Whether nothing is due, and nobody is at something."""
        return not self.due()

    def due(self) -> list[str]:
        """What is due, or being done; one statement, for between two a timer could become a message unseen."""
        now = clock.now_ms()
        found = list(db.session.scalars(union_all(
            select(Outbox.key).where((Outbox.state == "leased") | (Outbox.state == "ready") & (Outbox.run_at <= now)),
            select(Timer.key).where(Timer.state == "armed", Timer.run_at <= now),
        )))
        db.session.rollback()
        return found

    def next_timer(self) -> int | None:
        """When the next timer is due."""
        found = db.session.scalar(select(func.min(Timer.run_at)).where(Timer.state == "armed"))
        db.session.rollback()
        return found

    def ticket(self, token: str) -> tuple[str, dict[str, Any]]:
        """(id, the engine's state with the answers in clear) of the ticket behind a link."""
        row = db.session.scalars(select(Ticket).where(Ticket.token == token)).one()
        found = row.id, {**row.state, "form": unseal(row.id, row.data)}
        db.session.rollback()
        return found

    def events(self, ticket_id: str) -> list[EventLine]:
        """What happened on a ticket."""
        found = queries.events_of(ticket_id)
        db.session.rollback()
        return found

    def messages(self, ticket_id: str) -> list[dict[str, Any]]:
        """What was sent for a ticket, oldest first: {to, via, template, node, at (epoch ms)}."""
        rows = db.session.scalars(
            select(MessageRow).where(MessageRow.ticket_id == ticket_id).order_by(MessageRow.created_at, MessageRow.id)
        ).all()
        found = [{"to": "customer" if row.to_kind == "customer" else row.to_id, "via": row.via,
                  "template": row.template, "node": row.engine_key.split(":")[0], "at": row.created_at,
                  "status": row.status} for row in rows]
        db.session.rollback()
        return found


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a port of its own, for calls from outside (the demo ERP takes refunds there); its address."""
    server = make_server("127.0.0.1", free_port(), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def connect_erp(base_url: str) -> None:
    """Let the connector "erp" lead to the demo ERP at this address. In an application context."""
    secret = "the secret that both sides of the connector know"
    name = db.session.get_one(Connector, "erp").name
    host = base_url.removeprefix("http://")
    masterdata.save_connector("erp", name=name, base_url=f"{base_url}/demo/erp", secret=secret, allow_hosts=[host],
                              actor=SYSTEM)
