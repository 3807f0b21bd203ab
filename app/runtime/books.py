"""What the database knows of people's work, as the engine asks for it: how much they have, had and were given."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select, union_all

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

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]:
        """Open tasks of these people, over all tickets, and what was counted under these keys: in one statement, so
        that nobody's task is newer than the turn that is seen beside it."""
        stored = {tally_key(key, self.type_key): key for key in keys}
        loads, tallies = dict.fromkeys(people, 0), dict.fromkeys(keys, Tally())
        if not people and not keys:
            return loads, tallies
        none = literal(0)
        tasks = (select(Task.assignee_id, func.count(), none, none, none)
                 .where(Task.status == "open", Task.assignee_id.in_(list(people))).group_by(Task.assignee_id))
        counts = select(TallyRow.key, TallyRow.turn, TallyRow.at, TallyRow.span, TallyRow.n).where(
            TallyRow.key.in_(list(stored)))
        parts = [part for part, wanted in ((tasks, people), (counts, keys)) if wanted]
        rows: list[Any] = list(db.session.execute(union_all(*parts) if len(parts) > 1 else parts[0]))
        for name, *numbers in rows:
            if name in stored:
                tallies[stored[name]] = Tally(*numbers)
            else:
                loads[name] = numbers[0]
        return loads, tallies

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
