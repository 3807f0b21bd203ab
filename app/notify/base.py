"""The contract of channels: what a message is, what sending gives back, how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Message:
    """A rendered message. The same on every retry, byte for byte: receivers recognise a repetition by it.

    `address` is where it goes (a mobile number, an account id), "" if the receiver has none for this channel.
    """

    id: str
    idem_key: str
    to_kind: str  # person | customer | group
    to_id: str
    address: str
    title: str
    body: str
    link: str


@dataclass(frozen=True)
class Receipt:
    """`recorded`: kept here instead of being sent, because the channel is not connected to the outside."""

    status: str = "sent"
    recorded: bool = False


class SendError(Exception):
    """The message did not go out. `permanent`: trying again cannot help. `code` is stable, `detail` for the log."""

    def __init__(self, code: str, detail: str = "", *, permanent: bool) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.permanent = permanent


class Channel:
    """One way to reach somebody. `name` is what flows write under `via`; `address` which contact it needs."""

    name: ClassVar[str] = ""
    label: ClassVar[Mapping[str, str]] = {}
    address: ClassVar[str] = ""  # "" (an account here) | "phone" | "email" | "openid"
    reaches: ClassVar[tuple[str, ...]] = ("person", "customer")

    def send(self, message: Message) -> Receipt:
        """Send once, within the channel's own timeout, or raise SendError."""
        raise NotImplementedError
