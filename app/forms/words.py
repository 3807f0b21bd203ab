"""A condition in plain words, for 「仅当…时填写」; only with what the reader may see."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.core.errors import has_text, localized, text
from app.forms.base import FormPorts
from app.forms.loader import Form

_MAX = 120  # code points; a longer sentence helps nobody


class _Unsayable(Exception):
    """A formula, or a field that the reader may not see: the general sentence is used instead."""


def condition_text(form: Form, field_id: str, *, readable: Callable[[str], bool], locale: str,
                   ports: FormPorts) -> str:
    """The sentence under a field that rules may hide; "" of a field that is always shown."""
    shows = form.plan.acts["show"]
    groups = [shows.get(form.fields[field_id].section or "", ()), shows.get(field_id, ())]
    if not any(groups):
        return ""
    speaker = _Speaker(form, readable, locale, ports)
    try:
        parts = [speaker.joined([rule.when for rule, _ in found], "any") for found in groups if found]
        words = speaker.glue(parts, "all")
    except _Unsayable:
        words = ""
    if not words or len(words) > _MAX:
        return text("form_word_if_applicable", locale)
    asked = form.fields[field_id].type.asked
    return text("form_word_only_if" if asked else "form_word_applies_if", locale, {"condition": words})


class _Speaker:
    def __init__(self, form: Form, readable: Callable[[str], bool], locale: str, ports: FormPorts) -> None:
        self.form, self.readable, self.locale, self.ports = form, readable, locale, ports

    def joined(self, conditions: list[Any], kind: str) -> str:
        return self.glue([self.condition(cond) for cond in conditions], kind)

    def glue(self, parts: list[str], kind: str) -> str:
        if not parts:
            raise _Unsayable
        if len(parts) == 1:
            return parts[0]
        inner = "any" if kind == "all" else "all"
        mark = text(f"form_join_{inner}", self.locale)
        bracket = text("form_join_brackets", self.locale)
        return text(f"form_join_{kind}", self.locale).join(
            bracket.replace("…", part) if mark in part else part for part in parts)

    def condition(self, cond: Mapping[str, Any]) -> str:
        for kind in ("all", "any"):
            if kind in cond:
                return self.joined(cond[kind], kind)
        code = f"form_op_{cond.get('op')}"
        path = str(cond.get("ref", ""))
        field = self.form.fields.get(path.removeprefix("form."))
        if field is not None and field.value_type in ("date", "time") and has_text(f"{code}_day"):
            code += "_day"  # 早于, not 小于
        if field is None or not self.readable(field.id) or not has_text(code):
            raise _Unsayable
        value = cond.get("value")
        items = value if isinstance(value, list) else [value]
        words = [self.value(field.id, item) for item in items if item is not None]
        joined = text("form_join_between" if cond["op"] == "between" else "form_join_items", self.locale).join(words)
        return text(code, self.locale, {"name": localized(field.label, self.locale), "value": joined})

    def value(self, field_id: str, value: Any) -> str:
        if isinstance(value, Mapping):
            days = value.get("days") or 0
            if value.get("rel") != "today" or not isinstance(days, int):
                raise _Unsayable
            code = "form_word_days_ago" if days < 0 else "form_word_days_ahead" if days else "form_word_today"
            return text(code, self.locale, {"days": abs(days)})
        field = self.form.fields[field_id]
        if "choices" in field.settings:
            option = field.settings["choices"].get(value)
            return str(localized(option.label, self.locale)) if option else str(value)
        if field.type.coded:
            return field.type.display(field, value, self.locale, self.ports)
        return str(value)
