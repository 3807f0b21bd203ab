"""The table of messages: what went (or would have gone) to whom, and the inbox of colleagues. Epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model

UNREAD = text("read_at IS NULL")


class MessageRow(Model):
    """One message on one channel. `address` is kept masked; `in_inbox`: the colleague sees it in the inbox."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_inbox", "to_id", "created_at", "id"),
        Index("ix_message_unread", "to_id", postgresql_where=UNREAD, sqlite_where=UNREAD),
        Index("ix_message_created", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    idem_key: Mapped[str] = mapped_column(String(200), unique=True)
    ticket_id: Mapped[str] = mapped_column(String(36), index=True)
    engine_key: Mapped[str] = mapped_column(String(120))
    to_kind: Mapped[str] = mapped_column(String(10))
    to_id: Mapped[str] = mapped_column(String(40))
    to_name: Mapped[str] = mapped_column(String(80), default="")
    address: Mapped[str] = mapped_column(String(60), default="")
    via: Mapped[str] = mapped_column(String(20))
    template: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(300), default="")
    status: Mapped[str] = mapped_column(String(10))  # queued | sent | failed
    recorded: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(String(300), default="")
    in_inbox: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    read_at: Mapped[int | None] = mapped_column(BigInteger)
