"""Who else holds the same thing on the same day: open tickets found by the marks that they left on one board.

A ticket leaves its marks with the step that asks (`listener`), looks afterwards as a job, and so of two that look at
the same moment at least one sees the other. Marks end with their ticket.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.core.catalog import Catalog
from app.extensions import db
from app.runtime.effects.base import Effect, Result, Work
from app.runtime.models import Listener, Ticket
from app.runtime.plan import board_mark

MOST = 20  # tickets named
AT_ONCE = 200  # marks in one statement


def others(ticket_id: str, board: str, values: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The open tickets but this one that left any of these marks on the board, oldest first: [{"ticket", "no"}]."""
    marks, found = [board_mark(board, row) for row in values], dict[int, str]()
    for start in range(0, len(marks), AT_ONCE):
        rows = db.session.execute(
            select(Ticket.no, Ticket.id).join(Listener, Listener.ticket_id == Ticket.id).distinct()
            .where(Listener.mark.in_(marks[start:start + AT_ONCE]), Ticket.status == "open", Ticket.id != ticket_id)
            .order_by(Ticket.no).limit(MOST))
        found.update({row.no: row.id for row in rows})
    db.session.rollback()
    return [{"ticket": found[no], "no": no} for no in sorted(found)[:MOST]]


class ClashEffect(Effect):
    """Looks who else is on the board; the flow goes on with who was found."""

    name = "clash"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """Look."""
        args = work.payload["args"]
        return Result(True, {"tickets": others(work.ticket_id, args["board"], args["values"])})


def register(catalog: Catalog) -> None:
    """Add it to an application's catalogue."""
    catalog.effects.add(ClashEffect.name, ClashEffect())
