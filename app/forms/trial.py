"""Trying a formula while it is being written: what it refers to, what is wrong with it, and what each part gives."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.catalog import Catalog
from app.core.expressions import Env, Err, ExprError, Formula, as_stored, evaluate, parse_formula
from app.core.expressions.lexer import tokens
from app.forms.base import FieldType
from app.forms.fields.unavailable import Unavailable
from app.forms.keys import instance
from app.forms.loader import SCOPE_TYPES
from app.forms.rules import open_types, parts_of_missing

MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the formula as written, and its value as a form stores it (or an Err)."""

    text: str
    value: Any


def scope_types(content: Any, table: str, catalog: Catalog) -> tuple[dict[str, str], dict[str, Any]]:
    """(path → type, path → label) of what a formula may name; inside `table` (a sub-table's id) its row too.

    Reads what can be read: the rest of the form may be half made.
    """
    types, labels = dict(SCOPE_TYPES), {}
    for field in _fields(content):
        kind = catalog.fields.find(field["type"]) or Unavailable(field["type"])
        if not kind.stored:
            continue
        path = f"form.{field['id']}"
        types[path], labels[path] = _value_type(kind, field), field.get("label", field["id"])
        types |= {f"{path}.{part}": value for part, value in kind.parts.items()}
        for column in _fields(field):
            inner = catalog.fields.find(column["type"]) or Unavailable(column["type"])
            if not inner.stored:
                continue
            for at in (f"{path}.{column['id']}", f"row.{column['id']}" if field["id"] == table else ""):
                if at:
                    types[at], labels[at] = _value_type(inner, column), column.get("label", column["id"])
    return types, labels


def read(content: Any, src: str, table: str, catalog: Catalog, *, nulls_as_zero: bool) -> Formula:
    """The formula, checked against the form as it is. Raises ExprError with `pos`."""
    types, labels = scope_types(content, table, catalog)
    return parse_formula(src, _opened(types, src, content, catalog), labels=labels, nulls_as_zero=nulls_as_zero)


def steps(content: Any, formula: Formula, table: str, catalog: Catalog, ctx: Mapping[str, Any], env: Env) -> list[Step]:
    """What each part of the formula gives with the answers in `ctx` ({"form", "row"}), the whole formula last."""
    types = _opened(scope_types(content, table, catalog)[0], formula.src, content, catalog)
    found = [(formula.src[start:end], ast) for start, end, ast in formula.parts if ast != formula.ast]
    parts = [*list(dict(found).items())[:MAX_STEPS], (formula.src.strip(), formula.ast)]
    return [Step(text, as_stored(evaluate(ast, types, ctx, env), "any")) for text, ast in parts]


def _opened(types: Mapping[str, str], src: str, content: Any, catalog: Catalog) -> dict[str, str]:
    """With what only the formula itself names: variables, and parts of fields whose type is not installed."""
    missing = [field["id"] for field in _fields(content) if field["type"] not in catalog.fields]
    return {**open_types(types, src), **parts_of_missing(missing, src)}


def failed(value: Any) -> str:
    """The code of a part that has no value, "" of one that has."""
    return value.code if isinstance(value, Err) else ""


def end_of(error: ExprError, src: str) -> int | None:
    """Where the word ends at which a refused formula went wrong; None where no place can be named."""
    if error.pos is None:
        return None
    try:
        return next((token.end for token in tokens(src) if token.start == error.pos), error.pos + 1)
    except ExprError:
        return min(error.pos + 1, len(src))


def _fields(holder: Any) -> Iterator[Mapping[str, Any]]:
    """The fields, or columns, that can at least be named."""
    rows = holder.get("fields") if isinstance(holder, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("id"), str) and isinstance(row.get("type"), str):
            yield row


def _value_type(kind: FieldType, field: Mapping[str, Any]) -> str:
    settings = {name: found.load_default for name, found in instance(kind.Settings).fields.items()}
    try:
        return kind.value_type_of({**settings, **{key: value for key, value in field.items() if key in settings}})
    except (KeyError, TypeError, AttributeError):
        return kind.value_type  # a setting of the wrong kind: the checker tells it, here any type will do
