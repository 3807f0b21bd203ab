"""Numbers: decimals of 28 significant digits, halves rounded away from zero, smaller than 1e18.

The twin is `static/js/core/numbers.js`. A result below 1e-100 in size is 0, because the two decimal libraries differ in
what they do near their own underflow, and no business number lives there.
"""
from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from app.core.expressions.errors import Fail

#: Arithmetic of results. No traps: zero divisors are checked first and `fit` catches what is too large.
CTX = Context(prec=28, rounding=ROUND_HALF_UP, Emin=-9999, Emax=9999, capitals=1, traps=[])
#: Wide enough that the quotient of any two numbers, and rounding to any place, is exact.
WIDE = Context(prec=300, rounding=ROUND_HALF_UP, Emin=-9999, Emax=9999, capitals=1, traps=[])

ZERO = Decimal(0)
ONE = Decimal(1)
#: ASCII only and anchored: what `Decimal()` and `new Decimal()` accept beyond it (spaces, "_", "Infinity") differs.
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
MAX_LITERAL = 100
#: Above this a JSON number has already lost digits in a browser; larger ones travel as strings.
SAFE_INTEGER = 2**53 - 1


def fit(x: Decimal) -> Decimal:
    """`x` if its size is allowed; 0 if too small to keep. Raises Fail E_NUM at 1e18 and beyond."""
    if -101 < x.adjusted() < 18:
        return x
    if x.is_zero() or x.adjusted() < 0:
        return ZERO
    raise Fail("E_NUM")


def parse_number(src: str) -> Decimal:
    """A number from its strict ASCII text. Raises Fail E_NUM."""
    if len(src) > MAX_LITERAL or NUMBER.fullmatch(src) is None:
        raise Fail("E_NUM")
    return fit(CTX.create_decimal(src))


def plain(x: Decimal) -> str:
    """The canonical text: no exponent, no trailing zeros, no "-0"."""
    if not x:
        return "0"
    out = format(x, "f")
    return out.rstrip("0").rstrip(".") if "." in out else out


def round_to(x: Decimal, places: int) -> Decimal:
    """`x` rounded to `places` decimals (negative: tens, hundreds …). Raises Fail E_NUM beyond 28 places."""
    if not -28 <= places <= 28:
        raise Fail("E_NUM")
    return fit(x.quantize(Decimal((0, (1,), -places)), context=WIDE))


def fixed_text(x: Decimal, places: int) -> str:
    """`x` with exactly `places` (0 to 28) decimals, without thousands separators. Raises Fail E_NUM."""
    if not 0 <= places <= 28:
        raise Fail("E_NUM")
    rounded = round_to(x, places)
    return format(rounded if rounded else abs(rounded), "f")


def floor_div(x: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """(floor(x / step), remainder with the sign of `step`), both exact. Raises Fail E_DIV0."""
    if not step:
        raise Fail("E_DIV0")
    quotient, rest = WIDE.divide_int(x, step), WIDE.remainder(x, step)
    if rest and (rest < 0) != (step < 0):
        quotient, rest = WIDE.subtract(quotient, ONE), WIDE.add(rest, step)
    return quotient, rest


def mod(x: Decimal, divisor: Decimal) -> Decimal:
    """The remainder with the divisor's sign. Raises Fail E_DIV0."""
    return fit(CTX.plus(floor_div(x, divisor)[1]))


def to_multiple(x: Decimal, step: Decimal, up: bool) -> Decimal:
    """FLOOR and CEILING as in Excel: the nearest multiple of `step`; a negative step counts away from zero.

    Raises Fail E_DIV0 for step 0 and E_NUM for a positive x with a negative step.
    """
    if x > 0 and step < 0:
        raise Fail("E_NUM")
    quotient, rest = floor_div(x, step)
    if up and rest:
        quotient = WIDE.add(quotient, ONE)
    return fit(CTX.multiply(quotient, step))


def whole(x: Decimal) -> int:
    """The integer part, toward zero, as Excel takes counts and places."""
    return int(x)
