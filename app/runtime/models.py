"""The tables of the runtime.

The ORM serves the schema, the migrations and the rare reads; the hot step writes these tables through `store`, in one
statement. All times are epoch milliseconds UTC, all ids text. Where a flow stands is `Ticket.state`; how it got there
is `TicketHistory`. Tickets are listed by `no`, never by a time of change: an indexed column that changes with every
step would make PostgreSQL rewrite all the row's index entries. What belongs to a ticket refers to it without a
constraint, which the database would check for every row of every step: one function writes them all, and `flask doctor`
looks for rows without their ticket.
"""
from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model

# SQLite counts up only an INTEGER primary key.
BigId = BigInteger().with_variant(Integer, "sqlite")
ID = String(36)
NO_ROWID: Any = {"sqlite_with_rowid": False}  # for short rows: one page less to write
WHO = String(40)


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class Ticket(Model):
    """One run of a ticket type. `version` counts steps, `seq` events; `data` holds the answers, `state` the rest.

    `parked`: where and why it stands until somebody retries, "step:code", since `parked_at`.
    `opener_id`: the colleague who opened it. `same_key`: a keyed hash of what makes another request the same one (see
    `repeats`), where its door looks for that.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_status_no", "status", "no"),
        Index("ix_ticket_customer_id", "customer_id"),
        Index("ix_ticket_owner_id", "owner_id"),
        _partial("ix_ticket_opener_id", "opener_id", where="opener_id IS NOT NULL"),
        _partial("ix_ticket_same_key", "same_key", where="same_key IS NOT NULL"),
        _partial("ix_ticket_parked", "type_key", "parked", "no", where="parked IS NOT NULL"),
        {"postgresql_with": {"fillfactor": 70}, "sqlite_autoincrement": True},
    )

    no: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    type_key: Mapped[str] = mapped_column(String(64))
    type_version_id: Mapped[str] = mapped_column(ID)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    priority: Mapped[str | None] = mapped_column(String(20))
    owner_id: Mapped[str | None] = mapped_column(WHO)
    opener_id: Mapped[str | None] = mapped_column(WHO)
    customer_id: Mapped[str | None] = mapped_column(WHO)
    source: Mapped[str] = mapped_column(String(80))
    same_key: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)  # never looked into by SQL: cheaper as text
    head: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    parked: Mapped[str | None] = mapped_column(String(150))
    parked_at: Mapped[int | None] = mapped_column(BigInteger)


class TicketHistory(Model):
    """What happened, append only: a row for each step, in it the step's events (`history.events_in`).

    `marks`: [kind, node] of each; `bodies`: the rest of each. `seq` is the number of the last of them. `mac` is a keyed
    digest of `bodies`, `hash` chains the rows of one ticket. The chain covers `mac`, not `bodies`: a customer's words
    can be erased and the chain still verifies.
    """

    __tablename__ = "ticket_history"

    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    actor_type: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(WHO)
    marks: Mapped[list[list[str | None]]] = mapped_column(Json)
    bodies: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # as they were digested
    mac: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Task(Model):
    """Something a person is asked to do. Without `assignee_id` it lies in the pool of its candidates."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        _partial("ix_task_assignee_open", "assignee_id", "due_at", where="status = 'open' AND assignee_id IS NOT NULL"),
        _partial("ix_task_pool", "opened_at", where="status = 'open' AND assignee_id IS NULL"),
        NO_ROWID,
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(120))
    node: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    assignee_id: Mapped[str | None] = mapped_column(WHO)
    status: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    actions: Mapped[list[Any]] = mapped_column(Json)


class TaskCandidate(Model):
    """Who may see the task's ticket, and take the task while it lies in the pool.

    `group_key` is a role's group ("cs_agent@store=s1") or a person ("p:<id>"). Each assignee is kept here too: who
    once had the task still sees the ticket after passing it on.
    """

    __tablename__ = "task_candidate"
    __table_args__ = NO_ROWID

    group_key: Mapped[str] = mapped_column(String(120), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    task_id: Mapped[str] = mapped_column(ID, primary_key=True)


class Command(Model):
    """One request that was carried out, and what it was answered: the same request again gets the same answer."""

    __tablename__ = "command"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ID)
    request_hash: Mapped[str] = mapped_column(String(64))
    response: Mapped[dict[str, Any]] = mapped_column(Json)
    status_code: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)


class Timer(Model):
    """`due_at` is when it must fire at the earliest, `run_at` when it is tried next (later after a failed try)."""

    __tablename__ = "timer"
    __table_args__ = (_partial("ix_timer_armed", "run_at", where="state = 'armed'"), NO_ROWID)

    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    node: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[int] = mapped_column(BigInteger)
    run_at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20))  # armed | fired | cancelled
    changed_at: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer)
    last_error: Mapped[str | None] = mapped_column(String(500))


class TallyRow(Model):
    """What steps count so that others can count on it (app.flows.world.Tally): what somebody was given, say.

    `turn` changes every time: a step that saw another one is decided anew. `span`: what the count `n` is of.
    """

    __tablename__ = "tally"
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}, **NO_ROWID},)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    turn: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
    span: Mapped[int] = mapped_column(BigInteger)
    n: Mapped[int] = mapped_column(Integer)


class Listener(Model):
    """A ticket that waits for an event. `mark` is a keyed hash of the event's name and subject (see `events`)."""

    __tablename__ = "listener"
    __table_args__ = (Index("ix_listener_mark", "mark"), NO_ROWID)

    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))


class OutsideEvent(Model):
    """An event that another system told us, kept a while: for flows that begin to wait later, and to know it again.

    `data` is sealed.
    """

    __tablename__ = "outside_event"
    __table_args__ = (Index("ix_outside_event_mark", "mark", "at"), Index("ix_outside_event_at", "at"))

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    mark: Mapped[str] = mapped_column(String(64))
    data: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)


class Outbox(Model):
    """One effect on the world, to be carried out by a worker. `attempts` is counted when it is claimed.

    ready → leased → done; back to ready after a temporary failure or a lost lease; dead when tries are used up or the
    failure is final. `key` is the engine's name for the effect: with the ticket's id it is the name by which receivers
    recognise a repetition.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key"),
        _partial("ix_outbox_ready", "lane", "run_at", "id", where="state = 'ready'"),
        _partial("ix_outbox_leased", "lease_until", where="state = 'leased'"),
        _partial("ix_outbox_dead", "id", where="state = 'dead'"),
        {"postgresql_with": {"fillfactor": 60, "autovacuum_vacuum_scale_factor": 0.02}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    ticket_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(64))
    lane: Mapped[str] = mapped_column(String(20))
    is_job: Mapped[bool] = mapped_column(Boolean)  # whether the flow waits for the result
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(20))
    run_at: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer)
    max_attempts: Mapped[int] = mapped_column(Integer)
    backoff_ms: Mapped[int] = mapped_column(BigInteger)
    lease_token: Mapped[str | None] = mapped_column(ID)
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    leased_by: Mapped[str | None] = mapped_column(ID)
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[int] = mapped_column(BigInteger)
    done_at: Mapped[int | None] = mapped_column(BigInteger)


class OutboxAttempt(Model):
    """One try at an outbox row and how it ended: done, retry, dead, lost (the worker died or lost its lease)."""

    __tablename__ = "outbox_attempt"

    outbox_id: Mapped[int] = mapped_column(BigId, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    attempt_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    worker_id: Mapped[str] = mapped_column(ID)
    started_at: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(String(500))


class Worker(Model):
    """A process that drains the outbox; `last_seen_at` tells whether it lives."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    host: Mapped[str] = mapped_column(String(120))
    pid: Mapped[int] = mapped_column(Integer)
    roles: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[int] = mapped_column(BigInteger)
    last_seen_at: Mapped[int] = mapped_column(BigInteger)


class Singleton(Model):
    """Who does a piece of housekeeping that one process at a time should do. `fence` grows with every new holder."""

    __tablename__ = "singleton"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(ID)
    until: Mapped[int] = mapped_column(BigInteger)
    fence: Mapped[int] = mapped_column(BigInteger)


class Reveal(Model):
    """Somebody asked to see a masked answer: who, when, which; never what it says. `given`: it was shown, else refused
    because they had asked for too many."""

    __tablename__ = "reveal"
    __table_args__ = (Index("ix_reveal_person", "person_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(WHO)
    at: Mapped[int] = mapped_column(BigInteger)
    ticket_id: Mapped[str] = mapped_column(ID)
    field: Mapped[str] = mapped_column(String(64))
    given: Mapped[bool] = mapped_column(Boolean)


class Upload(Model):
    """A stored file. Until it belongs to a ticket, only the session that sent it may use it."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_ticket_id", "ticket_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    session_key: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[str | None] = mapped_column(ID)
    field: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    mime: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    storage_key: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)
    ms: Mapped[int | None] = mapped_column(BigInteger)  # length of a recording, where it says so


class UploadPart(Model):
    """A file that is still coming, piece by piece. Only the session that sends it knows of it."""

    __tablename__ = "upload_part"

    id: Mapped[str] = mapped_column(ID, primary_key=True)  # its upload's, once all of it is there
    session_key: Mapped[str] = mapped_column(String(64))
    field: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes it will have
    received: Mapped[int] = mapped_column(BigInteger)  # bytes that are safe on disk
    storage_key: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)  # of the last piece


class BulkRun(Model):
    """Somebody had one thing done to many tickets (see `bulk`). `about`: the form, flow or ticket type whose they are;
    `version`: on which they are to stand, 0 where they stay on theirs; `total` counts the tickets."""

    __tablename__ = "bulk_run"
    __table_args__ = (Index("ix_bulk_run_about", "kind", "about", "at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(WHO)


class BulkTicket(Model):
    """One of its tickets. `state`: waiting | done | refused (`code`, `params` say why) | over (closed before)."""

    __tablename__ = "bulk_ticket"
    __table_args__ = (NO_ROWID,)

    run_id: Mapped[str] = mapped_column(ID, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(80))
    params: Mapped[dict[str, Any] | None] = mapped_column(Json)


class ParkedTold(Model):
    """Somebody was told that a ticket stands still for this reason (`Ticket.parked`)."""

    __tablename__ = "parked_told"
    __table_args__ = (NO_ROWID,)

    ticket_id: Mapped[str] = mapped_column(ID, primary_key=True)
    cause: Mapped[str] = mapped_column(String(150))
    at: Mapped[int] = mapped_column(BigInteger)
