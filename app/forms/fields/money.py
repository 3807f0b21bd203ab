"""An amount of money: a decimal of two places, kept as text such as "50960.00"."""
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.core.expressions.numbers import fixed_text
from app.forms import base
from app.forms.base import Field, FormPorts, names, ui
from app.forms.fields import number
from app.forms.keys import Num, Str, Words

SIGNS = {"CNY": "¥", "USD": "US$", "HKD": "HK$", "EUR": "€", "JPY": "JP¥", "GBP": "£"}


CURRENCIES = {code: {"zh": zh, "en": code} for code, zh in zip(
    SIGNS, ("人民币", "美元", "港元", "欧元", "日元", "英镑"), strict=True)}


class Settings(base.Settings):
    min = Num(load_default=None, allow_none=True, metadata=ui("最小值", "Minimum", "number"))
    max = Num(load_default=None, allow_none=True, metadata=ui("最大值", "Maximum", "number"))
    currency = Str(choices=SIGNS, load_default="CNY", metadata=ui(
        "币种", "Currency", "select", options=CURRENCIES))
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


def amount(value: str, currency: str) -> str:
    """¥1,234.50"""
    sign = "-" if value.startswith("-") else ""
    whole, _, cents = value.removeprefix("-").partition(".")
    return f"{sign}{SIGNS[currency]}{int(whole):,}.{(cents + '00')[:2]}"


class Money(number.Number):
    type = "money"
    label = names("金额", "Money")
    icon = "money"
    accepts = frozenset({"number"})
    Settings = Settings

    def check_places(self, settings: Mapping[str, Any], value: Decimal) -> None:
        super().check_places({"places": 2}, value)

    def canonical(self, value: Decimal) -> str:
        return fixed_text(value, 2)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return amount(str(value), field.settings["currency"])
