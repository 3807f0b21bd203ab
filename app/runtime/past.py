"""What a customer told before: their last answers, as far as one colleague may know them."""
from __future__ import annotations

from typing import Any

from app.core.principal import Principal
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.runtime import queries, seals, serial
from app.runtime.queries import TicketLine

MOST = 5  # of the customer's tickets, the latest


def tickets(actor: Principal, customer_id: str) -> list[TicketLine]:
    """The customer's last tickets that `actor` may see, the newest first."""
    return queries.tickets(actor, {"customer": customer_id}, limit=MOST)[0]


def answers(actor: Principal, customer_id: str, bundle: Bundle) -> dict[str, Any]:
    """field id → the customer's last answer to it, for fields whose `prefill` asks for one; {} without such fields.

    Of tickets of the same form that `actor` may see, and of fields that they may read there. Personal answers, masked
    for those who do not fill them in, are never carried along: where they may be shown, that is recorded.
    """
    wanted = {(field.prefill or "").removeprefix("history.") for field in bundle.form.fields.values()
              if (field.prefill or "").startswith("history.")}
    found: dict[str, Any] = {}
    for line in tickets(actor, customer_id) if wanted else ():
        then = definitions.bundle(line.type_version_id)
        if then.form.key != bundle.form.key:
            continue
        detail = queries.ticket(actor, line.id)
        levels = serial.levels(detail, actor, then)
        stored = seals.unseal(line.id, detail.data)
        for name in wanted - found.keys():
            field = then.form.fields.get(name)
            if field and field.sensitive is None and levels[name] == "read" and stored.get(name) is not None:
                found[name] = stored[name]
    return found
