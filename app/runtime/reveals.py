"""Masked answers shown to whoever may see them: each time recorded first, and not too often."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select

from app.core.errors import Denied, NotFound, Problem
from app.core.principal import Principal, require
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.extensions import db
from app.forms.access import may_reveal
from app.org.models import Person
from app.runtime import queries, serial
from app.runtime.models import Reveal, Ticket
from app.runtime.stepping import Intent, Scene, take_step

log = structlog.get_logger(__name__)

MOST = 60  # an hour: whoever calls customers back stays below, whoever copies a list does not
WINDOW_MS = 3_600_000
PAGE = 50


class TooMany(Problem):
    """Refused for now."""

    status = 429


@dataclass(frozen=True, slots=True)
class RevealLine:
    """A line of the record: who (person id) asked when (ms) for which answer of which ticket."""

    id: int
    person_id: str
    at: int
    ticket_id: str
    no: int
    type_version_id: str
    field: str
    given: bool


def reveal(ticket_id: str, field_id: str, *, actor: Principal, now: int) -> None:
    """Record that `actor` has the answer shown; whoever calls may then draw it for them, once (forms.access.Reader).

    Raises NotFound for what they may not know of, Denied where no role of theirs is named, TooMany. Commits. Each call
    is one look: there is no key by which a second one would be taken for the first.
    """
    detail = queries.ticket(actor, ticket_id)
    bundle = definitions.bundle(detail.line.type_version_id)
    field = bundle.form.fields.get(field_id)
    level = serial.levels(detail, actor, bundle).get(field_id, "hidden")
    if field is None or level == "hidden":
        raise NotFound("reveal_unknown", where=field_id[:60])
    if not may_reveal(field, level, actor.roles):
        raise Denied("reveal_denied", where=field_id, label=field.label)
    _admit(ticket_id, field_id, actor, now)

    def signal(_: Scene) -> dict[str, str]:
        return {"kind": "reveal", "field": field_id, "by": actor.id}

    take_step(Intent("ticket", {"ref": ticket_id}, signal))


def _admit(ticket_id: str, field_id: str, actor: Principal, now: int) -> None:
    """Count it, before anything is shown; raises TooMany."""
    # One at a time for each person, or as many as come at once would all find the same count.
    db.session.execute(select(Person.id).where(Person.id == actor.id).with_for_update())
    since = (Reveal.person_id == actor.id, Reveal.at > now - WINDOW_MS)
    found = db.session.execute(select(Reveal.given, func.count()).where(*since).group_by(Reveal.given))
    counted: dict[bool, int] = {row[0]: row[1] for row in found}
    given = counted.get(True, 0) < MOST
    if given or not counted.get(False):  # one line an hour says that somebody met the limit
        db.session.add(Reveal(person_id=actor.id, at=now, ticket_id=ticket_id, field=field_id, given=given))
    db.session.commit()
    if not given:
        log.warning("reveal_limit", person=actor.id, ticket=ticket_id, field=field_id)
        raise TooMany("reveal_too_many", where=field_id, most=MOST)


def lines(actor: Principal, *, before: int | None = None) -> tuple[list[RevealLine], int | None]:
    """(a page of the record, newest first; the `before` of the page after). Needs "org.manage". One query."""
    require(actor, "org.manage")
    query = (
        select(Reveal.id, Reveal.person_id, Reveal.at, Reveal.ticket_id, Ticket.no, Ticket.type_version_id,
               Reveal.field, Reveal.given)
        .join(Ticket, Ticket.id == Reveal.ticket_id).order_by(Reveal.id.desc()).limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Reveal.id < before)
    rows = [RevealLine(*row) for row in db.session.execute(query)]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def bundles(found: Sequence[RevealLine]) -> dict[str, Bundle]:
    """The definitions behind these lines, for the names of fields."""
    return {version: definitions.bundle(version) for version in {line.type_version_id for line in found}}
