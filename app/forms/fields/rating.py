"""A number of stars."""
from __future__ import annotations

from typing import Any, ClassVar

from app.core.errors import Problem
from app.core.expressions.numbers import plain
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.fields.number import COMPARE, read_decimal
from app.forms.keys import Int


class Settings(base.Settings):
    max = Int(min=3, max=10, load_default=5, metadata=ui("最高分", "Highest", "number"))


class Rating(FieldType):
    type = "rating"
    label = names("评分", "Rating")
    icon = "rating"
    value_type = "number"
    operators = COMPARE
    Settings: ClassVar[base.SettingsClass] = Settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        value = read_decimal(raw)
        if value is None:
            return None
        if value != value.to_integral_value() or not 1 <= value <= field.settings["max"]:
            raise Problem("answer_not_rating", max=field.settings["max"])
        return plain(value)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return f"{value} / {field.settings['max']}"

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return str(value)

    def sample(self, field: Field) -> Any:
        return str(field.settings["max"])
