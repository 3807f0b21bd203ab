"""SQLite's texts for `store`: one statement reads; a short transaction, begun with the write lock, writes."""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Any

from app.org import epoch
from app.runtime.columns import HISTORY, INSERTS
from app.runtime.step import Step
from app.wire import NOW, Wire, dumps

DB_NOW = NOW["sqlite"]
SEEN = "(SELECT 1 FROM command WHERE id = :command)"
COLUMNS = (
    "t.id, t.no, t.type_version_id, t.token, t.title, t.opened_at, t.version, t.seq, t.head, t.data, t.state,"
    f" {DB_NOW}, {SEEN}, {epoch.SQL}, t.updated_at"
)
BEGIN_NEW = f"SELECT {DB_NOW}, {SEEN}, {epoch.SQL}"
LOADS = {
    "ticket": f"SELECT {COLUMNS}, '' FROM ticket t WHERE t.id = :ref",
    "token": f"SELECT {COLUMNS}, '' FROM ticket t WHERE t.token = :ref",
    "task": f"SELECT {COLUMNS}, k.key FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.id = :ref",
    "timer": f"SELECT {COLUMNS}, m.key FROM timer m JOIN ticket t ON t.id = m.ticket_id WHERE m.ticket_id = :ref"
             f" AND m.key = :key AND m.state = 'armed' AND m.due_at <= {DB_NOW}",
    "outbox": f"SELECT {COLUMNS}, o.key FROM outbox o JOIN ticket t ON t.id = o.ticket_id"
              " WHERE o.id = :ref AND o.state = 'leased' AND o.lease_token = :lease",
}


@lru_cache(maxsize=512)
def _insert(part: str, count: int) -> str:
    spec = INSERTS[part]
    columns = [*spec.shared, *spec.columns]
    row = "(" + ", ".join("?" * len(columns)) + ")"
    return f"INSERT INTO {spec.table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}{spec.tail}"


def _values(part: str, rows: list[dict[str, Any]], shared: dict[str, Any]) -> list[Any]:
    spec = INSERTS[part]
    fixed = [shared[name] for name in spec.shared.values()]
    values: list[Any] = []
    for row in rows:
        values += fixed
        values += [dumps(row[name]) if name in spec.json else row[name] for name in spec.columns]
    return values


@lru_cache(maxsize=128)
def _ticket(new: bool, columns: tuple[str, ...]) -> str:
    if new:
        return (
            f"INSERT INTO ticket (id, version, opened_at, updated_at, {', '.join(columns)})"
            f" VALUES (:ticket_id, :version, :now, :now, {', '.join(':' + name for name in columns)}) RETURNING no"
        )
    return (
        f"UPDATE ticket SET version = :version, updated_at = :now, {', '.join(f'{name} = :{name}' for name in columns)}"
        " WHERE id = :ticket_id AND version = :version - 1 RETURNING no"
    )


ADD_HISTORY = (
    f"INSERT INTO ticket_history ({', '.join(HISTORY)}) VALUES ({', '.join(':' + name for name in HISTORY.values())})"
)
TASK = (
    "UPDATE task SET status = coalesce(?1, status), outcome = coalesce(?2, outcome),"
    " assignee_id = coalesce(?3, assignee_id), closed_at = CASE WHEN ?1 IS NULL THEN closed_at ELSE ?4 END"
    " WHERE id = ?5"
)
TIMER = "UPDATE timer SET state = ?, changed_at = ? WHERE ticket_id = ? AND key = ? AND state = 'armed'"
CANCEL = "UPDATE outbox SET state = 'cancelled', done_at = ? WHERE ticket_id = ? AND key = ? AND state = 'ready'"
UNHEARD = "DELETE FROM listener WHERE ticket_id = ? AND key = ?"
UPLOADS = (
    "UPDATE upload SET ticket_id = :ticket_id WHERE id IN (SELECT value FROM json_each(:rows))"
    " AND (ticket_id IS NULL OR ticket_id = :ticket_id)"
)
COMMAND = (
    "INSERT INTO command (id, ticket_id, request_hash, response, status_code, at)"
    " VALUES (:command, :ticket_id, :request_hash, :response, :status_code, :now)"
)
FINISH = (
    "UPDATE outbox SET state = :finish_state, done_at = :now, last_error = :finish_error, lease_token = NULL,"
    " lease_until = NULL WHERE id = :outbox_id AND state = 'leased' AND lease_token = :lease"
)
ATTEMPT = (
    "INSERT INTO outbox_attempt (outbox_id, attempt_no, worker_id, started_at, finished_at, outcome, error)"
    " VALUES (:outbox_id, :attempt_no, :worker, :started, :now, :finish_state, :finish_error)"
)


class _Refused(Exception):
    """Rolls back; its argument says why."""


def save(wire: Wire, step: Step) -> int | str:
    """The ticket's number, or why nothing was written: ticket_moved, upload_taken, lease_lost or repeated."""
    try:
        with wire.writing():
            return _write(wire, step)
    except _Refused as refused:
        return str(refused)
    except sqlite3.IntegrityError as error:
        if "command.id" in str(error):
            return "repeated"
        raise


def _write(wire: Wire, step: Step) -> int:
    shared: dict[str, Any] = {"ticket_id": step.ticket_id, "version": step.version, "now": step.now}
    ticket = {**shared, **step.ticket, "state": dumps(step.ticket["state"])}
    if "data" in ticket:
        ticket["data"] = dumps(ticket["data"])
    numbers = wire.rows(_ticket(step.new, tuple(step.ticket)), ticket)
    if not numbers:
        raise _Refused("ticket_moved")
    wire.run(ADD_HISTORY, {**ticket, **step.history})
    if step.command:
        wire.run(COMMAND, {**shared, **step.command, "response": dumps(step.command["response"])})
    if step.finish:
        if not wire.run(FINISH, {**shared, **step.finish}):
            raise _Refused("lease_lost")
        wire.run(ATTEMPT, {**shared, **step.finish})
    for part in INSERTS:
        rows = getattr(step, part)
        if rows:
            written = wire.run(_insert(part, len(rows)), _values(part, rows, shared))
            if part == "ticks" and written < len(rows):
                raise _Refused("ticket_moved")
    for ident, change in step.changed.items():
        wire.run(TASK, (*change, step.now, ident))
    for key, state in step.timer_states.items():
        wire.run(TIMER, (state, step.now, step.ticket_id, key))
    for key in step.cancelled:
        wire.run(CANCEL, (step.now, step.ticket_id, key))
    for key in step.unheard:
        wire.run(UNHEARD, (step.ticket_id, key))
    if step.uploads and wire.run(UPLOADS, {**shared, "rows": dumps(step.uploads)}) != len(step.uploads):
        raise _Refused("upload_taken")
    return int(numbers[0][0])
