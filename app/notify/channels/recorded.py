"""What channels do that are not connected to the outside: the message is kept as it would have gone."""

from __future__ import annotations

from app.notify.base import Channel, Message, Receipt, SendError


class Recorded(Channel):
    """A channel whose messages stay in the list of sent messages, marked as recorded."""

    def send(self, message: Message) -> Receipt:
        """Nothing leaves this machine; a receiver without an address is refused as the real channel would."""
        if self.address and not message.address:
            raise SendError("no_address", f"{message.to_kind} {message.to_id} has no {self.address}", permanent=True)
        return Receipt(recorded=True)
