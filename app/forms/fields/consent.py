"""Agreement to one version of a document; which one, and when, is kept as evidence."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem, text
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names, ui
from app.forms.keys import Keys, Str, Sub


class Policy(Keys):
    doc = Str(required=True, max_length=60, pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*", metadata=ui("文件", "Document"))
    version = Str(required=True, max_length=40, pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*", metadata=ui("版本", "Version"))


class Settings(base.Settings):
    policy = Sub(Policy, required=True, metadata=ui("政策文件", "Policy document", "policy"))


class Consent(FieldType):
    type = "consent"
    label = names("同意条款", "Consent")
    group = "advanced"
    icon = "consent"
    value_type = "any"
    in_rows = False
    Settings = Settings

    def starter(self) -> dict[str, Any]:
        return {"policy": {"doc": "privacy", "version": "1"}}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if isinstance(raw, dict):  # a stored value sent back: its time is ours to say, not the sender's
            raw = raw.get("accepted")
        if raw is False:
            return None
        if raw is not True:
            raise Problem("answer_not_flag")
        policy: Mapping[str, str] = field.settings["policy"]
        agreed = {"accepted": True, "doc": policy["doc"], "version": policy["version"]}
        current = asking.current
        if isinstance(current, dict) and agreed.items() <= current.items() and isinstance(current.get("at"), int):
            return current
        return {**agreed, "at": asking.env.now_ms}

    def same(self, one: Any, other: Any) -> bool:
        return all(one.get(part) == other.get(part) for part in ("doc", "version"))  # agreed to twice is agreed

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return text("form_word_agreed", locale, {"doc": value["doc"], "version": value["version"]})

    def is_stored(self, field: Field, value: Any) -> bool:
        return isinstance(value, dict) and {"doc", "version"} <= value.keys()

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return self.display(field, value, locale, ports)  # which text was agreed to is no secret

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        return bool(cell.strip()) or None

    def sample(self, field: Field) -> Any:
        return True

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        return True if any(posted.getlist(name)) else None
