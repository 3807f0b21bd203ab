"""Reads of definitions for screens."""

from __future__ import annotations

from collections.abc import Collection
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
    found = find(kind, key)
    if found is None:
        raise NotFound("definition_unknown", where=key[:60], key=key[:60])
    return found


def find(kind: str, key: str) -> Standing | None:
    """As `standing`; None where there is no such definition."""
    row = db.session.execute(
        select(Definition, DefinitionVersion.published_at, DefinitionVersion.content)
        .outerjoin(DefinitionVersion, IN_FORCE)
        .where(Definition.kind == kind, Definition.key == key)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    found, published_at, published = row
    return Standing(
        found.key, found.title, found.rev, found.draft, found.updated_at, found.updated_by, found.current_version,
        published_at, published,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A form or flow in a list. `size`: how many fields (columns not counted) or steps its draft has."""

    key: str
    title: Any
    size: int
    version: int  # 0: never published
    changed: bool  # the draft was saved after the version in force was published
    updated_at: int
    updated_by: str
    archived: bool
    form: str | None  # of a flow: the form that its draft works with


COUNTED = {"form": "fields", "flow": "nodes"}


def lines(kind: str) -> list[Line]:
    """Every form or flow, the last changed first. One query, however large they are."""
    part = COUNTED[kind]
    items = Definition.draft[part]
    count: ColumnElement[int] = func.coalesce(func.json_array_length(Definition.draft, f"$.{part}"), 0)
    if db.engine.dialect.name == "postgresql":
        count = case((func.jsonb_typeof(items) == "array", func.jsonb_array_length(items)), else_=0)
    rows = db.session.execute(
        select(
            Definition.key, Definition.title, count.label("size"), Definition.current_version, Definition.updated_at,
            Definition.updated_by, DefinitionVersion.published_at, Definition.archived_at,
            Definition.draft["form"].as_string().label("form"),
        )
        .outerjoin(DefinitionVersion, IN_FORCE)
        .where(Definition.kind == kind)
        .order_by(Definition.updated_at.desc(), Definition.key)
    )
    return [
        Line(
            row.key, row.title, row.size, row.current_version,
            row.published_at is not None and row.updated_at > row.published_at, row.updated_at, row.updated_by,
            row.archived_at is not None, row.form,
        )
        for row in rows
    ]


def version_ids(kind: str, keys: Collection[str]) -> dict[str, list[str]]:
    """key → ids of all its versions. One query."""
    rows = db.session.execute(
        select(Definition.key, DefinitionVersion.id)
        .join(Definition, Definition.id == DefinitionVersion.definition_id)
        .where(Definition.kind == kind, Definition.key.in_(keys))
    )
    found: dict[str, list[str]] = {key: [] for key in keys}
    for row in rows:
        found[row.key].append(row.id)
    return found


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


def published_at(version_id: str) -> int:
    """When a version came into being, epoch ms; raises NotFound."""
    found = db.session.scalar(select(DefinitionVersion.published_at).where(DefinitionVersion.id == version_id))
    if found is None:
        raise NotFound("version_unknown", where=version_id[:60])
    return found
