"""Upgrading all open tickets of a form: one row of the outbox for each, so that workers do it, whatever dies meanwhile.

A ticket that was upgraded and not yet noted is found on its new version when its row comes again.
"""
from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, and_, func, insert, literal, or_, select, update

from app.core.catalog import Catalog
from app.core.errors import Conflict, Invalid, NotFound, Problem
from app.core.expressions import Env
from app.core.principal import Principal, require
from app.extensions import Json, db
from app.forms.upgrade import Move, unfit
from app.org.directory import directory
from app.runtime import seals
from app.runtime.effects.base import Effect, EffectError, Result, Work
from app.runtime.models import FormUpgrade, FormUpgradeTicket, Outbox, Ticket
from app.runtime.ports import StaffPorts
from app.runtime.upgrade import Onto, upgrade_ticket
from app.runtime.wake import kick

KIND = "form_upgrade"
MOST_SHOWN = 200
BATCH = 500
MOST_RUNS = 20
# A run's row of the outbox for one of its tickets, and whether workers gave it up.
ITS_ROW = and_(
    Outbox.ticket_id == FormUpgradeTicket.ticket_id, Outbox.key == literal(f"{KIND}:").concat(FormUpgradeTicket.run_id)
)
GIVEN_UP = and_(FormUpgradeTicket.state == "waiting", Outbox.state == "dead")


class FormUpgradeEffect(Effect):
    """Upgrade one ticket, and note in its run what came of it."""

    name = KIND
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """Upgrade it; a refusal is a result, too much going on at once is tried again."""
        sent = work.payload
        state, code, params = "done", None, None
        try:
            upgrade_ticket(work.ticket_id, Onto(sent["old"], sent["new"], tuple(sent["numbers"]), sent["by"]))
        except Problem as problem:
            if problem.code == "ticket_busy":
                raise EffectError(problem.code, permanent=False) from problem
            first = problem.problems[0] if isinstance(problem, Invalid) else problem
            state, code, params = "refused", first.code, first.params
            if problem.code == "ticket_closed":
                state, code, params = "over", None, None
        db.session.execute(
            update(FormUpgradeTicket)
            .where(FormUpgradeTicket.run_id == sent["run"], FormUpgradeTicket.ticket_id == work.ticket_id)
            .values(state=state, code=code, params=params)
        )
        db.session.commit()
        return Result()


def register(catalog: Catalog) -> None:
    """Add the effect to an application's catalogue."""
    catalog.effects.add(KIND, FormUpgradeEffect())


@dataclass(frozen=True, slots=True)
class Left:
    """A ticket that was not upgraded, and why: a code of the message catalogues."""

    ticket_id: str
    no: int
    code: str
    params: dict[str, Any]


# ---- starting -------------------------------------------------------------------------------------------------------


def open_tickets(type_versions: Collection[str]) -> dict[str, int]:
    """How many open tickets stand on each of these versions of ticket types; none: not named. One query."""
    rows = db.session.execute(
        select(Ticket.type_version_id, func.count()).where(
            Ticket.status == "open", Ticket.type_version_id.in_(list(type_versions))
        ).group_by(Ticket.type_version_id)
    )
    return {row[0]: row[1] for row in rows}


def unfit_tickets(type_version_id: str, found: Sequence[Move], env: Env) -> tuple[int, list[Left]]:
    """(how many of the open tickets of a version have an answer that cannot be taken over, the first of them). Where
    `found` loses nothing nobody is looked at."""
    risky = {move.key.partition(".")[0] for move in found if move.kind in ("converted", "refused")}
    count = 0
    left: list[Left] = []
    people = directory() if risky else None
    for row in _open_data(type_version_id) if risky else ():
        assert people is not None
        values = seals.unseal(row.id, {key: row.data[key] for key in risky if key in row.data})
        problem = unfit(found, values, env=env, ports=StaffPorts(people, row.id, None))
        if problem is not None:
            count += 1
            if len(left) < MOST_SHOWN:
                left.append(Left(row.id, row.no, problem.code, problem.params))
    return count, left


def _open_data(type_version_id: str) -> Iterator[Any]:
    """id, no and data of the open tickets of a version, by number."""
    last = 0
    while True:
        rows = db.session.execute(
            select(Ticket.id, Ticket.no, Ticket.data)
            .where(Ticket.status == "open", Ticket.type_version_id == type_version_id, Ticket.no > last)
            .order_by(Ticket.no).limit(BATCH)
        ).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1].no


def start(form: str, version_id: str, moves: Sequence[Onto], *, actor: Principal, now: int) -> str:
    """Queue every open ticket that stands on the old version of one of `moves`; returns the run's id (commits).

    Raises Conflict: "upgrade_running" while another run of this form goes on, "upgrade_nothing" without a ticket.
    """
    require(actor, "definitions.publish")
    if any(run.going for run in runs(form)):
        raise Conflict("upgrade_running")
    run_id = str(uuid.uuid4())
    for move in moves:
        db.session.execute(insert(FormUpgradeTicket).from_select(
            ["run_id", "ticket_id", "state"],
            select(literal(run_id), Ticket.id, literal("waiting"))
            .where(Ticket.status == "open", Ticket.type_version_id == move.old),
        ))
        payload = {"run": run_id, **asdict(move)}
        values: dict[str, Any] = {
            "key": literal(f"{KIND}:{run_id}"), "kind": literal(KIND), "lane": literal(FormUpgradeEffect.lane),
            "is_job": literal(False, Boolean), "payload": literal(payload, Json), "state": literal("ready"),
            "run_at": literal(now, BigInteger), "attempts": literal(0, Integer),
            "max_attempts": literal(FormUpgradeEffect.max_attempts, Integer),
            "backoff_ms": literal(FormUpgradeEffect.backoff_ms, BigInteger), "created_at": literal(now, BigInteger),
        }
        db.session.execute(insert(Outbox).from_select(
            ["ticket_id", *values],
            select(FormUpgradeTicket.ticket_id, *values.values())
            .join(Ticket, Ticket.id == FormUpgradeTicket.ticket_id)
            .where(FormUpgradeTicket.run_id == run_id, Ticket.type_version_id == move.old),
        ))
    total = db.session.scalar(
        select(func.count()).select_from(FormUpgradeTicket).where(FormUpgradeTicket.run_id == run_id)
    ) or 0
    if not total:
        db.session.rollback()
        raise Conflict("upgrade_nothing")
    db.session.add(FormUpgrade(
        id=run_id, form=form, version_id=version_id, version=moves[0].numbers[1], total=total, at=now, by=actor.id,
    ))
    db.session.commit()
    kick([FormUpgradeEffect.lane])
    return run_id


# ---- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """An upgrade of a form's tickets: how many are done, refused, over (closed before their turn), failed (tried in
    vain, to be found with `flask outbox dead`), and still going."""

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


def runs(form: str, run_id: str = "") -> list[Run]:
    """The last runs of a form, newest first; with `run_id` only that one. Three queries."""
    wanted = [FormUpgrade.form == form, *([FormUpgrade.id == run_id] if run_id else [])]
    found = db.session.scalars(
        select(FormUpgrade).where(*wanted).order_by(FormUpgrade.at.desc(), FormUpgrade.id).limit(MOST_RUNS)
    ).all()
    ids = [row.id for row in found]
    counts: dict[str, dict[str, int]] = {ident: {} for ident in ids}
    for ident, state, count in db.session.execute(
        select(FormUpgradeTicket.run_id, FormUpgradeTicket.state, func.count())
        .where(FormUpgradeTicket.run_id.in_(ids)).group_by(FormUpgradeTicket.run_id, FormUpgradeTicket.state)
    ):
        counts[ident][state] = count
    for ident, count in db.session.execute(
        select(FormUpgradeTicket.run_id, func.count()).join(Outbox, ITS_ROW)
        .where(FormUpgradeTicket.run_id.in_(ids), GIVEN_UP).group_by(FormUpgradeTicket.run_id)
    ):
        counts[ident]["failed"] = count
    return [
        Run(row.id, row.version, row.at, row.by, row.total,
            **{name: counts[row.id].get(name, 0) for name in ("done", "refused", "over", "failed")})
        for row in found
    ]


def run(form: str, run_id: str) -> tuple[Run, list[Left]]:
    """One run of a form, and the first of those that were not upgraded; raises NotFound. Four queries."""
    found = runs(form, run_id)
    if not found:
        raise NotFound("upgrade_unknown", where="run")
    rows = db.session.execute(
        select(Ticket.id, Ticket.no, FormUpgradeTicket.code, FormUpgradeTicket.params)
        .select_from(FormUpgradeTicket).join(Ticket, Ticket.id == FormUpgradeTicket.ticket_id)
        .outerjoin(Outbox, ITS_ROW)
        .where(FormUpgradeTicket.run_id == run_id, or_(FormUpgradeTicket.state == "refused", GIVEN_UP))
        .order_by(Ticket.no).limit(MOST_SHOWN)
    )
    return found[0], [Left(row.id, row.no, row.code or "upgrade_failed", row.params or {}) for row in rows]
