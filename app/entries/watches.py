"""Some time after something: a trial lesson without a contract, a check-up 180 days after a repair, three days silence.

A trigger watches every ticket (or customer's event) that it counts time from, one row each. A row is looked at when its
next moment is due; where a date may still change, also now and then before. Each moment of each ticket opens one ticket
at most; of several that were missed the last one only, and none that was due before the trigger came into force.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, or_, select, update

from app.core.calendar import Calendar
from app.core.errors import NotFound, Problem
from app.customers.models import CustomerEvent
from app.entries import customer_events, news
from app.entries.models import ScheduleState, Watch
from app.entries.news import News, Way
from app.extensions import db, insert_new
from app.flows import timetable
from app.org.directory import directory
from app.runtime.models import Ticket
from app.runtime.seals import unseal

log = structlog.get_logger(__name__)

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
BATCH = 500
MOST_BATCHES = 20  # in one look; the next one goes on
YOUNG_MS = 60_000  # numbers are given before tickets are there: younger ones are looked for again
SOME = 1000  # rows looked at in one go
EVENT = "event"


@dataclass(frozen=True, slots=True)
class First:
    """What time is counted from. `base` (epoch ms): None where it has not come yet; `over`: it never will."""

    subject: str
    base: int | None
    moves: bool
    over: bool
    begun: int
    customer_id: str | None
    told: Mapping[str, Any]
    open: bool


def look_at(way: Way, state: ScheduleState, now: int) -> int:
    """Find new tickets or events to watch, and open what is due; returns how many were told."""
    _find(way, state, now)
    told = 0
    for row in _due_now(way, now):
        try:
            told += _check(way, row, state.seen_at, now)
        except Exception as error:  # noqa: BLE001 - one ticket's trouble must not stop the others
            db.session.rollback()
            log.error("watch_failed", type=row.type_key, trigger=row.trigger, subject=row.subject, error=str(error),
                      exc_info=not isinstance(error, Problem))
            _put(row, now, now + MINUTE_MS, row.done)
    return told


def _due_now(way: Way, now: int) -> list[Watch]:
    """What is to be looked at: what is due, and what was looked at while the clock was ahead."""
    rows = list(db.session.scalars(
        select(Watch).where(Watch.type_key == way.type.key, Watch.trigger == way.node.id,
                            or_(Watch.check_at <= now, Watch.looked_at > now))
        .order_by(Watch.check_at).limit(SOME)
    ))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def forget(type_key: str, trigger: str) -> None:
    """Watch nothing for this trigger any more (commits)."""
    db.session.execute(delete(Watch).where(Watch.type_key == type_key, Watch.trigger == trigger))
    db.session.commit()


# ---- whom to watch --------------------------------------------------------------------------------------------------


def _find(way: Way, state: ScheduleState, now: int) -> None:
    after, seen = way.node.config.after, state.seen_no
    for _ in range(MOST_BATCHES):
        found, rows = _next_events(after.event, seen) if after.of == EVENT else _next_tickets(after.type, seen)
        new = [{"type_key": way.type.key, "trigger": way.node.id, "subject": subject, "looked_at": now,
                "check_at": now, "done": []} for subject in found]
        if new:
            db.session.execute(insert_new(Watch, new))
        old = seen
        for number, at in rows:
            if abs(now - at) < YOUNG_MS:
                break
            old = number
        if old != seen:
            db.session.execute(update(ScheduleState).filter_by(type_key=way.type.key, trigger=way.node.id)
                               .values(seen_no=old))
        db.session.commit()
        if len(rows) < BATCH or old == seen:
            return
        seen = old


def _next_tickets(type_key: str, seen: int) -> tuple[list[str], list[tuple[int, int]]]:
    rows = db.session.execute(select(Ticket.no, Ticket.id, Ticket.type_key, Ticket.opened_at)
                              .where(Ticket.no > seen).order_by(Ticket.no).limit(BATCH)).all()
    return [f"t:{row.id}" for row in rows if row.type_key == type_key], [(row.no, row.opened_at) for row in rows]


def _next_events(name: str, seen: int) -> tuple[list[str], list[tuple[int, int]]]:
    rows = db.session.execute(select(CustomerEvent.id, CustomerEvent.kind, CustomerEvent.name, CustomerEvent.at)
                              .where(CustomerEvent.id > seen).order_by(CustomerEvent.id).limit(BATCH)).all()
    return ([f"e:{row.id}" for row in rows if row.kind == "happened" and row.name == name],
            [(row.id, row.at) for row in rows])


# ---- when it is time ------------------------------------------------------------------------------------------------


def _check(way: Way, row: Watch, begin: int, now: int) -> int:
    config: Any = way.node.config
    first = _first(way, row.subject)
    if first is None or first.over:
        return _end(row)
    again = max(MINUTE_MS, min(HOUR_MS, min(moment.length for moment in config.after.moments) // 10))
    if first.base is None:
        return _put(row, now, now + again, row.done)
    calendar = directory().calendar(config.calendar)
    db.session.rollback()
    due = {number: _due(moment, first.base, calendar) for number, moment in enumerate(config.after.moments)
           if number not in row.done}
    past = sorted((at, number) for number, at in due.items() if at <= now)
    late = [number for at, number in past if at > begin]  # what was due before this came into force never happens
    told = 0
    if late and not _needless(config.after.unless, first):
        moment = config.after.moments[late[-1]]
        _tell(way, first, f"{moment.length}:{moment.side}", due[late[-1]], now)
        told = 1
    done = [*row.done, *(number for _, number in past)]
    left = [at for at in due.values() if at > now]
    if left:
        _put(row, now, min([*left, now + again] if first.moves else left), done)
    else:
        _end(row)
    return told


def _due(moment: Any, base: int, calendar: Calendar) -> int:
    return calendar.add(base, moment.length) if moment.side == "after" else calendar.back(base, moment.length)


def _first(way: Way, subject: str) -> First | None:
    """What is watched, as it stands now; None if it is gone."""
    after, key = way.node.config.after, subject[2:]
    if after.of == EVENT:
        event = db.session.get(CustomerEvent, int(key))
        if event is None:
            return None
        told = {"event": {"name": event.name}}
        return First(subject, event.at, False, False, event.at, event.customer_id, told, False)
    row = db.session.scalar(select(Ticket).where(Ticket.id == key))
    if row is None:
        return None
    form = unseal(row.id, row.data)
    is_open = row.status == "open"
    # What was withdrawn or not accepted is followed up by nobody.
    lost = row.status not in ("open", "closed")
    base = {"opened": row.opened_at, "closed": row.closed_at,
            "field": moment_of(form.get(after.field), way.bundle.time_zone)}[after.of]
    # A date may be corrected as long as somebody works on the ticket; one that is over keeps what it has.
    moves = is_open and after.of == "field"
    first = {"first": {"no": str(row.no), "title": row.title, "form": form}}
    return First(subject, base, moves, lost or (base is None and not is_open), row.opened_at, row.customer_id, first,
                 is_open)


def moment_of(value: Any, tz: str) -> int | None:
    """Epoch ms of a stored date (its midnight) or date-time; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return round((found if found.tzinfo else found.replace(tzinfo=ZoneInfo(tz))).timestamp() * 1000)


def _needless(unless: list[Any], first: First) -> bool:
    """Whether what should have happened has."""
    assert first.base is not None
    since = min(first.base, first.begun)
    customer: dict[str, Any] = {}
    if first.customer_id:
        try:
            customer = customer_events.about(first.customer_id)
        except NotFound:
            return True  # erased meanwhile: nobody to follow up
    for row in unless:
        if row.what in ("closed", "open"):
            met = first.open is (row.what == "open")
        elif row.what == "stage":
            met = customer.get("stage") == row.name
        elif row.what == "tag":
            met = row.name in customer.get("tags", ())
        else:
            met = bool(customer) and _came(row, first, since)
        if met:
            return True
    return False


def _came(row: Any, first: First, since: int) -> bool:
    """Whether the customer has had such a ticket, or such an event, since then, besides what time is counted from."""
    query: Any
    if row.what == "ticket":
        query = select(Ticket.id).where(Ticket.customer_id == first.customer_id, Ticket.type_key == row.type,
                                        Ticket.opened_at >= since, Ticket.id != first.subject[2:])
    else:
        own = int(first.subject[2:]) if first.subject.startswith("e:") else 0
        query = select(CustomerEvent.id).where(
            CustomerEvent.customer_id == first.customer_id, CustomerEvent.kind == "happened",
            CustomerEvent.name == row.name, CustomerEvent.at >= since, CustomerEvent.id != own)
    return db.session.execute(query.limit(1)).first() is not None


def _tell(way: Way, first: First, moment: str, due: int, now: int) -> None:
    local = timetable.local(due, way.bundle.time_zone)
    told: dict[str, Any] = {**first.told, "schedule": timetable.words(local)}
    customer = None
    if first.customer_id:
        about = customer_events.about(first.customer_id)
        told["customer"], customer = about, customer_events.known(about)
    db.session.rollback()
    news.open_from(way, News(["after", first.subject, moment], told, customer), now=now)


def _put(row: Watch, now: int, check_at: int, done: list[int]) -> int:
    db.session.execute(update(Watch).filter_by(type_key=row.type_key, trigger=row.trigger, subject=row.subject)
                       .values(looked_at=now, check_at=check_at, done=done))
    db.session.commit()
    return 0


def _end(row: Watch) -> int:
    db.session.execute(delete(Watch).filter_by(type_key=row.type_key, trigger=row.trigger, subject=row.subject))
    db.session.commit()
    return 0
