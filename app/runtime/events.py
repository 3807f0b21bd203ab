"""What other systems tell us: an event with a name, a subject (an order number, say) and data, told to every ticket
that waits for it.

An event is written down first and told afterwards, a flow begins to wait first and looks back afterwards: whichever of
the two comes later finds the other. Telling is a step of each ticket under a command made of the event's id: however
often it is told, a ticket hears it once.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import vault
from app.core.catalog import Catalog
from app.core.errors import Problem, TooLarge
from app.core.principal import Principal
from app.extensions import db, insert_new
from app.runtime.chain import canonical
from app.runtime.effects.base import Effect, Result, Work
from app.runtime.models import Listener, OutsideEvent
from app.runtime.plan import event_mark
from app.runtime.stepping import Command, Intent, Scene, command_ok, take_step

MAX_DATA = 64 * 1024  # bytes of JSON
AAD = "event/{id}"


@dataclass(frozen=True, slots=True)
class Received:
    """`tickets`: how many waited for it and have gone on. `repeated`: this very event had been received before."""

    id: str
    tickets: int
    repeated: bool


def receive(
    name: str, subject: str, data: Mapping[str, Any], *, command_id: str, actor: Principal, now: int
) -> Received:
    """Take an event and tell it to every ticket that waits for it. Commits, ticket by ticket: where something goes
    wrong on the way, the same command again tells the rest."""
    command_ok(command_id)
    text = canonical(dict(data))
    if len(text.encode()) > MAX_DATA:
        raise TooLarge("event_too_large", where="data", limit_kb=MAX_DATA // 1024)
    mark, request = event_mark(name, subject), _digest(canonical([actor.id, name, subject, text]))
    row = {"id": command_id, "request_hash": request, "name": name, "mark": mark, "at": now,
           "data": vault.seal(text, AAD.format(id=command_id))}
    new = db.session.execute(insert_new(OutsideEvent, [row]).returning(OutsideEvent.id)).first() is not None
    if not new:
        known = db.session.scalar(select(OutsideEvent.request_hash).where(OutsideEvent.id == command_id))
        if known != request:
            db.session.rollback()
            raise Problem("command_reused", where="command_id")
    db.session.commit()
    waiting = list(db.session.scalars(select(Listener.ticket_id).where(Listener.mark == mark).distinct()))
    db.session.rollback()
    told = sum(_tell(ticket_id, command_id, name, subject, data) for ticket_id in waiting)
    return Received(command_id, told, not new)


def recall(ticket_id: str, name: str, subject: str, since: int) -> bool:
    """Tell a ticket that has begun to wait the oldest event since `since` that it has not heard; whether there was one.
    """
    rows = db.session.execute(
        select(OutsideEvent.id, OutsideEvent.data)
        .where(OutsideEvent.mark == event_mark(name, subject), OutsideEvent.at >= since)
        .order_by(OutsideEvent.at, OutsideEvent.id)
    ).all()
    db.session.rollback()
    return any(_tell(ticket_id, row.id, name, subject, json.loads(vault.open_(row.data, AAD.format(id=row.id))))
               for row in rows)


def _tell(ticket_id: str, event_id: str, name: str, subject: str, data: Mapping[str, Any]) -> bool:
    """Whether this ticket went on with the event now; False: it had heard it before, or waits no more."""
    command = Command(f"event:{_digest(event_id)[:32]}:{ticket_id}", ["event", event_id, ticket_id])

    def signal(_: Scene) -> dict[str, Any]:
        return {"kind": "event", "name": name, "subject": subject, "data": dict(data)}

    done = take_step(Intent("ticket", {"ref": ticket_id}, signal, command))
    return done is not None and not done.repeated


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class RecallEffect(Effect):
    """Looks back for a flow that has begun to wait. What it finds goes the way of any event; it answers nothing."""

    name = "recall"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """Look once."""
        args = work.payload["args"]
        recall(work.ticket_id, args["name"], args["subject"], int(args["since"]))
        return Result()


def register(catalog: Catalog) -> None:
    """Add it to an application's catalogue."""
    catalog.effects.add(RecallEffect.name, RecallEffect())
