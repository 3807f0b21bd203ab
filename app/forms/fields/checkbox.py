"""Several choices, all in sight."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem
from app.forms.base import Asking, Field, FormPorts, Posted, names, ui
from app.forms.fields import radio
from app.forms.keys import Int


class Settings(radio.Settings):
    min_choices = Int(min=0, max=radio.MAX_OPTIONS, load_default=0,
                      metadata=ui("最少选几项", "Fewest choices", "number"))
    max_choices = Int(min=1, max=radio.MAX_OPTIONS, load_default=radio.MAX_OPTIONS,
                      metadata=ui("最多选几项", "Most choices", "number"))


class Checkbox(radio.Choice):
    type = "checkbox"
    label = names("多选", "Checkboxes")
    icon = "checkbox"
    value_type = "list"
    operators = ("has_any", "has_all", "has_none", "empty", "not_empty")
    Settings = Settings
    accepts = frozenset({"radio", "select", "multiselect"})

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        settings = super().prepare(settings, parts)
        low, high = settings["min_choices"], settings["max_choices"]
        if low > min(high, len(settings["choices"])):
            raise Problem("form_min_above_max", where="min_choices", min=low, max=min(high, len(settings["choices"])))
        return settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, list) or len(raw) > radio.MAX_OPTIONS:
            raise Problem("answer_not_list")
        chosen = {self.check(field, item, asking) for item in raw}
        settings = field.settings
        if len(chosen) < settings["min_choices"]:
            raise Problem("answer_few_choices", min=settings["min_choices"])
        if len(chosen) > settings["max_choices"]:
            raise Problem("answer_many_choices", max=settings["max_choices"])
        return [option for option in settings["choices"] if option in chosen]  # in the form's order: one stored form

    def adopt(self, field: Field, value: Any, asking: Asking) -> Any:
        return self.clean(field, value if isinstance(value, list) else [value], asking)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(self.word(field, item, locale) for item in value)

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return "\n".join(self.word(field, item, locale) for item in value)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        return [self.find(field, line) for line in cell.replace("、", "\n").splitlines() if line.strip()]

    def sample(self, field: Field) -> Any:
        return self.usable(field)[:max(1, field.settings["min_choices"])]

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        return [value for value in posted.getlist(name) if value] or None
