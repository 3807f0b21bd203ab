"""The outbox: claiming rows under a lease, ending them, and giving back what dead workers held.

Only the database's clock is compared. A lease is a token and a time: who ends a row must still hold the token, so a
worker that was slow or frozen cannot end what another one has taken over.
"""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.extensions import db
from app.runtime.models import Outbox
from app.wire import NOW, Wire, dumps

LEASE_MS = 60_000
BATCH = 20
LONGEST_MS = 15 * 60_000  # between two tries
MAX_ERROR = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A claimed outbox row with its ticket's number and link."""

    id: int
    ticket_id: str
    key: str
    kind: str
    is_job: bool
    payload: Mapping[str, Any]
    attempts: int
    max_attempts: int
    backoff_ms: int
    no: int
    token: str
    now: int
    lease: str

    @property
    def idem_key(self) -> str:
        """The name by which receivers recognise a repetition."""
        return f"{self.ticket_id}:{self.key}"


@dataclass(frozen=True, slots=True)
class Ending:
    """How one try ended. `state`: done | ready (again after `delay_ms`) | dead."""

    row: Row
    state: str
    started: int
    error: str = ""
    delay_ms: int = 0


ROW = (
    "id, ticket_id, key, kind, is_job, payload, attempts, max_attempts, backoff_ms,"
    " (SELECT no FROM ticket WHERE ticket.id = outbox.ticket_id),"
    " (SELECT token FROM ticket WHERE ticket.id = outbox.ticket_id)"
)
READY = (
    "SELECT id FROM outbox WHERE state = 'ready' AND lane = {lane} AND run_at <= {now} ORDER BY run_at, id LIMIT {n}"
)
LEASED = "state = 'leased', lease_token = {lease}, lease_until = {now} + {ms}, leased_by = {worker}"
# Rows whose lease ran out: tried again while tries are left. The last try of a job is ended by its ticket's flow.
EXPIRED = "state = 'leased' AND lease_until < {now}"
LAST_OF_JOB = "is_job AND attempts >= max_attempts"


def _texts(template: str, **blocks: str) -> dict[str, str]:
    """The statement for both databases: {name} becomes a parameter, {now} the clock."""
    template = template.replace("{row}", ROW)
    names = ("lane", "n", "lease", "ms", "worker", "id", "payload")
    for name, block in blocks.items():
        template = template.replace("{" + name + "}", block)
    return {
        # As an array the chosen rows are looked for once; as a list they might be looked for again and again.
        "postgresql": template.replace("IN {chosen}", f"= ANY (ARRAY({READY} FOR UPDATE SKIP LOCKED))").format(
            now=NOW["postgresql"], **{name: f"%({name})s" for name in names}
        ),
        "sqlite": template.replace("{chosen}", f"({READY})").format(
            now=NOW["sqlite"], **{name: f":{name}" for name in names}
        ),
    }


CLAIM = _texts(
    "UPDATE outbox SET {leased}, attempts = attempts + 1 WHERE id IN {chosen} RETURNING {row}, {now}",
    leased=LEASED,
)
RENEW = _texts(
    "UPDATE outbox SET lease_until = {now} + {ms} WHERE lease_token = {lease} AND state = 'leased' RETURNING id"
)
KEEP = _texts(
    "UPDATE outbox SET payload = {payload} WHERE id = {id} AND lease_token = {lease} AND state = 'leased' RETURNING id"
)
LOST = _texts(
    "UPDATE outbox SET state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'ready' END, lease_token = NULL,"
    " lease_until = NULL, last_error = 'lease_lost', done_at = CASE WHEN attempts >= max_attempts THEN {now} END"
    " WHERE {expired} AND NOT ({last}) RETURNING id, attempts, leased_by, {now}",
    expired=EXPIRED, last=LAST_OF_JOB,
)
LAST = _texts(
    "UPDATE outbox SET {leased} WHERE {expired} AND {last} RETURNING {row}, {now}",
    leased=LEASED, expired=EXPIRED, last=LAST_OF_JOB,
)
END_PG = (
    "WITH x AS (SELECT * FROM jsonb_to_recordset(%(ends)s::jsonb) AS x(id bigint, state text, delay bigint, error text,"
    " attempt_no int, started bigint)),"
    f" ended AS (UPDATE outbox SET state = x.state, run_at = CASE WHEN x.state = 'ready' THEN {NOW['postgresql']}"
    " + x.delay ELSE outbox.run_at END, last_error = x.error, lease_token = NULL, lease_until = NULL,"
    f" done_at = CASE WHEN x.state = 'ready' THEN NULL ELSE {NOW['postgresql']} END FROM x WHERE outbox.id = x.id"
    " AND outbox.id = ANY(%(ids)s) AND outbox.state = 'leased' AND outbox.lease_token = %(lease)s"
    " RETURNING outbox.id),"
    " noted AS (INSERT INTO outbox_attempt (outbox_id, attempt_no, worker_id, started_at, finished_at, outcome, error)"
    f" SELECT x.id, x.attempt_no, %(worker)s, x.started, {NOW['postgresql']}, x.state, x.error FROM x"
    " JOIN ended ON ended.id = x.id)"
    " SELECT id FROM ended"
)
X = "json_extract(x.value, '$.{}')"
END_SQLITE = (
    f"UPDATE outbox SET state = {X.format('state')}, last_error = {X.format('error')}, lease_token = NULL,"
    f" lease_until = NULL, run_at = CASE {X.format('state')} WHEN 'ready' THEN {NOW['sqlite']} + {X.format('delay')}"
    f" ELSE run_at END, done_at = CASE {X.format('state')} WHEN 'ready' THEN NULL ELSE {NOW['sqlite']} END"
    f" FROM json_each(:ends) AS x WHERE outbox.id = {X.format('id')} AND outbox.state = 'leased'"
    " AND outbox.lease_token = :lease RETURNING id"
)
ATTEMPT_SQLITE = (
    "INSERT INTO outbox_attempt (outbox_id, attempt_no, worker_id, started_at, finished_at, outcome, error)"
    f" SELECT {X.format('id')}, {X.format('attempt_no')}, :worker, {X.format('started')}, {NOW['sqlite']},"
    f" {X.format('state')}, {X.format('error')} FROM json_each(:ends) AS x"
)
NOTE_LOST = {
    "postgresql": "INSERT INTO outbox_attempt (outbox_id, attempt_no, worker_id, started_at, finished_at, outcome,"
                  " error) SELECT x.id, x.attempts, x.worker, x.at, x.at, 'lost', 'lease_lost'"
                  " FROM jsonb_to_recordset(%(ends)s::jsonb) AS x(id bigint, attempts int, worker text, at bigint)"
                  " ON CONFLICT DO NOTHING",
    "sqlite": "INSERT INTO outbox_attempt (outbox_id, attempt_no, worker_id, started_at, finished_at, outcome, error)"
              " SELECT json_extract(value, '$.id'), json_extract(value, '$.attempts'), json_extract(value, '$.worker'),"
              " json_extract(value, '$.at'), json_extract(value, '$.at'), 'lost', 'lease_lost' FROM json_each(:ends)"
              " WHERE true ON CONFLICT DO NOTHING",
}


def claim(wire: Wire, worker: str, lane: str, limit: int = BATCH, lease_ms: int = LEASE_MS) -> list[Row]:
    """Take up to `limit` rows of a lane that are due; each try is counted here, before it is made."""
    lease = uuid.uuid4().hex
    params = {"lane": lane, "n": limit, "lease": lease, "ms": lease_ms, "worker": worker, "offset": wire.offset}
    return [_row(wire, row, lease) for row in sorted(wire.write(CLAIM[wire.dialect], params))]


def _row(wire: Wire, row: tuple[Any, ...], lease: str) -> Row:
    ident, ticket_id, key, kind, is_job, payload, attempts, most, backoff, no, token, now = row
    if not wire.postgres:
        payload = json.loads(payload)
    return Row(ident, ticket_id, key, kind, bool(is_job), payload, attempts, most, backoff, no, token, now, lease)


def renew(wire: Wire, lease: str, lease_ms: int = LEASE_MS) -> bool:
    """Keep what is held under a lease for longer; False: nothing is held any more."""
    return bool(wire.write(RENEW[wire.dialect], {"lease": lease, "ms": lease_ms, "offset": wire.offset}))


def keep(wire: Wire, row: Row, payload: Mapping[str, Any]) -> None:
    """Store a row's payload anew, unless the lease is lost: what a job brought is safe before anybody is told."""
    wire.write(KEEP[wire.dialect], {"id": row.id, "lease": row.lease, "payload": dumps(payload)})


def end(wire: Wire, worker: str, endings: Sequence[Ending]) -> int:
    """Note how tries ended (all under one lease); returns how many rows were still ours."""
    if not endings:
        return 0
    lease = endings[0].row.lease
    rows = [
        {
            "id": ending.row.id, "state": ending.state, "delay": ending.delay_ms, "started": ending.started,
            "error": ending.error[:MAX_ERROR] or None, "attempt_no": ending.row.attempts,
        }
        for ending in endings
    ]
    if wire.postgres:
        params = {
            "ends": dumps(rows), "ids": [row["id"] for row in rows], "lease": lease, "worker": worker,
            "offset": wire.offset,
        }
        return len(wire.write(END_PG, params))
    params = {"ends": dumps(rows), "lease": lease, "worker": worker, "offset": wire.offset}
    with wire.writing():
        ours = {row[0] for row in wire.rows(END_SQLITE, params)}
        params["ends"] = dumps([row for row in rows if row["id"] in ours])
        wire.run(ATTEMPT_SQLITE, params)
    return len(ours)


def give_back(wire: Wire) -> int:
    """Return rows whose worker died to the others; returns how many."""
    lost = wire.write(LOST[wire.dialect], {"offset": wire.offset})
    if lost:
        rows = [{"id": row[0], "attempts": row[1], "worker": row[2], "at": row[3]} for row in lost]
        with wire.writing():
            wire.run(NOTE_LOST[wire.dialect], {"ends": dumps(rows)})
    return len(lost)


def take_last(wire: Wire, worker: str, lease_ms: int = LEASE_MS) -> list[Row]:
    """Jobs whose worker died at the last try: their flows have to be told that nothing came of it."""
    lease = uuid.uuid4().hex
    params = {"lease": lease, "ms": lease_ms, "worker": worker, "offset": wire.offset}
    return [_row(wire, row, lease) for row in wire.write(LAST[wire.dialect], params)]


def delay_ms(row: Row, chance: random.Random) -> int:
    """How long to wait before the next try: doubled each time, capped, and scattered by half."""
    return int(min(LONGEST_MS, row.backoff_ms * 2 ** min(row.attempts - 1, 20)) * (0.5 + chance.random()))


# ---- what was given up ----------------------------------------------------------------------------------------------


def dead(limit: int = 100) -> list[dict[str, Any]]:
    """Rows that were given up, newest first: id, ticket_id, kind, key, attempts, last_error, done_at. One query."""
    columns = (Outbox.id, Outbox.ticket_id, Outbox.kind, Outbox.key, Outbox.attempts, Outbox.last_error, Outbox.done_at)
    rows = db.session.execute(select(*columns).where(Outbox.state == "dead").order_by(Outbox.id.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]


def redrive(ids: Sequence[int], now: int) -> int:
    """Make dead rows ready again, with as many tries as they had; returns how many. Commits.

    The flow of a job has gone on without its answer and ignores one that comes now.
    """
    changed = db.session.execute(
        update(Outbox).where(Outbox.id.in_(list(ids)), Outbox.state == "dead")
        .values(state="ready", max_attempts=Outbox.attempts + Outbox.max_attempts, done_at=None, run_at=now)
    )
    db.session.commit()
    return int(changed.rowcount)  # type: ignore[attr-defined]
