"""The rows of the company's tables as forms see them: name, and the cells that forms may copy.

Tables that people are responsible for are in the directory and cost no query; the others stay in the database. Of rows
that live in another system, it is what `live_answers.prepare` has brought here.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, case, or_, select

from app.core.errors import Problem
from app.extensions import db
from app.flows.directory import Directory
from app.forms.fields.lookup import MANY, PAGE, plain
from app.org import columns, live_answers
from app.org.models import SourceRow

Row = Mapping[str, Any]
MOST_WORDS = 5


class Lists:
    """For one request; what was read once is not read again. `outside`: for somebody who is not signed in."""

    def __init__(self, directory: Directory, *, outside: bool = False) -> None:
        self._directory = directory
        self._outside = outside
        self._fills: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, str], list[Row]] = {}
        self._rows: dict[tuple[str, str], Row | None] = {}

    def row(self, source: str, row_id: str) -> Row | None:
        """{"id", "name", cells that may be copied}, with "archived" where it is no longer in use; None: no such row."""
        found = self._directory.row(source, row_id)
        if found is not None:
            return self._seen(source, row_id, found["name"], found)
        if not row_id.isprintable():  # no row is called so, and PostgreSQL refuses to be asked for a NUL
            return None
        at = (source, row_id)
        if at not in self._rows and self._inside(source):
            self._rows[at] = None
        if at not in self._rows:
            row = db.session.execute(
                _query(source).add_columns(SourceRow.active).where(SourceRow.id == row_id)).first()
            self._rows[at] = self._shown(source, row_id) if row is None else {
                **self._seen(source, row.id, row.label, row.attrs), **({} if row.active else {"archived": True})}
        return self._rows[at]

    def rows(self, source: str, words: str = "") -> list[Row] | None:
        """The rows in use, in their order, at most MANY + 1; with words those that hold all of them in code, name or
        searched cells, at most PAGE + 1: first those that are called so, then those that begin so.

        Of another system only what was searched for: None without words. Raises Problem where it did not answer.
        """
        if self._live(source):
            if self._inside(source) and words.strip():
                raise Problem("source_inside")
            return self._answered(source, words) if words.strip() else None
        at = (source, words)
        if at not in self._found:
            self._found[at] = self._search(source, words) if words.strip() else self._all(source)
        return self._found[at]

    def _live(self, source: str) -> bool:
        return bool((self._directory.source(source) or {}).get("live"))

    def _inside(self, source: str) -> bool:
        """Whether this asker may not look into a source."""
        found = live_answers.of(self._directory, source) if self._outside else None
        return found is not None and not found[0].outside

    def _answered(self, source: str, words: str) -> list[Row]:
        return [self._seen(source, row["id"], row["name"], row) for row in live_answers.rows(source, words)]

    def _shown(self, source: str, row_id: str) -> Row | None:
        """A row of another system that no answer named yet."""
        row = live_answers.row(source, row_id) if self._live(source) else None
        return self._seen(source, row["id"], row["name"], row) if row else None

    def _all(self, source: str) -> list[Row]:
        if (self._directory.source(source) or {}).get("scope"):
            rows = self._directory.rows(source)[:MANY + 1]
            return [self._seen(source, row["id"], row["name"], row) for row in rows]
        query = _query(source).where(SourceRow.active.is_(True))
        found = db.session.execute(query.order_by(SourceRow.position, SourceRow.id).limit(MANY + 1))
        return [self._seen(source, row.id, row.label, row.attrs) for row in found]

    def _search(self, source: str, words: str) -> list[Row]:
        wanted = plain(words)
        query = _query(source).where(SourceRow.active.is_(True))
        for word in wanted.split()[:MOST_WORDS]:
            query = query.where(SourceRow.search.contains(word, autoescape=True))
        exact = or_(SourceRow.id == words, SourceRow.label == words)
        begins = or_(SourceRow.search.startswith(wanted, autoescape=True),
                     SourceRow.search.contains(f"\n{wanted}", autoescape=True))
        found = db.session.execute(query.order_by(
            case((exact, 0), (begins, 1), else_=2), SourceRow.position, SourceRow.id).limit(PAGE + 1))
        return [self._seen(source, row.id, row.label, row.attrs) for row in found]

    def _seen(self, source: str, row_id: str, label: str, attrs: Mapping[str, Any]) -> Row:
        if source not in self._fills:
            shown = columns.stored((self._directory.source(source) or {}).get("columns", ()))
            self._fills[source] = tuple(column.key for column in shown[2:] if column.fill)
        return {**{key: attrs[key] for key in self._fills[source] if key in attrs}, "id": row_id, "name": label}


def _query(source: str) -> Select[Any]:
    return select(SourceRow.id, SourceRow.label, SourceRow.attrs).where(SourceRow.source == source)
