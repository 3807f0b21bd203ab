"""Bringing a form's new version to the ticket types that work with it: what customers open is pinned to versions."""

from __future__ import annotations

import uuid
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


def bring_to_types(form: str, *, actor: Principal, now: int, known: Known) -> list[Brought]:
    """Give each published ticket type of this form a version with the form in force (a commit each).

    Its own content and its flow stay as they are in force, whatever their drafts say. A type whose flow does not fit
    the new form keeps the old one. Again changes nothing.
    """
    require(actor, "definitions.publish")
    rows = db.session.execute(
        select(Definition, DefinitionVersion)
        .join(DefinitionVersion, IN_FORCE)
        .where(Definition.kind.in_(("form", "ticket_type")))
        .order_by(Definition.key)
    ).all()
    new = next((version for row, version in rows if (row.kind, row.key) == ("form", form)), None)
    if new is None:
        return []
    types = [(row, version) for row, version in rows
             if row.kind == "ticket_type" and version.content.get("form") == form]
    return [_bring(row, version, new, actor, now, known) for row, version in types]


def _bring(row: Definition, old: DefinitionVersion, form: DefinitionVersion, actor: Principal, now: int,
           known: Known) -> Brought:
    name = old.content["name"]
    if old.uses.get("form") == form.id:
        return Brought(row.key, name, row.current_version)
    flow = db.session.scalar(select(DefinitionVersion.content).where(DefinitionVersion.id == old.uses["flow"]))
    findings = checks.type_findings(old.content, flow, form.content, parts().catalog, known)
    errors = tuple(finding for finding in findings if finding.level == "error")
    if errors:
        return Brought(row.key, name, None, errors)
    uses, version = {**old.uses, "form": form.id}, row.current_version + 1
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
