"""Load rehearsals as work for a worker: asked for by a page, carried out elsewhere, kept until the next one.

A person has one rehearsal of a flow; another takes its place. Its row is all there is: a page that is loaded again
finds it, and a worker that finds the row gone stops. What a worker that died had begun is begun again by another one.
"""
from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import structlog
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.engine import CursorResult

from app.core.errors import Conflict, Invalid, Problem, localized, text
from app.core.principal import Principal
from app.definitions.bundle import Bundle
from app.designer.flow_bundles import bundle_of
from app.designer.load_facts import Facts, company, facts
from app.designer.load_words import line
from app.designer.models import Rehearsal
from app.extensions import db, reading
from app.flows.rehearse import Outcome, Past, Report, load_plan, model_of, rehearse
from app.locales import LOCALES
from app.runtime.models import Worker

log = structlog.get_logger(__name__)

MOST_SECONDS = 120  # of a processor
MOST_WAITING = 20  # of the whole company
MOST_TRIES = 2  # workers that may die of it
LOST_MS = 60_000  # without a run that ended: whoever had it is dead
ALIVE_MS = 30_000  # how lately a worker that lives was seen
PATIENCE_MS = 4_000  # how long a worker may take to begin before the page says that there is none


# ---- for the page ----------------------------------------------------------------------------------------------------


def start(flow: str, content: Any, plans: Mapping[str, Any], shares: str, *, actor: Principal, now: int) -> None:
    """Ask for a rehearsal of a content by plans["plan"] and, with the same chance, plans["other"] (None: none).

    `shares`: "history" or "scenarios" say how often each way is taken.

    Takes the place of this person's last one (commits). Raises Problem for what cannot be rehearsed at all, Conflict
    ("load_busy") where too many wait.
    """
    loaded = _plans(plans)
    with reading():
        bundle = bundle_of(content)
        known = facts(actor, now, flow, bundle, shares)
        for plan in loaded:
            model_of(bundle.flow, known.org, plan, known.past, now=now)
        db.session.rollback()
    stop(flow, actor.id)
    if _waiting_before(now) >= MOST_WAITING:
        raise Conflict("load_busy")
    db.session.add(Rehearsal(
        id=str(uuid.uuid4()), flow=flow, by=actor.id, state="waiting", done=0, tries=0, at=now, seen_at=now,
        of=sum(2 * plan.seeds for plan in loaded),
        job={"content": content, "plans": dict(plans), "shares": shares, "past": asdict(known.past)},
    ))
    db.session.commit()


def stop(flow: str, by: str) -> None:
    """Give it up, or forget what came of it (commits). A worker that is at it notices after the run it is in."""
    db.session.execute(delete(Rehearsal).where(Rehearsal.flow == flow, Rehearsal.by == by))
    db.session.commit()


def standing(flow: str, by: str, locale: str, now: int) -> dict[str, Any] | None:
    """This person's last rehearsal: {"state", "done", "of", "plans", "shares"}; None: there is none.

    Of one that waits also "ahead" (others before it) and "message" (nobody will begin it); of one that is done
    "content", "report" and "other"; of one that failed "message".
    """
    row = db.session.scalars(
        select(Rehearsal).where(Rehearsal.flow == flow, Rehearsal.by == by).order_by(Rehearsal.at.desc()).limit(1)
    ).first()
    if row is None:
        return None
    found: dict[str, Any] = {"state": row.state, "done": row.done, "of": row.of, "plans": row.job["plans"],
                             "shares": row.job["shares"]}
    if row.state == "waiting":
        found["ahead"] = _waiting_before(row.at)
        if now - row.at > PATIENCE_MS and not _somebody_works(now):
            found["message"] = text("load_no_worker", locale)
    elif row.state == "done":
        told = (row.result or {})[locale[:2]]
        found |= {"content": row.job["content"], **told}
    elif row.failed is not None:
        found["message"] = text(row.failed["code"], locale, row.failed["params"])
    return found


def _waiting_before(at: int) -> int:
    """How many others are waiting since before `at`, or under way."""
    waits = and_(Rehearsal.state == "waiting", Rehearsal.at < at)
    count = select(func.count()).select_from(Rehearsal).where(or_(Rehearsal.state == "running", waits))
    return db.session.scalar(count) or 0


def _somebody_works(now: int) -> bool:
    roles = db.session.scalars(select(Worker.roles).where(Worker.last_seen_at > now - ALIVE_MS))
    return any(LANE in lanes.split(",") for lanes in roles)


def _plans(plans: Mapping[str, Any]) -> list[Any]:
    return [load_plan(plans[name]) for name in ("plan", "other") if plans[name] is not None]


# ---- for the worker --------------------------------------------------------------------------------------------------

LANE = "internal"  # whose workers do it


def claim(now: int) -> str | None:
    """The oldest rehearsal that nobody is at, from now on ours; None where there is none (commits)."""
    free = or_(Rehearsal.state == "waiting", and_(Rehearsal.state == "running", Rehearsal.seen_at < now - LOST_MS))
    with reading():
        row = db.session.execute(
            select(Rehearsal.id, Rehearsal.tries).where(free).order_by(Rehearsal.at).limit(1)).first()
        db.session.rollback()
    if row is None:
        return None
    if row.tries >= MOST_TRIES:
        _end(row.id, Problem("load_lost"), now)
        return None
    ours = _change(row.id, now, free, state="running", done=0, tries=row.tries + 1)
    return str(row.id) if ours else None


def work(id: str, clock: Callable[[], int], stopped: Callable[[], bool]) -> None:
    """Carry one out; gives it back when `stopped` says so. Commits after every run, and holds no connection between."""
    try:
        with reading():
            job = db.session.scalars(select(Rehearsal.job).where(Rehearsal.id == id)).one()
            bundle, known = bundle_of(job["content"]), Facts(company(), Past(**job["past"]), clock())
            db.session.remove()
        result = _rehearsed(bundle, known, _plans(job["plans"]),
                            lambda done: _going_on(id, done, clock(), stopped()))
    except Problem as problem:
        _end(id, problem.problems[0] if isinstance(problem, Invalid) else problem, clock())
    except Exception:
        log.error("rehearsal_failed", rehearsal=id, exc_info=True)
        db.session.rollback()
        _end(id, Problem("load_lost"), clock())
    else:
        if result is not None:
            _change(id, clock(), Rehearsal.state == "running", state="done", result=result)


def _rehearsed(bundle: Bundle, known: Facts, plans: list[Any], go_on: Callable[[int], bool]) -> dict[str, Any] | None:
    """Locale → {"report", "other"}; None: given up."""
    outcomes: list[Outcome] = []
    began, before = time.thread_time(), 0
    for plan in plans:
        for step in rehearse(bundle.flow, known.org, plan, known.past, now=known.now):
            if isinstance(step, Outcome):
                outcomes.append(step)
            elif time.thread_time() - began > MOST_SECONDS:
                raise Problem("load_too_long", seconds=MOST_SECONDS)
            elif not go_on(before + step.done):
                return None
        before += 2 * plan.seeds
    return {locale: {"report": _told(outcomes[0], locale),
                     "other": _told(outcomes[1], locale) if len(outcomes) > 1 else None} for locale in LOCALES}


def _going_on(id: str, done: int, now: int, stopped: bool) -> bool:
    """Note a run that has ended; whether another one is wanted."""
    if stopped:
        _change(id, now, Rehearsal.state == "running", state="waiting", done=0, tries=0)
        return False
    return _change(id, now, Rehearsal.state == "running", done=done)


def _end(id: str, problem: Problem, now: int) -> None:
    _change(id, now, Rehearsal.state != "done", state="failed",
            failed={"code": problem.code, "params": dict(problem.params)})


def _change(id: str, now: int, where: Any, **values: Any) -> bool:
    """Whether the row was still there and as expected (commits)."""
    changed = db.session.execute(update(Rehearsal).where(Rehearsal.id == id, where).values(seen_at=now, **values))
    db.session.commit()
    assert isinstance(changed, CursorResult)
    return bool(changed.rowcount)


def _told(outcome: Outcome, locale: str) -> dict[str, Any]:
    """A report in a reader's language, with the effect of one person more."""
    found = _localized(outcome.report, locale)
    return {**found, "lines": [line(one, locale) for one in outcome.report.lines(outcome.more)],
            "assumptions": [line(one, locale) for one in outcome.report.model.assumptions],
            "more": _localized(outcome.more, locale) if outcome.more else None}


def _localized(report: Report, locale: str) -> dict[str, Any]:
    found = report.as_dict()
    for part in ("steps", "teams", "clocks"):
        found[part] = [{**one, "name": localized(one["name"], locale)} for one in found[part]]
    return found
