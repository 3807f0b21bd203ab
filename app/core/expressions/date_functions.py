"""Functions of dates and date-times, by the rules of `operators.py`. Twin: `static/js/core/date_functions.js`."""
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.core.expressions.dates import (
    DAY_MS,
    MINUTE,
    add_months,
    checked_day,
    checked_moment,
    day_number,
    local_day,
    local_ms,
    midnight,
    months_between,
    parse_day,
)
from app.core.expressions.errors import Fail
from app.core.expressions.numbers import ZERO, whole
from app.core.expressions.operators import fold, milliseconds, number, text
from app.core.expressions.values import Day, Moment

_WIDEST = 10_000_000  # years, months, days: beyond it a browser's integers would round


def _day(s: Any, x: Any) -> int:
    """The day number of a date, or of a date-time on the local clock."""
    if x.__class__ is Day:
        return x.n
    if x.__class__ is Moment:
        return local_day(x.n, s.env.tz)
    raise Fail("E_TYPE")


def _moment(s: Any, x: Any) -> int:
    """The milliseconds of a date-time, or of a date's local midnight."""
    if x.__class__ is Moment:
        return x.n
    if x.__class__ is Day:
        return midnight(x.n, s.env.tz)
    raise Fail("E_TYPE")


def today(s: Any) -> Day:
    """TODAY."""
    return Day(local_day(s.env.now_ms, s.env.tz))


def now(s: Any) -> Moment:
    """NOW."""
    return Moment(checked_moment(s.env.now_ms))


def date(_s: Any, year: Any, month: Any, day: Any) -> Any:
    """DATE; months and days outside their range carry over, as in Excel."""
    if year is None or month is None or day is None:
        return None
    y, m, d = whole(number(year)), whole(number(month)), whole(number(day))
    if max(abs(y), abs(m), abs(d)) > _WIDEST:
        raise Fail("E_DATE")
    index = y * 12 + m - 1
    return Day(checked_day(day_number(index // 12, index % 12 + 1, 1) + d - 1))


def todate(s: Any, x: Any) -> Any:
    """TODATE: a date from `YYYY-MM-DD` text or from a date-time on the local clock."""
    if x is None:
        return None
    return Day(parse_day(x) if x.__class__ is str else _day(s, x))


def edate(s: Any, x: Any, months: Any) -> Any:
    """EDATE."""
    return None if x is None or months is None else Day(add_months(_day(s, x), whole(number(months))))


def addminutes(s: Any, x: Any, minutes: Any) -> Any:
    """ADDMINUTES; a date counts from its local midnight."""
    if x is None or minutes is None:
        return None
    return Moment(checked_moment(_moment(s, x) + milliseconds(number(minutes), MINUTE)))


def datedif(s: Any, a: Any, b: Any, unit: Any) -> Any:
    """DATEDIF in y, m, d (local days), h or min (truncated); negative when b comes first. Another unit: Fail E_TYPE."""
    if a is None or b is None or unit is None:
        return None
    unit = fold(text(unit))
    if unit in ("h", "min"):
        span = _moment(s, b) - _moment(s, a)
        parts = abs(span) // (60 * MINUTE if unit == "h" else MINUTE)
        return Decimal(parts if span >= 0 else -parts)
    start, end = _day(s, a), _day(s, b)
    if unit == "d":
        return Decimal(end - start)
    if unit not in ("y", "m"):
        raise Fail("E_TYPE")
    months = months_between(start, end)
    return Decimal(months if unit == "m" else (months // 12 if months >= 0 else -(-months // 12)))


def part(pick: Callable[[int], int]) -> Callable[[Any, Any], Any]:
    """YEAR, MONTH, DAY, WEEKDAY (Monday is 1): a number picked from the local day."""
    return lambda s, x: None if x is None else Decimal(pick(_day(s, x)))


def hour(s: Any, x: Any) -> Any:
    """HOUR on the local clock; of a date, 0."""
    if x is None or x.__class__ is Day:
        return None if x is None else ZERO
    if x.__class__ is not Moment:
        raise Fail("E_TYPE")
    return Decimal(local_ms(x.n, s.env.tz) % DAY_MS // (60 * MINUTE))
