"""When a timetable comes round: rows that people read (every workday 09:00), or a cron expression. Pure.

Days and hours are those of the company's time zone; an hour that the wall clock skips is taken when it has skipped it.
"""
from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from app.core.calendar import Calendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FURTHEST = 800  # days back that are looked through: nobody was down for longer
SHIFT = 30  # days in which a day off finds its next working day
MAX_CRON = 100  # characters


def cron_ok(text: Any) -> bool:
    """Whether `text` is a cron expression of five parts that comes round at all."""
    if not isinstance(text, str) or len(text) > MAX_CRON or len(text.split()) != 5:
        return False
    try:
        croniter(text, datetime(2026, 1, 1, tzinfo=UTC), max_years_between_matches=8).get_next()
    except (CroniterError, ValueError, KeyError, OverflowError):
        return False
    return True


def latest(config: Any, calendar: Calendar, tz: str, after: int, until: int) -> int | None:
    """The last moment of the timetable in (`after`, `until`], epoch ms; None if there is none.

    `config`: `by` "cron" with `cron`, or rows in `times` and what `off` says of days off ("skip" | "next" | "same").
    """
    if config.by == "cron":
        found = _cron(config.cron, tz, until)
    else:
        found = _rows(config, calendar, ZoneInfo(tz), after, until)
    return found if found is not None and found > after else None


def following(config: Any, calendar: Calendar, tz: str, after: int) -> int | None:
    """The next moment after `after`, None if there is none within the time that is looked through."""
    zone = ZoneInfo(tz)
    if config.by == "cron":
        begin = datetime.fromtimestamp(after / 1000, zone)
        return round(croniter(config.cron, begin, max_years_between_matches=8).get_next(datetime).timestamp() * 1000)
    today = datetime.fromtimestamp(after / 1000, zone).date()
    for ahead in range(-SHIFT, FURTHEST):
        moments = [moment for moment in _of_day(config, calendar, zone, today + timedelta(ahead)) if moment > after]
        if moments:
            return min(moments)
    return None


def _cron(text: str, tz: str, until: int) -> int | None:
    """The last moment at or before `until`."""
    # croniter's previous one is strictly before: ask from a second later.
    begin = datetime.fromtimestamp(until // 1000 + 1, ZoneInfo(tz))
    try:
        return round(croniter(text, begin, max_years_between_matches=8).get_prev(datetime).timestamp() * 1000)
    except CroniterError:
        return None


def _rows(config: Any, calendar: Calendar, zone: ZoneInfo, after: int, until: int) -> int | None:
    today = datetime.fromtimestamp(until / 1000, zone).date()
    first = max(datetime.fromtimestamp(max(after, 0) / 1000, zone).date(), today - timedelta(FURTHEST))
    best: int | None = None
    day = today
    while day >= first - timedelta(SHIFT):
        for moment in _of_day(config, calendar, zone, day):
            if after < moment <= until and (best is None or moment > best):
                best = moment
        if best is not None and config.off != "next":
            return best
        day -= timedelta(1)
    return best


def _of_day(config: Any, calendar: Calendar, zone: ZoneInfo, day: date) -> Iterator[int]:
    """The moments that belong to a day, though a day off may move them to a later one."""
    for row in config.times:
        if _meant(row, calendar, day):
            moved = _moved(row, config.off, calendar, day)
            if moved is not None:
                yield _instant(zone, moved, row.at)


def _meant(row: Any, calendar: Calendar, day: date) -> bool:
    if row.every == "workday":
        return _works(calendar, day)
    if row.every == "week":
        return WEEKDAYS[day.weekday()] in row.days
    # The 31st of a shorter month is its last day.
    last = months.monthrange(day.year, day.month)[1]
    fits = day.day == min(row.day or 1, last)
    return row.every == "day" or (fits and (row.every == "month" or day.month == (row.month or 1)))


def _moved(row: Any, off: str, calendar: Calendar, day: date) -> date | None:
    if off == "same" or calendar.works_on(day):
        return day
    later = (day + timedelta(days) for days in range(1, SHIFT))
    return next((found for found in later if calendar.works_on(found)), None) if off == "next" else None


def _works(calendar: Calendar, day: date) -> bool:
    """Whether it is a working day; where the calendar knows no days off, those are Monday to Friday."""
    return day.weekday() < 5 if calendar.id == "always" else calendar.works_on(day)


def _instant(zone: ZoneInfo, day: date, minute: int) -> int:
    return round(datetime.combine(day, time(minute // 60, minute % 60), zone).timestamp() * 1000)


def local(ms: int, tz: str) -> datetime:
    """A moment as the company's clock shows it."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(tz))


def words(moment: datetime) -> dict[str, str]:
    """A moment of the company's clock as forms take it: date, month, date and time."""
    return {"date": moment.strftime("%Y-%m-%d"), "month": moment.strftime("%Y-%m"),
            "moment": moment.strftime("%Y-%m-%dT%H:%M")}
