"""An e-mail address: one mailbox, written plainly."""
from __future__ import annotations

import re
from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.fields.text import Text
from app.forms.keys import Words
from app.forms.text import MASKS, clean_text, kind_ascii

MAX_LENGTH = 128  # as long as what a customer may be recognised by
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Settings(base.Settings):
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


class Email(FieldType):
    type = "email"
    label = names("邮箱", "E-mail")
    group = "contact"
    icon = "email"
    usual_mask = "email"
    operators = Text.operators
    Settings = Settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        address = kind_ascii(clean_text(raw, max_length=MAX_LENGTH))
        if not address:
            return None
        name, at, domain = address.rpartition("@")
        domain = domain.lower()
        labels = domain.split(".")
        if not (at and len(name) <= 64 and len(address) <= MAX_LENGTH and _NAME.fullmatch(name) and len(labels) > 1
                and all(_LABEL.fullmatch(label) for label in labels) and labels[-1][0].isalpha()
                and len(labels[-1]) > 1):
            raise Problem("answer_not_email")
        return f"{name}@{domain}"

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return MASKS["email"](str(value))

    def sample(self, field: Field) -> Any:
        return "li@example.com"
