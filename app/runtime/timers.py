"""Due timers: found by the database's clock, fired one by one through the flow, put off when a flow fails on one."""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

import time
from dataclasses import dataclass

import structlog

from app.core.errors import Problem
from app.runtime import service
from app.wire import NOW, Wire

log = structlog.get_logger(__name__)

BATCH = 100
FIRST_PAUSE_MS = 10_000  # after a failed try; doubled each time
LONGEST_PAUSE_MS = 3_600_000
JUMP_MS = 60_000
GUARD_S = 60.0

DUE = "SELECT ticket_id, key FROM timer WHERE state = 'armed' AND run_at <= {now} ORDER BY run_at LIMIT {n}"
PUT_OFF = (
    "UPDATE timer SET run_at = {now} + {pause} * (1 << (CASE WHEN attempts < 9 THEN attempts ELSE 9 END)),"
    " attempts = attempts + 1, last_error = {error} WHERE ticket_id = {ticket} AND key = {key} AND state = 'armed'"
    " RETURNING attempts"
)
DROP = (
    "UPDATE timer SET state = 'cancelled', changed_at = {now} WHERE ticket_id = {ticket} AND key = {key}"
    " AND state = 'armed' AND due_at <= {now} RETURNING key"
)
NAMES = ("n", "pause", "error", "ticket", "key")


def _texts(template: str) -> dict[str, str]:
    return {
        "postgresql": template.format(now=NOW["postgresql"], **{name: f"%({name})s" for name in NAMES}),
        "sqlite": template.format(now=NOW["sqlite"], **{name: f":{name}" for name in NAMES}),
    }


DUE_TEXTS, PUT_OFF_TEXTS, DROP_TEXTS = _texts(DUE), _texts(PUT_OFF), _texts(DROP)


def fire_due(limit: int = BATCH) -> int:
    """Fire timers that are due, longest overdue first; returns how many were found. Several processes may do so."""
    with Wire() as wire:
        due = wire.rows(DUE_TEXTS[wire.dialect], {"n": limit, "offset": wire.offset})
    for ticket_id, key in due:
        _fire(ticket_id, key)
    return len(due)


def _fire(ticket_id: str, key: str) -> None:
    try:
        if not service.fire_timer(ticket_id, key):
            _drop(ticket_id, key)
    except Exception as error:  # noqa: BLE001 - one ticket's trouble must not stop the clocks of all others
        code = error.code if isinstance(error, Problem) else type(error).__name__
        log.error("timer_failed", ticket=ticket_id, timer=key, code=code, exc_info=not isinstance(error, Problem))
        _put_off(ticket_id, key, code)


def _drop(ticket_id: str, key: str) -> None:
    """The flow does not wait for this timer (or another process has just fired it): it must not come up again."""
    with Wire() as wire:
        wire.write(DROP_TEXTS[wire.dialect], {"ticket": ticket_id, "key": key, "offset": wire.offset})


def _put_off(ticket_id: str, key: str, error: str) -> None:
    with Wire() as wire:
        wire.write(
            PUT_OFF_TEXTS[wire.dialect],
            {"ticket": ticket_id, "key": key, "pause": FIRST_PAUSE_MS, "error": error[:500], "offset": wire.offset},
        )


@dataclass
class Guard:
    """Notices when the database's clock jumps against this process's own: timers then wait a minute.

    A wrong clock fires every escalation of the next days at once, and that cannot be taken back; a minute late can.
    """

    seen_ms: int | None = None
    seen_at: float = 0.0
    closed_until: float = 0.0

    def open(self, database_ms: int, at: float | None = None) -> bool:
        """Whether timers may fire, `database_ms` being the database's own clock (without any offset for tests)."""
        at = time.monotonic() if at is None else at
        if self.seen_ms is not None:
            jump = (database_ms - self.seen_ms) - (at - self.seen_at) * 1000
            if abs(jump) > JUMP_MS:
                self.closed_until = at + GUARD_S
                log.error("clock_jumped", by_ms=round(jump), timers_wait_s=GUARD_S)
        self.seen_ms, self.seen_at = database_ms, at
        return at >= self.closed_until
