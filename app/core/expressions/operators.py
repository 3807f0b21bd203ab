"""Arithmetic, equality and order of evaluated values.

The rule for every function here and beside: an empty argument makes the result empty, before any type is looked at;
then a wrong type is Fail E_TYPE. `state` is the run, asked only for its `env`. The twin is
`static/js/core/operators.js`; keep the order of checks, it decides which error is seen.
"""
from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.core.expressions.dates import DAY_MS, checked_day, checked_moment
from app.core.expressions.errors import Fail
from app.core.expressions.numbers import CTX, WIDE, fit, whole
from app.core.expressions.values import Day, Moment, Rows

_FOLD = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD[0x3000] = " "
_FOLD |= {code: chr(code + 32) for code in range(0x41, 0x5B)}
_FOLD |= {code + 0xFEE0: chr(code + 32) for code in range(0x41, 0x5B)}


def fold(text: str) -> str:
    """Text as CONTAINS compares it: A–Z in lower case, full-width forms in their usual width, nothing else changed."""
    return text.translate(_FOLD)


def number(value: Any) -> Decimal:
    """The value, which must be a number."""
    if value.__class__ is Decimal:
        return value
    raise Fail("E_TYPE")


def text(value: Any) -> str:
    """The value, which must be a text."""
    if value.__class__ is str:
        return value
    raise Fail("E_TYPE")


def milliseconds(count: Decimal, unit: int) -> int:
    """`count` units of `unit` milliseconds, rounded to a whole one."""
    return int(WIDE.multiply(count, unit).to_integral_value(ROUND_HALF_UP))


def add(_s: Any, a: Any, b: Any) -> Any:
    """Number + number; date + days; date-time + days, fractions included."""
    if a is None or b is None:
        return None
    if a.__class__ is Decimal and b.__class__ is not Decimal:
        a, b = b, a
    if a.__class__ is Decimal:
        return fit(CTX.add(a, b))
    if a.__class__ is Day:
        return Day(checked_day(a.n + whole(number(b))))
    if a.__class__ is Moment:
        return Moment(checked_moment(a.n + milliseconds(number(b), DAY_MS)))
    raise Fail("E_TYPE")


def subtract(s: Any, a: Any, b: Any) -> Any:
    """Number - number; date or date-time - days; the days between two dates or two date-times."""
    if a is None or b is None:
        return None
    if a.__class__ is b.__class__:
        if a.__class__ is Decimal:
            return fit(CTX.subtract(a, b))
        if a.__class__ is Day:
            return Decimal(a.n - b.n)
        if a.__class__ is Moment:
            return fit(CTX.divide(Decimal(a.n - b.n), Decimal(DAY_MS)))
    if a.__class__ is Day or a.__class__ is Moment:
        return add(s, a, CTX.minus(number(b)))
    raise Fail("E_TYPE")


def multiply(_s: Any, a: Any, b: Any) -> Any:
    """Number × number."""
    if a is None or b is None:
        return None
    return fit(CTX.multiply(number(a), number(b)))


def divide(_s: Any, a: Any, b: Any) -> Any:
    """Number ÷ number; Fail E_DIV0."""
    if a is None or b is None:
        return None
    a, b = number(a), number(b)
    if not b:
        raise Fail("E_DIV0")
    return fit(CTX.divide(a, b))


def negate(_s: Any, a: Any) -> Any:
    """-number."""
    return None if a is None else CTX.minus(number(a))


def equal(a: Any, b: Any) -> bool:
    """Two empties, or the same type and the same value; lists item by item."""
    if a is None or b is None:
        return a is b
    if a.__class__ is not b.__class__ or a.__class__ is Rows:
        return False
    if a.__class__ is list:
        return len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


def order(a: Any, b: Any) -> int | None:
    """-1, 0 or 1; None if either is empty. Numbers, dates and date-times among themselves; else Fail E_TYPE."""
    if a is None or b is None:
        return None
    if a.__class__ is b.__class__:
        if a.__class__ is Decimal:
            return (a > b) - (a < b)
        if a.__class__ is Day or a.__class__ is Moment:
            return (a.n > b.n) - (a.n < b.n)
    raise Fail("E_TYPE")
