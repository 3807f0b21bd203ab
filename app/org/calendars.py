"""Business calendars as managers keep them: read for their page, told day by day, and what will soon be unknown."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.core.calendar import Calendar
from app.core.errors import NotFound, Problem
from app.extensions import db
from app.org import words
from app.org.models import CalendarRow

SOON = timedelta(days=60)


@dataclass(frozen=True)
class Day:
    """One day: its open hours as ("09:00", "18:00"), [] when it is free."""

    date: date
    spans: list[tuple[str, str]]


def calendars() -> list[tuple[str, Mapping[str, Any]]]:
    """(key, spec) of every calendar. One query."""
    return [(row.key, row.spec) for row in db.session.execute(
        select(CalendarRow.key, CalendarRow.spec).order_by(CalendarRow.key))]


def spec_of(key: str) -> Mapping[str, Any]:
    """One of them; raises NotFound."""
    row = db.session.get(CalendarRow, key) if words.KEY.match(key) else None
    if row is None:
        raise NotFound("calendar_unknown", where=key[:60], id=key[:40])
    found: Mapping[str, Any] = row.spec
    return found


def preview(calendar: Calendar, now: int, days: int) -> list[Day]:
    """The next days, today first, in the calendar's own time zone."""
    zone = ZoneInfo(calendar.tz)
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    return [Day(day, calendar.hours_on(day)) for day in (today + timedelta(days=ahead) for ahead in range(days))]


def running_out(now: int) -> list[Problem]:
    """Calendars that keep public holidays which are not known two months from now."""
    found = []
    for key, spec in calendars():
        since = Calendar.from_spec({**spec, "id": key}).unknown_from()
        if since and since <= datetime.fromtimestamp(now / 1000, UTC).date() + SOON:
            found.append(Problem("calendar_unknown_year", where=key, id=key, from_day=since.isoformat()))
    return found
