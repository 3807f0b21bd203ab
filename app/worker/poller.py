"""The pulse of a worker or relay process: once a second it looks for itself, so that losing Redis loses nothing."""
from __future__ import annotations

import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence

import structlog
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from app.entries import schedules
from app.extensions import clock, db
from app.runtime import guards, parked, timers
from app.runtime.drain import Drain
from app.runtime.models import Worker
from app.wire import Wire
from app.worker import housekeeping

log = structlog.get_logger(__name__)

PERIOD_S = 1.0
SEEN_S = 10.0  # how often a process says that it lives
GUARDS_S = 15.0  # how often backlogs and tickets that stand still are looked after
MAX_PAUSE_S = 15.0  # between two pulses while the database does not answer


class Poller:
    """Gives back lost leases, fires due timers and schedules, drains `lanes` (none: a relay), keeps house (a relay).

    `tick` is one pulse; `run` goes on until `stop` is set. Errors are logged and the next pulse tries again.
    """

    def __init__(self, app: Flask, lanes: Sequence[str], stop: threading.Event, *, lease_ms: int, house: bool) -> None:
        self.app = app
        self.lanes = lanes
        self.stop = stop
        self.house = house
        self.worker_id = str(uuid.uuid4())
        self.drain = Drain(self.worker_id, lease_ms=lease_ms, stop=stop.is_set)
        self._guard = timers.Guard()
        self._seen = -SEEN_S
        self._kept = 0.0
        self._guarded = 0.0
        self._scheduled = -schedules.PERIOD_S
        self._chance = random.Random()

    def run(self) -> None:
        """Pulse until told to stop."""
        pause = PERIOD_S
        while not self.stop.is_set():
            try:
                self.tick()
                pause = PERIOD_S
            except Exception:  # noqa: BLE001 - whatever it was, the next pulse must come
                log.error("poll_failed", exc_info=True)
                pause = min(pause * 2, MAX_PAUSE_S)
            self.stop.wait(pause * self._chance.uniform(0.8, 1.2))
        with self.app.app_context():
            try:
                db.session.execute(delete(Worker).where(Worker.id == self.worker_id))
                db.session.commit()
            except SQLAlchemyError:
                log.warning("worker_row_left", worker=self.worker_id, exc_info=True)

    def tick(self) -> None:
        """One pulse."""
        with self.app.app_context():
            self._here()
            self.drain.sweep()
            with Wire() as wire:
                database_ms = wire.now() - wire.offset
            if self._guard.open(database_ms):
                self._whole(timers.fire_due, timers.BATCH)
                if time.monotonic() - self._scheduled > schedules.PERIOD_S:
                    self._scheduled = time.monotonic()
                    schedules.look(self.worker_id, clock.now_ms())
            for lane in self.lanes:
                self.drain.lane(lane)
            if self.house and time.monotonic() - self._guarded > GUARDS_S:
                self._guarded = time.monotonic()
                guards.sweep(clock.now_ms())
                parked.alert(clock.now_ms())
            if self.house and time.monotonic() - self._kept > housekeeping.PERIOD_S:
                self._kept = time.monotonic()
                housekeeping.keep(self.worker_id, clock.now_ms())

    def _whole(self, work: Callable[[int], int], batch: int) -> None:
        while not self.stop.is_set() and work(batch) == batch:
            pass

    def serve(self, lane: str) -> None:
        """A bell rang: drain this lane ("all": each of ours)."""
        with self.app.app_context():
            for name in self.lanes:
                if lane in ("all", name):
                    self.drain.lane(name)

    def _here(self) -> None:
        if time.monotonic() - self._seen < SEEN_S:
            return
        now = clock.now_ms()
        row = db.session.get(Worker, self.worker_id)
        if row is None:
            row = Worker(
                id=self.worker_id, host=socket.gethostname()[:120], pid=os.getpid(),
                roles=",".join(self.lanes) or "relay", started_at=now, last_seen_at=now,
            )
            db.session.add(row)
        row.last_seen_at = now
        db.session.commit()
        self._seen = time.monotonic()
