"""An e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class Email(Recorded):
    """Reaches customers and colleagues by e-mail."""

    name = "email"
    label: ClassVar[Mapping[str, str]] = {"zh": "邮件", "en": "E-mail"}
    address = "email"
