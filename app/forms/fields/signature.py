"""A handwritten signature: drawn with a finger, or a photo of one on paper. The answer is a list of one attachment."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import text
from app.forms import base
from app.forms.base import Field, FormPorts, names
from app.forms.fields.images import Attachments
from app.forms.files import MB, Accepted, Bytes, accept_signature

MAX_MB, MAX_EDGE = 10, 1600


class Signature(Attachments):
    type = "signature"
    label = names("手写签名", "Signature")
    icon = "signature"
    Settings = base.Settings
    uploads = "image"

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        return {**settings, "min_files": 0, "max_files": 1, "max_mb": MAX_MB,
                "compress": {"max_edge": MAX_EDGE, "quality": "0.8"}}

    def accept(self, field: Field, data: Bytes, name: str) -> Accepted:
        return accept_signature(data, name, max_bytes=MAX_MB * MB, max_edge=MAX_EDGE)

    def fits(self, field: Field, found: Mapping[str, Any]) -> bool:
        return found["field"] in ("", field.id)  # looked at for ink when it was sent, unlike any other picture

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return text("form_word_signed", locale)
