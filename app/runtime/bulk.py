"""One thing done to many open tickets: a run with one row of the outbox for each, so that workers do it, whatever dies
meanwhile. A ticket to which it was done and that was not yet noted is found so when its row comes again.
"""
from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.core.errors import Conflict, Invalid, NotFound, Problem, text
from app.core.principal import Principal
from app.extensions import Json, db
from app.runtime.effects.base import Effect, EffectError, Result, Work
from app.runtime.models import BulkRun, BulkTicket, Outbox, Ticket
from app.runtime.wake import kick

MOST_SHOWN = 200
MOST_RUNS = 20
SLOW_MS = 60_000
PAGE = 500  # tickets read at once
# A run's row of the outbox for one of its tickets, and whether workers gave it up.
ITS_ROW = and_(Outbox.ticket_id == BulkTicket.ticket_id, Outbox.key == literal("bulk:").concat(BulkTicket.run_id))
GIVEN_UP = and_(BulkTicket.state == "waiting", Outbox.state == "dead")


def each_open(type_version_id: str, column: Any) -> Iterator[Any]:
    """id, no and one column of the open tickets of a version, by number; a page at a time, no transaction held."""
    last = 0
    while True:
        rows = db.session.execute(
            select(Ticket.id, Ticket.no, column)
            .where(Ticket.status == "open", Ticket.type_version_id == type_version_id, Ticket.no > last)
            .order_by(Ticket.no).limit(PAGE)
        ).all()
        db.session.rollback()
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1].no


class BulkEffect(Effect):
    """What is done to each ticket of a run: `one`. `name` is the kind of the run."""

    lane = "internal"
    outward = False
    nothing: ClassVar[str]  # the refusal where there is no ticket to do it to

    def one(self, work: Work) -> None:
        """Do it to one ticket, or raise the Problem that is told of it; done before, it changes nothing."""
        raise NotImplementedError

    def run(self, work: Work) -> Result:
        """Do it, and note in the run what came of it: a refusal is a result, too much going on at once is tried again.
        """
        state, code, params = "done", None, None
        try:
            self.one(work)
        except Problem as problem:
            if problem.code == "ticket_busy":
                raise EffectError(problem.code, permanent=False) from problem
            first = problem.problems[0] if isinstance(problem, Invalid) else problem
            state, code, params = "refused", first.code, first.params
            if problem.code == "ticket_closed":
                state, code, params = "over", None, None
        db.session.execute(
            update(BulkTicket)
            .where(BulkTicket.run_id == work.payload["run"], BulkTicket.ticket_id == work.ticket_id)
            .values(state=state, code=code, params=params)
        )
        db.session.commit()
        return Result()


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets of a run, and what its effect is told of them; "run" is added."""

    tickets: ColumnElement[bool]
    told: Mapping[str, Any]


def start(
    effect: BulkEffect, about: str, groups: Sequence[Group], *, version: int = 0, actor: Principal, now: int
) -> str:
    """Queue the open tickets of all groups; returns the run's id (commits). Whether the actor may is the caller's to
    see.

    `about`: the form, flow or ticket type whose tickets they are; `version`: on which they will stand, if on another.
    Raises Conflict: "bulk_running" while another run of this kind about the same goes on, or the effect's `nothing`.
    """
    if any(run.going for run in runs(effect.name, about)):
        raise Conflict("bulk_running")
    run_id = str(uuid.uuid4())
    for group in groups:
        _queue(effect, run_id, group, now)
    total = db.session.scalar(select(func.count()).select_from(BulkTicket).where(BulkTicket.run_id == run_id)) or 0
    if not total:
        db.session.rollback()
        raise Conflict(effect.nothing)
    db.session.add(BulkRun(
        id=run_id, kind=effect.name, about=about, version=version, total=total, at=now, by=actor.id,
    ))
    db.session.commit()
    kick([effect.lane])
    return run_id


def _queue(effect: BulkEffect, run_id: str, group: Group, now: int) -> None:
    key = f"bulk:{run_id}"
    db.session.execute(insert(BulkTicket).from_select(
        ["run_id", "ticket_id", "state"],
        select(literal(run_id), Ticket.id, literal("waiting")).where(Ticket.status == "open", group.tickets),
    ))
    values: dict[str, Any] = {
        "key": literal(key), "kind": literal(effect.name), "lane": literal(effect.lane),
        "is_job": literal(False, Boolean), "payload": literal({"run": run_id, **group.told}, Json),
        "state": literal("ready"), "run_at": literal(now, BigInteger), "attempts": literal(0, Integer),
        "max_attempts": literal(effect.max_attempts, Integer), "backoff_ms": literal(effect.backoff_ms, BigInteger),
        "created_at": literal(now, BigInteger),
    }
    # By the run's own list: a ticket that moves on between the two statements must not be left waiting in it.
    queued = exists().where(Outbox.ticket_id == BulkTicket.ticket_id, Outbox.key == key)
    db.session.execute(insert(Outbox).from_select(
        ["ticket_id", *values],
        select(BulkTicket.ticket_id, *values.values()).where(BulkTicket.run_id == run_id, ~queued),
    ))


# ---- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """How many of its tickets are done, refused, over (closed before their turn), failed (tried in vain, to be found
    with `flask outbox dead`), and still going."""

    id: str
    version: int
    at: int
    by: str
    total: int
    done: int = 0
    refused: int = 0
    over: int = 0
    failed: int = 0

    @property
    def going(self) -> int:
        """How many wait for their turn."""
        return self.total - self.done - self.refused - self.over - self.failed

    def stalled(self, now: int) -> bool:
        """Whether nothing at all has happened for a while: nobody may be working."""
        return self.going == self.total and now - self.at > SLOW_MS


@dataclass(frozen=True, slots=True)
class Left:
    """A ticket to which it was not done, and why: a code of the message catalogues."""

    ticket_id: str
    no: int
    code: str
    params: Mapping[str, Any]

    def words(self, locale: str) -> str:
        """Why, in the reader's language."""
        return text(self.code, locale, self.params)


def going(kind: str, about: str) -> str | None:
    """The run of this kind that is not finished, or None."""
    return next((run.id for run in runs(kind, about) if run.going), None)


def runs(kind: str, about: str, run_id: str = "") -> list[Run]:
    """The last runs of this kind, newest first; with `run_id` only that one. Three queries."""
    wanted = [BulkRun.kind == kind, BulkRun.about == about, *([BulkRun.id == run_id] if run_id else [])]
    found = db.session.scalars(
        select(BulkRun).where(*wanted).order_by(BulkRun.at.desc(), BulkRun.id).limit(MOST_RUNS)
    ).all()
    ids = [row.id for row in found]
    counts: dict[str, dict[str, int]] = {ident: {} for ident in ids}
    for ident, state, count in db.session.execute(
        select(BulkTicket.run_id, BulkTicket.state, func.count())
        .where(BulkTicket.run_id.in_(ids)).group_by(BulkTicket.run_id, BulkTicket.state)
    ):
        counts[ident][state] = count
    for ident, count in db.session.execute(
        select(BulkTicket.run_id, func.count()).join(Outbox, ITS_ROW)
        .where(BulkTicket.run_id.in_(ids), GIVEN_UP).group_by(BulkTicket.run_id)
    ):
        counts[ident]["failed"] = count
    return [
        Run(row.id, row.version, row.at, row.by, row.total,
            **{name: counts[row.id].get(name, 0) for name in ("done", "refused", "over", "failed")})
        for row in found
    ]


def run(kind: str, about: str, run_id: str) -> tuple[Run, list[Left]]:
    """One run, and the first of those tickets to which it was not done; raises NotFound. Four queries."""
    found = runs(kind, about, run_id)
    if not found:
        raise NotFound("bulk_unknown", where="run")
    rows = db.session.execute(
        select(Ticket.id, Ticket.no, BulkTicket.code, BulkTicket.params)
        .select_from(BulkTicket).join(Ticket, Ticket.id == BulkTicket.ticket_id)
        .outerjoin(Outbox, ITS_ROW)
        .where(BulkTicket.run_id == run_id, or_(BulkTicket.state == "refused", GIVEN_UP))
        .order_by(Ticket.no).limit(MOST_SHOWN)
    )
    return found[0], [Left(row.id, row.no, row.code or "bulk_failed", row.params or {}) for row in rows]
