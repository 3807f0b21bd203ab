"""A value that nobody types or changes: from a signed link, the ticket, the customer or the flow, taken once."""
from __future__ import annotations

from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, names, ui
from app.forms.fields.text import Text
from app.forms.keys import Str
from app.forms.text import clean_text

MAX_LENGTH = 200


class Settings(base.Settings):
    from_ = Str(required=True, data_key="from", pattern=r"(link|customer|ticket|ctx|vars)\.[a-z][a-z0-9_]{0,39}",
                metadata=ui("取值来源", "Taken from", "prefill"))


class Hidden(FieldType):
    type = "hidden"
    label = names("隐藏字段", "Hidden value")
    group = "advanced"
    icon = "hidden"
    operators = Text.operators
    Settings = Settings
    in_rows = False
    asked = False

    def starter(self) -> dict[str, Any]:
        return {"from": "link.source"}

    def source(self, field: Field) -> str | None:
        path: str = field.settings["from_"]
        return path

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**18:  # a variable of the flow
            raw = str(raw)
        if isinstance(raw, bool):
            raise Problem("answer_not_text")
        return clean_text(raw, max_length=MAX_LENGTH) or None

    def sample(self, field: Field) -> Any:
        return "A1001"
