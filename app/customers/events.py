"""What happens to a customer: tags, the stage, what other systems tell. Every real change is an event, written with it.

Nothing here commits but `mark_told`: a change and its event are one transaction of whoever makes it.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update

from app.core.errors import NotFound, Problem
from app.customers.models import Customer, CustomerEvent
from app.customers.service import get, set_level
from app.extensions import db, insert_new

MAX_TAGS = 100
MAX_NAME = 80
MAX_FIELDS = 30
TAKEN = ("id", "name", "tags", "stage")  # what has functions of its own
FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
BATCH = 100


def profile(customer_id: str) -> dict[str, Any]:
    """What `service.get` says of a customer, with their "tags" and "stage" and the company's own fields; raises
    NotFound."""
    row = _row(customer_id, lock=False)
    return {**_own(row), **get(customer_id), **_held(row)}


def add_tag(customer_id: str, tag: str, *, now: int) -> bool:
    """Tag a customer; whether they had not that tag yet."""
    row, tag = _row(customer_id), _name(tag, "tag")
    tags = _held(row)["tags"]
    if tag in tags:
        return False
    if len(tags) >= MAX_TAGS:
        raise Problem("customer_tags_full", where="tag", max=MAX_TAGS)
    _change(row, {"tags": [*tags, tag]}, now)
    record(customer_id, "tag_added", tag, now=now)
    return True


def remove_tag(customer_id: str, tag: str, *, now: int) -> bool:
    """Take a tag off; whether it was there."""
    row, tag = _row(customer_id), _name(tag, "tag")
    tags = _held(row)["tags"]
    if tag not in tags:
        return False
    _change(row, {"tags": [other for other in tags if other != tag]}, now)
    record(customer_id, "tag_removed", tag, now=now)
    return True


def set_stage(customer_id: str, stage: str, *, now: int) -> bool:
    """Put a customer into a stage ("" for none); whether it was another."""
    row, stage = _row(customer_id), _name(stage, "stage") if stage.strip() else ""
    before = _held(row)["stage"]
    if stage == before:
        return False
    _change(row, {"stage": stage}, now)
    record(customer_id, "stage_changed", stage, before=before, now=now)
    return True


def set_field(customer_id: str, field: str, value: str, *, now: int) -> bool:
    """Set what else is known of a customer, "" clears it: "level", or a name of the company's own."""
    row, value = _row(customer_id), _name(value, "value") if value.strip() else ""
    if field in TAKEN or not FIELD.match(field):
        raise Problem("customer_field_bad", where=field[:40], field=field[:40])
    own = _own(row)
    before = row.level if field == "level" else own.get(field, "")
    if value == before:
        return False
    if field == "level":
        set_level(customer_id, value, now=now)
    else:
        own = {key: text for key, text in {**own, field: value}.items() if text}
        if len(own) > MAX_FIELDS:
            raise Problem("customer_fields_full", where=field, max=MAX_FIELDS)
        _change(row, {"fields": own}, now)
    record(customer_id, "field_set", field, before=before, now=now)
    return True


def record(customer_id: str, kind: str, name: str = "", *, now: int, before: str = "", key: str | None = None) -> bool:
    """Note an event; False if one with this `key` was noted before."""
    values = {"key": key, "customer_id": customer_id, "kind": kind, "name": name, "before": before, "at": now,
              "told_at": None}
    return db.session.execute(insert_new(CustomerEvent, [values]).returning(CustomerEvent.id)).first() is not None


def happened(customer_id: str, name: str, *, key: str, now: int) -> bool:
    """Note what another system told of a customer ("courseware_opened"), once for each `key`."""
    _row(customer_id, lock=False)
    return record(customer_id, "happened", _name(name, "event"), key=key, now=now)


def note_new(*, now: int) -> int:
    """Note new customers as events, a batch at a time (commits); how many. Done afterwards, so that a stranger's
    first request costs nothing more."""
    rows = db.session.execute(
        select(Customer.id, Customer.created_at).where(Customer.told_at.is_(None)).limit(BATCH)
    ).all()
    for row in rows:
        record(row.id, "created", now=row.created_at, key=f"created:{row.id}")
    if rows:
        new = [row.id for row in rows]
        db.session.execute(update(Customer).where(Customer.id.in_(new)).values(told_at=now))
    db.session.commit()
    return len(rows)


def untold() -> list[CustomerEvent]:
    """Events that flows were not told of yet, the oldest first, a batch at a time."""
    rows = list(db.session.scalars(
        select(CustomerEvent).where(CustomerEvent.told_at.is_(None)).order_by(CustomerEvent.id).limit(BATCH)
    ))
    db.session.expunge_all()
    return rows


def mark_told(ids: Sequence[int], *, now: int) -> None:
    """Note that flows were told (commits)."""
    if not ids:
        return
    db.session.execute(update(CustomerEvent).where(CustomerEvent.id.in_(list(ids))).values(told_at=now))
    db.session.commit()


def count_since(customer_id: str, since: int) -> int:
    """How much happened to a customer since a moment."""
    return db.session.scalar(select(func.count()).select_from(CustomerEvent).where(
        CustomerEvent.customer_id == customer_id, CustomerEvent.at >= since)) or 0


def _row(customer_id: str, lock: bool = True) -> Customer:
    query = select(Customer).where(Customer.id == customer_id).execution_options(populate_existing=True)
    row = db.session.scalar(query.with_for_update() if lock else query) if customer_id.isprintable() else None
    if row is None:
        raise NotFound("customer_unknown", where=customer_id[:60])
    return row


def _held(row: Customer) -> dict[str, Any]:
    return {"tags": list(row.attrs.get("tags") or ()), "stage": str(row.attrs.get("stage") or "")}


def _own(row: Customer) -> dict[str, str]:
    return dict(row.attrs.get("fields") or {})


def _change(row: Customer, attrs: dict[str, Any], now: int) -> None:
    row.attrs = {**row.attrs, **attrs}
    row.updated_at = now
    db.session.flush()


def _name(text: str, where: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > MAX_NAME or not clean.isprintable():
        raise Problem("customer_name_bad", where=where, max=MAX_NAME)
    return clean
