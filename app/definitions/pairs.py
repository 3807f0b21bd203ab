"""Which version of a form a ticket stands on, and putting it on another: a ticket's version joins a form with a flow.

A ticket keeps its flow when its form is upgraded, and its form when it is moved to another version of its flow. Where
no published version of its type ever joined the two, one is made for it; it was never in force, so its number is below
1.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from app.core.errors import Finding, NotFound
from app.core.principal import Principal, require
from app.definitions import checks
from app.definitions.models import Definition, DefinitionVersion
from app.definitions.service import content_hash
from app.extensions import db, parts
from app.flows.checks.facts import Known

TRIES = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """A version of a ticket type: the form's version in it (`number`: its number), and the flow's."""

    id: str
    type_id: str
    name: Any
    form_id: str
    number: int
    flow_id: str


def pairs(form: str) -> list[Pair]:
    """Every version of every ticket type that works, or worked, with this form; the oldest first. Two queries."""
    known = {row.id: row.version for row in db.session.execute(
        select(DefinitionVersion.id, DefinitionVersion.version)
        .join(Definition, Definition.id == DefinitionVersion.definition_id)
        .where(Definition.kind == "form", Definition.key == form)
    )}
    return [_pair(row, known) for row in _type_versions() if row.uses.get("form") in known]


def of_type(key: str) -> list[Pair]:
    """Every version of a ticket type, the oldest first. Two queries."""
    rows = _type_versions(Definition.key == key)
    known = numbers([row.uses["form"] for row in rows])
    return [_pair(row, known) for row in rows]


def numbers(ids: Collection[str]) -> dict[str, int]:
    """Id of a version of anything → its number. One query."""
    rows = db.session.execute(
        select(DefinitionVersion.id, DefinitionVersion.version).where(DefinitionVersion.id.in_(set(ids)))
    )
    return {row.id: row.version for row in rows}


def _type_versions(*wanted: ColumnElement[bool]) -> Sequence[Any]:
    return db.session.execute(
        select(DefinitionVersion.id, Definition.id.label("type_id"), DefinitionVersion.content, DefinitionVersion.uses)
        .join(Definition, Definition.id == DefinitionVersion.definition_id)
        .where(Definition.kind == "ticket_type", *wanted)
        .order_by(DefinitionVersion.published_at, DefinitionVersion.version)
    ).all()


def _pair(row: Any, known: Mapping[str, int]) -> Pair:
    return Pair(row.id, row.type_id, row.content["name"], row.uses["form"], known[row.uses["form"]], row.uses["flow"])


def misfits(pair: Pair, form_id: str, known: Known) -> list[Finding]:
    """What the steps of this pair's flow would get wrong with another version of the form: errors only. As publishing
    would say it."""
    rows = db.session.execute(
        select(DefinitionVersion.id, DefinitionVersion.content)
        .where(DefinitionVersion.id.in_((pair.id, pair.flow_id, form_id)))
    )
    content = {row.id: row.content for row in rows}
    found = checks.type_findings(content[pair.id], content[pair.flow_id], content[form_id], parts().catalog, known)
    return [finding for finding in found if finding.level == "error"]


def join(pair: Pair, form_id: str, *, actor: Principal, now: int) -> str:
    """Id of the version that joins this pair's flow with another version of the form; made where there is none
    (commits). `misfits` must have found nothing. Raises NotFound where the pair is gone."""
    require(actor, "definitions.publish")
    for _ in range(TRIES):
        found = _joined(pair, form_id)
        if found is not None:
            return found
        content = db.session.scalar(select(DefinitionVersion.content).where(DefinitionVersion.id == pair.id))
        lowest = db.session.scalar(
            select(func.min(DefinitionVersion.version)).where(DefinitionVersion.definition_id == pair.type_id)
        )
        if content is None or lowest is None:
            break
        uses = {"form": form_id, "flow": pair.flow_id}
        made = DefinitionVersion(
            id=str(uuid.uuid4()), definition_id=pair.type_id, version=min(lowest, 1) - 1, content=content,
            hash=content_hash(content, uses), uses=uses, published_at=now, published_by=actor.id,
        )
        db.session.add(made)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()  # somebody made it, or another, at the same moment
    raise NotFound("version_unknown", where=pair.id)


def _joined(pair: Pair, form_id: str) -> str | None:
    rows: Sequence[Any] = db.session.execute(
        select(DefinitionVersion.id, DefinitionVersion.uses).where(DefinitionVersion.definition_id == pair.type_id)
        .order_by(DefinitionVersion.version.desc())
    ).all()
    wanted = {"form": form_id, "flow": pair.flow_id}
    return next((row.id for row in rows if row.uses == wanted), None)
