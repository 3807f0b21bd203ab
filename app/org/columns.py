"""The columns of a table, and what a cell may hold. A stored cell is text: "12.5", "50960.00", "2026-09-01".

Every table has the columns `id` (the code by which answers name a row) and `name` (what people read); more are the
manager's: [{"key", "title", "type", "choices", "search", "fill"}]. `search`: a look-up compares it too. `fill`: forms
may copy it into other fields; nothing else of a row leaves the table.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid, Problem
from app.core.expressions.numbers import fixed_text, plain
from app.forms.fields.date import read_day
from app.forms.fields.lookup import plain as plain_words
from app.forms.fields.number import read_decimal
from app.forms.text import brief, clean_text
from app.org import words

TYPES = ("text", "number", "money", "date", "choice")
ROW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}\Z")
MAX_COLUMNS = 20
MAX_CHOICES = 200
MAX_LABEL = 120
MAX_CELL = 200
MAX_SEARCH = 1000
_MIDNIGHT = re.compile(r"[ T]00:00(:00)?\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `title` is a text or one per language."""

    key: str
    title: Any
    type: str = "text"
    choices: tuple[str, ...] = ()
    search: bool = False
    fill: bool = False

    def as_json(self) -> dict[str, Any]:
        """As stored."""
        out: dict[str, Any] = {"key": self.key, "title": self.title, "type": self.type}
        if self.choices:
            out["choices"] = list(self.choices)
        out.update({flag: True for flag in ("search", "fill") if getattr(self, flag)})
        return out


ID = Column("id", {"zh": "编号", "en": "Code"}, search=True)
NAME = Column("name", {"zh": "名称", "en": "Name"}, search=True, fill=True)


def stored(raw: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The columns as they were stored, `id` and `name` first."""
    own = {row["key"]: Column(row["key"], row["title"], row["type"], tuple(row.get("choices", ())),
                              bool(row.get("search")), bool(row.get("fill"))) for row in raw}
    first = [replace(column, title=own.pop(column.key, column).title) for column in (ID, NAME)]
    return (*first, *own.values())


def checked(raw: Any) -> tuple[Column, ...]:
    """Columns as somebody wants them, judged; `where` of a fault is "columns[3].title". Raises Invalid or Problem."""
    if not isinstance(raw, list) or len(raw) > MAX_COLUMNS + 2:
        raise Problem("columns_many", where="columns", max=MAX_COLUMNS)
    found: dict[str, Column] = {}
    titles: set[str] = set()
    problems = []
    for index, row in enumerate(raw):
        try:
            column = _checked(row)
            if column.key in found:
                raise Problem("column_twice", where="key", key=column.key)
            if str(column.title) in titles:
                raise Problem("column_title_twice", where="title", title=str(column.title))
        except Problem as problem:
            problem.where = f"columns[{index}].{problem.where}"
            problems.append(problem)
            continue
        found[column.key] = column
        titles.add(str(column.title))
    if problems:
        raise Invalid(problems, "table_invalid")
    return (found.pop("id", ID), found.pop("name", NAME), *found.values())


def _checked(row: Any) -> Column:
    if not isinstance(row, Mapping) or not row.keys() <= {"key", "title", "type", "choices", "search", "fill"}:
        raise Problem("column_keys", where="")
    key, kind = words.key(row.get("key")), row.get("type", "text")
    title = words.label(row.get("title"), "title")
    if key in ("id", "name"):
        return replace(ID if key == "id" else NAME, title=title)
    if kind not in TYPES:
        raise Problem("column_type", where="type", type=brief(kind))
    choices: list[str] = []
    if kind == "choice":
        given = row.get("choices") or []
        if not isinstance(given, list) or not 0 < len(given) <= MAX_CHOICES:
            raise Problem("column_choices", where="choices", max=MAX_CHOICES)
        choices = list(dict.fromkeys(words.name(choice, "choices", MAX_CELL) for choice in given))
    return Column(key, title, kind, tuple(choices), row.get("search") is True, row.get("fill") is True)


def new_key(taken: Sequence[str]) -> str:
    """A key that no column has or had: `c1`, `c2`…"""
    used = [int(key[1:]) for key in taken if re.fullmatch(r"c[0-9]{1,6}", key)]
    return f"c{max(used, default=0) + 1}"


def clean(column: Column, raw: str) -> str:
    """A cell as it is stored, "" for an empty one. Raises Problem with `where` the column's key."""
    try:
        return _clean(column, raw)
    except Problem as problem:
        problem.where = column.key
        problem.params.setdefault("label", column.title)
        raise


def _clean(column: Column, raw: str) -> str:
    if column.key == "name":
        text = clean_text(raw, max_length=MAX_LABEL)
        if not text:
            raise Problem("row_name_missing")
        return text
    text = clean_text(raw, max_length=MAX_CELL)
    if not text:
        return ""
    if column.key == "id":
        if not ROW_ID.match(text):
            raise Problem("row_id_bad", value=brief(text))
    elif column.type in ("number", "money"):
        value = read_decimal(text.lstrip("¥￥") if column.type == "money" else text)
        if value is None:
            return ""
        if column.type == "number":
            return plain(value)
        text = fixed_text(value, 2)
        if Decimal(text) != value:
            raise Problem("answer_places", places=2)
    elif column.type == "date":
        text = read_day(_MIDNIGHT.sub("", text))
    elif column.type == "choice" and text not in column.choices:
        raise Problem("cell_choice", value=brief(text), choices="、".join(column.choices[:10]))
    return text


def search_text(columns: Sequence[Column], row_id: str, label: str, attrs: Mapping[str, str]) -> str:
    """What a look-up compares: code, name and the searched cells, in small letters."""
    more = [attrs.get(column.key, "") for column in columns[2:] if column.search]
    return "\n".join(plain_words(part) for part in (row_id, label, *more) if part)[:MAX_SEARCH]
