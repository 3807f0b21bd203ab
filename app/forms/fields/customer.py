"""The customer a ticket is about; may fill other fields with what is known of them."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem, text
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.fields.lookup import row_label
from app.forms.keys import Each, Keys, Map, Str, Sub, ident
from app.forms.text import MASKS


def fill_from(what: str, widget: str) -> Map:
    """The key `fill`: other fields, and what each of them takes from the record ("customer.level", "row.city")."""
    return Map(ident("f_"), Str(pattern=rf"{what}\.[a-z][a-z0-9_]{{0,39}}"), most=50, load_default=dict,
               metadata=ui("带出字段", "Fill fields", widget))


def fill_policy(default: str) -> Str:
    """The key `fill_policy`: whether what somebody typed is filled over."""
    return Str(choices=("if_empty", "always"), load_default=default,
               metadata=ui("带出方式", "When to fill", "select", options={
                   "if_empty": names("没填时才带出", "Only what is empty"), "always": names("每次都覆盖", "Always")}))


class Lookup(Keys):
    by = Each(Str(pattern=r"form\.f_[a-z0-9_]{1,38}"), most=5, load_default=list,
              metadata=ui("按字段查找", "Look up by", "fields"))
    fill = fill_from("customer", "map")
    fill_policy = fill_policy("if_empty")


class Settings(base.Settings):
    lookup = Sub(Lookup, load_default=lambda: Lookup().load({}), metadata=ui("查找会员", "Look-up", "lookup"))


class Customer(FieldType):
    type = "customer"
    label = names("客户", "Customer")
    group = "contact"
    icon = "customer"
    outside = False
    operators = ("eq", "ne", "empty", "not_empty")
    in_rows = False
    Settings = Settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, str) or not 0 < len(raw) <= 64:
            raise Problem("answer_not_customer")
        if raw != asking.current and asking.ports.customer(raw) is None:
            raise Problem("answer_not_customer")
        return raw

    def record(self, field: Field, value: str, customer: Mapping[str, Any], ports: FormPorts) -> Mapping[str, Any]:
        return customer if customer.get("id") == value else ports.customer(value) or {}

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return row_label(ports.customer(value), text("customer_unnamed", locale), locale)

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return MASKS["name"](self.display(field, value, locale, ports))

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return str(value)

    def sample(self, field: Field) -> Any:
        return "sample"
