"""Delivering messages, and the inbox. A message is rendered once, stored, and sent as it was stored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from app.core.errors import NotFound, Problem
from app.customers import service as customers
from app.extensions import db, parts
from app.forms.text import MASKS
from app.notify.base import Channel, Message, Receipt, SendError
from app.notify.models import MessageRow
from app.notify.templates import Template, render
from app.org.access import Principal, require
from app.org.models import Person
from app.org.people import person_phone

PAGE = 20
MAX_PAGE = 100
CURSOR = re.compile(r"([0-9]{1,15})\.([0-9a-f-]{1,36})\Z")  # created_at.id


def deliver(payload: Mapping[str, Any], now: int) -> Receipt:
    """Carry out one message effect; raises SendError. Opens and commits transactions of its own.

    payload: {"idem_key", "ticket_id", "key", "to": {"person": id} | {"customer": id} | {"group": name}, "via",
    "template", "facts": {name: text}, "link"}. The same `idem_key` again repeats the stored message, or nothing if
    it is sent.
    """
    row = _stored(payload["idem_key"]) or _store(payload, now)
    if row.status == "sent":
        db.session.rollback()
        return Receipt(recorded=row.recorded)
    channel = _channel(row.via)
    message = Message(
        id=row.id,
        idem_key=row.idem_key,
        to_kind=row.to_kind,
        to_id=row.to_id,
        address=_address(channel, row.to_kind, row.to_id),
        title=row.title,
        body=row.body,
        link=row.link,
    )
    db.session.commit()  # what is about to go out is on disk; and no transaction waits for the network
    try:
        receipt = channel.send(message)
    except SendError as error:
        _note(message.id, status="failed" if error.permanent else "queued", error=str(error)[:300])
        raise
    _note(message.id, status=receipt.status, recorded=receipt.recorded, error="", sent_at=now)
    return receipt


def _stored(idem_key: str) -> MessageRow | None:
    return db.session.scalar(select(MessageRow).where(MessageRow.idem_key == idem_key))


def _store(payload: Mapping[str, Any], now: int) -> MessageRow:
    """Render and insert; two workers with one row end up with one message."""
    template = _template(payload["template"])
    channel = _channel(payload["via"])
    to_kind, to_id = next(iter(payload["to"].items()))
    if to_kind not in channel.reaches:
        raise SendError("channel_reach", f"{channel.name} does not reach a {to_kind}", permanent=True)
    name, locale = _reader(to_kind, to_id)
    title, body = render(template, payload.get("facts") or {}, locale)
    address = _address(channel, to_kind, to_id)
    row = MessageRow(
        id=str(uuid.uuid4()),
        idem_key=payload["idem_key"],
        ticket_id=payload["ticket_id"],
        engine_key=payload["key"],
        to_kind=to_kind,
        to_id=to_id,
        to_name=name,
        address=MASKS.get(channel.address, MASKS["all"])(address) if address else "",
        via=channel.name,
        template=template.key,
        title=title,
        body=body,
        link=payload.get("link") or "",
        status="queued",
        recorded=False,
        error="",
        created_at=now,
        in_inbox=to_kind == "person" and not _unread_before(to_id, payload),
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        stored = _stored(payload["idem_key"])
        if stored is None:
            raise
        return stored
    return row


def _unread_before(person_id: str, payload: Mapping[str, Any]) -> bool:
    # The next rung of a ladder repeats what already lies unread in the inbox: one line there is enough.
    return (
        db.session.scalar(
            select(MessageRow.id)
            .where(
                MessageRow.to_id == person_id,
                MessageRow.ticket_id == payload["ticket_id"],
                MessageRow.template == payload["template"],
                MessageRow.in_inbox,
                MessageRow.read_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )


def _template(key: str) -> Template:
    found: Template | None = parts().catalog.templates.find(key)
    if found is None:
        raise SendError("template_unknown", str(key)[:60], permanent=True)
    return found


def _channel(name: str) -> Channel:
    found: Channel | None = parts().catalog.channels.find(name)
    if found is None:
        raise SendError("channel_unknown", str(name)[:60], permanent=True)
    return found


def _reader(kind: str, who: str) -> tuple[str, str]:
    """(name, locale) of the receiver."""
    if kind == "group":
        return who, "zh_CN"
    if kind == "customer":
        try:
            return customers.get(who)["name"], "zh_CN"
        except Problem as error:
            raise SendError("customer_unknown", who[:60], permanent=True) from error
    row = db.session.execute(select(Person.name, Person.locale).where(Person.id == who)).one_or_none()
    if row is None:
        raise SendError("person_unknown", who[:60], permanent=True)
    return row.name, row.locale


def _address(channel: Channel, kind: str, who: str) -> str:
    if not channel.address:
        return ""
    if kind == "customer":
        return customers.contact(who, channel.address)
    return person_phone(who) if channel.address == "phone" else ""


def _note(message_id: str, **values: Any) -> None:
    db.session.execute(update(MessageRow).where(MessageRow.id == message_id).values(**values))
    db.session.commit()


# ---- reading ---------------------------------------------------------------------------------------------------------


def unread_count(person_id: str) -> int:
    """How many inbox lines a colleague has not read. One query on a partial index."""
    return (
        db.session.scalar(
            select(func.count()).where(MessageRow.to_id == person_id, MessageRow.in_inbox, MessageRow.read_at.is_(None))
        )
        or 0
    )


def list_inbox(person_id: str, *, before: str = "", limit: int = PAGE) -> tuple[list[dict[str, Any]], str]:
    """(a page of the inbox, newest first; the cursor of the next page or ""). One query."""
    return _page(MessageRow.to_id == person_id, MessageRow.in_inbox, before=before, limit=limit)


def link_of(person_id: str, message_id: str) -> str:
    """Where a colleague's message leads; raises NotFound where it is not theirs. One query."""
    link = db.session.scalar(
        select(MessageRow.link).where(
            MessageRow.id == message_id, MessageRow.to_kind == "person", MessageRow.to_id == person_id
        )
    )
    if link is None:
        raise NotFound("not_found")
    return link


def list_sent(
    actor: Principal, *, via: str = "", ticket_id: str = "", before: str = "", limit: int = PAGE
) -> tuple[list[dict[str, Any]], str]:
    """(a page of everything that went out, newest first; cursor). Needs the right "messages.sent". One query."""
    require(actor, "messages.sent")
    wanted = [MessageRow.via == via] if via else []
    wanted += [MessageRow.ticket_id == ticket_id] if ticket_id else []
    return _page(*wanted, before=before, limit=limit)


def _page(*wanted: Any, before: str, limit: int) -> tuple[list[dict[str, Any]], str]:
    limit = max(1, min(limit, MAX_PAGE))
    query = select(MessageRow).where(*wanted).order_by(MessageRow.created_at.desc(), MessageRow.id.desc())
    if before:
        query = query.where(tuple_(MessageRow.created_at, MessageRow.id) < _cursor(before))
    rows = db.session.scalars(query.limit(limit + 1)).all()
    following = f"{rows[limit - 1].created_at}.{rows[limit - 1].id}" if len(rows) > limit else ""
    return [_seen(row) for row in rows[:limit]], following


def _cursor(text: str) -> tuple[int, str]:
    found = CURSOR.match(text)
    if found is None:
        raise Problem("cursor_bad", where="before")
    return int(found[1]), found[2]


def _seen(row: MessageRow) -> dict[str, Any]:
    """What screens and the API show of a message; `address` is masked already where it is stored."""
    return {
        "id": row.id,
        "ticket_id": row.ticket_id,
        "to": {"kind": row.to_kind, "id": row.to_id, "name": row.to_name},
        "address": row.address,
        "via": row.via,
        "template": row.template,
        "title": row.title,
        "body": row.body,
        "link": row.link,
        "status": row.status,
        "recorded": row.recorded,
        "error": row.error,
        "at": row.created_at,
        "sent_at": row.sent_at,
        "read_at": row.read_at,
    }


def mark_read(person_id: str, message_ids: Sequence[str], now: int) -> list[tuple[str, str]]:
    """Mark a colleague's inbox lines as read, with the rungs of the same ladder behind them. Does not commit.

    Returns (ticket_id, engine key) of every message that was unread, which the flow wants to know. Those of others and
    already read are passed over.
    """
    lines = db.session.execute(
        select(MessageRow.ticket_id, MessageRow.template).where(
            MessageRow.id.in_(list(message_ids)[:MAX_PAGE]),
            MessageRow.to_kind == "person",
            MessageRow.to_id == person_id,
        )
    ).all()
    if not lines:
        return []
    done = db.session.execute(
        update(MessageRow)
        .where(
            MessageRow.to_kind == "person",
            MessageRow.to_id == person_id,
            MessageRow.read_at.is_(None),
            tuple_(MessageRow.ticket_id, MessageRow.template).in_([(row.ticket_id, row.template) for row in lines]),
        )
        .values(read_at=now)
        .returning(MessageRow.ticket_id, MessageRow.engine_key)
    ).all()
    return [(row.ticket_id, row.engine_key) for row in done]
