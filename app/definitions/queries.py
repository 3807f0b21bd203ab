"""Reads of definitions for screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from app.core.errors import NotFound
from app.definitions.models import Definition, DefinitionVersion
from app.extensions import db

# Joins a definition with its version in force, if there is one.
IN_FORCE = and_(
    DefinitionVersion.definition_id == Definition.id, DefinitionVersion.version == Definition.current_version
)


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
        .outerjoin(DefinitionVersion, IN_FORCE)
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


@dataclass(frozen=True, slots=True)
class Line:
    """A form in a list. `fields`: how many its draft has, columns not counted."""

    key: str
    title: Any
    fields: int
    version: int  # 0: never published
    changed: bool  # the draft was saved after the version in force was published
    updated_at: int
    updated_by: str
    archived: bool


def forms() -> list[Line]:
    """Every form, the last changed first. One query, however large the forms are."""
    fields = Definition.draft["fields"]
    count: ColumnElement[int] = func.coalesce(func.json_array_length(Definition.draft, "$.fields"), 0)
    if db.engine.dialect.name == "postgresql":
        count = case((func.jsonb_typeof(fields) == "array", func.jsonb_array_length(fields)), else_=0)
    rows = db.session.execute(
        select(
            Definition.key, Definition.title, count.label("fields"), Definition.current_version, Definition.updated_at,
            Definition.updated_by, DefinitionVersion.published_at, Definition.archived_at,
        )
        .outerjoin(DefinitionVersion, IN_FORCE)
        .where(Definition.kind == "form")
        .order_by(Definition.updated_at.desc(), Definition.key)
    )
    return [
        Line(
            row.key, row.title, row.fields, row.current_version,
            row.published_at is not None and row.updated_at > row.published_at, row.updated_at, row.updated_by,
            row.archived_at is not None,
        )
        for row in rows
    ]


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
