"""A web address, http or https only: nothing that a click could run."""
from __future__ import annotations

import re
from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, names, ui
from app.forms.fields.text import Text
from app.forms.keys import Words
from app.forms.text import clean_text

MAX_LENGTH = 2000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9]+([/?#]|$))")
_ADDRESS = re.compile(r"(https?)://([^\s/?#:@\\]{1,253})(:[0-9]{1,5})?([/?#][^\s<>\"\\^`{|}]*)?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_BYTE = re.compile(r"25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]")


class Settings(base.Settings):
    placeholder = Words(load_default="", metadata=ui("框内提示", "Example text in the box", "words"))


class Url(FieldType):
    type = "url"
    label = names("网址", "Web address")
    group = "contact"
    icon = "url"
    operators = Text.operators
    Settings = Settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        address = clean_text(raw, max_length=MAX_LENGTH)
        if not address:
            return None
        if not _SCHEME.match(address):
            address = "https://" + address  # people leave it out
        found = _ADDRESS.fullmatch(address)
        host = _host(found[2]) if found else ""
        if not found or not host or int((found[3] or ":0")[1:]) > 65_535:
            raise Problem("answer_not_url")
        return f"{found[1].lower()}://{host}{found[3] or ''}{found[4] or ''}"

    def is_stored(self, field: Field, value: Any) -> bool:
        return isinstance(value, str) and value.startswith(("http://", "https://"))  # it becomes a link

    def sample(self, field: Field) -> Any:
        return "https://example.com/order?no=A1001"


def _host(name: str) -> str:
    """The host as the network knows it, letters of other scripts in their ASCII form; "" for none."""
    try:
        host = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = host.split(".")
    if len(labels) == 4 and all(_BYTE.fullmatch(label) for label in labels):
        return host
    named = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1][0].isdigit()
    return host if named and len(labels[-1]) > 1 else ""
