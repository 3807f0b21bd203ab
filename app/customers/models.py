"""Tables of customers. What identifies a person (phone, openid) is sealed, and found by a keyed hash."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model


class Customer(Model):
    """A customer. `level` is what flows and forms read as `customer.level`, `manager_id` a colleague of ours who looks
    after them: `customer.manager`."""

    __tablename__ = "customer"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    level: Mapped[str] = mapped_column(String(40), default="")
    manager_id: Mapped[str | None] = mapped_column(String(40))
    attrs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)


class CustomerIdentity(Model):
    """One way to recognise a customer. The primary key keeps two customers from sharing it."""

    __tablename__ = "customer_identity"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    value_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)  # sealed
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
