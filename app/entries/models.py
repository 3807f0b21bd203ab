"""Public doors of ticket types. Times are epoch milliseconds UTC."""
from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model


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
