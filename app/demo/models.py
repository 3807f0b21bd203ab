"""The demo ERP's own table."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model


class DemoRefund(Model):
    """A refund the demo ERP has accepted, once per idempotency key."""

    __tablename__ = "demo_refund"

    idem_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    order_no: Mapped[str] = mapped_column(String(64))
    amount: Mapped[str] = mapped_column(String(40))
    at: Mapped[int] = mapped_column(BigInteger)
