"""What happened on a ticket: its history's rows, one for each step, as single events."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened. `body` may hold port, edge, token, delta."""

    seq: int
    version: int
    kind: str
    node: str | None
    actor_type: str
    actor_id: str | None
    body: Mapping[str, Any]
    at: int


def events_in(rows: Iterable[Any]) -> Iterator[EventLine]:
    """The events of these rows of `TicketHistory`, in their order, each with its number."""
    for row in rows:
        happened = zip(row.marks, chain(row.bodies, repeat({})), strict=False)  # a body may have been taken away
        for seq, ((kind, node), body) in enumerate(happened, row.seq - len(row.marks) + 1):
            yield EventLine(seq, row.version, kind, node, row.actor_type, row.actor_id, body, row.at)
