"""A ticket as the holder of its link may know it. Nothing that colleagues wrote to each other comes this way."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.core.errors import NotFound, localized
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.entries import intake, progress
from app.extensions import db
from app.flows.verbs import customer_may
from app.forms.access import at_least
from app.forms.base import FormPorts
from app.forms.view import FieldView
from app.notify.models import MessageRow
from app.org.models import Role
from app.runtime import seals
from app.runtime.history import events_in
from app.runtime.models import Ticket, TicketHistory, Upload

TOKEN = re.compile(r"[A-Za-z0-9_-]{20,32}\Z")


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket behind a link. `state` is the engine's, answers in clear; `question` the step that asks, "" for none;
    `version_id` the version of its type that it stands on."""

    ticket_id: str
    token: str
    no: int
    status: str
    bundle: Bundle
    state: Mapping[str, Any]
    question: str
    version_id: str

    @property
    def asking(self) -> str:
        """The question's own name: a step that asks a second time asks another question."""
        visits = self.state.get("visits") or {}
        return f"{self.question}:{visits.get(self.question, 0)}"

    @property
    def drawn(self) -> str:
        """The question and the version of the form under which a page asks it."""
        return f"{self.asking}@{self.version_id}"


def find(token: str) -> Found:
    """The ticket of a link; NotFound for a guessed or altered one, always the same."""
    row = db.session.scalar(select(Ticket).where(Ticket.token == token)) if TOKEN.match(token) else None
    if row is None:
        raise NotFound("link_gone")
    state = {**row.state, "form": seals.unseal(row.id, row.data)}
    asked = state.get("answers") or {}
    question = next(iter(asked), "") if row.status == "open" else ""
    return Found(row.id, row.token, row.no, row.status, definitions.bundle(row.type_version_id), state, question,
                 row.type_version_id)


def line(found: Found, locale: str) -> list[progress.Step]:
    """The ticket's way; `role` of each step in the reader's words."""
    rows = db.session.execute(
        select(TicketHistory.__table__).where(TicketHistory.ticket_id == found.ticket_id)
        .order_by(TicketHistory.version)
    )
    types = {key: field.type.type for key, field in found.bundle.form.fields.items()}
    steps = progress.line(found.bundle.flow, types, events_in(rows), found.status)
    keys = {step.role for step in steps if step.role}
    roles = db.session.execute(select(Role.key, Role.name).where(Role.key.in_(keys))).all() if keys else ()
    names = {row.key: row.name for row in roles}
    return [replace(step, role=str(localized(names.get(step.role, ""), locale))) for step in steps]


def may(found: Found) -> list[str]:
    """What the customer may do besides answering: urge, withdraw."""
    allowed = customer_may(found.bundle.flow, found.state) if found.status == "open" else ()
    return [what for what in allowed if what != "urge" or found.state["tasks"]]  # is there anybody to urge?


def told(found: Found) -> str:
    """The last message that the customer was sent about this ticket, "" for none."""
    return db.session.scalar(
        select(MessageRow.body).where(MessageRow.ticket_id == found.ticket_id, MessageRow.to_kind == "customer")
        .order_by(MessageRow.created_at.desc(), MessageRow.id.desc()).limit(1)
    ) or ""


def may_have(found: Found, upload: Upload) -> bool:
    """Whether a file of the ticket stands on the page: under what the customer sent, or what they are asked now."""
    field = found.bundle.form.fields.get(upload.field)
    if field is None or field.sensitive:
        return False
    asking = (str((found.state.get("ticket") or {}).get("source") or ""), found.question)
    return any(at_least(found.bundle.access(node)[field.id], "edit") for node in asking
               if node in found.bundle.flow.nodes)


def sent(found: Found, now: int, ports: FormPorts, locale: str) -> list[FieldView]:
    """What the customer sent, personal answers masked: the link may have been passed on."""
    bundle, source = found.bundle, str((found.state.get("ticket") or {}).get("source") or "")
    if source not in bundle.flow.nodes:
        return []
    known = intake.known_fields(bundle.form)
    spec = {
        key: "masked" if bundle.form.fields[key].sensitive else "read"
        for key, level in bundle.access(source).items() if at_least(level, "edit") and key not in known
    }
    view = bundle.answers_view(spec, found.state, now, ports, locale=locale)
    return [field for field in view.fields() if field.display or field.files or field.rows]
