"""Rehearsals in a worker: one at a time, in a thread beside the effects, which must not wait for it."""
from __future__ import annotations

import threading

import structlog
from flask import Flask

from app.designer import rehearsals
from app.extensions import clock, db

log = structlog.get_logger(__name__)

PERIOD_S = 1.0
PAUSE_S = 15.0  # while the database does not answer


class Rehearser:
    """Looks once a second whether a rehearsal waits, until `stop` is set; what is under way then goes back."""

    def __init__(self, app: Flask, stop: threading.Event) -> None:
        self.app = app
        self.stop = stop

    def run(self) -> None:
        """Look until told to stop."""
        pause = PERIOD_S
        while not self.stop.wait(pause):
            try:
                self.look()
                pause = PERIOD_S
            except Exception:  # noqa: BLE001 - whatever it was, the next look must come
                log.error("rehearser_failed", exc_info=True)
                pause = PAUSE_S

    def look(self) -> bool:
        """Carry out the oldest rehearsal that waits; whether there was one."""
        with self.app.app_context():
            found = rehearsals.claim(clock.now_ms())
            if found is None:
                return False
            try:
                rehearsals.work(found, clock.now_ms, self.stop.is_set)
            finally:
                db.session.remove()
            return True
