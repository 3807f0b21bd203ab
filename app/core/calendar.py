"""Working time: ISO 8601 durations, business calendars and time zone tables. Pure: every instant is an argument.

Instants are epoch milliseconds UTC, durations are milliseconds. A calendar's open time is laid out in blocks of 28 UTC
days, built when first asked for and kept: an SLA is then a bisection, not a walk over days.
"""
from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from app.core import public_holidays
from app.core.errors import Problem

MINUTE = 60_000
DAY = 86_400_000
MAX_DURATION_DAYS = 3_660
HORIZON_YEARS = 50
MAX_DATES = 1_000
MAX_SPANS = 24

_BLOCK_DAYS = 28
_BLOCK = _BLOCK_DAYS * DAY
_HORIZON_BLOCKS = HORIZON_YEARS * 366 // _BLOCK_DAYS
_KEPT_BLOCKS = 2 * _HORIZON_BLOCKS
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# One block away from what `datetime` can hold, so that building a block never overflows.
_FIRST_MS, _LAST_MS = -62_000_000_000_000, 253_000_000_000_000

_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T(?=[0-9])(?:([0-9]{1,7})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})S)?)?"
)
_YEARS_OR_MONTHS = re.compile(r"P[0-9]+[YM][0-9A-Z]{0,40}")
_SPAN = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = ("id", "name", "days", "hours", "tz", "also", "public", "holidays", "workdays")
_ALSO_KEYS = {"days", "hours"}


def _shown(value: Any) -> str:
    """A refused value for a message: short, whatever it was."""
    return str(value)[:60]


@lru_cache(maxsize=512)
def _parse_duration(text: str) -> int:
    match = _DURATION.fullmatch(text)
    if not match:
        code = "duration_months" if _YEARS_OR_MONTHS.fullmatch(text) else "duration_bad"
        raise Problem(code, value=_shown(text))
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    ms = (weeks * 7 + days) * DAY + hours * 60 * MINUTE + minutes * MINUTE + seconds * 1000
    if ms > MAX_DURATION_DAYS * DAY:
        raise Problem("duration_too_long", value=text, days=MAX_DURATION_DAYS)
    return ms


def duration_ms(text: Any, where: str = "") -> int:
    """ISO 8601 duration of weeks, days, hours, minutes and seconds → milliseconds (0 … 3,660 days).

    Years and months are refused (Problem "duration_months"): they have no fixed length. Anything else unreadable is
    Problem "duration_bad", over the limit "duration_too_long"; `where` names the place in all of them.
    """
    if not isinstance(text, str) or len(text) > 60:
        raise Problem("duration_bad", where, value=_shown(text))
    try:
        return _parse_duration(text)
    except Problem as problem:
        raise Problem(problem.code, where, **problem.params) from None


def duration_text(ms: int) -> str:
    """Milliseconds (0 or more, whole seconds) as an ISO 8601 duration: 90,000 → "PT1M30S"."""
    seconds = ms // 1000
    days, hours, minutes, rest = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n)
    return "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock or not days else "") + ("" if seconds else "0M")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: Any) -> ZoneInfo:
    # Compared with the known names first: ZoneInfo would take a path as a key.
    if not isinstance(name, str) or name not in _zones():
        raise Problem("calendar_tz", "tz", value=_shown(name))
    return ZoneInfo(name)


def _offset_ms(zone: ZoneInfo, ms: int) -> int:
    offset = datetime.fromtimestamp(ms / 1000, zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """The first instant in (before, after] with the offset that holds at `after`."""
    offset = _offset_ms(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_ms(zone, middle) == offset:
            after = middle
        else:
            before = middle
    return after


def _instant(zone: ZoneInfo, day: int, minute: int) -> int:
    """When the wall clock first shows `minute` (0 … 2,880) of the day (proleptic ordinal), or has jumped past it."""
    wall = datetime.fromordinal(day) + timedelta(minutes=minute)
    ms = round(wall.replace(tzinfo=zone).timestamp() * 1000)
    local = (day - _EPOCH_ORDINAL) * DAY + minute * MINUTE
    if ms + _offset_ms(zone, ms) == local:
        return ms
    # The wall clock skipped this minute (summer time began): the opening is the jump itself.
    return _change(zone, ms - DAY, ms)


def _days(value: Any) -> frozenset[int]:
    items = value if isinstance(value, list) else [value]
    found: set[int] = set()
    for item in items:
        ends = item.split("-") if isinstance(item, str) else []
        if len(ends) not in (1, 2) or not set(ends) <= set(_WEEKDAYS):
            raise Problem("calendar_days", "days", value=_shown(item))
        first, last = _WEEKDAYS.index(ends[0]), _WEEKDAYS.index(ends[-1])
        found.update(day % 7 for day in range(first, last + 1 if last >= first else last + 8))
    return frozenset(found)


def _hours(value: Any) -> list[tuple[int, int]]:
    if not isinstance(value, list) or len(value) > MAX_SPANS:
        raise Problem("calendar_hours", "hours", value=_shown(value))
    spans = []
    for item in value:
        match = _SPAN.fullmatch(item) if isinstance(item, str) else None
        if not match:
            raise Problem("calendar_hours", "hours", value=_shown(item))
        h1, m1, h2, m2 = map(int, match.groups())
        opens, closes = h1 * 60 + m1, h2 * 60 + m2
        if opens >= 1440 or closes > 1440 or opens == closes:
            raise Problem("calendar_hours", "hours", value=item)
        spans.append((opens, closes if closes > opens else closes + 1440))
    return sorted(spans)


def _dates(value: Any, where: str) -> frozenset[int]:
    if not isinstance(value, list) or len(value) > MAX_DATES:
        raise Problem("calendar_dates", where, value=_shown(value), limit=MAX_DATES)
    found = set()
    for item in value:
        try:
            found.add(date.fromisoformat(item).toordinal() if _DATE.fullmatch(item) else 0)
        except (TypeError, ValueError):
            found.add(0)
        if 0 in found:
            raise Problem("calendar_dates", where, value=_shown(item), limit=MAX_DATES)
    return frozenset(found)


def _also(value: Any) -> dict[int, list[tuple[int, int]]]:
    """Hours of their own for some weekdays: `[{"days", "hours"}]` → weekday → spans. A weekday may stand there once."""
    found: dict[int, list[tuple[int, int]]] = {}
    if not isinstance(value, list) or len(value) > len(_WEEKDAYS):
        raise Problem("calendar_also", "also", value=_shown(value))
    for row in value:
        if not isinstance(row, Mapping) or set(row) != _ALSO_KEYS:
            raise Problem("calendar_also", "also", value=_shown(row))
        days, spans = _days(row["days"]), _hours(row["hours"])
        if not days or not spans or days & found.keys():
            raise Problem("calendar_also", "also", value=_shown(row))
        found.update(dict.fromkeys(days, spans))
    return found


class _Block:
    """The open intervals of one block, disjoint and in order; `before[i]` = open ms of the block before `opens[i]`."""

    __slots__ = ("before", "closes", "opens", "total")

    def __init__(self, intervals: Iterable[tuple[int, int]], start: int, end: int) -> None:
        self.opens: list[int] = []
        self.closes: list[int] = []
        for opens, closes in sorted(intervals):
            opens, closes = max(opens, start), min(closes, end)
            if opens >= closes:
                continue
            if self.closes and opens <= self.closes[-1]:
                self.closes[-1] = max(self.closes[-1], closes)
            else:
                self.opens.append(opens)
                self.closes.append(closes)
        lengths = (b - a for a, b in zip(self.opens, self.closes, strict=True))
        self.before = [0, *accumulate(lengths)]
        self.total = self.before.pop()

    def worked(self, ms: int) -> int:
        """Open ms from the block's start until `ms`."""
        at = bisect_right(self.opens, ms) - 1
        return 0 if at < 0 else self.before[at] + min(ms, self.closes[at]) - self.opens[at]

    def when(self, worked: int) -> int:
        """The first instant at which `worked` (1 … total) open ms have passed."""
        at = bisect_right(self.before, worked - 1) - 1
        return self.opens[at] + worked - self.before[at]

    def last(self, worked: int) -> int:
        """The last instant at which no more than `worked` (0 … total - 1) open ms have passed."""
        at = bisect_right(self.before, worked) - 1
        return self.opens[at] + worked - self.before[at]


class Calendar:
    """Weekly open hours in a time zone, with holidays and extra working days. Immutable to its users.

    A span over midnight ("22:00-06:00") belongs to the day on which it begins. `also`: weekdays with hours of their
    own. `public`: the country whose public holidays are free and whose make-up days are worked, with the hours of
    ordinary days; what `holidays` and `workdays` name comes before that.
    """

    def __init__(self, id: str, days: frozenset[int], spans: list[tuple[int, int]], tz: str,
                 holidays: frozenset[int] = frozenset(), workdays: frozenset[int] = frozenset(), *,
                 also: Mapping[int, list[tuple[int, int]]] | None = None, public: str = "") -> None:
        if not days or not spans:
            raise Problem("calendar_closed", id=id)
        self.id = id
        self.tz = tz
        self._days = days
        self._spans = spans
        self._zone = _zone(tz)
        self._holidays = holidays
        self._workdays = workdays
        self._also = also or {}
        self.public = public
        self._free, self._made_up = public_holidays.free(public), public_holidays.made_up(public)
        self._blocks: dict[int, _Block] = {}

    @classmethod
    def from_spec(cls, spec: Any) -> Calendar:
        """From `{"id", "days", "hours", "tz", "name"?, "also"?, "public"?, "holidays"?, "workdays"?}`.

        Raises Problem with `where` naming the key: calendar_bad, _key, _days, _hours, _tz, _also, _public, _dates,
        _both, _closed.
        """
        whole = isinstance(spec, Mapping) and {"days", "hours", "tz"} <= set(spec)
        if not whole or not isinstance(spec.get("id"), str):
            raise Problem("calendar_bad")
        for key in spec:
            if key not in _KEYS:
                raise Problem("calendar_key", _shown(key), key=_shown(key), known=", ".join(_KEYS))
        holidays = _dates(spec.get("holidays", []), "holidays")
        workdays = _dates(spec.get("workdays", []), "workdays")
        for day in holidays & workdays:
            raise Problem("calendar_both", "workdays", date=date.fromordinal(day).isoformat())
        public = spec.get("public", "")
        if public not in ("", *public_holidays.COUNTRIES):
            raise Problem("calendar_public", "public", value=_shown(public), known=", ".join(public_holidays.COUNTRIES))
        return cls(spec["id"], _days(spec["days"]), _hours(spec["hours"]), spec["tz"], holidays, workdays,
                   also=_also(spec.get("also", [])), public=public)

    @classmethod
    def always(cls, id: str = "always") -> Calendar:
        """Open round the clock: working time is plain time."""
        return cls(id, frozenset(range(7)), [(0, 1440)], "UTC")

    def add(self, start_ms: int, duration_ms: int) -> int:
        """The earliest instant at which `duration_ms` of working time have passed since `start_ms`.

        Zero or less returns `start_ms`. Problem "calendar_beyond" when that lies more than 50 years ahead.
        """
        if duration_ms <= 0:
            return start_ms
        first = self._number(start_ms)
        block = self._block(first)
        left = duration_ms + block.worked(start_ms)
        for number in range(first + 1, first + _HORIZON_BLOCKS):
            if left <= block.total:
                return block.when(left)
            left -= block.total
            block = self._block(number)
        raise self._beyond()

    def back(self, end_ms: int, duration_ms: int) -> int:
        """The latest instant from which `duration_ms` of working time pass until `end_ms`; zero or less: `end_ms`.

        Problem "calendar_beyond" when that lies more than 50 years before.
        """
        if duration_ms <= 0:
            return end_ms
        last = self._number(end_ms)
        block = self._block(last)
        left = block.worked(end_ms) - duration_ms
        for number in range(last - 1, last - _HORIZON_BLOCKS, -1):
            if left >= 0:
                return block.last(left)
            block = self._block(number)
            left += block.total
        raise self._beyond()

    def elapsed(self, a_ms: int, b_ms: int) -> int:
        """Working ms from `a_ms` to `b_ms`; 0 when b is not after a. Problem "calendar_beyond" over 50 years."""
        if b_ms <= a_ms:
            return 0
        first, last = self._number(a_ms), self._number(b_ms)
        if last - first >= _HORIZON_BLOCKS:
            raise self._beyond()
        whole = sum(self._block(number).total for number in range(first, last))
        return whole + self._block(last).worked(b_ms) - self._block(first).worked(a_ms)

    def is_open(self, ms: int) -> bool:
        """Whether `ms` lies in open hours (the opening instant does, the closing instant does not)."""
        block = self._block(self._number(ms))
        at = bisect_right(block.opens, ms) - 1
        return at >= 0 and ms < block.closes[at]

    def spans(self, a_ms: int, b_ms: int) -> list[tuple[int, int]]:
        """The open intervals between two instants, in order; what touches is one. "calendar_beyond" over 50 years."""
        first, last = self._number(a_ms), self._number(b_ms)
        if last - first >= _HORIZON_BLOCKS:
            raise self._beyond()
        found: list[tuple[int, int]] = []
        for number in range(first, last + 1):
            block = self._block(number)
            for opens, closes in zip(block.opens, block.closes, strict=True):
                opens, closes = max(opens, a_ms), min(closes, b_ms)
                if opens >= closes:
                    continue
                if found and found[-1][1] == opens:
                    found[-1] = found[-1][0], closes
                else:
                    found.append((opens, closes))
        return found

    def works_on(self, day: date) -> bool:
        """Whether it is a working day, whatever its hours."""
        return bool(self._spans_on(day.toordinal()))

    def working_day(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (negative: before it); 0: `day` itself, whatever it is.

        Problem "calendar_beyond" when that lies more than 50 years away.
        """
        left, ordinal, way = abs(count), day.toordinal(), 1 if count > 0 else -1
        end = ordinal + way * HORIZON_YEARS * 366
        while left:
            ordinal += way
            if ordinal == end or not 0 < ordinal <= date.max.toordinal():
                raise self._beyond()
            left -= bool(self._spans_on(ordinal))
        return date.fromordinal(ordinal)

    def _beyond(self) -> Problem:
        return Problem("calendar_beyond", self.id, id=self.id, years=HORIZON_YEARS)

    def _number(self, ms: int) -> int:
        if not _FIRST_MS <= ms <= _LAST_MS:
            raise self._beyond()
        return ms // _BLOCK

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= _KEPT_BLOCKS:
                self._blocks.clear()
            block = self._blocks[number] = self._build(number)
        return block

    def _build(self, number: int) -> _Block:
        first = _EPOCH_ORDINAL + number * _BLOCK_DAYS
        zone = self._zone
        # Two days before: a span that began the evening before, in a zone ahead of UTC.
        intervals = [
            (_instant(zone, day, opens), _instant(zone, day, closes))
            for day in range(first - 2, first + _BLOCK_DAYS + 2)
            for opens, closes in self._spans_on(day)
        ]
        return _Block(intervals, number * _BLOCK, (number + 1) * _BLOCK)

    def _spans_on(self, day: int) -> list[tuple[int, int]]:
        """The open hours that begin on a day (proleptic ordinal)."""
        weekday = (day - 1) % 7
        if day in self._workdays:
            return self._spans
        if day in self._holidays or day in self._free:
            return []
        if day in self._made_up and weekday not in self._days:
            return self._spans
        return self._also.get(weekday) or (self._spans if weekday in self._days else [])

    def hours_on(self, day: date) -> list[tuple[str, str]]:
        """The open hours that begin on a day, as ("09:00", "18:00"); after midnight they count on ("22:00", "06:00").
        """
        return [(f"{opens // 60:02}:{opens % 60:02}", f"{closes // 60 % 24 if closes > 1440 else closes // 60:02}:"
                 f"{closes % 60:02}") for opens, closes in self._spans_on(day.toordinal())]

    def unknown_from(self) -> date | None:
        """The first day of which it does not know whether it is a public holiday; None if it does not ask."""
        return public_holidays.known_until(self.public) + timedelta(days=1) if self.public else None


@lru_cache(maxsize=64)
def _table(tzname: str, year: int) -> tuple[tuple[int, int], ...]:
    zone = _zone(tzname)
    start, end = (round(datetime(y, 1, 1, tzinfo=UTC).timestamp() * 1000) for y in (year - 10, year + 11))
    rows = [(start, _offset_ms(zone, start) // MINUTE)]
    for ms in range(start + 7 * DAY, end, 7 * DAY):
        offset = _offset_ms(zone, ms) // MINUTE
        if offset != rows[-1][1]:
            rows.append((_change(zone, ms - 7 * DAY, ms), offset))
    return tuple(rows)


def tz_table(tzname: str, around_ms: int) -> list[list[int]]:
    """Offsets of a zone as `[[from_ms, offset_min], …]`, ascending, for ten years either side of `around_ms`.

    Instants before the first row use the first row. Problem "calendar_tz" for an unknown zone.
    """
    around = datetime.fromtimestamp(max(_FIRST_MS, min(_LAST_MS, around_ms)) / 1000, UTC)
    return [list(row) for row in _table(tzname, max(12, min(9_980, around.year)))]
