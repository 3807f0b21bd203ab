"""Values of an evaluation, and how raw JSON becomes one: by the field's type, never by a guess.

A value is None, bool, Decimal, str, `Day`, `Moment`, a list (flat) or `Rows`. Missing, null, "" and [] are all None.
The twin is `static/js/core/values.js`.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.core.expressions.dates import day_text, moment_text, parse_day, parse_moment
from app.core.expressions.errors import LIMITS, Fail
from app.core.expressions.numbers import CTX, SAFE_INTEGER, fit, fixed_text, parse_number, plain

_ROWS, _TEXT = LIMITS["rows"], LIMITS["text"]
#: Half of a pair cannot be compared or counted alike in Python and JavaScript: it reads as U+FFFD on both sides.
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day: days since 1970-01-01."""

    n: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: UTC milliseconds since 1970-01-01."""

    n: int


class Rows(list):
    """The rows of a sub-table, raw."""


class _Opaque:
    """Something in a list that expressions cannot look into (a location, an attachment): neither empty nor equal."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__


OPAQUE = _Opaque()

Value = None | bool | Decimal | str | Day | Moment | list[Any] | Rows


@dataclass(frozen=True, slots=True)
class Err:
    """A failed evaluation: E_DIV0, E_NUM, E_TYPE, E_DATE, E_LIMIT or E_AST."""

    code: str


def read_number(raw: Any) -> Decimal | None:
    """A number field: a canonical string, or a JSON number small enough to be exact in a browser."""
    kind = raw.__class__
    if kind is str:
        return parse_number(raw) if raw else None
    if raw is None:
        return None
    if kind is int or kind is float:
        if not -SAFE_INTEGER <= raw <= SAFE_INTEGER:  # also refuses NaN
            raise Fail("E_NUM")
        return fit(CTX.create_decimal(repr(raw)))
    return _nothing(raw)


def read_text(raw: Any) -> str | None:
    """A text, choice or reference field."""
    if raw.__class__ is str:
        return (raw if raw.isascii() else _LONE.sub("\ufffd", raw)) or None
    return _nothing(raw)


def read_bool(raw: Any) -> bool | None:
    """A switch."""
    return raw if raw is True or raw is False else _nothing(raw)


def read_day(raw: Any) -> Day | None:
    """A date field, `YYYY-MM-DD`."""
    return Day(parse_day(raw)) if raw.__class__ is str and raw else _nothing(raw)


def read_moment(raw: Any) -> Moment | None:
    """A date-time field, ISO with a zone."""
    return Moment(parse_moment(raw)) if raw.__class__ is str and raw else _nothing(raw)


def read_list(raw: Any) -> list[Any] | None:
    """A multiple choice, attachments, people: flat; what has parts becomes OPAQUE."""
    if not isinstance(raw, (list, tuple)):
        return _nothing(raw)
    if len(raw) > _ROWS:
        raise Fail("E_LIMIT")
    return [OPAQUE if isinstance(item, (list, tuple, Mapping)) else read_any(item) for item in raw] or None


def read_rows(raw: Any) -> Rows | None:
    """A sub-table: a list of objects."""
    if not isinstance(raw, (list, tuple)):
        return _nothing(raw)
    if len(raw) > _ROWS:
        raise Fail("E_LIMIT")
    if not all(isinstance(row, Mapping) for row in raw):
        raise Fail("E_TYPE")
    return Rows(raw) or None


def read_any(raw: Any) -> Any:
    """A value whose type nobody declared: by its JSON kind alone. A string stays text."""
    kind = raw.__class__
    if kind is str:
        return read_text(raw)
    if raw is True or raw is False:
        return raw
    if kind is int or kind is float:
        return read_number(raw)
    if isinstance(raw, Mapping):
        return OPAQUE
    if isinstance(raw, (list, tuple)):
        is_rows = raw and all(isinstance(row, Mapping) for row in raw)
        return read_rows(raw) if is_rows else read_list(raw)
    return _nothing(raw)


def _nothing(raw: Any) -> Any:
    """None for what counts as empty in any field; anything else is of the wrong kind."""
    if raw is None or raw == "" or (isinstance(raw, (list, tuple)) and not raw):
        return None
    raise Fail("E_TYPE")


#: Type of a path → reader of its raw JSON. Each raises Fail E_TYPE, E_NUM, E_DATE or E_LIMIT.
READERS: dict[str, Callable[[Any], Any]] = {
    "number": read_number, "text": read_text, "bool": read_bool, "date": read_day, "time": read_moment,
    "list": read_list, "rows": read_rows, "any": read_any,
}


def read_column(rows: Sequence[Any], name: str, read: Callable[[Any], Any]) -> list[Any] | None:
    """One column of a sub-table as a list, empty cells as None; cells that are lists are laid end to end."""
    if len(rows) > _ROWS:
        raise Fail("E_LIMIT")
    out: list[Any] = []
    for row in rows:
        value = read(row.get(name) if isinstance(row, Mapping) else None)
        if value.__class__ is list:
            out.extend(value)
        else:
            out.append(value)
    return out or None


def checked_result(value: Any) -> Any:
    """A value that may leave an evaluation. Raises Fail E_LIMIT for a long text, E_TYPE for what has parts."""
    if value.__class__ is str and len(value) > _TEXT:
        raise Fail("E_LIMIT")
    if value.__class__ is Rows or value is OPAQUE:
        raise Fail("E_TYPE")
    if value.__class__ is list:
        for item in value:
            checked_result(item)
    return value


def to_json(value: Value) -> Any:
    """The tagged form: `n:29.99`, `d:2026-09-01`, `t:2026-09-01T16:30:00Z`, plain text, bool, None, list of those.

    A text that begins like a tag is written `s:…`, so that the form can be read back.
    """
    if isinstance(value, Decimal):
        return "n:" + plain(value)
    if isinstance(value, Day):
        return "d:" + day_text(value.n)
    if isinstance(value, Moment):
        return "t:" + moment_text(value.n)
    if isinstance(value, str):
        return "s:" + value if value[:2] in ("n:", "d:", "t:", "s:") else value
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return value


def from_json(tagged: Any) -> Value:
    """The value of a tagged form. Raises Fail E_NUM, E_DATE or E_TYPE for what `to_json` cannot have written."""
    if isinstance(tagged, str):
        tag, rest = tagged[:2], tagged[2:]
        if tag == "n:":
            return parse_number(rest)
        if tag == "d:":
            return Day(parse_day(rest))
        if tag == "t:":
            return Moment(parse_moment(rest))
        return read_text(rest if tag == "s:" else tagged)
    if tagged is None or isinstance(tagged, bool):
        return tagged
    if isinstance(tagged, list):
        return [from_json(item) for item in tagged] or None
    raise Fail("E_TYPE")


def as_stored(value: Value | Err, result_type: str) -> Any:
    """What a computed field keeps: canonical number string, money of two places, ISO date or time, text, bool, list.

    `result_type`: number, money, date, time, text, bool, list or any. An `Err` stays one; a value of another type
    becomes Err E_TYPE, money that rounds to 1e18 Err E_NUM.
    """
    if value is None or isinstance(value, Err):
        return value
    try:
        kind, stored = _stored(value, result_type)
    except Fail as fail:
        return Err(fail.code)
    return stored if result_type in (kind, "any") else Err("E_TYPE")


def _stored(value: Value, result_type: str) -> tuple[str, Any]:
    if isinstance(value, Decimal):
        return ("money", fixed_text(value, 2)) if result_type == "money" else ("number", plain(value))
    if isinstance(value, Day):
        return "date", day_text(value.n)
    if isinstance(value, Moment):
        return "time", moment_text(value.n)
    if isinstance(value, list):
        return "list", [as_stored(item, "any") for item in value]
    return ("bool" if isinstance(value, bool) else "text"), value
