"""Now and then: forget what nobody needs any more. One process at a time does it, whichever comes first."""
from __future__ import annotations

import structlog
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from app.customers.models import CustomerEvent
from app.designer.models import Rehearsal
from app.entries import uploads
from app.entries.models import Opening
from app.extensions import db, parts
from app.runtime.lead import lead
from app.runtime.models import Command, Outbox, OutsideEvent, Worker

log = structlog.get_logger(__name__)

PERIOD_S = 600.0
DAY_MS = 86_400_000
KEEP_DONE_MS = 7 * DAY_MS  # effects that were carried out
KEEP_COMMANDS_MS = 30 * DAY_MS  # answers to requests that might be repeated
KEEP_EVENTS_MS = 7 * DAY_MS  # what other systems told us: longer than any flow looks back
KEEP_OPENED_MS = 90 * DAY_MS  # what triggers opened; the tickets stay
KEEP_REFUSED_MS = 365 * DAY_MS  # what they could not, and nobody looked after
KEEP_CUSTOMER_EVENTS_MS = 730 * DAY_MS  # what time may be counted from
KEEP_REHEARSALS_MS = 30 * DAY_MS
KEEP_WORKERS_MS = DAY_MS  # processes that ended without saying so
BATCH = 500
MANY_BATCHES = 40


def keep(holder: str, now: int) -> bool:
    """Clean up, unless another process did so lately; returns whether this one did."""
    if not lead("housekeeping", holder, int(PERIOD_S * 900)):
        return False
    done = _forget(Outbox.id, Outbox.state.in_(("done", "cancelled")) & (Outbox.done_at < now - KEEP_DONE_MS))
    commands = _forget(Command.id, Command.at < now - KEEP_COMMANDS_MS)
    events = _forget(OutsideEvent.id, OutsideEvent.at < now - KEEP_EVENTS_MS)
    told = _forget(CustomerEvent.id, CustomerEvent.at < now - KEEP_CUSTOMER_EVENTS_MS)
    opened = _forget(Opening.id, (Opening.state != "refused") & (Opening.at < now - KEEP_OPENED_MS))
    opened += _forget(Opening.id, Opening.at < now - KEEP_REFUSED_MS)
    workers = _forget(Worker.id, Worker.last_seen_at < now - KEEP_WORKERS_MS)
    rehearsals = _forget(Rehearsal.id, Rehearsal.at < now - KEEP_REHEARSALS_MS)
    files = uploads.clean(parts().settings.uploads, now)
    log.info("house_kept", effects=done, commands=commands, events=events + told, openings=opened, workers=workers,
             rehearsals=rehearsals, files=files)
    return True


def _forget(key: InstrumentedAttribute[int] | InstrumentedAttribute[str], which: ColumnElement[bool]) -> int:
    """Delete in small transactions: nobody waits long for a row, or for SQLite's one writer."""
    total = 0
    for _ in range(MANY_BATCHES):
        ids = list(db.session.scalars(select(key).where(which).limit(BATCH)))
        if ids:
            db.session.execute(delete(key.class_).where(key.in_(ids)))
        db.session.commit()
        total += len(ids)
        if len(ids) < BATCH:
            break
    return total
