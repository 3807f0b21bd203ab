"""A number on a scale with words at its ends: 0 to 10 (NPS) or 1 to n."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem
from app.core.expressions.numbers import plain
from app.forms import base
from app.forms.base import Asking, Field, names, ui
from app.forms.fields.number import read_decimal
from app.forms.fields.rating import Rating
from app.forms.keys import Int, Words


class Settings(base.Settings):
    min = Int(min=0, max=1, load_default=0, metadata=ui("起点（0 或 1）", "From (0 or 1)", "number"))
    max = Int(min=2, max=10, load_default=10, metadata=ui("最高分", "Highest", "number"))
    low_label = Words(max_length=40, load_default="", metadata=ui("低分一端的文字", "Words at the low end", "words"))
    high_label = Words(max_length=40, load_default="", metadata=ui("高分一端的文字", "Words at the high end", "words"))


class Scale(Rating):
    type = "scale"
    label = names("量表（NPS）", "Scale (NPS)")
    icon = "scale"
    Settings = Settings

    def starter(self) -> dict[str, Any]:
        return {"low_label": {"zh-CN": "完全不会", "en": "Not at all"},
                "high_label": {"zh-CN": "一定会", "en": "Certainly"}}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        value = read_decimal(raw)
        if value is None:
            return None
        settings: Mapping[str, Any] = field.settings
        if value != value.to_integral_value() or not settings["min"] <= value <= settings["max"]:
            raise Problem("answer_not_scale", min=settings["min"], max=settings["max"])
        return plain(value)
