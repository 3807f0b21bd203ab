"""What the designers keep besides definitions. Times are epoch milliseconds UTC."""
from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model


class Rehearsal(Model):
    """A load rehearsal that somebody asked for: waiting | running | done | failed.

    `job`: what is to be rehearsed; `done` of `of` runs; `result`: locale → what the page shows; `failed`: {code,
    params}. `seen_at`: when its worker last said that it goes on; `tries`: how many workers have begun it.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (Index("ix_rehearsal_flow", "flow", "by"), Index("ix_rehearsal_state", "state", "at"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    flow: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    job: Mapped[dict[str, Any]] = mapped_column(Json)
    done: Mapped[int] = mapped_column(Integer)
    of: Mapped[int] = mapped_column(Integer)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    failed: Mapped[dict[str, Any] | None] = mapped_column(Json)
    tries: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
