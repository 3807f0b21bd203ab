"""Reads of definitions for screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select

from app.core.errors import NotFound
from app.definitions.models import Definition, DefinitionVersion
from app.extensions import db


@dataclass(frozen=True, slots=True)
class Standing:
    """A definition: its draft, and the version in force if there is one. Times are epoch milliseconds."""

    key: str
    title: Any
    rev: int
    content: Any
    updated_at: int
    updated_by: str
    version: int  # 0: never published
    published_at: int | None
    published: Any  # content in force


def standing(kind: str, key: str) -> Standing:
    """Draft and published version together; raises NotFound. One query."""
    row = db.session.execute(
        select(Definition, DefinitionVersion.published_at, DefinitionVersion.content)
        .outerjoin(
            DefinitionVersion,
            and_(
                DefinitionVersion.definition_id == Definition.id,
                DefinitionVersion.version == Definition.current_version,
            ),
        )
        .where(Definition.kind == kind, Definition.key == key)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("definition_unknown", where=key[:60], key=key[:60])
    found, published_at, published = row
    return Standing(
        found.key, found.title, found.rev, found.draft, found.updated_at, found.updated_by, found.current_version,
        published_at, published,
    )


def version_of(kind: str, key: str, version_id: str) -> Any:
    """The content of a version, if it is one of this definition; raises NotFound. One query."""
    row = db.session.execute(
        select(DefinitionVersion.content)
        .join(Definition, Definition.id == DefinitionVersion.definition_id)
        .where(Definition.kind == kind, Definition.key == key, DefinitionVersion.id == version_id)
    ).one_or_none()
    if row is None:
        raise NotFound("version_unknown", where=version_id[:60])
    return row.content
