"""What begins by the clock: looked at every few seconds by one process at a time, whichever comes first.

What was missed while nobody looked is made up for once, not as often as it was missed; nothing that lies before a
timetable came into force ever happens. The occurrence is the moment it was due, so that two processes, a second look or
a clock that was set back open no second ticket.
"""
from __future__ import annotations

import hashlib
from typing import Any

import structlog
from sqlalchemy import select, update

from app.core.errors import Problem
from app.customers import events
from app.definitions import queries
from app.entries import customer_events, news, watches
from app.entries.models import ScheduleState
from app.entries.news import News, Way
from app.extensions import db, insert_new
from app.flows import timetable
from app.flows.nodes.trigger_schedule import Schedule
from app.org.directory import directory
from app.runtime.lead import lead
from app.wire import dumps

log = structlog.get_logger(__name__)

PERIOD_S = 5.0
TIMING = ("by", "times", "cron", "calendar", "off", "after")  # settings that say when


def look(holder: str, now: int) -> bool:
    """Open what is due and tell what happened to customers, unless another process looked a moment ago; returns
    whether this one did."""
    if not lead("schedules", holder, int(PERIOD_S * 900)):
        return False
    run_due(now)
    while customer_events.tell_new(now) == events.BATCH:
        pass
    return True


def run_due(now: int) -> int:
    """Open a ticket for every timetable that has come round; returns how many were told."""
    kept = {(row.type_key, row.trigger): row for row in db.session.scalars(select(ScheduleState))}
    db.session.expunge_all()
    told, live = 0, set[tuple[str, str]]()
    for way in list(news.ways(Schedule.type)):
        live.add(_name(way))
        db.session.rollback()
        try:
            told += _look_at(way, kept.get(_name(way)), now)
        except Exception as error:  # noqa: BLE001 - one schedule's trouble must not stop the others
            db.session.rollback()
            known = isinstance(error, Problem)
            log.error("schedule_failed", type=way.type.key, trigger=way.node.id, error=str(error), exc_info=not known)
    for name, row in kept.items():
        if name not in live and row.mark:
            watches.forget(*name)
            _keep(name, row.seen_at, "")  # archived or gone: if it comes back, it begins anew
    db.session.commit()
    return told


def _look_at(way: Way, row: ScheduleState | None, now: int) -> int:
    mark = _mark(way)
    if row is None or row.mark != mark:
        # New, changed, or back: what was due before it came into force is none of its business.
        begin = now if row is not None and not row.mark else min(now, queries.published_at(way.type.id))
        row = _keep(_name(way), begin, mark)
        watches.forget(*_name(way))
    if way.node.config.by == "after":
        return watches.look_at(way, row, now)
    if row.seen_at > now:
        row = _keep(_name(way), now, mark)  # the clock was set back
    zone = way.bundle.time_zone
    due = timetable.latest(way.node.config, directory().calendar(way.node.config.calendar), zone, row.seen_at, now)
    if due is None:
        return 0
    told = {"schedule": timetable.words(timetable.local(due, zone))}
    news.open_from(way, News(["due", str(due)], told), now=now)
    _keep(_name(way), due, mark)
    return 1


def coming(now: int) -> list[tuple[Way, int | None]]:
    """Every timetable in use with the moment it comes round next (None: not in sight, or it cannot be told)."""
    return [(way, _following(way, now)) for way in news.ways(Schedule.type) if way.node.config.by != "after"]


def _following(way: Way, now: int) -> int | None:
    config: Any = way.node.config
    try:
        return timetable.following(config, directory().calendar(config.calendar), way.bundle.time_zone, now)
    except Problem:  # its calendar is gone: the log of the workers says so every few seconds
        return None


def _name(way: Way) -> tuple[str, str]:
    return way.type.key, way.node.id


def _mark(way: Way) -> str:
    """Changes when the settings change that say when."""
    raw = {key: way.node.raw.get(key) for key in TIMING}
    return hashlib.sha256(dumps(raw).encode()).hexdigest()


def _keep(name: tuple[str, str], seen_at: int, mark: str) -> ScheduleState:
    """Remember up to when a schedule was looked at (commits)."""
    key = {"type_key": name[0], "trigger": name[1]}
    values = {"seen_at": seen_at, "mark": mark, "seen_no": 0}
    if not db.session.execute(insert_new(ScheduleState, [{**key, **values}]).returning(ScheduleState.trigger)).first():
        db.session.execute(update(ScheduleState).filter_by(**key).values(**values))
    db.session.commit()
    return ScheduleState(**key, **values)
