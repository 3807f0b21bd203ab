"""A calendar day; also what every field of days shares: how people write them, and bounds that move with today."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from app.core.errors import Problem
from app.core.expressions import OPERATORS, Env
from app.core.expressions.dates import (
    checked_day,
    day_text,
    local_day,
    local_ms,
    moment_text,
    parse_day,
    parse_moment,
)
from app.core.expressions.errors import Fail
from app.forms import base
from app.forms.base import Asking, Field, FieldType, names, ui
from app.forms.keys import Any_, refuse
from app.forms.text import brief, kind_ascii

WRITTEN = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MIDNIGHT = re.compile(r"[ T]00:00(:00)?")
MAX_WORDS = 60
_MAX_SHIFT = {"days": 36_500, "minutes": 60 * 24 * 366}


class Bound(Any_):
    """A day ("2026-09-01") or one that moves: `{"rel": "today", "days": 3}`; `days` may be negative, 0 if left out."""

    shifts: ClassVar[Mapping[str, str]] = {"today": "days"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Mapping):
            unit = self.shifts.get(str(value.get("rel")), "")
            shift = value.get(unit, 0)
            if not unit or not value.keys() <= {"rel", unit} or isinstance(shift, bool) or not isinstance(shift, int):
                raise refuse("form_bound", value=brief(str(dict(value))))
            if abs(shift) > _MAX_SHIFT[unit]:
                raise refuse("form_key_range", min=-_MAX_SHIFT[unit], max=_MAX_SHIFT[unit])
            return {"rel": value["rel"], unit: shift}
        try:
            return self.fixed(value)
        except (Problem, Fail):
            raise refuse("form_bound", value=brief(value)) from None

    def fixed(self, value: Any) -> str:
        """A bound that does not move, in the form in which answers are compared with it. Raises Problem or Fail."""
        if not isinstance(value, str):
            raise Problem("answer_not_date")
        return day_text(parse_day(value))


def today(env: Env, days: int = 0) -> str:
    """The local day, so many days later."""
    return day_text(checked_day(local_day(env.now_ms, env.tz) + days))


def plain_bound(bound: Any, env: Env) -> str:
    """The day that a bound means now, "" for none."""
    return today(env, bound["days"]) if isinstance(bound, Mapping) else bound or ""


def clock_now(env: Env) -> str:
    """The local time of day, `HH:MM`."""
    return moment_text(local_ms(env.now_ms, env.tz))[11:16]


def read_day(raw: Any) -> str:
    """`YYYY-MM-DD` of a day as people write it: 2026-9-1, 2026/9/1, 2026年9月1日, 20260901. Raises Problem."""
    words = kind_ascii(raw) if isinstance(raw, str) and len(raw) <= MAX_WORDS else ""
    found = WRITTEN.fullmatch(words) or _DIGITS.fullmatch(words)
    try:
        return day_text(parse_day("-".join(part.zfill(2) for part in found.groups()) if found else ""))
    except Fail:
        raise Problem("answer_not_date") from None


def bounds_in_order(settings: Mapping[str, Any]) -> None:
    """Refuse bounds between which no day can ever lie, as far as that can be told without knowing today."""
    low, high = settings["min"], settings["max"]
    apart = False
    if isinstance(low, str) and isinstance(high, str):
        apart = low[:len(high)] > high  # a day as the last one means all of it
    elif isinstance(low, Mapping) and isinstance(high, Mapping) and low.keys() == high.keys():
        low, high = (bound.get("days", bound.get("minutes")) for bound in (low, high))
        apart = low > high
    if apart:
        raise Problem("form_min_above_max", where="min", min=low, max=high)


def within(value: str, low: str, high: str) -> None:
    """Refuse what lies outside; all three are texts that sort as they follow each other in time."""
    if low and value < low:
        raise Problem("answer_before", min=low.replace("T", " "))
    if high and value > high:
        raise Problem("answer_after", max=high.replace("T", " "))


class Settings(base.Settings):
    min = Bound(load_default=None, allow_none=True, metadata=ui("最早", "Earliest", "bound"))
    max = Bound(load_default=None, allow_none=True, metadata=ui("最晚", "Latest", "bound"))


class Date(FieldType):
    type = "date"
    label = names("日期", "Date")
    icon = "date"
    value_type = "date"
    operators = OPERATORS["date"]
    Settings: ClassVar[base.SettingsClass] = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        bounds_in_order(settings)
        return settings

    def settings_now(self, field: Field, env: Any) -> Mapping[str, Any]:
        return {**field.settings, "min": plain_bound(field.settings["min"], env),
                "max": plain_bound(field.settings["max"], env)}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        day = _of_moment(raw, asking.env) or read_day(raw)
        if not asking.had(day):  # what was in time when it was answered stays so
            now = self.settings_now(field, asking.env)
            within(day, now["min"], now["max"])
        return day

    def cell_in(self, field: Field, cell: str, ports: base.FormPorts) -> Any:
        return _MIDNIGHT.sub("", cell)  # spreadsheets add a time to every day

    def sample(self, field: Field) -> Any:
        fixed = [bound for bound in (field.settings["min"], field.settings["max"]) if isinstance(bound, str)]
        return fixed[0] if fixed else "2026-11-02"


def _of_moment(raw: Any, env: Env) -> str:
    """The local day of a moment that a formula gave, "" for anything else."""
    try:
        return day_text(local_day(parse_moment(raw), env.tz)) if isinstance(raw, str) and len(raw) <= MAX_WORDS else ""
    except Fail:
        return ""
