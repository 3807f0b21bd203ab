"""Tables of customers. What identifies a person (phone, openid) is sealed, and found by a keyed hash."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model


class Customer(Model):
    """A customer. `level` is what flows and forms read as `customer.level`, `manager_id` a colleague of ours who looks
    after them: `customer.manager`; `attrs` holds `tags` and `stage`. `told_at`: when it was noted as an event that they
    are new (`events.note_new`); null: not yet."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_new", "id", postgresql_where=text("told_at IS NULL"), sqlite_where=text("told_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    level: Mapped[str] = mapped_column(String(40), default="")
    manager_id: Mapped[str | None] = mapped_column(String(40))
    attrs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    told_at: Mapped[int | None] = mapped_column(BigInteger)


class CustomerIdentity(Model):
    """One way to recognise a customer. The primary key keeps two customers from sharing it."""

    __tablename__ = "customer_identity"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    value_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)  # sealed
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)


class CustomerEvent(Model):
    """What happened to a customer, written in the transaction in which it did: tag_added, tag_removed, stage_changed,
    created, or happened (another system told it: `name`). `told_at`: when the flows that wait for it were told; null:
    not yet. `key`: by which the same event, sent again, is known.
    """

    __tablename__ = "customer_event"
    __table_args__ = (
        Index("ix_customer_event_new", "id", postgresql_where=text("told_at IS NULL"),
              sqlite_where=text("told_at IS NULL")),
        Index("ix_customer_event_customer", "customer_id", "at"),
        Index("ix_customer_event_kind", "kind", "name", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    before: Mapped[str] = mapped_column(String(80))
    at: Mapped[int] = mapped_column(BigInteger)
    told_at: Mapped[int | None] = mapped_column(BigInteger)
