"""PostgreSQL's texts for `store`: one statement reads, one writes.

In the writing statement the ticket's row comes first: it is changed only at the expected version, and the final SELECT
turns anything unexpected into an error before the other parts run, so the statement leaves all or nothing.
"""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

from functools import lru_cache
from typing import Any

import psycopg

from app.org import epoch
from app.runtime.columns import HISTORY, INSERTS, TICKET
from app.runtime.step import Step
from app.wire import NOW, Wire, dumps

DB_NOW = NOW["postgresql"]
SEEN = "(SELECT 1 FROM command WHERE id = %(command)s)"
COLUMNS = (
    "t.id, t.no, t.type_version_id, t.token, t.title, t.opened_at, t.version, t.seq, t.head, t.data, t.state,"
    f" {DB_NOW}, {SEEN}, {epoch.SQL}, t.updated_at"
)
BEGIN_NEW = f"SELECT {DB_NOW}, {SEEN}, {epoch.SQL}"
LOADS = {
    "ticket": f"SELECT {COLUMNS}, '' FROM ticket t WHERE t.id = %(ref)s",
    "token": f"SELECT {COLUMNS}, '' FROM ticket t WHERE t.token = %(ref)s",
    "task": f"SELECT {COLUMNS}, k.key FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.id = %(ref)s",
    "timer": f"SELECT {COLUMNS}, m.key FROM timer m JOIN ticket t ON t.id = m.ticket_id WHERE m.ticket_id = %(ref)s"
             f" AND m.key = %(key)s AND m.state = 'armed' AND m.due_at <= {DB_NOW}",
    "outbox": f"SELECT {COLUMNS}, o.key FROM outbox o JOIN ticket t ON t.id = o.ticket_id"
              " WHERE o.id = %(ref)s AND o.state = 'leased' AND o.lease_token = %(lease)s",
}


def _insert(part: str) -> str:
    spec = INSERTS[part]
    columns = ", ".join([*spec.shared, *spec.columns])
    shared = ", ".join(f"%({name})s::{'text' if name == 'ticket_id' else 'bigint'}" for name in spec.shared.values())
    typed = ", ".join(f"{name} {kind}" for name, kind in spec.columns.items())
    return (
        f"INSERT INTO {spec.table} ({columns}) SELECT {shared}, x.*"
        f" FROM jsonb_to_recordset(%({part})s::jsonb) AS x({typed}){spec.tail}"
    )


def _ticket(new: bool, columns: tuple[str, ...]) -> str:
    if new:
        values = ", ".join(f"%({name})s::{TICKET[name]}" for name in columns)
        return (
            f"INSERT INTO ticket (id, version, opened_at, updated_at, {', '.join(columns)})"
            f" VALUES (%(ticket_id)s, %(version)s, %(now)s, %(now)s, {values}) RETURNING no"
        )
    changes = ", ".join(f"{name} = %({name})s::{TICKET[name]}" for name in columns)
    return (
        f"UPDATE ticket SET version = %(version)s, updated_at = %(now)s, {changes}"
        " WHERE id = %(ticket_id)s AND version = %(version)s - 1 RETURNING no"
    )


ADD_HISTORY = (
    f"INSERT INTO ticket_history ({', '.join(HISTORY)})"
    f" VALUES ({', '.join(f'%({name})s' for name in HISTORY.values())})"
)
# `{ids}` becomes a placeholder for each id: of an array PostgreSQL guesses ten elements, likes no generic plan then and
# would plan the whole statement for every step. `{count}`: how many they are.
CHANGES = {
    "changed": "UPDATE task SET status = coalesce(%(changed)s::jsonb -> id ->> 0, status),"
               " outcome = coalesce(%(changed)s::jsonb -> id ->> 1, outcome),"
               " assignee_id = coalesce(%(changed)s::jsonb -> id ->> 2, assignee_id), closed_at ="
               " CASE WHEN %(changed)s::jsonb -> id ->> 0 IS NULL THEN closed_at ELSE %(now)s END"
               " WHERE id IN ({ids})",
    "timer_states": "UPDATE timer SET state = %(timer_states)s::jsonb ->> key, changed_at = %(now)s"
                    " WHERE ticket_id = %(ticket_id)s AND key IN ({ids}) AND state = 'armed'",
    "cancelled": "UPDATE outbox SET state = 'cancelled', done_at = %(now)s WHERE ticket_id = %(ticket_id)s"
                 " AND key IN ({ids}) AND state = 'ready'",
    "unheard": "DELETE FROM listener WHERE ticket_id = %(ticket_id)s AND key IN ({ids})",
    "uploads": "UPDATE upload SET ticket_id = %(ticket_id)s WHERE id IN ({ids})"
               " AND (ticket_id IS NULL OR ticket_id = %(ticket_id)s) RETURNING 1",
    "command": "INSERT INTO command (id, ticket_id, request_hash, response, status_code, at) VALUES (%(command)s,"
               " %(ticket_id)s, %(request_hash)s, %(response)s::jsonb, %(status_code)s, %(now)s)",
    "finish": "UPDATE outbox SET state = %(finish_state)s, done_at = %(now)s, last_error = %(finish_error)s,"
              " lease_token = NULL, lease_until = NULL WHERE id = %(outbox_id)s AND state = 'leased'"
              " AND lease_token = %(lease)s RETURNING 1",
    "attempt": "INSERT INTO outbox_attempt (outbox_id, attempt_no, worker_id, started_at, finished_at, outcome, error)"
               " VALUES (%(outbox_id)s, %(attempt_no)s, %(worker)s, %(started)s, %(now)s, %(finish_state)s,"
               " %(finish_error)s)",
}
# Words that are no number: casting them stops the statement, and the error tells which it was.
RETURNS = {"ticks": " RETURNING key"}
CHECKS = {
    "ticks": " WHEN (SELECT count(*) FROM ticks_) <> jsonb_array_length(%(ticks)s::jsonb) THEN 'ticket_moved'",
    "uploads": " WHEN (SELECT count(*) FROM uploads_) <> {count} THEN 'upload_taken'",
    "finish": " WHEN NOT EXISTS (SELECT 1 FROM finish_) THEN 'lease_lost'",
}
REFUSALS = ("ticket_moved", "upload_taken", "lease_lost")


@lru_cache(maxsize=512)
def _statement(new: bool, columns: tuple[str, ...], parts: tuple[tuple[str, int], ...]) -> str:
    """`parts`: what else the step writes, and how many ids it names for that."""
    ctes = [f"ticket_ AS ({_ticket(new, columns)})", f"history_ AS ({ADD_HISTORY})"]
    for part, count in parts:
        ids = ", ".join(f"%({part}_{number})s" for number in range(count))
        text = CHANGES[part].format(ids=ids) if part in CHANGES else _insert(part) + RETURNS.get(part, "")
        ctes.append(f"{part}_ AS ({text})")
    checks = "".join(CHECKS[part].format(count=count) for part, count in parts if part in CHECKS)
    return (
        f"WITH {', '.join(ctes)} SELECT (CASE WHEN NOT EXISTS (SELECT 1 FROM ticket_) THEN 'ticket_moved'{checks}"
        " ELSE (SELECT no::text FROM ticket_) END)::bigint"
    )


def save(wire: Wire, step: Step) -> int | str:
    """The ticket's number, or why nothing was written: one of REFUSALS, or "repeated"."""
    params: dict[str, Any] = {
        **step.ticket, **step.history, "ticket_id": step.ticket_id, "version": step.version, "now": step.now,
        "state": dumps(step.ticket["state"]),
    }
    if "data" in step.ticket:
        params["data"] = dumps(step.ticket["data"])
    parts = []
    for name in INSERTS:
        rows = getattr(step, name)
        if rows:
            parts.append((name, 0))
            params[name] = dumps(rows)
    for name in ("changed", "timer_states", "cancelled", "unheard", "uploads"):
        named = getattr(step, name)
        if named:
            parts.append((name, len(named)))
            params |= {f"{name}_{number}": ident for number, ident in enumerate(named)}
            if isinstance(named, dict):
                params[name] = dumps(named)
    if step.command:
        parts.append(("command", 0))
        params |= step.command
        params["response"] = dumps(step.command["response"])
    if step.finish:
        parts += [("finish", 0), ("attempt", 0)]
        params |= step.finish
    try:
        return int(wire.write(_statement(step.new, tuple(step.ticket), tuple(parts)), params)[0][0])
    except psycopg.errors.InvalidTextRepresentation as error:
        for word in REFUSALS:
            if f'"{word}"' in (error.diag.message_primary or ""):
                return word
        raise
    except psycopg.errors.UniqueViolation as error:
        if error.diag.table_name == "command":
            return "repeated"
        raise
