"""A decimal number, kept as its canonical text."""
from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from app.core.errors import Problem, localized
from app.core.expressions.errors import Fail
from app.core.expressions.numbers import floor_div, plain
from app.core.expressions.values import read_number
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.keys import Int, Num, Words
from app.forms.text import kind_ascii

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
COMPARE = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "empty", "not_empty")


def read_decimal(raw: Any) -> Decimal | None:
    """A number as people type it (full-width digits, 1,000) or programs send it. Raises Problem."""
    if isinstance(raw, str):
        if len(raw) > 200:
            raise Problem("answer_not_number")
        raw = kind_ascii(raw)
        if _GROUPED.fullmatch(raw):
            raw = raw.replace(",", "")
    try:
        return read_number(raw)
    except Fail as fail:
        raise Problem("answer_number_size" if _too_big(raw, fail) else "answer_not_number") from None


def _too_big(raw: Any, fail: Fail) -> bool:
    if fail.code != "E_NUM":
        return False
    return isinstance(raw, (int, float)) or bool(re.fullmatch(r"-?[0-9.]+([eE][+-]?[0-9]+)?", raw))


class Settings(base.Settings):
    min = Num(load_default=None, allow_none=True, metadata=ui("最小值", "Minimum", "number"))
    max = Num(load_default=None, allow_none=True, metadata=ui("最大值", "Maximum", "number"))
    step = Num(load_default=None, allow_none=True, metadata=ui("每次加减", "Step", "number"))
    places = Int(min=0, max=10, load_default=None, allow_none=True,
                 metadata=ui("小数位数", "Decimal places", "number"))
    unit = Words(max_length=20, load_default="", metadata=ui("单位", "Unit", "words"))
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


class Number(FieldType):
    type = "number"
    label = names("数字", "Number")
    icon = "number"
    value_type = "number"
    operators = COMPARE
    accepts = frozenset({"money", "rating", "scale"})
    Settings: ClassVar[base.SettingsClass] = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        low, high, step = settings["min"], settings["max"], settings.get("step")
        if low is not None and high is not None and low > high:
            raise Problem("form_min_above_max", where="min", min=plain(low), max=plain(high))
        if step is not None and step <= 0:
            raise Problem("form_step", where="step")
        return settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        value = read_decimal(raw)
        if value is None:
            return None
        settings = field.settings
        low, high, step = settings["min"], settings["max"], settings.get("step")
        if low is not None and value < low:
            raise Problem("answer_below", min=plain(low))
        if high is not None and value > high:
            raise Problem("answer_above", max=plain(high))
        self.check_places(settings, value)
        if step is not None and floor_div(value - (low or 0), step)[1]:
            raise Problem("answer_step", step=plain(step))
        return self.canonical(value)

    def check_places(self, settings: Mapping[str, Any], value: Decimal) -> None:
        """Refuse more decimals than the field takes: rounding would change what the person meant."""
        places = settings["places"]
        exponent = value.normalize().as_tuple().exponent
        if places is not None and isinstance(exponent, int) and -exponent > places:
            raise Problem("answer_places", places=places)

    def canonical(self, value: Decimal) -> str:
        """The canonical text."""
        return plain(value)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        unit = localized(field.settings.get("unit", ""), locale)
        return f"{value} {unit}" if unit else str(value)

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return str(value)

    def sample(self, field: Field) -> Any:
        settings = field.settings
        low, high, step = settings["min"], settings["max"], settings.get("step")
        value = low if low is not None else (step or Decimal(1))
        return plain(min(value, high) if high is not None and low is None and not step else value)
