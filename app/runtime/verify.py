"""Whether everything that must always hold does hold. Reads only; `flask doctor` prints what it finds.

Each ticket is compared as one moment's picture, so it may be run while people work. The numbers are those of the
invariants in docs/runtime.md.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from app.extensions import db, reading
from app.runtime import chain
from app.runtime.history import EventLine, events_in
from app.runtime.models import (
    BulkTicket,
    Command,
    Listener,
    Outbox,
    Task,
    TaskCandidate,
    Ticket,
    TicketHistory,
    Timer,
    Upload,
    UploadPart,
)
from app.runtime.outbox import LEASE_MS
from app.vault import Vault, vault

BATCH = 200
LATE_MS = 60_000  # what is due and not done after this long: nobody is working
YOUNG_MS = 3_600_000  # a file without a row may still be on its way in
GOING = ("ready", "leased")
STATES = ("ready", "leased", "done", "dead", "cancelled")


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be. `code` begins with the invariant's number; `ticket` is "" where none is concerned."""

    code: str
    ticket: str
    detail: str


def verify(now: int, uploads: Path, *, lease_ms: int = LEASE_MS) -> Iterator[Violation]:
    """All violations. `now`: epoch ms; `uploads`: the folder of stored files; `lease_ms`: as the workers have it."""
    keys = vault()
    last = 0
    while True:
        with reading(), _picture() as connection:
            tickets = connection.execute(
                select(Ticket.__table__).where(Ticket.no > last).order_by(Ticket.no).limit(BATCH)
            ).all()
            found = _of_batch(connection, tickets, now, keys)
        yield from found
        if len(tickets) < BATCH:
            break
        last = tickets[-1].no
    with reading(), _picture() as connection:
        rest = [*_orphans(connection), *_outbox(connection, now, lease_ms), *_files(connection, uploads, now)]
    yield from rest


def _picture() -> Connection:
    """A connection that sees one moment throughout."""
    connection = db.engine.connect()
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _of_batch(connection: Connection, tickets: Sequence[Row[Any]], now: int, keys: Vault) -> list[Violation]:
    ids = [ticket.id for ticket in tickets]

    def by_ticket(model: Any, *order: Any) -> dict[str, list[Row[Any]]]:
        rows: dict[str, list[Row[Any]]] = {ident: [] for ident in ids}
        for row in connection.execute(select(model.__table__).where(model.ticket_id.in_(ids)).order_by(*order)):
            rows[row.ticket_id].append(row)
        return rows

    steps, tasks = by_ticket(TicketHistory, TicketHistory.version), by_ticket(Task, Task.id)
    timers, effects = by_ticket(Timer, Timer.key), by_ticket(Outbox, Outbox.id)
    listeners = by_ticket(Listener, Listener.key)
    found: list[Violation] = []
    for ticket in tickets:
        mine = (tasks[ticket.id], timers[ticket.id], effects[ticket.id], listeners[ticket.id])
        rows = steps[ticket.id]
        events = list(events_in(rows))
        checks = (
            _begins(events), _waits(ticket, *mine), _counted(ticket, rows, events), _in_time(ticket, mine[1], now),
            _chained(ticket, rows, keys), _replayed(ticket, events, mine[1]),
        )
        found += [Violation(code, ticket.id, detail) for check in checks for code, detail in check]
    return found


Found = Iterator[tuple[str, str]]


def _begins(events: Sequence[EventLine]) -> Found:
    if not events or events[0].seq != 1 or events[0].kind != "ticket.created":
        yield "I1_no_beginning", "the first event is not ticket.created"


def _waits(
    ticket: Row[Any], tasks: Sequence[Row[Any]], timers: Sequence[Row[Any]], effects: Sequence[Row[Any]],
    listeners: Sequence[Row[Any]],
) -> Found:
    """An open ticket waits for somebody or something that exists; a closed one for nothing."""
    state = ticket.state
    open_tasks = {task.key: task.assignee_id for task in tasks if task.status == "open"}
    wanted = {key: task["assignee"] for key, task in state["tasks"].items()}
    if open_tasks != wanted:
        yield "I2_tasks", f"open tasks {open_tasks}, the flow waits for {wanted}"
    armed = {timer.key: timer.due_at for timer in timers if timer.state == "armed"}
    if armed != state["timers"]:
        yield "I2_timers", f"armed timers {armed}, the flow waits for {state['timers']}"
    going = {effect.key for effect in effects if effect.is_job and effect.state in GOING}
    stuck = set(state["jobs"]) - going
    if stuck:
        yield "I2_jobs", f"the flow waits for {sorted(stuck)}, which nobody will answer"
    listens = {listener.key for listener in listeners}
    if listens != set(state.get("listens", ())):
        yield "I2_listens", f"it listens at {sorted(listens)}, the flow waits at {sorted(state.get('listens', ()))}"
    parked = any("parked" in token for token in state["tokens"].values())
    awaited = any(listen["token"] for listen in state.get("listens", {}).values())
    if ticket.status == "open" and not (
            open_tasks or armed or state["jobs"] or state["answers"] or awaited or parked):
        yield "I2_idle", "open, but it waits for nothing"
    if ticket.status != "open" and (open_tasks or armed or state["tokens"]):
        yield "I2_restless", f"{ticket.status}, but it still waits"


def _counted(ticket: Row[Any], rows: Sequence[Row[Any]], events: Sequence[EventLine]) -> Found:
    """No step twice: steps count from 1 without a gap, and so do their events."""
    if [event.seq for event in events] != list(range(1, ticket.seq + 1)):
        yield "I3_events", f"{len(events)} events, the ticket counts {ticket.seq}"
    if [row.version for row in rows] != list(range(1, ticket.version + 1)):
        yield "I3_steps", f"a history of {len(rows)} steps, the ticket is at version {ticket.version}"


def _in_time(ticket: Row[Any], timers: Sequence[Row[Any]], now: int) -> Found:
    for timer in timers:
        if timer.state == "armed" and timer.run_at < now - LATE_MS:
            yield "I4_late", f"timer {timer.key} is {(now - timer.run_at) // 1000} s late"
        if timer.state == "fired" and timer.changed_at < timer.due_at:
            yield "I4_early", f"timer {timer.key} fired {timer.due_at - timer.changed_at} ms early"


def _chained(ticket: Row[Any], rows: Sequence[Row[Any]], keys: Vault) -> Found:
    head = chain.START
    for row in rows:
        if chain.mac(keys, ticket.id, chain.canonical(row.bodies)) != row.mac:
            yield "I6_body", f"what step {row.version} tells was changed"
        actor = row.actor_type, row.actor_id
        head = chain.link(head, ticket.id, row.version, row.at, actor, chain.canonical(row.marks), row.mac)
        if head != row.hash:
            yield "I6_chain", f"the chain breaks at step {row.version}"
            return
    if head != ticket.head:
        yield "I6_head", "the last step is not the one that the ticket knows"


def _replayed(ticket: Row[Any], events: Sequence[EventLine], timers: Sequence[Row[Any]]) -> Found:
    """What the events tell is what the ticket is."""
    status, owner = "open", ticket.state["ticket"].get("owner")
    armed: set[str] = set()
    for event in events:
        delta = event.body.get("delta") or {}
        if event.kind == "ticket.closed":
            status = str(delta.get("status"))
        elif event.kind == "owner.changed":
            owner = (delta.get("owner") or [None, None])[1]
        elif event.kind == "timer.armed":
            armed.add(delta.get("timer", ""))
        elif event.kind in ("timer.fired", "timer.cancelled"):
            armed.discard(delta.get("timer", ""))
    if status != ticket.status or status != ticket.state["status"]:
        yield "I8_status", f"events say {status}, the ticket {ticket.status}, its flow {ticket.state['status']}"
    if owner != ticket.owner_id:
        yield "I8_owner", f"events say {owner}, the ticket {ticket.owner_id}"
    rows = {timer.key for timer in timers if timer.state == "armed"}
    if armed != rows:
        yield "I8_timers", f"events leave {sorted(armed)} armed, the table {sorted(rows)}"


def _orphans(connection: Connection) -> Iterable[Violation]:
    """What belongs to a ticket has one: no constraint of the database sees to it."""
    for model in (Command, TicketHistory, Task, TaskCandidate, Timer, Listener, Outbox, BulkTicket):
        lost = select(model.ticket_id).outerjoin(Ticket, Ticket.id == model.ticket_id).where(Ticket.id.is_(None))
        for ticket_id in connection.scalars(lost.distinct()):
            yield Violation("I1_no_ticket", ticket_id, f"rows of {model.__tablename__} belong to no ticket")
    lost = select(TaskCandidate.ticket_id).outerjoin(Task, Task.id == TaskCandidate.task_id).where(Task.id.is_(None))
    for ticket_id in connection.scalars(lost.distinct()):
        yield Violation("I1_no_task", ticket_id, "candidates of a task that does not exist")


def _outbox(connection: Connection, now: int, lease_ms: int) -> Iterable[Violation]:
    found = []
    rows = connection.execute(
        select(Outbox.id, Outbox.ticket_id, Outbox.state, Outbox.run_at, Outbox.lease_until)
        .where(Outbox.state.in_(GOING) | Outbox.state.not_in(STATES))
    )
    for row in rows:
        if row.state == "ready" and row.run_at < now - LATE_MS:
            found.append(Violation("I5_late", row.ticket_id, f"effect {row.id} waits {(now - row.run_at) // 1000} s"))
        if row.state == "leased" and row.lease_until < now - lease_ms:
            found.append(Violation("I5_lease", row.ticket_id, f"effect {row.id} is held by a worker that is gone"))
        if row.state not in STATES:
            found.append(Violation("I5_state", row.ticket_id, f"effect {row.id} is {row.state}"))
    return found


def _files(connection: Connection, uploads: Path, now: int) -> Iterable[Violation]:
    """A row for every file, a file for every row."""
    found = []
    known = set()
    for row in connection.execute(select(Upload.id, Upload.ticket_id, Upload.storage_key, Upload.size)):
        known.add(row.storage_key)
        path = uploads / row.storage_key
        if not path.is_file() or path.stat().st_size != row.size:
            found.append(Violation("I7_file", row.ticket_id or "", f"file of upload {row.id} is missing or not whole"))
    for part in connection.execute(select(UploadPart.id, UploadPart.storage_key, UploadPart.received)):
        known.add(part.storage_key)
        path = uploads / part.storage_key
        if not path.is_file() or path.stat().st_size < part.received:
            found.append(Violation("I7_file", "", f"what has come of upload {part.id} is missing or not whole"))
    for path in uploads.rglob("*") if uploads.is_dir() else ():
        key = str(path.relative_to(uploads))
        if path.is_file() and key not in known and path.stat().st_mtime * 1000 < now - YOUNG_MS:
            found.append(Violation("I7_row", "", f"nobody knows the file {key}"))
    return found
