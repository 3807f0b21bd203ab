"""The inbox inside Danflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.base import Channel, Message, Receipt


class Inbox(Channel):
    """A row in the colleague's inbox; storing the message has already delivered it."""

    name = "inbox"
    label: ClassVar[Mapping[str, str]] = {"zh": "站内消息", "en": "Inbox"}
    reaches = ("person",)

    def send(self, message: Message) -> Receipt:
        """Nothing is left to do: see app.notify.service.deliver."""
        return Receipt()
