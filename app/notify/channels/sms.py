"""A text message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class Sms(Recorded):
    """Reaches customers and colleagues by mobile number."""

    name = "sms"
    label: ClassVar[Mapping[str, str]] = {"zh": "短信", "en": "SMS"}
    address = "phone"
