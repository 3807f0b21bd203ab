"""From one day to another, both included."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from app.core.errors import Problem, text
from app.core.expressions.dates import parse_day
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names, ui
from app.forms.fields import date
from app.forms.keys import Int
from app.forms.text import brief, kind_ascii

ENDS = ("from", "to")


class Settings(date.Settings):
    max_days = Int(min=1, max=3660, load_default=None, allow_none=True,
                   metadata=ui("最多几天", "At most so many days", "number"))


class DateRange(FieldType):
    type = "daterange"
    label = names("日期范围", "Date range")
    icon = "daterange"
    value_type = "any"
    parts: ClassVar[Mapping[str, str]] = {"from": "date", "to": "date"}
    part_names: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "from": names("开始", "start"), "to": names("结束", "end")}
    Settings = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        date.bounds_in_order(settings)
        return settings

    def settings_now(self, field: Field, env: Any) -> Mapping[str, Any]:
        return {**field.settings, "min": date.plain_bound(field.settings["min"], env),
                "max": date.plain_bound(field.settings["max"], env)}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, dict):
            raise Problem("answer_not_range")
        for key in raw:
            if key not in ENDS:
                raise Problem("answer_key_unknown", key=brief(key))
        if not raw.get("from") and not raw.get("to"):
            return None
        if not raw.get("from") or not raw.get("to"):
            raise Problem("answer_half_range")
        first, last = (date.read_day(raw[end]) for end in ENDS)
        days = parse_day(last) - parse_day(first) + 1
        if days < 1:
            raise Problem("answer_range_order", first=first, last=last)
        most = field.settings["max_days"]
        if most is not None and days > most:
            raise Problem("answer_range_long", max=most, days=days)
        stored = {"from": first, "to": last}
        if not asking.had(stored):  # what was in time when it was answered stays so
            now = self.settings_now(field, asking.env)
            date.within(first, now["min"], now["max"])
            date.within(last, now["min"], now["max"])
        return stored

    def is_stored(self, field: Field, value: Any) -> bool:
        return isinstance(value, dict) and all(isinstance(value.get(end), str) for end in ENDS)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        days = parse_day(value["to"]) - parse_day(value["from"]) + 1
        return text("form_word_range" if days > 1 else "form_word_range_day", locale,
                    {"first": value["from"], "last": value["to"], "days": days})

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return f"{value['from']} ~ {value['to']}"

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        found = [match[0] for match in date.WRITTEN.finditer(kind_ascii(cell[:200]))]
        return dict(zip(ENDS, found, strict=True)) if len(found) == len(ENDS) else cell

    def sample(self, field: Field) -> Any:
        day = next((bound for bound in (field.settings["min"], field.settings["max"]) if isinstance(bound, str)),
                   "2026-11-02")
        return {"from": day, "to": day}

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        parts = {end: (posted.getlist(f"{name}.{end}") or [""])[0] for end in ENDS}
        return {end: value for end, value in parts.items() if value} or None
