"""One line of text."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.keys import Int, Str, Words
from app.forms.text import clean_text

# Patterns are ours, linear and named: a designer's own regex could take a minute to answer.
PATTERNS = {
    "letters_digits": re.compile(r"[A-Za-z0-9]+"),
    "digits": re.compile(r"[0-9]+"),
    "chinese": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff·]+"),
    "code": re.compile(r"[A-Za-z0-9_./#-]+"),
    "postcode": re.compile(r"[0-9]{6}"),
    "plate": re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}"),
}
PATTERN_NAMES = {
    "letters_digits": names("字母和数字", "Letters and digits"), "digits": names("数字", "Digits"),
    "chinese": names("中文", "Chinese characters"), "code": names("编号", "Code"),
    "postcode": names("邮政编码", "Postcode"), "plate": names("车牌号", "Number plate"),
}
SAMPLES = {"letters_digits": "A1", "digits": "12", "chinese": "张三", "code": "BM-01", "postcode": "310000",
           "plate": "浙A12345"}


class Settings(base.Settings):
    max_length = Int(min=1, max=2000, load_default=200, metadata=ui("最多字数", "Maximum length", "number"))
    min_length = Int(min=0, max=2000, load_default=0, metadata=ui("最少字数", "Minimum length", "number"))
    pattern = Str(choices=PATTERNS, load_default=None, allow_none=True,
                  metadata=ui("格式", "Format", "select", options=PATTERN_NAMES))
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


class Text(FieldType):
    type = "text"
    label = names("单行文本", "Text")
    icon = "text"
    operators = ("eq", "ne", "in", "not_in", "has_any", "has_all", "has_none", "starts", "empty", "not_empty")
    Settings = Settings
    accepts = frozenset({"scan", "phone", "email", "url"})
    lines = False

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        if settings["min_length"] > settings["max_length"]:
            raise Problem("form_min_above_max", where="min_length", min=settings["min_length"],
                          max=settings["max_length"])
        return settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        settings = field.settings
        text = clean_text(raw, max_length=settings["max_length"], lines=self.lines)
        if text and len(text) < settings["min_length"]:
            raise Problem("answer_too_short", min=settings["min_length"], length=len(text))
        pattern = settings.get("pattern")
        if text and pattern and not PATTERNS[pattern].fullmatch(text):
            raise Problem(f"answer_pattern_{pattern}")
        return text or None

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return " ".join(str(value).split())

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return str(value)

    def sample(self, field: Field) -> Any:
        settings = field.settings
        text = SAMPLES.get(settings.get("pattern") or "", "样例")
        while len(text) < settings["min_length"]:
            text += text
        return text[:settings["max_length"]]
