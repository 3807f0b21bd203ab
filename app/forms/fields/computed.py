"""A value that a formula gives; nobody answers it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import localized, text
from app.forms import base
from app.forms.base import Field, FieldType, FormPorts, names, ui
from app.forms.fields.money import CURRENCIES, SIGNS, amount
from app.forms.keys import Flag, Str, Words

RESULTS = {"number": ("数字", "Number"), "money": ("金额", "Money"), "text": ("文本", "Text"), "date": ("日期", "Date"),
           "bool": ("是/否", "Yes or no")}


class Settings(base.Settings):
    formula = Str(required=True, max_length=2000, metadata=ui("公式", "Formula", "formula"))
    result = Str(choices=RESULTS, load_default="number", metadata=ui("结果类型", "Result", "select", options={
        key: {"zh": zh, "en": en} for key, (zh, en) in RESULTS.items()}))
    nulls_as_zero = Flag(load_default=False, metadata=ui("没填时当 0", "Treat empty as 0", "switch"))
    unit = Words(max_length=20, load_default="", metadata=ui(
        "单位", "Unit", "words", when={"result": ["number", "text"]}))
    currency = Str(choices=SIGNS, load_default="CNY", metadata=ui(
        "币种", "Currency", "select", options=CURRENCIES, when={"result": ["money"]}))


class Computed(FieldType):
    type = "computed"
    label = names("计算", "Computed")
    group = "advanced"
    icon = "computed"
    operators = ("eq", "ne", "gt", "gte", "lt", "lte", "between", "empty", "not_empty")
    Settings = Settings
    asked = False
    stands = True

    def starter(self) -> dict[str, Any]:
        return {"formula": "0"}

    def value_type_of(self, settings: Mapping[str, Any]) -> str:
        result: str = settings["result"]
        return "number" if result == "money" else result

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        if isinstance(value, bool):
            return text("form_word_yes" if value else "form_word_no", locale)
        if field.settings["result"] == "money":
            return amount(str(value), field.settings["currency"])
        unit = localized(field.settings["unit"], locale)
        return f"{value} {unit}" if unit else str(value)

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return self.display(field, value, locale, ports) if isinstance(value, bool) else str(value)

    def sample(self, field: Field) -> Any:
        return {"number": "1", "money": "1.00", "text": "样例", "date": "2026-11-02", "bool": True}[
            field.settings["result"]]
