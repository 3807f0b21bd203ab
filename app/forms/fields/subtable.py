"""A table of rows inside the form; its columns are fields."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.errors import Invalid, Problem, text
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, is_empty, names, ui
from app.forms.keys import Any_, Each, Int, Words
from app.forms.text import brief

MAX_COLUMNS = 50
_CELL = re.compile(r"([0-9]{1,4})(\..+)?")


class Settings(base.Settings):
    fields_ = Each(Any_(), least=1, most=MAX_COLUMNS, required=True, data_key="fields",
                   metadata=ui("列", "Columns", "fields"))
    min_rows = Int(min=0, max=1000, load_default=0, metadata=ui("最少行数", "Fewest rows", "number"))
    max_rows = Int(min=1, max=1000, load_default=200, metadata=ui("最多行数", "Most rows", "number"))
    add_label = Words(max_length=40, load_default="", metadata=ui("添加按钮文字", "Text of the add button", "words"))


class Subtable(FieldType):
    type = "subtable"
    label = names("子表", "Table")
    group = "advanced"
    icon = "table"
    value_type = "rows"
    operators = ("row_any", "row_all", "empty", "not_empty")
    Settings = Settings
    in_rows = False

    def starter(self) -> dict[str, Any]:
        return {"fields": [{"id": "f_column", "type": "text", "label": {"zh-CN": "列 1", "en": "Column 1"}}]}

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        if settings["min_rows"] > settings["max_rows"]:
            raise Problem("form_min_above_max", where="min_rows", min=settings["min_rows"], max=settings["max_rows"])
        return settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        """Rows as dicts of stored values; computed cells are left to the form, blank rows fall away.

        Raises Invalid with `where` "<row>.<column>".
        """
        if not isinstance(raw, list):
            raise Problem("answer_not_list")
        if len(raw) > field.settings["max_rows"]:
            raise Problem("answer_many_rows", max=field.settings["max_rows"], count=len(raw))
        problems: list[Problem] = []
        before = asking.current if isinstance(asking.current, list) else []
        asks = []
        for column in field.columns.values():
            if column.type.asked:
                known = [row.get(column.id) for row in before]  # rows have no identity: any of them may be this one
                allowed = column.type.allowed(column, known)
                asks.append((column, replace(asking, current=None, known=known, allowed=allowed)))
        rows = []
        for index, row in enumerate(raw):
            if not isinstance(row, dict):
                problems.append(Problem("answer_not_row", where=str(index)))
                continue
            problems += [Problem("field_unknown", where=f"{index}.{brief(key)}", field=brief(key))
                         for key in row if key not in field.columns]
            rows.append(_clean_row(row, index, asks, problems))
        if problems:
            raise Invalid(problems)
        rows = [row for row in rows if row]
        if asking.require and rows and len(rows) < field.settings["min_rows"]:
            raise Problem("answer_few_rows", min=field.settings["min_rows"], count=len(rows))
        return rows or None

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return text("form_word_rows", locale, {"count": len(value)})

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return self.display(field, value, locale, ports)

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        lines = ["\t".join(_one_line(column.type.cell_out(column, row[key], locale, ports)) if key in row else ""
                           for key, column in field.columns.items()) for row in value]
        return "\n".join(lines)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        rows = []
        for line in cell.splitlines():
            cells = dict(zip(field.columns.values(), line.split("\t"), strict=False))
            rows.append({column.id: column.type.cell_in(column, words, ports)
                         for column, words in cells.items() if column.type.asked and words != ""})
        return rows

    def sample(self, field: Field) -> Any:
        row = {key: column.type.sample(column) for key, column in field.columns.items() if column.type.asked}
        return [dict(row) for _ in range(max(1, field.settings["min_rows"]))]

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        # Each drawn row posts a marker `f_items.<index>`: an empty one survives a redraw. Gaps are removed rows.
        indexes = {int(found[1]) for key in posted
                   if key.startswith(f"{name}.") and (found := _CELL.fullmatch(key[len(name) + 1:]))}
        rows = []
        for index in sorted(indexes):
            row = {key: column.type.from_form(column, posted, f"{name}.{index}.{key}")
                   for key, column in field.columns.items() if column.type.asked}
            rows.append(row)
        return rows or None


def _clean_row(row: Mapping[str, Any], index: int, asks: list[tuple[Field, Asking]],
               problems: list[Problem]) -> dict[str, Any]:
    """The row's stored values; {} for a row in which nobody answered anything. Problems are added to the list."""
    out: dict[str, Any] = {}
    missing: list[Problem] = []
    touched = False
    for column, asking in asks:
        raw = row.get(column.id, column.default)
        where = f"{index}.{column.id}"
        value = None
        if not is_empty(raw):
            try:
                value = column.type.clean(column, raw, asking)
            except Problem as problem:
                problem.where = where
                problem.params.setdefault("label", column.label)
                problems.append(problem)
                touched = True
                continue
        if value is not None:
            out[column.id] = value
            touched = touched or str(value) != str(column.default)
        elif column.default is not None and column.id in row:
            out[column.id] = None  # emptied on purpose: the default must not come back
        if value is None and column.required:
            missing.append(Problem("field_required", where=where, label=column.label))
    if touched:
        problems += missing if asks[0][1].require else []
        return out
    return {}


def _one_line(words: str) -> str:
    return " ".join(words.split())
