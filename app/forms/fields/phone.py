"""A telephone number: Chinese mobile, optionally landline, otherwise international with its "+"."""
from __future__ import annotations

import re
from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.keys import Flag, Words
from app.forms.text import MASKS, clean_text, kind_ascii

_SEPARATORS = re.compile(r"[\s().-]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}[2-9][0-9]{6,7}([,x#][0-9]{1,6})?")
_FOREIGN = re.compile(r"\+[1-9][0-9]{6,14}")
_CHINA = re.compile(r"(\+|00)?86(?=1[3-9][0-9]{9}$)")


class Settings(base.Settings):
    international = Flag(load_default=True, metadata=ui("允许国际号码", "Allow international numbers", "switch"))
    landline = Flag(load_default=False, metadata=ui("允许座机", "Allow landlines", "switch"))
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


class Phone(FieldType):
    type = "phone"
    label = names("手机号", "Phone")
    group = "contact"
    icon = "phone"
    usual_mask = "phone"
    operators = ("eq", "ne", "in", "not_in", "starts", "empty", "not_empty")
    Settings = Settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        number = _SEPARATORS.sub("", kind_ascii(clean_text(raw, max_length=60)))
        if not number:
            return None
        number = _CHINA.sub("", number)
        if _MOBILE.fullmatch(number):
            return number
        if number.startswith("00"):
            number = "+" + number[2:]
        if field.settings["international"] and _FOREIGN.fullmatch(number):
            return number
        if field.settings["landline"] and _LANDLINE.fullmatch(number):
            return number
        raise Problem("answer_not_phone")

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return MASKS["phone"](str(value))

    def sample(self, field: Field) -> Any:
        return "13800138000"
