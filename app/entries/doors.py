"""Public links: making them when a ticket type is published, and finding what is behind one."""
from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from app.core.errors import NotFound, Problem, localized
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.models import Definition, DefinitionVersion
from app.definitions.queries import IN_FORCE
from app.entries.models import Entry
from app.extensions import db

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}\Z")  # 128 bits, url-safe
PUBLIC = "trigger.public_form"


class Closed(Problem):
    """There was a form here, and whoever has its link may know."""

    status = 410


@dataclass(frozen=True, slots=True)
class Door:
    """An open entry and the published pair behind it."""

    id: str
    token: str
    trigger: str
    channel: str
    version_id: str
    bundle: Bundle


def ensure_entries(type_key: str, *, now: int) -> list[Entry]:
    """One entry for each public trigger of the ticket type in force; existing ones keep their token. Commits.

    An entry whose trigger is gone is closed, and opens again if the trigger returns.
    """
    found = entries_of(type_key, definitions.current_type(type_key).id, now=now)
    db.session.commit()
    return found


def entries_of(type_key: str, version_id: str, *, now: int) -> list[Entry]:
    """As `ensure_entries`, for the version of the type that is in force, or comes into force with this transaction.
    Leaves it to the caller to commit."""
    bundle = definitions.bundle(version_id)
    known = {entry.trigger: entry for entry in db.session.scalars(select(Entry).where(Entry.type_key == type_key))}
    triggers = {node.id: node for node in bundle.flow.triggers() if node.type.type == PUBLIC}
    for entry in known.values():
        entry.active = entry.trigger in triggers
    for node_id, node in triggers.items():
        entry = known.get(node_id) or Entry(
            id=str(uuid.uuid4()), token=secrets.token_urlsafe(16), type_key=type_key, trigger=node_id, active=True,
            expires_at=None, created_at=now,
        )
        entry.channel = str(getattr(node.config, "channel", None) or "")[:40]
        entry.label = str(localized(node.name, "zh-CN"))[:200]
        if node_id not in known:
            db.session.add(entry)
            known[node_id] = entry
    return [known[node_id] for node_id in triggers]


@dataclass(frozen=True, slots=True)
class Way:
    """A published ticket type of a form, and one of its open links: None where it has none. `type_name`, `form_title`:
    a text, or one for each language."""

    form: str
    form_title: Any
    type_key: str
    type_name: Any
    version_id: str
    entry: Entry | None
    flow: str


def ways() -> list[Way]:
    """Every published ticket type with each of its open links (an archived one has none), by key. One query."""
    form = aliased(Definition)
    rows = db.session.execute(
        select(Definition.key, DefinitionVersion.id, DefinitionVersion.content, form.key.label("form"),
               form.title, Entry)
        .join(DefinitionVersion, IN_FORCE)
        .outerjoin(Entry, and_(Entry.type_key == Definition.key, Entry.active, Definition.archived_at.is_(None)))
        .join(form, and_(form.kind == "form", form.key == DefinitionVersion.content["form"].as_string()))
        .where(Definition.kind == "ticket_type")
        .order_by(Definition.key, Entry.trigger)
    )
    return [Way(row.form, row.title, row.key, row.content["name"], row.id, row.Entry, row.content["flow"])
            for row in rows]


def entry(type_key: str, trigger: str | None) -> Entry:
    """The open entry of a ticket type at `trigger`, or its only one; NotFound or Problem where none or several fit."""
    entries = {way.entry.trigger: way.entry for way in ways() if way.entry and way.type_key == type_key}
    found = [row for name, row in entries.items() if trigger in (None, name)]
    if not found:
        raise NotFound("entry_unknown", where="trigger" if entries else "type", known=", ".join(entries))
    if len(found) > 1:
        raise Problem("entry_which", where="trigger", known=", ".join(entries))
    return found[0]


# Built once: putting a statement together costs more than running it.
_BEHIND = (
    select(Entry.id, Entry.trigger, Entry.channel, Entry.expires_at, DefinitionVersion.id.label("version"),
           Definition.archived_at)
    .join(Definition, and_(Definition.kind == "ticket_type", Definition.key == Entry.type_key))
    .join(DefinitionVersion, and_(DefinitionVersion.definition_id == Definition.id,
                                  DefinitionVersion.version == Definition.current_version))
    .where(Entry.token == bindparam("token"), Entry.active)
)


def find(token: str, *, now: int) -> Door:
    """What is behind a link; NotFound for a guessed, altered or expired one, always the same; Closed where the form is
    no longer in use. One query."""
    row = db.session.execute(_BEHIND, {"token": token}).one_or_none() if TOKEN.match(token) else None
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        raise NotFound("link_gone")
    if row.archived_at is not None:
        raise Closed("link_closed")
    bundle = definitions.bundle(row.version)
    if row.trigger not in bundle.flow.nodes:
        raise NotFound("link_gone")
    return Door(row.id, token, row.trigger, row.channel, row.version, bundle)


def at_version(door: Door, version_id: str) -> Door:
    """The same door as it was when a page was drawn: an answer is judged by the form its sender saw.

    `version_id` comes from our own signed token.
    """
    if version_id == door.version_id:
        return door
    return Door(door.id, door.token, door.trigger, door.channel, version_id, definitions.bundle(version_id))
