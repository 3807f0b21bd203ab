"""A phone call that reads the message out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class Voice(Recorded):
    """The last rung of a ladder."""

    name = "voice"
    label: ClassVar[Mapping[str, str]] = {"zh": "电话", "en": "Phone call"}
    address = "phone"
