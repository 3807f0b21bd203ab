"""What the database knows of people's work, as the engine asks for it: how much they have, had and were given."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.extensions import db
from app.flows.world import Backlog, Tally
from app.runtime.models import TallyRow, Task, Ticket

EVERYWHERE = "@"  # begins the key of a tally that all ticket types share


def tally_key(key: str, type_key: str) -> str:
    """The key of a tally as it is stored: what a step counts is counted for its ticket type."""
    return key if key.startswith(EVERYWHERE) else f"{type_key}:{key}"


class Books:
    """For the tickets of one type. One query each, whatever the number of people."""

    def __init__(self, type_key: str) -> None:
        self.type_key = type_key

    def open_tasks(self, people: Sequence[str]) -> dict[str, int]:
        """How many open tasks each of them is assigned, over all tickets."""
        counts = dict.fromkeys(people, 0)
        rows = db.session.execute(
            select(Task.assignee_id, func.count()).where(Task.status == "open", Task.assignee_id.in_(list(people)))
            .group_by(Task.assignee_id)
        )
        counts.update({person: count for person, count in rows if person is not None})
        return counts

    def served(self, people: Sequence[str], customer: str, before: int) -> dict[str, int | None]:
        """When each of them last had a ticket of this customer that came before `before`."""
        found: dict[str, int | None] = dict.fromkeys(people)
        rows = db.session.execute(
            select(Ticket.owner_id, func.max(Ticket.updated_at))
            .where(Ticket.customer_id == customer, Ticket.opened_at < before, Ticket.owner_id.in_(list(people)))
            .group_by(Ticket.owner_id)
        )
        found.update({person: at for person, at in rows if person is not None})
        return found

    def backlog(self, node: str) -> Backlog:
        """What waits at a step of this type's tickets."""
        count, since = db.session.execute(
            select(func.count(), func.min(Task.opened_at)).join(Ticket, Ticket.id == Task.ticket_id)
            .where(Task.status == "open", Task.node == node, Ticket.type_key == self.type_key)
        ).one()
        return Backlog(count, since)

    def tallies(self, keys: Sequence[str]) -> dict[str, Tally]:
        """What was counted under each of these keys."""
        stored = {tally_key(key, self.type_key): key for key in keys}
        found = dict.fromkeys(keys, Tally())
        rows = db.session.execute(
            select(TallyRow.key, TallyRow.turn, TallyRow.at, TallyRow.span, TallyRow.n)
            .where(TallyRow.key.in_(list(stored)))
        )
        found.update({stored[row.key]: Tally(row.turn, row.at, row.span, row.n) for row in rows})
        return found
