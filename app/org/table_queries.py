"""Reading the tables that managers keep: lists for their pages, one page of rows, the history, a file to take home."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.core.errors import NotFound
from app.extensions import db
from app.forms.fields.lookup import plain
from app.org import columns, words
from app.org.columns import Column
from app.org.models import Source, SourceChange, SourceRow
from app.org.tables import cell_of

PAGE = 50
MAX_PAGE = 400  # of PAGE rows: as many as a table can hold


@dataclass(frozen=True)
class Table:
    """A table: `rows` in use, `archived` not."""

    key: str
    title: Any
    scope: str
    columns: tuple[Column, ...]
    version: int
    rows: int = 0
    archived: int = 0
    live: dict[str, Any] | None = None  # of app.org.live: another system is asked for the rows


def tables() -> list[Table]:
    """Every table, with its rows counted. One query."""
    count = func.count(SourceRow.id)
    found = db.session.execute(
        select(Source, count.filter(SourceRow.active.is_(True)), count.filter(SourceRow.active.is_(False)))
        .outerjoin(SourceRow, SourceRow.source == Source.key).group_by(Source.key).order_by(Source.key))
    return [_table(source, rows, archived) for source, rows, archived in found]


def table(key: str) -> Table:
    """One table; raises NotFound. One query."""
    count = func.count(SourceRow.id)
    found = db.session.execute(
        select(Source, count.filter(SourceRow.active.is_(True)), count.filter(SourceRow.active.is_(False)))
        .outerjoin(SourceRow, SourceRow.source == Source.key).where(Source.key == key).group_by(Source.key)
    ).first() if words.KEY.match(key) else None
    if found is None:
        raise NotFound("source_unknown", where=key[:60], source=key[:40])
    return _table(*found)


def _table(source: Source, rows: int, archived: int) -> Table:
    return Table(source.key, source.title, source.scope, columns.stored(source.columns), source.version, rows, archived,
                 source.live)


def page(key: str, *, words_: str, active: bool, number: int) -> tuple[list[SourceRow], int]:
    """(rows of page `number` from 1, how many there are in all) that hold these words. Two queries."""
    query = _found(key, words_).where(SourceRow.active.is_(active))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(
        query.order_by(SourceRow.position, SourceRow.id).limit(PAGE).offset((min(number, MAX_PAGE) - 1) * PAGE))
    return list(rows), total


def rows_of(key: str, ids: Sequence[str]) -> dict[str, SourceRow]:
    """These rows by code. One query."""
    found = db.session.scalars(select(SourceRow).where(SourceRow.source == key, SourceRow.id.in_(list(ids))))
    return {row.id: row for row in found}


def _found(key: str, asked: str) -> Select[Any]:
    query = select(SourceRow).where(SourceRow.source == key)
    for word in plain(asked).split()[:5]:
        query = query.where(SourceRow.search.contains(word, autoescape=True))
    return query


@dataclass(frozen=True)
class Step:
    """One commit to a table: who, when (ms), how many rows."""

    version: int
    at: int
    by: str
    count: int


def steps(key: str, *, version: int | None = None, before: int | None = None, limit: int = PAGE) -> list[Step]:
    """The last changes of a table, newest first; `before`: older than this version. One query."""
    row = SourceChange
    query = select(row.version, func.max(row.at), func.max(row.by), func.count()).where(row.source == key)
    if version is not None:
        query = query.where(row.version == version)
    if before is not None:
        query = query.where(row.version < before)
    found = db.session.execute(query.group_by(row.version).order_by(row.version.desc()).limit(limit))
    return [Step(*one) for one in found]


def changes(key: str, versions: Sequence[int], *, each: int | None, page: int) -> dict[int, list[SourceChange]]:
    """What changed in these versions: the first `each` rows of every one, or of a single one a page. One query."""
    row = SourceChange
    query = select(row).where(row.source == key, row.version.in_(list(versions)))
    if each is None:
        query = query.order_by(row.row_id).limit(PAGE).offset((page - 1) * PAGE)
    else:
        place = func.row_number().over(partition_by=row.version, order_by=row.row_id).label("place")
        first = select(row.version, row.row_id, place).where(row.source == key, row.version.in_(list(versions)))
        inner = first.subquery()
        query = query.join(inner, (inner.c.version == row.version) & (inner.c.row_id == row.row_id))
        query = query.where(inner.c.place <= each).order_by(row.version.desc(), row.row_id)
    out: dict[int, list[SourceChange]] = {}
    for found in db.session.scalars(query):
        out.setdefault(found.version, []).append(found)
    return out


def lines(shown: Table, titles: Sequence[str]) -> Iterator[list[str]]:
    """Heading and every row in use, cell by cell, as a sheet takes them. One query."""
    yield list(titles)
    query = select(SourceRow).where(SourceRow.source == shown.key, SourceRow.active.is_(True))
    for row in db.session.scalars(query.order_by(SourceRow.position, SourceRow.id)):
        yield [cell_of(row, column.key) for column in shown.columns]
