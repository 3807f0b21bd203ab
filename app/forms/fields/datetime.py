"""A moment to the minute, on the company's clock; stored with that clock's offset from UTC."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from app.core.errors import Problem
from app.core.expressions import OPERATORS, Env
from app.core.expressions.dates import (
    DAY_MS,
    MINUTE,
    checked_moment,
    local_ms,
    moment_at,
    moment_text,
    offset_at,
    parse_day,
    parse_moment,
)
from app.core.expressions.errors import Fail
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.fields.date import MAX_WORDS, Bound, bounds_in_order, plain_bound, read_day, within
from app.forms.fields.time import minutes, read_clock
from app.forms.text import kind_ascii

_MINUTES = len("2026-11-02T09:00")


class MomentBound(Bound):
    """A day, a local date and time ("2026-09-01T08:30"), `{"rel": "today", "days": 3}` (that whole day), or
    `{"rel": "now", "minutes": 120}`."""

    shifts: ClassVar[Mapping[str, str]] = {"today": "days", "now": "minutes"}

    def fixed(self, value: Any) -> str:
        if not isinstance(value, str) or "T" not in value:
            return super().fixed(value)
        day, _, clock = value.partition("T")
        return f"{super().fixed(day)}T{read_clock(clock)}"


class Settings(base.Settings):
    min = MomentBound(load_default=None, allow_none=True, metadata=ui("最早", "Earliest", "bound"))
    max = MomentBound(load_default=None, allow_none=True, metadata=ui("最晚", "Latest", "bound"))


class DateTime(FieldType):
    type = "datetime"
    label = names("日期和时间", "Date and time")
    icon = "datetime"
    value_type = "time"
    operators = OPERATORS["time"]
    Settings = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        bounds_in_order(settings)
        return settings

    def settings_now(self, field: Field, env: Any) -> Mapping[str, Any]:
        return {**field.settings, "min": _bound(field.settings["min"], env, "T00:00"),
                "max": _bound(field.settings["max"], env, "T23:59")}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        env = asking.env
        if not isinstance(raw, str) or len(raw) > MAX_WORDS:
            raise Problem("answer_not_datetime")
        try:
            stored = _stored(_moment(raw, asking), env)
        except (Problem, Fail):
            raise Problem("answer_not_datetime") from None
        if not asking.had(stored):  # what was in time when it was answered stays so
            now = self.settings_now(field, env)
            within(stored[:_MINUTES], now["min"], now["max"])
        return stored

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return str(value)[:_MINUTES].replace("T", " ")

    def sample(self, field: Field) -> Any:
        fixed = [bound for bound in (field.settings["min"], field.settings["max"]) if isinstance(bound, str)]
        return fixed[0] if fixed and "T" in fixed[0] else (fixed[0] if fixed else "2026-11-02") + "T09:00"


def _moment(raw: str, asking: Asking) -> int:
    """Milliseconds UTC of an answer: with an offset as programs send it, without one on the company's clock."""
    words = kind_ascii(raw)
    try:
        return parse_moment(words)
    except Fail:
        day, _, clock = words.replace("T", " ").partition(" ")
        local = f"{read_day(day)}T{read_clock(clock)}"
    current = asking.current
    if isinstance(current, str) and current[:_MINUTES] == local:
        return parse_moment(current)  # in the hour that the clock shows twice, it stays the one it was
    return moment_at(parse_day(local[:10]) * DAY_MS + minutes(local[11:]) * MINUTE, asking.env.tz)


def _local(moment: int, env: Env) -> str:
    return moment_text(local_ms(moment, env.tz))[:_MINUTES]


def _stored(moment: int, env: Env) -> str:
    offset = offset_at(moment, env.tz)
    hours, rest = divmod(abs(offset), 60)
    return f"{_local(moment, env)}{'-' if offset < 0 else '+'}{hours:02d}:{rest:02d}"


def _bound(bound: Any, env: Env, clock: str) -> str:
    """The local date and time that a bound means now; a day alone means all of it. "" for none."""
    if isinstance(bound, Mapping) and bound["rel"] == "now":
        return _local(checked_moment(env.now_ms + bound["minutes"] * MINUTE), env)
    found = plain_bound(bound, env)
    return found + clock if found and "T" not in found else found
