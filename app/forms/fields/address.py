"""An address: the region by its code, and the rest in words."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem
from app.forms import areas
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names, ui
from app.forms.fields import region
from app.forms.keys import Int, Words
from app.forms.text import brief, clean_text


class Settings(region.Settings):
    max_length = Int(min=10, max=500, load_default=120,
                     metadata=ui("详细地址最多字数", "Longest street part", "number"))
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


class Address(FieldType):
    type = "address"
    label = names("地址", "Address")
    group = "contact"
    icon = "address"
    value_type = "any"
    in_rows = False
    Settings = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        return {**settings, "edition": areas.EDITION}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        """{"region": code, "text": words}; a draft may lack one of them."""
        if not isinstance(raw, dict):
            raise Problem("answer_not_address")
        for key in raw:
            if key not in ("region", "text"):
                raise Problem("answer_key_unknown", key=brief(key))
        before = asking.current if isinstance(asking.current, dict) else {}
        words = clean_text(raw.get("text") or "", max_length=field.settings["max_length"])
        code = raw.get("region") or ""
        if code:
            code = region.check(field, code, before.get("region"), asking.require)
        if asking.require and bool(code) != bool(words):
            raise Problem("answer_half_address" if code else "answer_region_missing")
        return {key: value for key, value in (("region", code), ("text", words)) if value} or None

    def offer(self, field: Field, value: Any, ports: FormPorts) -> Sequence[Mapping[str, Any]]:
        return region.offer(field, value.get("region") if isinstance(value, dict) else None)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return " ".join(part for part in (areas.words(value.get("region", "")), value.get("text", "")) if part)

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return region.mask(value.get("region", ""))

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        code, words = areas.find(cell)
        return {"region": code, "text": words}

    def sample(self, field: Field) -> Any:
        return {"region": region.sample(field), "text": "文三路 1 号"}

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        words = (posted.getlist(f"{name}.text") or [""])[0]
        parts = {"region": region.chosen(posted, name), "text": words}
        return {key: value for key, value in parts.items() if value} or None
