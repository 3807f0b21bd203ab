"""A table's rows as a page of inputs: what is drawn, what comes back, and what of it somebody really changed.

Each row carries its version and a mark of its cells as they were drawn: a row whose cells come back as they were is
left alone, so that two people on one page only meet where they change the same row.
"""
from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import Conflict, Invalid, Malformed, Problem, localized
from app.org.columns import Column
from app.org.models import SourceChange, SourceRow
from app.org.table_queries import MAX_PAGE
from app.org.tables import Edit, cell_of

MAX_WORDS = 80
MAX_NEW = 100
NEW_LINES = 1  # empty lines above the rows; scripts add more as they are filled


@dataclass(frozen=True)
class Asked:
    """Which rows somebody looks at."""

    q: str = ""
    archived: bool = False
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        """From an address or a form."""
        page = given.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        return cls(given.get("q", "").strip()[:MAX_WORDS], given.get("state") == "archived",
                   max(1, min(number, MAX_PAGE)))

    def query(self, **more: Any) -> dict[str, Any]:
        """As parts of an address; what is usual is left out."""
        out = {"q": self.q or None, "state": "archived" if self.archived else None,
               "page": self.page if self.page > 1 else None}
        return {**out, **more}


@dataclass(frozen=True)
class Cell:
    """One input. `now`: what the row holds, where somebody typed something else and must be told."""

    name: str
    column: Column
    value: str
    error: str = ""
    now: str = ""


@dataclass(frozen=True)
class Line:
    """One row. `row_id` "": a new one. `mark`: its version and what was drawn. `error`: of the row as a whole."""

    row_id: str
    cells: tuple[Cell, ...]
    mark: str = ""
    active: bool = True
    error: str = ""


@dataclass
class Typed:
    """What came back: raw cells by row (new ones under their number), and the changes that follow."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    new: dict[int, dict[str, str]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    of: list[str | int] = field(default_factory=list)  # row id, or number of the new line, of each edit

    def changed(self) -> list[str]:
        """The rows that somebody changed."""
        return [name for name in self.of if isinstance(name, str)]


def mark(version: int, cells: Mapping[str, str]) -> str:
    """A row's version and a digest of its cells."""
    drawn = "\x1f".join(f"{key}\x1e{value}" for key, value in sorted(cells.items()))
    return f"{version}.{hashlib.sha256(drawn.encode('utf-8', 'replace')).hexdigest()[:16]}"


def read(posted: MultiDict[str, str]) -> Typed:
    """The changes in a posted page. Buttons "archive:<code>" and "restore:<code>" change their row too."""
    out = Typed()
    for name, text in posted.items():
        kind, _dot, rest = name.partition(".")
        owner, _dot, column = rest.rpartition(".")
        if kind == "c" and owner and column:
            out.rows.setdefault(owner, {})[column] = text
        elif kind == "n" and owner.isascii() and owner.isdigit() and int(owner) < MAX_NEW:
            out.new.setdefault(int(owner), {})[column] = text.strip()
    do, _colon, pressed = posted.get("do", "").partition(":")
    seed = posted.get("_key", "")[:64]
    for row_id, cells in out.rows.items():
        seen = posted.get(f"v.{row_id}", "")
        version = seen.partition(".")[0]
        if not version.isascii() or not version.isdigit() or len(version) > 9:
            raise Malformed("form_expired")
        active = {"archive": False, "restore": True}.get(do) if pressed == row_id else None
        if active is not None or seen != mark(int(version), cells):
            out.edits.append(Edit(row_id, cells, int(version), active))
            out.of.append(row_id)
    for number, cells in sorted(out.new.items()):
        if any(cells.values()):
            # The same page sent twice makes the same code: the second time is refused.
            code = cells.get("id") or "r" + hashlib.sha256(f"{seed}.{number}".encode()).hexdigest()[:10]
            out.edits.append(Edit(None, {**cells, "id": code}))
            out.of.append(number)
    return out


def draw(columns: Sequence[Column], rows: Sequence[SourceRow], typed: Typed | None, problem: Problem | None,
         locale: str) -> list[Line]:
    """The page's lines, new ones first; after a refusal with what was typed and what is wrong."""
    faults: dict[tuple[str | int, str], str] = {}
    moved: set[str | int] = set()
    for one in problem.problems if isinstance(problem, Invalid) else ():
        assert typed is not None
        index, _dot, column = one.where.partition(".")
        owner = typed.of[int(index)]
        faults.setdefault((owner, column), one.message(locale))
        if isinstance(one, Conflict):
            moved.add(owner)
    changed = set(typed.changed()) if typed else set()
    lines = []
    fresh = {number: cells for number, cells in (typed.new.items() if typed else ()) if any(cells.values())}
    blank = max(fresh, default=-1) + 1
    for number in [*sorted(fresh), *range(blank, blank + NEW_LINES)]:
        raw = fresh.get(number, {})
        lines.append(Line("", tuple(Cell(f"n.{number}.{column.key}", column, raw.get(column.key, ""),
                                         faults.get((number, column.key), "")) for column in columns),
                          error=faults.get((number, ""), "")))
    for row in rows:
        stored = {column.key: cell_of(row, column.key) for column in columns if column.key != "id"}
        raw = typed.rows[row.id] if typed and row.id in changed else stored
        cells = tuple(Cell(f"c.{row.id}.{key}", column, raw.get(key, stored[key]), faults.get((row.id, key), ""),
                           stored[key] or _("(empty)") if row.id in moved and raw.get(key, stored[key]) != stored[key]
                           else "")
                      for column in columns if (key := column.key) != "id")
        lines.append(Line(row.id, cells, mark(row.version, stored), row.active, faults.get((row.id, ""), "")))
    return lines


def told(change: SourceChange, columns: Sequence[Column], locale: str) -> tuple[str, str]:
    """One line of the history: (whose it is, what changed)."""
    before, after = change.before or {}, change.after or {}
    if not change.row_id:
        return "", _("The table was made.") if change.before is None else _("Title or columns were changed.")
    name = str((after or before).get("name", change.row_id))
    if change.before is None:
        return name, _("Added.")
    parts = []
    if before["active"] != after["active"]:
        parts.append(_("Put back into use.") if after["active"] else _("Archived."))
    titles = {column.key: str(localized(column.title, locale)) for column in columns}
    old, new = ({"name": side["name"], **side["attrs"]} for side in (before, after))
    for key in sorted(old.keys() | new.keys(), key=lambda key: list(titles).index(key) if key in titles else 99):
        if old.get(key) != new.get(key):
            parts.append(_("%(column)s: %(old)s → %(new)s", column=titles.get(key, key),
                           old=old.get(key) or _("(empty)"), new=new.get(key) or _("(empty)")))
    return name, " ".join(parts)
