"""Tickets that stand still until somebody sends them on: a step's plugin is gone, a way out leads nowhere, a step type
has a mistake. Found by `Ticket.parked`, told once to those who look after flows, and sent on one by one or together.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from sqlalchemy import and_, delete, exists, func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from app.core.catalog import Catalog
from app.core.errors import Conflict, Denied, NotFound, Problem, localized
from app.core.principal import Principal
from app.definitions import service as definitions
from app.extensions import db
from app.org import holders
from app.runtime import bulk
from app.runtime.bulk import BulkEffect, Group
from app.runtime.effects.base import MESSAGE, Effect, Work
from app.runtime.models import Outbox, ParkedTold, Ticket
from app.runtime.problems import problem_words
from app.runtime.stepping import Intent, Scene, take_step
from app.runtime.wake import kick

log = structlog.get_logger(__name__)

KIND = "unpark"
TEMPLATE = "tickets_parked"
VIA = "wecom"
RIGHTS = ("tickets.all", "definitions.edit")  # who can send tickets on, and mend the flow
QUIET_MS = 30 * 60_000  # between two messages about the same step and reason
MOST = 100  # kinds of trouble at once
FEW = 5


# ---- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parked:
    """A ticket that stands still, since `at`."""

    id: str
    no: int
    title: str
    at: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Tickets of one type that stand at one step for one reason. `flow`, `step`: their names; `since`: of the one that
    stands longest; `first`: those that came last, at most FEW; `why`: told with names, in the reader's language."""

    type_key: str
    cause: str
    flow: Any
    flow_key: str
    step: Any
    why: str
    count: int
    since: int
    first: Sequence[Parked]


STILL = and_(Ticket.parked.is_not(None), Ticket.status == "open")


def troubles(locale: str, type_key: str = "", cause: str = "") -> list[Trouble]:
    """What stands still, the longest standing first; with `cause` only that. Two queries."""
    wanted = [STILL, *([Ticket.type_key == type_key, Ticket.parked == cause] if cause else [])]
    place = func.row_number().over(partition_by=(Ticket.type_key, Ticket.parked), order_by=Ticket.no.desc())
    ranked = select(Ticket.id, place.label("place")).where(*wanted).subquery()
    rows = db.session.execute(
        select(Ticket.id, Ticket.no, Ticket.title, Ticket.type_key, Ticket.parked, Ticket.parked_at,
               Ticket.type_version_id, Ticket.state)
        .join(ranked, ranked.c.id == Ticket.id).where(ranked.c.place <= FEW)
        .order_by(Ticket.no.desc()).limit(MOST * FEW)
    ).all()
    shown: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        shown.setdefault((row.type_key, row.parked), []).append(row)
    return [_trouble(row, shown[row.type_key, row.parked], locale) for row in _counts(*wanted)
            if (row.type_key, row.parked) in shown]


def _counts(*wanted: Any) -> Sequence[Any]:
    return db.session.execute(
        select(Ticket.type_key, Ticket.parked, func.count().label("count"), func.min(Ticket.parked_at).label("since"))
        .where(*wanted).group_by(Ticket.type_key, Ticket.parked).order_by(func.min(Ticket.parked_at)).limit(MOST)
    ).all()


def _trouble(row: Any, shown: Sequence[Any], locale: str) -> Trouble:
    bundle = definitions.bundle(shown[0].type_version_id)
    told = shown[0].state["parked"][0]
    node = bundle.flow.nodes.get(told["node"])
    why = problem_words(bundle, told["node"], told["code"], told["params"], locale)
    return Trouble(
        row.type_key, row.parked, bundle.flow.name, bundle.flow.key, node.name if node else told["node"], why,
        row.count, row.since, [Parked(one.id, one.no, one.title, one.parked_at) for one in shown],
    )


def tickets(type_key: str, cause: str, *, before: int = 0, limit: int = 50) -> tuple[list[Parked], int]:
    """(the tickets behind one trouble, newest first; the number of the last of them if there are more, or 0)."""
    rows = db.session.execute(
        select(Ticket.id, Ticket.no, Ticket.title, Ticket.parked_at)
        .where(STILL, Ticket.type_key == type_key, Ticket.parked == cause, *([Ticket.no < before] if before else []))
        .order_by(Ticket.no.desc()).limit(limit + 1)
    ).all()
    found = [Parked(row.id, row.no, row.title, row.parked_at or 0) for row in rows[:limit]]
    return found, found[-1].no if len(rows) > limit else 0


def path(type_key: str, cause: str) -> str:
    """The address of the page that lists them."""
    return f"/parked?{urlencode({'type': type_key, 'cause': cause})}"


# ---- telling --------------------------------------------------------------------------------------------------------


def alert(now: int) -> int:
    """Tell those who look after flows of every ticket that came to stand still, once each: one message for all that
    stand at a step for one reason. Returns how many messages went out. Whatever goes on again is forgotten.
    """
    _forget()
    rows = db.session.execute(
        select(Ticket.type_key, Ticket.parked, func.count().label("count"),
               func.count(ParkedTold.ticket_id).label("told"), func.max(ParkedTold.at).label("last"))
        .outerjoin(ParkedTold, ParkedTold.ticket_id == Ticket.id).where(STILL)
        .group_by(Ticket.type_key, Ticket.parked).limit(MOST)
    ).all()
    db.session.rollback()
    due = [row for row in rows if row.count > row.told and (row.last is None or row.last <= now - QUIET_MS)]
    return sum(_tell(row.type_key, row.parked, now) for row in due)


def _forget() -> None:
    still = exists().where(Ticket.id == ParkedTold.ticket_id, Ticket.parked == ParkedTold.cause)
    over = list(db.session.scalars(select(ParkedTold.ticket_id).where(~still).limit(bulk.MOST_SHOWN)))
    if over:
        db.session.execute(delete(ParkedTold).where(ParkedTold.ticket_id.in_(over)))
        db.session.commit()
    db.session.rollback()


def _tell(type_key: str, cause: str, now: int) -> int:
    people = holders.with_rights(*RIGHTS) or holders.with_rights(RIGHTS[0])
    known = exists().where(ParkedTold.ticket_id == Ticket.id)
    found = {locale: next(iter(troubles(locale, type_key, cause)), None) for locale in set(people.values())}
    db.session.execute(insert(ParkedTold).from_select(
        ["ticket_id", "cause", "at"],
        select(Ticket.id, Ticket.parked, literal(now))
        .where(STILL, Ticket.type_key == type_key, Ticket.parked == cause, ~known),
    ))
    for person, locale in people.items():
        trouble = found[locale]
        if trouble is not None:
            db.session.add(_message(trouble, person, locale, now))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # another process told them at this moment
        return 0
    kick([Effect.lane])
    log.warning("tickets_parked", type=type_key, cause=cause, people=len(people))
    return len(people)


def _message(trouble: Trouble, person: str, locale: str, now: int) -> Outbox:
    facts = {"type": str(localized(trouble.flow, locale)), "step": str(localized(trouble.step, locale)),
             "waiting": str(trouble.count), "reason": trouble.why}
    return Outbox(
        ticket_id=trouble.first[0].id, key=f"parked:{now}:{person}", kind=MESSAGE, lane=Effect.lane, is_job=False,
        payload={"to": {"person": person}, "via": VIA, "template": TEMPLATE, "facts": facts,
                 "path": path(trouble.type_key, trouble.cause)},
        state="ready", run_at=now, attempts=0, max_attempts=Effect.max_attempts, backoff_ms=Effect.backoff_ms,
        created_at=now,
    )


# ---- sending on -----------------------------------------------------------------------------------------------------


def send_on(ticket_id: str, *, actor: Principal) -> None:
    """Send what stands still in a ticket through its steps again. Raises Conflict("not_parked"), or
    Problem("still_parked") with the reason."""
    _may(actor)
    _send_on(ticket_id, actor.id)


def send_all_on(type_key: str, cause: str, *, actor: Principal, now: int) -> str:
    """The same for all tickets of one trouble, in the background; returns the run's id (commits)."""
    _may(actor)
    return bulk.start(UNPARK, type_key, [Group(and_(STILL, Ticket.type_key == type_key, Ticket.parked == cause),
                                               {"by": actor.id})], actor=actor, now=now)


class UnparkEffect(BulkEffect):
    """Send one ticket on again."""

    name = KIND
    nothing = "not_parked"

    def one(self, work: Work) -> None:
        """Send it on."""
        try:
            _send_on(work.ticket_id, work.payload["by"])
        except Conflict as problem:
            if problem.code != "not_parked":  # somebody was faster: that is what was wanted
                raise


UNPARK = UnparkEffect()


def register(catalog: Catalog) -> None:
    """Add the effect to an application's catalogue."""
    catalog.effects.add(KIND, UNPARK)


def _may(actor: Principal) -> None:
    if not actor.may("tickets.all"):
        raise Denied("retry_denied")


def _send_on(ticket_id: str, by: str) -> None:
    def signal(_: Scene) -> dict[str, Any]:
        return {"kind": "retry", "by": by}

    if take_step(Intent("ticket", {"ref": ticket_id}, signal)) is None:
        raise NotFound("ticket_unknown", where="ticket")
    row = db.session.execute(select(Ticket.state, Ticket.type_version_id).where(Ticket.id == ticket_id)).one()
    db.session.rollback()
    for told in row.state.get("parked") or ():
        bundle = definitions.bundle(row.type_version_id)
        why = {locale: problem_words(bundle, told["node"], told["code"], told["params"], locale)
               for locale in ("zh", "en")}
        raise Problem("still_parked", why=why)
