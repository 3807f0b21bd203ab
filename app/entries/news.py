"""Tickets that triggers open by themselves, from news: a call of another system, a message, an event, a date.

Every piece of news has an occurrence; the same occurrence opens one ticket, however often and by however many processes
it is told. What could not become a ticket is not lost: it is kept, with the reasons, until a colleague tries it again.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update

from app import vault
from app.core.errors import Conflict, NotFound, Problem
from app.core.principal import Principal, require
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.service import TypeVersion
from app.entries import intake
from app.entries.intake import Received
from app.entries.models import Opening
from app.extensions import db, insert_new
from app.flows.model import Node
from app.flows.news import Told
from app.forms.schema import Form
from app.org import live_answers
from app.org.directory import directory
from app.runtime.ports import StaffPorts
from app.wire import dumps

PAGE = 100
MAX_NEWS = 100_000  # characters of news that are kept for another try
SHOWN = frozenset({"label", "count", "max", "min", "name", "field", "options", "known", "message", "places", "step"})


@dataclass(frozen=True, slots=True)
class Way:
    """A trigger of a ticket type in force."""

    type: TypeVersion
    bundle: Bundle
    node: Node


@dataclass(frozen=True, slots=True)
class News:
    """What a trigger is told. `occurrence`: what tells it from any other; `customer`: {"id", "name", "level"} where
    they are known; `by`: the colleague it comes from; `strict`: the same occurrence telling other things is refused."""

    occurrence: Sequence[str]
    told: Mapping[str, Any]
    customer: Mapping[str, Any] | None = None
    by: str | None = None
    strict: bool = False


def ways(kind: str) -> Iterator[Way]:
    """Every trigger of a kind ("trigger.keyword") in a ticket type that takes new tickets, by type and drawing order.

    One query, and two more for a type that this process did not know yet."""
    for version in definitions.current_types():
        bundle = definitions.bundle(version.id)
        for node in bundle.flow.triggers():
            if node.type.type == kind:
                yield Way(version, bundle, node)


def way(type_key: str, trigger: str, kind: str | None = None) -> Way:
    """One trigger that is told things; NotFound, or Conflict where its type takes no new tickets."""
    version = definitions.current_type(type_key)
    if version.archived:
        raise Conflict("type_archived", where="type", name=version.name)
    bundle = definitions.bundle(version.id)
    node = bundle.flow.nodes.get(trigger)
    if node is None or not isinstance(node.type, Told) or kind not in (None, node.type.type):
        raise NotFound("trigger_unknown", where="trigger", name=trigger[:60])
    return Way(version, bundle, node)


def open_from(way: Way, news: News, *, now: int) -> Received:
    """Open a ticket from news, or add it to an earlier one, and note what came of it (commits)."""
    key = _key(way, news)
    node_type, config = way.node.type, way.node.config
    assert isinstance(node_type, Told)
    answers = node_type.answers(config, news.told)
    if node_type.cuts:
        answers = _cut(way.bundle.form, answers)
    people = directory()
    live_answers.prepare(way.bundle.form, answers, now=now, mark=None, keep=True)
    received = intake.open_ticket(
        way.bundle, way.type.id, way.node.id, answers, ports=StaffPorts(people, "", news.by),
        channel=str(config.channel or ""), command_id=f"news:{key}", now=now, by=news.by, recognise=True,
        request=[key, news.told if news.strict else None], known=news.customer,
        facts=node_type.facts(news.told),
    )
    _note(way, news, key, received, now)
    return received


def refuse(way: Way, news: News, problem: Problem, *, now: int) -> None:
    """Note that news is not taken, and why (commits)."""
    _note(way, news, _key(way, news), Received(problems=(problem,)), now)


def state_of(received: Received) -> str:
    """What came of news: opened | joined | repeat | refused."""
    if received.problems:
        return "repeat" if received.problems[0].code == "request_again" else "refused"
    return "joined" if received.joined else "opened"


def _cut(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Free text in the length of its field."""
    found = dict(answers)
    for name, value in answers.items():
        most = form.fields[name].settings.get("max_length") if name in form.fields else None
        if isinstance(value, str) and isinstance(most, int) and len(value.strip()) > most:
            found[name] = value.strip()[: most - 1] + "…"
    return found


def _key(way: Way, news: News) -> str:
    return hashlib.sha256(dumps([way.type.key, way.node.id, *news.occurrence]).encode()).hexdigest()


def _note(way: Way, news: News, key: str, received: Received, now: int) -> None:
    state, kept = state_of(received), None
    if state == "refused":
        text = json.dumps(asdict(news), ensure_ascii=False)
        kept = vault.seal(text, _place(key)) if len(text) <= MAX_NEWS else None
    values = {
        "state": state, "ticket_id": received.ticket_id or None, "news": kept, "at": now,
        "customer_id": received.customer_id or (news.customer or {}).get("id"),
        "problems": [_told(problem) for problem in received.problems[:20]],
    }
    db.session.rollback()
    new = insert_new(Opening, [{"key": key, "type_key": way.type.key, "trigger": way.node.id, "tries": 1, **values}])
    if not db.session.execute(new.returning(Opening.id)).first():
        # Told again: a ticket stays opened, what was refused may have become one.
        db.session.execute(update(Opening).where(Opening.key == key, Opening.state == "refused")
                           .values(**values, tries=Opening.tries + 1))
    db.session.commit()


def _told(problem: Problem) -> dict[str, Any]:
    """A refusal as it may be kept: not with what somebody typed."""
    params = {name: value if name in SHOWN else "…" for name, value in problem.params.items()}
    return {"code": problem.code, "where": problem.where, "params": params}


def _place(key: str) -> str:
    return f"opening/{key}"


# ---- for colleagues -------------------------------------------------------------------------------------------------


def log(*, state: str = "", before: int | None = None, limit: int = PAGE) -> tuple[list[Opening], int | None]:
    """What triggers did by themselves, newest first; (rows, what `before` is for the page after)."""
    query = select(Opening).order_by(Opening.id.desc()).limit(limit + 1)
    if state:
        query = query.where(Opening.state == state)
    if before is not None:
        query = query.where(Opening.id < before)
    rows = list(db.session.scalars(query))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def again(opening_id: int, *, actor: Principal, now: int) -> Received:
    """Try what was refused once more, with the flow as it is now. Raises NotFound, Conflict where nothing is to do."""
    require(actor, "definitions.edit")
    row = db.session.get(Opening, opening_id)
    if row is None:
        raise NotFound("not_found", where="opening")
    if row.state != "refused" or row.news is None:
        raise Conflict("opening_done", where="opening")
    kept = json.loads(vault.open_(row.news, _place(row.key)))
    found = way(row.type_key, row.trigger)
    db.session.rollback()
    return open_from(found, News(**kept), now=now)
