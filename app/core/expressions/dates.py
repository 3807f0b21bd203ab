"""Days, moments and the zone table: arithmetic on integers only, so that both sides compute the same.

A day is a number of days since 1970-01-01 in the proleptic Gregorian calendar, years 1 to 9999. A moment is UTC
milliseconds since 1970-01-01T00:00Z. The zone is a table `[[from_ms, offset_min], …]`, ascending, made by the server;
neither side asks a time-zone library. The twin is `static/js/core/dates.js`.
"""
from __future__ import annotations

import re
from collections.abc import Sequence

from app.core.expressions.errors import Fail

Zone = Sequence[Sequence[int]]

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
MINUTE = 60_000
DAY_MS = 86_400_000
MIN_DAY, MAX_DAY = -719_162, 2_932_896  # 0001-01-01, 9999-12-31
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_days(year: int, month: int) -> int:
    """Days in a month (1 to 12)."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTHS[month - 1]


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a civil date; `day` may lie outside the month."""
    y = year - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(day: int) -> tuple[int, int, int]:
    """(year, month, day of month) of a day number."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted_month = (5 * of_year + 2) // 153
    month = shifted_month + (3 if shifted_month < 10 else -9)
    return year + era * 400 + (month <= 2), month, of_year - (153 * shifted_month + 2) // 5 + 1


def checked_day(day: int) -> int:
    """`day` if it lies in the years 1 to 9999. Raises Fail E_DATE."""
    if MIN_DAY <= day <= MAX_DAY:
        return day
    raise Fail("E_DATE")


def checked_moment(ms: int) -> int:
    """`ms` if it lies in the years 1 to 9999 (UTC). Raises Fail E_DATE."""
    if MIN_DAY * DAY_MS <= ms < (MAX_DAY + 1) * DAY_MS:
        return ms
    raise Fail("E_DATE")


def parse_day(src: str) -> int:
    """`YYYY-MM-DD` → day number. Raises Fail E_DATE."""
    found = DATE.fullmatch(src)
    if found:
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        if year and 1 <= month <= 12 and 1 <= day <= month_days(year, month):
            return day_number(year, month, day)
    raise Fail("E_DATE")


def parse_moment(src: str) -> int:
    """`YYYY-MM-DDThh:mm[:ss[.f]]` with `Z` or `±hh:mm` → UTC milliseconds. Raises Fail E_DATE."""
    found = MOMENT.fullmatch(src)
    if found:
        hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
        zone_hour, zone_minute = int(found[7] or 0), int(found[8] or 0)
        if hour < 24 and minute < 60 and second < 60 and zone_hour < 15 and zone_minute < 60:
            ms = int(((found[5] or "") + "000")[:3])
            offset = (zone_hour * 60 + zone_minute) * (-1 if found[6] == "-" else 1)
            clock = (hour * 60 + minute - offset) * MINUTE + second * 1000 + ms
            return checked_moment(parse_day(found[1]) * DAY_MS + clock)
    raise Fail("E_DATE")


def day_text(day: int) -> str:
    """Day number → `YYYY-MM-DD`."""
    year, month, of_month = civil(day)
    return f"{year:04d}-{month:02d}-{of_month:02d}"


def moment_text(ms: int) -> str:
    """UTC milliseconds → `YYYY-MM-DDThh:mm:ssZ`, with `.mmm` only where there is a fraction."""
    day, rest = divmod(ms, DAY_MS)
    seconds, fraction = divmod(rest, 1000)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{day_text(day)}T{clock}" + (f".{fraction:03d}Z" if fraction else "Z")


def offset_at(ms: int, zone: Zone) -> int:
    """Minutes east of UTC at a moment: the last entry not after it, the first entry before all, 0 without entries."""
    offset = zone[0][1] if zone else 0
    for start, minutes in zone:
        if start > ms:
            break
        offset = minutes
    return offset


def local_ms(ms: int, zone: Zone) -> int:
    """A moment on the local clock, in milliseconds; `civil` tells its day. Raises Fail E_DATE at the edges."""
    return checked_moment(ms + offset_at(ms, zone) * MINUTE)


def local_day(ms: int, zone: Zone) -> int:
    """The local day number of a moment."""
    return local_ms(ms, zone) // DAY_MS


def midnight(day: int, zone: Zone) -> int:
    """The moment a local day begins."""
    return moment_at(day * DAY_MS, zone)


def moment_at(wall: int, zone: Zone) -> int:
    """The moment of a local clock reading (ms); where the clock skips or repeats it, the earlier one that exists."""
    moment = wall
    for index, (start, minutes) in enumerate(zone):
        candidate = wall - minutes * MINUTE
        if index == 0 or candidate >= start:
            moment = candidate
        if index + 1 < len(zone) and candidate < zone[index + 1][0]:
            break
    return checked_moment(moment)


def add_months(day: int, months: int) -> int:
    """EDATE: the same day of another month, or that month's last day. Raises Fail E_DATE."""
    year, month, of_month = civil(day)
    index = year * 12 + month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= 9999:
        raise Fail("E_DATE")
    return day_number(year, month, min(of_month, month_days(year, month)))


def months_between(start: int, end: int) -> int:
    """Complete months from one day number to another; negative when `end` comes first."""
    if end < start:
        return -months_between(end, start)
    (y1, m1, d1), (y2, m2, d2) = civil(start), civil(end)
    return (y2 - y1) * 12 + m2 - m1 - (d2 < d1)
