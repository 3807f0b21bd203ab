"""The narrow function behind every step: read one ticket, save all that the step changed.

Nothing is locked in between. `save_step` takes effect only if the ticket is still at the version that was read, and
then wholly; otherwise it raises `Moved`, and the caller reads and decides anew. On PostgreSQL it is one statement,
composed of the parts that this step needs; on SQLite one short transaction with a statement for each part. Both are
built from the same tables (`columns`). Nothing else writes tickets, their history, tasks or timers.
"""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

import json
from typing import Any

from app.core.errors import Conflict
from app.runtime import store_pg, store_sqlite
from app.runtime.step import Loaded, Step
from app.wire import Wire


class Moved(Exception):
    """Another step came first: read the ticket and decide again."""


class Repeated(Exception):
    """A command with this id was carried out by someone else in the meantime."""


class LeaseLost(Exception):
    """The outbox row is no longer ours: its lease ran out and another worker may have it."""


def load_for_step(wire: Wire, by: str, params: dict[str, Any], command_id: str | None) -> Loaded | None:
    """Read one ticket. `by`: ticket | token | task ({"ref"}), timer ({"ref": ticket, "key"}), outbox ({"ref",
    "lease"}). None: no such ticket, the timer is not armed or not due, the lease is lost.
    """
    texts = store_pg if wire.postgres else store_sqlite
    rows = wire.rows(texts.LOADS[by], {**params, "command": command_id, "offset": wire.offset})
    if not rows:
        return None
    (ident, no, version_id, token, title, opened_at, version, seq, head,
     data, state, now, repeated, mark, updated_at, key) = rows[0]
    if not wire.postgres:
        data, state = json.loads(data), json.loads(state)
    state["form"] = data
    # A ticket's own history never runs backwards, whatever the clock does.
    now = max(now, updated_at)
    return Loaded(
        ident, no, version_id, token, title, opened_at, version, seq, head, state, now, repeated is not None,
        mark or "", key,
    )


def begin_new(wire: Wire, command_id: str) -> tuple[int, bool, str]:
    """(the database's time, whether this command was carried out before, the organisation's epoch), for a ticket that
    does not exist yet."""
    texts = store_pg if wire.postgres else store_sqlite
    now, repeated, mark = wire.rows(texts.BEGIN_NEW, {"command": command_id, "offset": wire.offset})[0]
    return now, repeated is not None, mark or ""


def save_step(wire: Wire, step: Step) -> int:
    """Write the step durably, or nothing of it; returns the ticket's number.

    Raises Moved, Repeated, LeaseLost, or Conflict("upload_taken") if a file meanwhile belongs to another ticket.
    """
    result = (store_pg if wire.postgres else store_sqlite).save(wire, step)
    if isinstance(result, int):
        return result
    if result == "upload_taken":
        raise Conflict("upload_taken", where="uploads")
    raise {"ticket_moved": Moved, "lease_lost": LeaseLost, "repeated": Repeated}[result]()


def stored_command(wire: Wire, command_id: str) -> tuple[str, dict[str, Any], int] | None:
    """(request hash, response, status code) of a command carried out before."""
    sql = "SELECT request_hash, response, status_code FROM command WHERE id = "
    rows = wire.rows(sql + ("%(command)s" if wire.postgres else ":command"), {"command": command_id})
    if not rows:
        return None
    request_hash, response, status = rows[0]
    return request_hash, response if wire.postgres else json.loads(response), status
