"""Functions of numbers, texts and lists; the rules are those of `operators.py`.

IF, AND and the row functions, which choose what to evaluate, are in `compile.py`. Twin: `static/js/core/functions.js`.
"""
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.core.expressions import date_functions as dates
from app.core.expressions.dates import civil, day_text, local_ms, moment_text
from app.core.expressions.errors import LIMITS, Fail
from app.core.expressions.numbers import CTX, ONE, ZERO, fit, fixed_text, mod, plain, round_to, to_multiple, whole
from app.core.expressions.operators import (
    add,
    divide,
    equal,
    fold,
    multiply,
    negate,
    number,
    order,
    subtract,
    text,
)
from app.core.expressions.values import OPAQUE, Day, Moment, Rows

_TEXT = LIMITS["text"]


# --- numbers

def round_(_s: Any, x: Any, places: Any = ZERO) -> Any:
    """ROUND."""
    return None if x is None or places is None else round_to(number(x), whole(number(places)))


def floor(_s: Any, x: Any, step: Any = ONE) -> Any:
    """FLOOR."""
    return None if x is None or step is None else to_multiple(number(x), number(step), up=False)


def ceiling(_s: Any, x: Any, step: Any = ONE) -> Any:
    """CEILING."""
    return None if x is None or step is None else to_multiple(number(x), number(step), up=True)


def absolute(_s: Any, x: Any) -> Any:
    """ABS."""
    return None if x is None else CTX.abs(number(x))


def modulo(_s: Any, x: Any, divisor: Any) -> Any:
    """MOD."""
    return None if x is None or divisor is None else mod(number(x), number(divisor))


def _items(args: tuple[Any, ...]) -> list[Any]:
    """All that is there: lists laid open, empties left out."""
    out: list[Any] = []
    for arg in args:
        if arg.__class__ is list:
            out.extend(item for item in arg if item is not None)
        elif arg is not None:
            out.append(arg)
    return out


def sum_(_s: Any, *args: Any) -> Any:
    """SUM; of nothing, 0."""
    total = ZERO
    for item in _items(args):
        total = fit(CTX.add(total, number(item)))
    return total


def average(s: Any, *args: Any) -> Any:
    """AVERAGE; of nothing, empty."""
    items = _items(args)
    return fit(CTX.divide(sum_(s, items), Decimal(len(items)))) if items else None


def _extreme(args: tuple[Any, ...], sign: int) -> Any:
    best = None
    for item in _items(args):
        if order(item, item if best is None else best) == sign or best is None:
            best = item
    return best


def min_(_s: Any, *args: Any) -> Any:
    """MIN of numbers, dates or date-times; of nothing, empty."""
    return _extreme(args, -1)


def max_(_s: Any, *args: Any) -> Any:
    """MAX of numbers, dates or date-times; of nothing, empty."""
    return _extreme(args, 1)


def count(_s: Any, *args: Any) -> Any:
    """COUNT: how many are filled in; a sub-table counts its rows."""
    return Decimal(sum(len(item) if item.__class__ is Rows else 1 for item in _items(args)))


# --- text

def spoken(s: Any, value: Any) -> str:
    """A value as `&` joins it: empty as nothing, a date-time on the local clock to the minute."""
    kind = value.__class__
    if kind is str:
        return value
    if value is None:
        return ""
    if kind is Decimal:
        return plain(value)
    if kind is bool:
        return "TRUE" if value else "FALSE"
    if kind is Day:
        return day_text(value.n)
    if kind is Moment:
        return moment_text(local_ms(value.n, s.env.tz))[:16].replace("T", " ")
    raise Fail("E_TYPE")


def concat(s: Any, *args: Any) -> Any:
    """CONCAT and &. Fail E_LIMIT over 10,000 characters."""
    out = "".join([spoken(s, arg) for arg in args])
    if len(out) > _TEXT:
        raise Fail("E_LIMIT")
    return out or None


def length(_s: Any, x: Any) -> Any:
    """LEN in characters (code points); of empty, 0."""
    return ZERO if x is None else Decimal(len(text(x)))


def left(_s: Any, x: Any, n: Any = ONE) -> Any:
    """LEFT in characters."""
    return None if x is None or n is None else text(x)[:_amount(n)] or None


def right(_s: Any, x: Any, n: Any = ONE) -> Any:
    """RIGHT in characters."""
    if x is None or n is None:
        return None
    x, n = text(x), _amount(n)
    return x[max(0, len(x) - n):] or None


def _amount(n: Any) -> int:
    amount = whole(number(n))
    if amount < 0:
        raise Fail("E_NUM")
    return amount


def fixed(_s: Any, x: Any, places: Any = Decimal(2)) -> Any:
    """FIXED: a number as text with so many decimals, no thousands separators."""
    return None if x is None or places is None else fixed_text(number(x), whole(number(places)))


def starts(_s: Any, x: Any, y: Any) -> bool:
    """Whether a text begins with one (or any of a list); compared as CONTAINS does. Empty: false."""
    if x is None or y is None:
        return False
    folded = fold(text(x))
    return any(folded.startswith(fold(text(item))) for item in _items((y,)))


# --- membership

_PARTED = (list, Rows, OPAQUE.__class__)


def _hits(x: Any, y: Any) -> list[bool]:
    """For each thing looked for: is it in the text (folded) or the list (equal)?"""
    if x is None or y is None:
        return []
    wanted = _items((y,))
    if x.__class__ is str:
        folded = fold(x)
        return [fold(text(item)) in folded for item in wanted]
    if x.__class__ is list:
        # As `equal` compares: kind, then value. What has parts cannot be looked up and is compared one by one.
        have = {(item.__class__, item) for item in x if item.__class__ not in _PARTED}
        return [any(equal(item, other) for other in x) if item.__class__ in _PARTED
                else (item.__class__, item) in have for item in wanted]
    raise Fail("E_TYPE")


def has_any(_s: Any, x: Any, y: Any) -> bool:
    """CONTAINS: a text or list holds at least one of those; empty on either side: false."""
    return any(_hits(x, y))


def has_all(_s: Any, x: Any, y: Any) -> bool:
    """CONTAINSALL: a text or list holds every one of those; empty on either side: false."""
    hits = _hits(x, y)
    return bool(hits) and all(hits)


def is_in(_s: Any, x: Any, y: Any) -> bool:
    """IN: x equals one of a list (or a single value); in nothing: false."""
    if y is None:
        return False
    if y.__class__ is Rows:
        raise Fail("E_TYPE")
    return any(equal(x, item) for item in y) if y.__class__ is list else equal(x, y)


def size(_s: Any, x: Any) -> Any:
    """SIZE: items of a list or rows of a sub-table; of empty, 0."""
    if x is None:
        return ZERO
    if x.__class__ is list or x.__class__ is Rows:
        return Decimal(len(x))
    raise Fail("E_TYPE")


def as_list(_s: Any, *args: Any) -> Any:
    """A list of the arguments, lists among them laid open. Rows: Fail E_TYPE."""
    out: list[Any] = []
    for arg in args:
        if arg.__class__ is Rows or arg is OPAQUE:
            raise Fail("E_TYPE")
        if arg.__class__ is list:
            out.extend(arg)
        else:
            out.append(arg)
    return out or None


#: Operator → function of evaluated arguments.
EAGER: dict[str, Callable[..., Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "neg": negate, "l": as_list,
    "=": lambda s, a, b: equal(a, b), "<>": lambda s, a, b: not equal(a, b),
    "<": lambda s, a, b: order(a, b) == -1, ">": lambda s, a, b: order(a, b) == 1,
    "<=": lambda s, a, b: order(a, b) in (-1, 0), ">=": lambda s, a, b: order(a, b) in (0, 1),
    "empty": lambda s, x: x is None,
    "round": round_, "floor": floor, "ceiling": ceiling, "abs": absolute, "mod": modulo,
    "sum": sum_, "average": average, "min": min_, "max": max_, "count": count,
    "concat": concat, "len": length, "left": left, "right": right, "fixed": fixed, "starts": starts,
    "has_any": has_any, "has_all": has_all, "in": is_in, "size": size,
    "today": dates.today, "now": dates.now, "date": dates.date, "todate": dates.todate, "addm": dates.edate,
    "addmin": dates.addminutes, "datedif": dates.datedif, "hour": dates.hour,
    "year": dates.part(lambda day: civil(day)[0]), "month": dates.part(lambda day: civil(day)[1]),
    "day": dates.part(lambda day: civil(day)[2]), "weekday": dates.part(lambda day: (day + 3) % 7 + 1),
}
