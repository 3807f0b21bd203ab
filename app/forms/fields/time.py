"""A time of day, hours and minutes; text to expressions, whose times are moments."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, names, ui
from app.forms.fields.date import MAX_WORDS, within
from app.forms.keys import Int, Str
from app.forms.text import kind_ascii

_WRITTEN = re.compile(r"([0-9]{1,2})(?::|点|时)([0-9]{2})?(?:分|:[0-9]{2}(?:\.[0-9]{1,6})?)?")
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"


class Settings(base.Settings):
    min = Str(pattern=_CLOCK, load_default=None, allow_none=True, metadata=ui("最早", "Earliest", "time"))
    max = Str(pattern=_CLOCK, load_default=None, allow_none=True, metadata=ui("最晚", "Latest", "time"))
    step = Int(min=1, max=720, load_default=1, metadata=ui("间隔（分钟）", "Every so many minutes", "number"))


def read_clock(raw: Any) -> str:
    """`HH:MM` of a time as people write it: 9:30, 09：30:00, 9点30分. Raises Problem."""
    words = kind_ascii(raw) if isinstance(raw, str) and len(raw) <= MAX_WORDS else ""
    found = _WRITTEN.fullmatch(words)
    clock = f"{found[1]:0>2}:{found[2] or '00'}" if found else ""
    if not re.fullmatch(_CLOCK, clock) or found and not found[2] and words.endswith(":"):
        raise Problem("answer_not_time")
    return clock


def minutes(clock: str) -> int:
    """Minutes since midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


class Time(FieldType):
    type = "time"
    label = names("时间", "Time of day")
    icon = "time"
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    Settings = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        if settings["min"] and settings["max"] and settings["min"] > settings["max"]:
            raise Problem("form_min_above_max", where="min", min=settings["min"], max=settings["max"])
        return settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        clock = read_clock(raw)
        settings = field.settings
        within(clock, settings["min"] or "", settings["max"] or "")
        if (minutes(clock) - minutes(settings["min"] or "00:00")) % settings["step"]:
            raise Problem("answer_time_step", step=settings["step"])
        return clock

    def sample(self, field: Field) -> Any:
        return field.settings["min"] or "00:00"
