"""A published flow in use: the ticket types that run on it, their links, and the one call that makes the first."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.core.errors import Denied, Problem
from app.core.principal import Principal
from app.definitions import queries, stock
from app.designer.flows import standing
from app.entries import doors
from app.entries.doors import Way
from app.extensions import db
from app.flows.checks.facts import Known
from app.runtime import upgrades


@dataclass(frozen=True, slots=True)
class Affected:
    """A ticket type that takes the flow's next version; `open`: its tickets, which stay on the version they have."""

    key: str
    name: Any
    open: int


def ways(key: str) -> list[Way]:
    """The published ticket types of a flow, each with its open links. One query."""
    return [way for way in doors.ways() if way.flow == key]


def refusal(flow: queries.Standing, actor: Principal) -> Problem | None:
    """Why this person cannot put the flow to use."""
    if not actor.may("definitions.publish"):
        return Denied("opening_right")
    if not flow.version:
        return Problem("flow_unopened")
    return None if flow.published.get("form") else Problem("flow_without_form")


def open_flow(key: str, *, actor: Principal, now: int, known: Known) -> list[Way]:
    """Make a ticket type of the flow, named as it, and its links: all of it or nothing (one commit).

    Where there is a type already, or somebody makes one at this moment, that is it. Raises Denied, Problem or
    PublishBlocked.
    """
    refused = refusal(standing(key), actor)
    if refused:
        raise refused
    found = ways(key)
    if found:
        return found
    try:
        made = stock.type_of(key, actor=actor, now=now, known=known)
        doors.entries_of(made.key, made.version_id, now=now)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # the second of two: what the first made is read below
    return ways(key)


def affected(key: str) -> list[Affected]:
    """Every published ticket type of the flow with its open tickets. Three queries."""
    types = {way.type_key: way.type_name for way in ways(key)}
    versions = queries.version_ids("ticket_type", list(types))
    counts = upgrades.open_tickets([one for ids in versions.values() for one in ids])
    return [Affected(name, types[name], sum(counts.get(one, 0) for one in versions[name])) for name in types]
