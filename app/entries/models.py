"""Public doors of ticket types, and what triggers opened by themselves. Times are epoch milliseconds UTC."""
from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model


class Entry(Model):
    """A link under which anybody may fill in a form: one per public trigger of a published flow.

    The token never changes while the trigger exists: it is printed on menus and table stands.
    """

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("type_key", "trigger"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    type_key: Mapped[str] = mapped_column(String(64))
    trigger: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)


class Opening(Model):
    """News that a trigger took up by itself, and what came of it: opened | joined (an earlier ticket) | repeat (refused
    as one) | refused.

    `key` tells one occurrence from another: the same again changes nothing. `news` is sealed and kept only while
    nothing was opened, so that it can be tried again; `problems` are then [{code, where, params}].
    """

    __tablename__ = "opening"
    __table_args__ = (UniqueConstraint("key"), Index("ix_opening_type", "type_key", "id"))

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64))
    type_key: Mapped[str] = mapped_column(String(64))
    trigger: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    ticket_id: Mapped[str | None] = mapped_column(String(36))
    customer_id: Mapped[str | None] = mapped_column(String(40))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    news: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger, index=True)


class ScheduleState(Model):
    """Up to when (epoch ms) a trigger that goes by the clock was looked at, and by which settings; `mark` "": it was
    not in use then. One that counts time from tickets or events: since when it does, and `seen_no`, the last of them
    that it knows."""

    __tablename__ = "schedule_state"

    type_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    trigger: Mapped[str] = mapped_column(String(64), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[int] = mapped_column(BigInteger)
    seen_no: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class Watch(Model):
    """A ticket ("t:" and its id) or a customer's event ("e:" and its number) that a trigger counts time from.

    `looked_at`, `check_at`: when it was looked at, and is again. `done`: the moments, by their place in the settings,
    that are dealt with; a row without any left is deleted.
    """

    __tablename__ = "watch"
    __table_args__ = (Index("ix_watch_check_at", "check_at"),)

    type_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    trigger: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    looked_at: Mapped[int] = mapped_column(BigInteger)
    check_at: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[list[int]] = mapped_column(Json)
