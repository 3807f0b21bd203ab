"""Which columns a step writes, once for both databases (PostgreSQL's types; SQLite needs none)."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Insert:
    """Rows for one table: `shared` columns take one value of the step each, `columns` come with each row."""

    table: str
    shared: dict[str, str]
    columns: dict[str, str]
    json: frozenset[str] = frozenset()
    tail: str = ""


# A step sets only those of a ticket's columns that change: setting an indexed one, even to what it is, costs a page.
TICKET = {
    "status": "text", "reason": "text", "title": "text", "priority": "text", "owner_id": "text", "seq": "int",
    "state": "json", "data": "jsonb", "head": "text", "closed_at": "bigint", "due_at": "bigint", "type_key": "text",
    "type_version_id": "text", "token": "text", "customer_id": "text", "source": "text",
    "same_key": "text", "opener_id": "text", "parked": "text", "parked_at": "bigint",
}

# The one row that every step adds to the history; what of it is the ticket's too has that name.
HISTORY = {
    "ticket_id": "ticket_id", "version": "version", "at": "now", "seq": "seq", "hash": "head",
    "actor_type": "actor_type", "actor_id": "actor_id", "marks": "marks", "bodies": "bodies", "mac": "mac",
}

INSERTS = {
    "tasks": Insert(
        "task", {"ticket_id": "ticket_id", "opened_at": "now"},
        {"id": "text", "key": "text", "node": "text", "kind": "text", "name": "text", "assignee_id": "text",
         "status": "text", "outcome": "text", "due_at": "bigint", "closed_at": "bigint", "actions": "jsonb"},
        frozenset({"actions"}),
    ),
    "candidates": Insert(
        "task_candidate", {"ticket_id": "ticket_id"}, {"task_id": "text", "group_key": "text"},
        tail=" ON CONFLICT DO NOTHING",
    ),
    # `turn` is the one after that which the decision saw, or -1 where any will do: a step that saw an old one writes
    # nothing here, which its caller notices. Ordered by key, so that two steps never wait for each other.
    "ticks": Insert(
        "tally", {"at": "now"}, {"key": "text", "turn": "bigint", "span": "bigint", "n": "int"},
        tail=" ON CONFLICT (key) DO UPDATE SET turn = tally.turn + 1, at = excluded.at, span = excluded.span,"
             " n = excluded.n + CASE WHEN tally.span = excluded.span THEN tally.n ELSE 0 END"
             " WHERE excluded.turn = -1 OR tally.turn = excluded.turn - 1",
    ),
    "timers": Insert(
        "timer", {"ticket_id": "ticket_id", "changed_at": "now"},
        {"key": "text", "node": "text", "kind": "text", "due_at": "bigint", "run_at": "bigint", "state": "text",
         "attempts": "int"},
    ),
    "listens": Insert("listener", {"ticket_id": "ticket_id"}, {"key": "text", "mark": "text"}),
    "outbox": Insert(
        "outbox", {"ticket_id": "ticket_id", "created_at": "now", "run_at": "now"},
        {"key": "text", "kind": "text", "lane": "text", "is_job": "boolean", "payload": "jsonb",
         "state": "text", "attempts": "int", "max_attempts": "int", "backoff_ms": "bigint"},
        frozenset({"payload"}),
    ),
}
