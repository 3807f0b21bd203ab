"""Tell somebody: hands the message to notify, which renders it once and sends what it rendered."""
from __future__ import annotations

from app.extensions import parts
from app.notify.base import SendError
from app.notify.service import deliver
from app.runtime.effects.base import MESSAGE, Effect, EffectError, Result, Work


class MessageEffect(Effect):
    """Deliver one message to a colleague, the customer or a group."""

    name = MESSAGE

    def run(self, work: Work) -> Result:
        """Send it, or raise EffectError with the channel's reason."""
        base = parts().settings.base_url
        path = f"/t/{work.token}" if "customer" in work.payload["to"] else f"/tickets/{work.ticket_id}"
        path = work.payload.get("path") or path
        facts = {**work.payload["facts"], "no": str(work.no)}
        try:
            deliver(
                {
                    "idem_key": work.idem_key, "ticket_id": work.ticket_id, "key": work.key, "to": work.payload["to"],
                    "via": work.payload["via"], "template": work.payload["template"], "facts": facts,
                    "link": base + path,
                },
                work.now,
            )
        except SendError as error:
            raise EffectError(str(error), permanent=error.permanent) from error
        return Result()
