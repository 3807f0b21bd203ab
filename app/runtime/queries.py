"""Reading tickets. Every query goes through `visible`: who may not see a ticket finds nothing of it anywhere."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true

from app.core.errors import NotFound, Problem
from app.core.principal import Principal
from app.extensions import db
from app.forms.text import bad_characters
from app.notify.models import MessageRow
from app.runtime.history import EventLine, events_in
from app.runtime.models import Task, TaskCandidate, Ticket, TicketHistory

PAGE = 20
MAX_PAGE = 100
MANY = 1000  # counting stops here: "1000+" is all a person wants to know
MAX_EVENTS = 500
STATUSES = ("open", "closed", "rejected", "cancelled", "withdrawn", "merged")


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in a list."""

    id: str
    no: int
    type_key: str
    type_version_id: str
    title: str
    status: str
    reason: str | None
    priority: str | None
    owner_id: str | None
    customer_id: str | None
    source: str
    version: int
    opened_at: int
    updated_at: int
    closed_at: int | None
    due_at: int | None


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in a list, with its ticket's number and title. `outcome`, `closed_at`: None while it is open."""

    id: str
    ticket_id: str
    no: int
    title: str
    priority: str | None
    type_version_id: str
    key: str
    node: str
    kind: str
    name: str
    assignee_id: str | None
    status: str
    outcome: str | None
    opened_at: int
    due_at: int | None
    closed_at: int | None
    actions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """A whole ticket. `data` are the stored answers (sensitive ones sealed), `state` the engine's without them.

    `tasks` in the order in which they were opened; `theirs`: ids of those that the reader has, had or may take. Who
    has none may see the ticket for another reason: as its owner, by their role, or because they were told of it.
    """

    line: TicketLine
    token: str
    data: Mapping[str, Any]
    state: Mapping[str, Any]
    tasks: Sequence[TaskLine]
    theirs: frozenset[str]


LINE = tuple(getattr(Ticket, name) for name in TicketLine.__slots__)
TASK = tuple(
    getattr(Ticket if name in ("no", "title", "priority", "type_version_id") else Task, name)
    for name in TaskLine.__slots__
)


def groups_of(principal: Principal) -> list[str]:
    """Every group key under which this person may find tasks."""
    return [*principal.groups, f"p:{principal.id}"]


def visible(principal: Principal) -> ColumnElement[bool]:
    """The tickets this person may see: all, or those they own, opened, had a task of, could take a task of, or were
    told of."""
    if principal.reads == "all":
        return true()
    taking_part = exists().where(
        TaskCandidate.group_key.in_(groups_of(principal)), TaskCandidate.ticket_id == Ticket.id
    )
    return or_(Ticket.owner_id == principal.id, Ticket.opener_id == principal.id, taking_part, _told(principal))


def _told(principal: Principal) -> ColumnElement[bool]:
    """Somebody sent this person a message about the ticket: the flow, or a colleague with a copy."""
    return exists().where(
        MessageRow.ticket_id == Ticket.id, MessageRow.to_id == principal.id, MessageRow.to_kind == "person"
    )


def may_see(principal: Principal, ticket_id: str) -> bool:
    """Whether this person may see the ticket. One query."""
    return db.session.scalar(select(Ticket.no).where(Ticket.id == ticket_id, visible(principal))) is not None


# ---- tasks ----------------------------------------------------------------------------------------------------------


def _mine(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    return Task.status == "open", Task.assignee_id == principal.id


def _free(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    offered = exists().where(
        TaskCandidate.group_key.in_(groups_of(principal)), TaskCandidate.ticket_id == Task.ticket_id,
        TaskCandidate.task_id == Task.id,
    )
    return Task.status == "open", Task.assignee_id.is_(None), offered


def _tasks(wanted: Sequence[ColumnElement[bool]], order: Sequence[Any], limit: int) -> list[TaskLine]:
    query = select(*TASK).join(Ticket, Ticket.id == Task.ticket_id).where(*wanted).order_by(*order)
    return [TaskLine(*row) for row in db.session.execute(query.limit(max(1, min(limit, MAX_PAGE))))]


def todo(principal: Principal, *, limit: int = MAX_PAGE) -> list[TaskLine]:
    """What this person has to do: what is due first comes first, undated last. One query."""
    return _tasks(_mine(principal), (Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.id), limit)


def pool(principal: Principal, *, limit: int = MAX_PAGE) -> list[TaskLine]:
    """What this person may take, oldest first. One query."""
    return _tasks(_free(principal), (Task.opened_at, Task.id), limit)


def counts(principal: Principal) -> dict[str, int]:
    """{"todo", "pool"}, each counted to MANY at most. One query."""
    mine = select(Task.id).where(*_mine(principal)).limit(MANY).subquery()
    free = select(Task.id).where(*_free(principal)).limit(MANY).subquery()
    row = db.session.execute(
        select(
            select(func.count()).select_from(mine).scalar_subquery(),
            select(func.count()).select_from(free).scalar_subquery(),
        )
    ).one()
    return {"todo": row[0], "pool": row[1]}


def task(principal: Principal, task_id: str) -> TaskLine:
    """One task of a ticket that this person may see; raises NotFound. One query."""
    row = db.session.execute(
        select(*TASK).join(Ticket, Ticket.id == Task.ticket_id).where(Task.id == task_id, visible(principal))
    ).one_or_none()
    if row is None:
        raise NotFound("task_unknown", where="task")
    return TaskLine(*row)


def version_of(task_id: str) -> str | None:
    """The published version that a task's ticket runs on, whoever asks; None for no such task. One query."""
    return db.session.scalar(
        select(Ticket.type_version_id).join(Task, Task.ticket_id == Ticket.id).where(Task.id == task_id)
    )


# ---- tickets --------------------------------------------------------------------------------------------------------


def _filtered(principal: Principal, filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Clauses for the known filters: status, type, priority, owner, customer, q (a number or words of the title)."""
    wanted = [visible(principal)]
    for name, value in filters.items():
        if name not in FILTERS:
            raise Problem("filter_bad", where=name[:40], name=name[:40], allowed=", ".join(FILTERS))
        if bad_characters(value):
            raise Problem("filter_bad", where=name, name=name, allowed=", ".join(FILTERS))
        if value:
            wanted.append(FILTERS[name](value[:80]))
    return wanted


def _by_status(value: str) -> ColumnElement[bool]:
    if value not in STATUSES:
        raise Problem("filter_bad", where="status", name="status", allowed=", ".join(STATUSES))
    return Ticket.status == value


def _by_words(value: str) -> ColumnElement[bool]:
    if value.isascii() and value.isdigit():
        return Ticket.no == int(value) if len(value) <= 15 else false()
    return Ticket.title.icontains(value, autoescape=True)


FILTERS = {
    "status": _by_status,
    "type": lambda value: Ticket.type_key == value,
    "priority": lambda value: Ticket.priority == value,
    "owner": lambda value: Ticket.owner_id == value,
    "customer": lambda value: Ticket.customer_id == value,
    "q": _by_words,
}


def tickets(
    principal: Principal, filters: Mapping[str, str] | None = None, *, before: str = "", limit: int = PAGE
) -> tuple[list[TicketLine], str]:
    """(a page of the tickets this person may see, newest first; the mark of the next page or ""). One query."""
    limit = max(1, min(limit, MAX_PAGE))
    query: Select[Any] = select(*LINE).where(*_filtered(principal, filters or {})).order_by(Ticket.no.desc())
    if before:
        if not (before.isascii() and before.isdigit() and len(before) <= 15):
            raise Problem("page_bad", where="before")
        query = query.where(Ticket.no < int(before))
    rows = [TicketLine(*row) for row in db.session.execute(query.limit(limit + 1))]
    return rows[:limit], str(rows[limit - 1].no) if len(rows) > limit else ""


def count_tickets(principal: Principal, filters: Mapping[str, str] | None = None) -> int:
    """How many there are, counted to MANY at most. One query."""
    found = select(Ticket.no).where(*_filtered(principal, filters or {})).limit(MANY).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def ticket(principal: Principal, ticket_id: str) -> TicketDetail:
    """One ticket with its tasks; raises NotFound. Three queries."""
    row = db.session.execute(
        select(*LINE, Ticket.token, Ticket.data, Ticket.state).where(Ticket.id == ticket_id, visible(principal))
    ).one_or_none()
    if row is None:
        raise NotFound("ticket_unknown", where="ticket")
    theirs = db.session.scalars(
        select(TaskCandidate.task_id).where(
            TaskCandidate.group_key.in_(groups_of(principal)), TaskCandidate.ticket_id == ticket_id
        )
    )
    line = TicketLine(*row[: len(LINE)])
    rows = db.session.execute(
        select(*TASK).join(Ticket, Ticket.id == Task.ticket_id).where(Task.ticket_id == line.id)
        .order_by(Task.opened_at, Task.key)
    )
    return TicketDetail(line, row.token, row.data, row.state, [TaskLine(*task) for task in rows],
                        frozenset(theirs))


def number_of(ticket_id: str) -> int:
    """A ticket's number. One query."""
    return db.session.scalars(select(Ticket.no).where(Ticket.id == ticket_id)).one()


def relatives(principal: Principal, ids: Sequence[str]) -> dict[str, str]:
    """id → status of those of these tickets that this person may see. One query."""
    rows = db.session.execute(select(Ticket.id, Ticket.status).where(Ticket.id.in_(list(ids)), visible(principal)))
    return {row.id: row.status for row in rows}


def events(principal: Principal, ticket_id: str, *, after: int = 0, limit: int = MAX_EVENTS) -> list[EventLine]:
    """What happened on a ticket that this person may see, in order, after event `after`; raises NotFound."""
    if not may_see(principal, ticket_id):
        raise NotFound("ticket_unknown", where="ticket")
    return events_of(ticket_id, after=after, limit=limit)


def events_of(ticket_id: str, *, after: int = 0, limit: int = MAX_EVENTS) -> list[EventLine]:
    """The same for a ticket that was read already. One query."""
    limit = max(1, min(limit, MAX_EVENTS))
    rows = db.session.execute(
        select(TicketHistory.__table__).where(TicketHistory.ticket_id == ticket_id, TicketHistory.seq > after)
        .order_by(TicketHistory.version).limit(limit)  # every row holds an event at least
    )
    return list(islice((event for event in events_in(rows) if event.seq > after), limit))
