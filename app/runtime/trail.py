"""What became of a flow's tickets lately: where they stand now, how long steps took, which ways they went.

Every question is a fixed number of statements with a limit, answered from what the person who asks may see.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from app.core.calendar import DAY, Calendar
from app.core.principal import Principal
from app.extensions import db
from app.flows.model import Flow
from app.flows.rehearse import Past
from app.runtime.history import EventLine, events_in
from app.runtime.models import Task, Ticket, TicketHistory
from app.runtime.queries import visible

SPAN_DAYS = 30
MAX_TICKETS = 2_000  # of the last SPAN_DAYS: the newest
MAX_READ = 400  # whose history is read step by step
MAX_TASKS = 10_000
MAX_OPEN = 3_000
MARKS = 21  # shares at which measured lengths are kept: 0 %, 5 %, … 100 %
LEAST = 5  # so few cases say nothing
WORKED_ON = ("handle", "approval")  # kinds of tasks; how long a claim lay in its pool says nothing of the work


@dataclass(slots=True)
class Heat:
    """One step: `waiting` tickets now, the oldest since `oldest`; `dwell` (p50, p95) in ms over `cases` in the last
    days, None where there were too few; `breached`: clocks that ran out while a ticket stood there."""

    waiting: int = 0
    oldest: int | None = None
    parked: int = 0
    dwell: tuple[int, int] | None = None
    cases: int = 0
    breached: int = 0


@dataclass(slots=True)
class Trail:
    """Stays at steps: (node, port by which it was left or None, ms), and (node, clock's port) of each breach."""

    stays: list[tuple[str, str | None, int]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)


def past(flow: Flow, types: Collection[str], actor: Principal, now: int, calendar: Calendar, zone: str) -> Past:
    """What a load rehearsal may take from the last days. Three statements.

    How long a task was worked on is nowhere written: counted from when it was there and its person had ended the task
    before, in working time of `calendar`.
    """
    seen = _recent(types, actor, now)
    newest = select(Ticket.opened_at).where(*seen).order_by(Ticket.no.desc()).limit(MAX_TICKETS)
    opened = list(db.session.scalars(newest))
    if len(opened) < LEAST:
        return Past(days=SPAN_DAYS)
    curve, place = [0] * 24, ZoneInfo(zone)
    for at in opened:
        curve[datetime.fromtimestamp(at / 1000, UTC).astimezone(place).hour] += 1
    trail = _trail(flow, seen)
    ports: dict[str, dict[str, int]] = {}
    asked: dict[str, list[int]] = {}
    for node, port, lasted in trail.stays:
        if port is not None:
            ports.setdefault(node, {})
            ports[node][port] = ports[node].get(port, 0) + 1
            if flow.nodes[node].type.group == "wait" and port != "timeout":
                asked.setdefault(node, []).append(lasted)
    takes = {**asked, **_worked(seen, calendar)}
    return Past("history", ports, {node: _marks(lengths) for node, lengths in takes.items() if len(lengths) >= LEAST},
                curve, len(opened), SPAN_DAYS)


def heat(flow: Flow, types: Collection[str], actor: Principal, now: int) -> tuple[dict[str, Heat], bool]:
    """(node → Heat, whether there are more open tickets than were counted). Two statements."""
    found: dict[str, Heat] = {}
    states = list(db.session.execute(
        select(Ticket.state, Ticket.updated_at)
        .where(Ticket.status == "open", Ticket.type_key.in_(types), visible(actor))
        .order_by(Ticket.no.desc()).limit(MAX_OPEN + 1)))
    for state, updated in states[:MAX_OPEN]:
        for token in state.get("tokens", {}).values():
            if token.get("arrived") or token["node"] not in flow.nodes:
                continue
            one = found.setdefault(token["node"], Heat())
            one.waiting += 1
            one.parked += "parked" in token
            one.oldest = updated if one.oldest is None else min(one.oldest, updated)
    trail = _trail(flow, _recent(types, actor, now))
    lengths: dict[str, list[int]] = {}
    for node, _, lasted in trail.stays:
        lengths.setdefault(node, []).append(lasted)
    for node, stays in lengths.items():
        if flow.nodes[node].type.waits:
            one = found.setdefault(node, Heat())
            one.cases = len(stays)
            if len(stays) >= LEAST:
                stays.sort()
                one.dwell = stays[len(stays) // 2], stays[min(len(stays) - 1, int(0.95 * len(stays)))]
    for node in trail.breaches:
        found.setdefault(node, Heat()).breached += 1
    return found, len(states) > MAX_OPEN


def _recent(types: Collection[str], actor: Principal, now: int) -> tuple[ColumnElement[bool], ...]:
    return Ticket.type_key.in_(types), Ticket.opened_at >= now - SPAN_DAYS * DAY, visible(actor)


def _newest(seen: Sequence[ColumnElement[bool]], count: int) -> Any:
    return select(Ticket.id).where(*seen).order_by(Ticket.no.desc()).limit(count).scalar_subquery()


def _trail(flow: Flow, seen: Sequence[ColumnElement[bool]]) -> Trail:
    """How the newest tickets went from step to step. One statement."""
    rows = db.session.execute(
        select(TicketHistory).where(TicketHistory.ticket_id.in_(_newest(seen, MAX_READ)))
        .order_by(TicketHistory.ticket_id, TicketHistory.version)
    ).scalars()
    trail = Trail()
    for _, steps in groupby(rows, key=lambda row: row.ticket_id):
        _follow(flow, events_in(steps), trail)
    return trail


def _follow(flow: Flow, events: Iterable[EventLine], trail: Trail) -> None:
    standing: dict[str, tuple[str, int]] = {}  # token → (node, since)
    for event in events:
        token, known = event.body.get("token"), flow.nodes.get(event.node or "")
        if event.kind == "node.entered" and token and known:
            standing[token] = known.id, event.at
        elif event.kind in ("node.left", "token.cancelled") and token in standing:
            node, since = standing.pop(token)
            trail.stays.append((node, event.body.get("port"), event.at - since))
        elif (event.kind == "timer.fired" and known and known.type.attaches
              and event.body.get("port") in _promises(known)):
            trail.breaches += [node for node, _ in standing.values() if node in known.attach]


def _promises(clock: Any) -> set[str]:
    """The levels of a clock at which its promise is broken, not those that warn before or escalate after: the first
    at the due time or later."""
    due = clock.config.due
    late = [(amount * due / 100 if unit == "%" else amount, level.port)
            for level in clock.config.levels for unit, amount in (level.at,)]
    first = min((length for length, _ in late if length >= due), default=None)
    return {port for length, port in late if length == first}


def _worked(seen: Sequence[ColumnElement[bool]], calendar: Calendar) -> dict[str, list[int]]:
    """How long people worked on the tasks of each step. One statement."""
    rows = db.session.execute(
        select(Task.node, Task.assignee_id, Task.opened_at, Task.closed_at)
        .where(Task.ticket_id.in_(_newest(seen, MAX_TICKETS)), Task.kind.in_(WORKED_ON), Task.closed_at.is_not(None),
               Task.assignee_id.is_not(None), Task.outcome != "cancelled")
        .order_by(Task.assignee_id, Task.closed_at).limit(MAX_TASKS))
    found: dict[str, list[int]] = {}
    for _, tasks in groupby(rows, key=lambda row: row.assignee_id):
        before = 0
        for node, _, opened, closed in tasks:
            assert closed is not None
            found.setdefault(node, []).append(calendar.elapsed(max(opened, before), closed))
            before = closed
    return found


def _marks(lengths: list[int]) -> list[int]:
    ordered = sorted(lengths)
    return [ordered[round(mark * (len(ordered) - 1) / (MARKS - 1))] for mark in range(MARKS)]
