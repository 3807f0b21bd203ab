"""Words for whoever fills the form in: an explanation, a warning. Nothing is asked."""
from __future__ import annotations

from typing import Any

from app.forms import base
from app.forms.base import Field, FieldType, names, ui
from app.forms.keys import Str, Words

TONES = {"info": names("说明", "Information"), "warn": names("提醒", "Warning")}


class Settings(base.Settings):
    text = Words(required=True, max_length=2000, metadata=ui("内容", "Text", "long_words"))
    tone = Str(choices=TONES, load_default="info", metadata=ui("语气", "Tone", "select", options=TONES))


class Standing(FieldType):
    """Base of what stands between the questions and has no answer."""

    group = "layout"
    value_type = "any"
    operators = ()
    in_rows = False
    stored = False
    asked = False
    stands = True

    def sample(self, field: Field) -> Any:
        return None


class Notice(Standing):
    type = "notice"
    label = names("说明文字", "Notice")
    icon = "notice"
    Settings = Settings

    def starter(self) -> dict[str, Any]:
        return {"text": {"zh-CN": "请在这里写说明。", "en": "Write an explanation here."}}
