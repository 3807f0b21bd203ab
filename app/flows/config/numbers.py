"""Properties that are numbers: whole ones, such with decimals, parts of a hundred, lengths and times of day."""
from __future__ import annotations

import decimal as number
import re
from typing import Any

import marshmallow as ma

from app.core.calendar import duration_ms, duration_text
from app.core.errors import Problem
from app.core.expressions.errors import Fail
from app.core.expressions.numbers import plain
from app.core.expressions.values import read_number
from app.flows.config.plain import Property, refuse, shown

CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class Integer(Property):
    """A whole number between `min` and `max`."""

    widget = "number"

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.min, self.max = more.pop("min", 0), more.pop("max", 10_000)
        return {"min": self.min, "max": self.max}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or not self.min <= value <= self.max:
            raise refuse("flow_bad_number", value=shown(value), min=self.min, max=self.max)
        return value


class Decimal(Property):
    """A number that may have decimals, from `min` to `max` → `decimal.Decimal`. In JSON a text ("0.85") keeps every
    digit; a number is taken, too."""

    widget = "decimal"

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.least, self.most = number.Decimal(str(more.pop("min", 0))), number.Decimal(str(more.pop("max", 10**9)))
        return {"min": str(self.least), "max": str(self.most)}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            found = read_number(value)
        except Fail:
            found = None
        if found is None or not self.least <= found <= self.most:
            raise refuse("flow_bad_decimal", value=shown(value), min=self.least, max=self.most)
        return found

    def written(self, value: Any) -> Any:
        return plain(value) if isinstance(value, number.Decimal) else value


class Percent(Property):
    """`"60%"` → 60."""

    widget = "percent"

    def written(self, value: Any) -> Any:
        return f"{value}%" if isinstance(value, int) else value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        found = re.fullmatch(r"([0-9]{1,4})%", value) if isinstance(value, str) else None
        if not found or not 0 < int(found[1]) <= 1000:
            raise refuse("flow_bad_percent", value=shown(value))
        return int(found[1])


class Duration(Property):
    """ISO 8601 length (`PT30M`) → milliseconds, `min` … `max` of them if given."""

    widget = "duration"

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.least, self.most = more.pop("min", 0), more.pop("max", None)
        return {"min": self.least} | ({} if self.most is None else {"max": self.most})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            length = duration_ms(value)
        except Problem as problem:
            raise ma.ValidationError([problem]) from None
        if length < self.least or (self.most is not None and length > self.most):
            raise refuse("flow_bad_length", value=shown(value), min=self.least // 1000, max=(self.most or 0) // 1000)
        return length

    def written(self, value: Any) -> Any:
        return duration_text(value) if isinstance(value, int) else value


class TimeOfDay(Property):
    """`09:00` → minutes since midnight."""

    widget = "time"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        found = CLOCK.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise refuse("flow_bad_time", value=shown(value))
        return int(found[1]) * 60 + int(found[2])

    def written(self, value: Any) -> Any:
        return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value


class Share(Duration):
    """When within another length: `"50%"` of it, or a length of its own. → ("%", 50) or ("ms", n)."""

    widget = "share"

    def written(self, value: Any) -> Any:
        return f"{value[1]}%" if value and value[0] == "%" else super().written(value and value[1])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if isinstance(value, str) and value.endswith("%"):
            return "%", Percent(label={})._deserialize(value, attr, data)
        return "ms", super()._deserialize(value, attr, data, **more)
