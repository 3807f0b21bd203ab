"""Bringing a new version of a form or flow to its ticket types: what is opened is pinned to versions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.core.errors import Finding
from app.core.principal import Principal, require
from app.definitions import checks
from app.definitions.models import Definition, DefinitionVersion
from app.definitions.queries import IN_FORCE
from app.definitions.service import content_hash
from app.extensions import db, parts
from app.flows.checks.facts import Known


@dataclass(frozen=True, slots=True)
class Brought:
    """A ticket type: `version` is what new tickets run on now, None if it stayed with the form it had.

    `findings`: what its steps would get wrong with the new form, or empty where somebody else published meanwhile.
    """

    key: str
    name: Any
    version: int | None
    findings: tuple[Finding, ...] = ()


def bring_to_types(part: str, key: str, *, actor: Principal, now: int, known: Known) -> list[Brought]:
    """Give each published ticket type of this form or flow (`part`) a version with what is in force (a commit each).

    With a form's new version a type keeps the flow it is pinned to, whatever newer ones there are; with a flow's it
    takes the form in force too, for which the flow was checked. Its own content stays as it is in force, whatever its
    draft says. A type whose flow does not fit the form keeps both. Again changes nothing.
    """
    require(actor, "definitions.publish")
    rows = db.session.execute(
        select(Definition, DefinitionVersion)
        .join(DefinitionVersion, IN_FORCE)
        .where(Definition.kind.in_(("form", "flow", "ticket_type")))
        .order_by(Definition.key)
    ).all()
    there = {(row.kind, row.key): version for row, version in rows}
    if (part, key) not in there:
        return []
    types = [(row, version) for row, version in rows if row.kind == "ticket_type" and version.content.get(part) == key]
    parts_of = ("form",) if part == "form" else ("form", "flow")
    return [_bring(row, version, {one: there[one, str(version.content[one])] for one in parts_of}, actor, now, known)
            for row, version in types]


def _bring(row: Definition, old: DefinitionVersion, new: Mapping[str, DefinitionVersion], actor: Principal, now: int,
           known: Known) -> Brought:
    name = old.content["name"]
    uses = {**old.uses, **{part: version.id for part, version in new.items()}}
    if old.uses == uses:
        return Brought(row.key, name, row.current_version)
    flow = new["flow"].content if "flow" in new else db.session.scalar(
        select(DefinitionVersion.content).where(DefinitionVersion.id == old.uses["flow"]))
    findings = checks.type_findings(old.content, flow, new["form"].content, parts().catalog, known)
    errors = tuple(finding for finding in findings if finding.level == "error")
    if errors:
        return Brought(row.key, name, None, errors)
    version = row.current_version + 1
    won = db.session.execute(
        update(Definition)
        .where(Definition.id == row.id, Definition.current_version == version - 1)
        .values(current_version=version)
        .returning(Definition.id)
    ).first()
    if not won:
        db.session.rollback()
        return Brought(row.key, name, None)
    db.session.add(
        DefinitionVersion(
            id=str(uuid.uuid4()), definition_id=row.id, version=version, content=old.content,
            hash=content_hash(old.content, uses), uses=uses, published_at=now, published_by=actor.id,
        )
    )
    db.session.commit()
    return Brought(row.key, name, version)
