"""Changing the tables that managers keep. Every function is one commit, and leaves a note of who changed what.

The statement that raises the table's version comes first: changes of one table follow each other.
"""
from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from app.core.errors import Conflict, Denied, Invalid, NotFound, Problem
from app.core.principal import Principal
from app.extensions import db
from app.org import columns, words
from app.org.access import require
from app.org.columns import Column
from app.org.epoch import changed
from app.org.models import Source, SourceChange, SourceRow

RIGHT = "sources.edit"
MAX_ROWS = 20_000
MAX_EDITS = 200  # lines of one page, new ones included


@dataclass(frozen=True)
class Edit:
    """What somebody wants of one row. `id` None: a new one. `cells`: raw texts by column, those that were touched.

    `version`: the row's as they saw it. `active`: in use or archived, None: as it is.
    """

    id: str | None
    cells: Mapping[str, str]
    version: int = 0
    active: bool | None = None


@dataclass(frozen=True)
class Done:
    """How many rows were added and changed."""

    added: int
    changed: int


def may_edit(actor: Principal, scope: str) -> bool:
    """Whether somebody may change a table: one whose rows people are responsible for says who sees what."""
    return actor.may(RIGHT) and (not scope or actor.may("org.manage"))


def create(title: Any, *, actor: Principal, now: int) -> str:
    """A new table without rows; returns its key."""
    require(actor, RIGHT)
    key = f"t_{secrets.token_hex(5)}"
    row = Source(key=key, scope="", title=words.label(title, "title"), columns=[], version=1)
    db.session.add(row)
    db.session.flush()
    note(key, 1, "", None, _about(row), actor, now)
    changed()
    db.session.commit()
    return key


def save_definition(key: str, *, title: Any, columns_: Any, version: int, actor: Principal, now: int) -> None:
    """Change title and columns. A column may go: its cells stay and come back with it. Raises Conflict if it moved."""
    source = opened(key, actor)
    if source.version != version + 1:
        raise Conflict("table_moved", where=key)
    new = columns.checked(columns_)
    before, old = _about(source), {column.key: column for column in columns.stored(source.columns)}
    rows = list(db.session.scalars(select(SourceRow).where(SourceRow.source == key)))
    for column in new[2:]:
        if column.key in old and column.type != old[column.key].type:
            _check_type(column, rows)
    source.title, source.columns = words.label(title, "title"), [column.as_json() for column in new]
    if {column.key for column in new if column.search} != {key for key, column in old.items() if column.search}:
        for row in rows:
            row.search = columns.search_text(new, row.id, row.label, row.attrs)
    note(key, source.version, "", before, _about(source), actor, now)
    changed()
    db.session.commit()


def _check_type(column: Column, rows: Iterable[SourceRow]) -> None:
    """Refuse another type while there are cells that it would not take."""
    for row in rows:
        try:
            columns.clean(column, row.attrs.get(column.key, ""))
        except Problem as problem:
            raise Problem("column_type_rows", where=column.key, title=column.title, row=row.label,
                          value=row.attrs[column.key][:60]) from problem


def opened(key: str, actor: Principal) -> Source:
    """The table, its version raised: held against others until the commit. Raises NotFound or Denied."""
    require(actor, RIGHT)
    found = db.session.execute(
        update(Source).where(Source.key == key).values(version=Source.version + 1).returning(Source.key)
    ).first() if words.KEY.match(key) else None
    if not found:
        raise NotFound("source_unknown", where=key[:60], source=key[:40])
    source = db.session.get_one(Source, key, populate_existing=True)
    if not may_edit(actor, source.scope):
        raise Denied("table_scoped", where=key)
    return source


def save_rows(key: str, edits: Sequence[Edit], *, actor: Principal, now: int) -> Done:
    """Add and change rows, all of them or none. Raises Invalid: `where` of a fault is "<index>.<column>".

    A row that somebody else changed since is a Conflict among the problems ("row_moved", where "<index>.").
    """
    if len(edits) > MAX_EDITS:
        raise Problem("rows_many", where="rows", max=MAX_EDITS)
    source = opened(key, actor)
    writing = Writing(source, actor, now, {edit.id for edit in edits if edit.id is not None})
    problems: list[Problem] = []
    for index, edit in enumerate(edits):
        problems += [placed(problem, f"{index}.{problem.where}") for problem in writing.take(edit)]
    if problems:
        raise Invalid(problems, "table_invalid")
    done = writing.save()
    db.session.commit()
    return done


def placed(problem: Problem, where: str) -> Problem:
    """The problem, at its place."""
    problem.where = where
    return problem


class Writing:
    """Rows on their way into a table that `opened` gave. `take` judges, `save` writes what was taken (no commit)."""

    def __init__(self, source: Source, actor: Principal, now: int, wanted: Iterable[str] | None = None) -> None:
        if source.live:
            raise Problem("live_rows", where=source.key)
        self.source, self.actor, self.now = source, actor, now
        self.columns = columns.stored(source.columns)
        self._by_key = {column.key: column for column in self.columns}
        query = select(SourceRow).where(SourceRow.source == source.key)
        self._all = wanted is None
        if wanted is not None:
            query = query.where(SourceRow.id.in_(list(wanted)))
        self.rows = {row.id: row for row in db.session.scalars(query)}
        last, self._count = db.session.execute(
            select(func.coalesce(func.max(SourceRow.position), -1), func.count()).where(SourceRow.source == source.key)
        ).one()
        self._position = int(last)
        self._added: list[dict[str, Any]] = []
        self._changed: list[tuple[SourceRow, dict[str, Any]]] = []
        self._new: set[str] = set()

    def take(self, edit: Edit) -> list[Problem]:
        """Note one change; its faults, with the column as `where`. Nothing is noted where there are any."""
        row = self.rows.get(edit.id) if edit.id is not None else None
        if edit.id is not None and row is None:
            return [Problem("row_gone", where="", row=edit.id[:40])]
        if row is not None and row.version != edit.version:
            return [Conflict("row_moved", where="", row=row.label)]
        cells, problems = self.cells(edit.cells, row)
        return problems or self.put(row, cells, edit.active)

    def put(self, row: SourceRow | None, cells: dict[str, str], active: bool | None) -> list[Problem]:
        """Note a change whose cells are as stored; `row` None: a new one."""
        if row is None:
            return self._add(cells)
        self._change(row, {key: text for key, text in cells.items() if key != "id"}, active)
        return []

    def cells(self, raw: Mapping[str, str], row: SourceRow | None) -> tuple[dict[str, str], list[Problem]]:
        """The cells as stored, and what is wrong. What a row holds already is not judged again."""
        out, problems = {}, []
        for key, text in raw.items():
            column = self._by_key.get(key)
            if column is None:
                problems.append(Problem("column_unknown", where=key[:40], column=key[:40]))
            elif row is not None and (key == "id" or text == cell_of(row, key)):
                continue
            else:
                try:
                    out[key] = columns.clean(column, text)
                except Problem as problem:
                    problems.append(problem)
        if row is None and "name" not in raw:
            problems.append(Problem("row_name_missing", where="name"))
        return out, problems

    def _add(self, cells: dict[str, str]) -> list[Problem]:
        ident = cells.pop("id", "") or f"r{secrets.token_hex(5)}"
        if ident in self._new or ident in self.rows or self._elsewhere(ident):
            return [Problem("row_id_taken", where="id", value=ident)]
        if self._count + len(self._added) >= MAX_ROWS:
            return [Problem("table_full", where="id", max=MAX_ROWS)]
        self._new.add(ident)
        self._position += 1
        label, cells = cells.pop("name"), {key: value for key, value in cells.items() if value}
        self._added.append({
            "source": self.source.key, "id": ident, "label": label, "attrs": cells, "active": True,
            "position": self._position, "version": self.source.version,
            "search": columns.search_text(self.columns, ident, label, cells),
        })
        return []

    def _elsewhere(self, ident: str) -> bool:
        """Whether a row that was not read has this code."""
        return not self._all and db.session.scalar(
            select(SourceRow.id).where(SourceRow.source == self.source.key, SourceRow.id == ident)) is not None

    def _change(self, row: SourceRow, cells: dict[str, str], active: bool | None) -> None:
        before = facts(row)
        label = cells.pop("name", row.label)
        attrs = {key: value for key, value in {**row.attrs, **cells}.items() if value}
        active = row.active if active is None else active
        if {"name": label, "attrs": attrs, "active": active} == before:
            return
        row.label, row.attrs, row.active, row.version = label, attrs, active, self.source.version
        row.search = columns.search_text(self.columns, row.id, label, attrs)
        self._changed.append((row, before))

    def save(self) -> Done:
        """Write what was taken."""
        key, version = self.source.key, self.source.version
        notes: list[dict[str, Any]] = [{"row_id": row.id, "before": before, "after": facts(row)}
                                       for row, before in self._changed]
        notes += [{"row_id": row["id"], "before": None,
                   "after": {"name": row["label"], "attrs": row["attrs"], "active": True}} for row in self._added]
        if not notes:
            return Done(0, 0)
        db.session.flush()
        if self._added:
            db.session.execute(insert(SourceRow), self._added)
        common = {"source": key, "version": version, "at": self.now, "by": self.actor.id}
        db.session.execute(insert(SourceChange), [{**common, **one} for one in notes])
        if self.source.scope:
            changed()
        return Done(len(self._added), len(self._changed))


def cell_of(row: SourceRow, key: str) -> str:
    """What stands in one cell."""
    return {"id": row.id, "name": row.label}.get(key) or row.attrs.get(key, "")


def facts(row: SourceRow) -> dict[str, Any]:
    """A row as the history keeps it."""
    return {"name": row.label, "attrs": dict(row.attrs), "active": row.active}


def _about(source: Source) -> dict[str, Any]:
    return {"title": source.title, "columns": list(source.columns)}


def note(key: str, version: int, row_id: str, before: Any, after: Any, actor: Principal, now: int) -> None:
    """One line of the table's history."""
    db.session.add(SourceChange(source=key, version=version, row_id=row_id, at=now, by=actor.id, before=before,
                                after=after))
