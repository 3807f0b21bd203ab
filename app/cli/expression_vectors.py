"""One line of a vector file → what to evaluate.

A vector names the meaning of an expression; how it is written down has varied, and every way is understood:
`expr`, `cond` or `ast`, alone or together; paths (`form.price`) or bare names (`price`, which stand for `form.price`);
`ctx` nested by scope or with dotted keys; `ref` or `field`; a value plain, `{"lit", "type"}`, `{"ref"}`, `{"rel"}` or
`{"formula"}`; column types as `form.items.q`, `row.q` or inside the AST.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.expressions import FUNCTIONS, Env, ExprError, from_json, lower_condition, parse_formula, to_json
from app.core.expressions.dates import parse_moment
from app.core.expressions.errors import ARITY, LIMITS, Fail

SCOPES = ("form", "vars", "customer", "ticket", "ctx", "row")
_TYPES = {
    "money": "number", "integer": "number", "decimal": "number", "string": "text", "choice": "text", "boolean": "bool",
    "choices": "list", "subtable": "rows", "table": "rows", "datetime": "time",
}
_SYMBOLS = {"=": "eq", "==": "eq", "<>": "ne", "!=": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_OPS = {name.lower(): entry["op"] for entry in FUNCTIONS for name in entry["names"]}
_REF = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_ROW_FUNCTION = re.compile("|".join(name for entry in FUNCTIONS if entry["op"] in ("any", "all", "countrows", "map")
                                    for name in entry["names"]), re.IGNORECASE)


class BadVector(Exception):
    """The line is no vector; the text says why."""


@dataclass(frozen=True)
class Vector:
    """`forms`: how it was written → its AST, or the code of the error that refused it."""

    name: str
    forms: dict[str, Any]
    types: dict[str, str]
    ctx: dict[str, Any]
    env: Env
    expected: dict[str, Any]


def read_vector(line: Any) -> Vector:
    """Raises BadVector."""
    if not isinstance(line, Mapping):
        raise BadVector("a vector is a JSON object")
    reader = _Reader(_mapping(line, "types"))
    forms: dict[str, Any] = {}
    if "ast" in line:
        forms["ast"] = reader.ast(line["ast"], 1)
    if "cond" in line:
        cond = reader.cond(line["cond"], 1)
        forms["cond"] = _refused(lambda: lower_condition(cond, reader.types, strict=False))
    if "expr" in line:
        src = reader.expr(line["expr"])
        forms["expr"] = _refused(lambda: parse_formula(src, reader.types, strict=False).ast)
    if not forms:
        raise BadVector("it has neither expr nor cond nor ast")
    return Vector(str(line.get("name", "")), forms, reader.types, _ctx(_mapping(line, "ctx")),
                  _env(_mapping(line, "env")), _expected(line.get("expected", line)))


def _mapping(line: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = line.get(key) or {}
    if not isinstance(found, Mapping):
        raise BadVector(f"{key} is not a JSON object")
    return found


def _refused(lower: Any) -> Any:
    try:
        return lower()
    except ExprError as error:
        return {"err": error.code}


def _path(name: Any) -> Any:
    """`price` → `form.price`; a path stays."""
    return name if not isinstance(name, str) or name.partition(".")[0] in SCOPES else f"form.{name}"


class _Reader:
    def __init__(self, types: Mapping[str, Any]) -> None:
        self.types: dict[str, str] = {}
        for name, kind in types.items():
            if isinstance(kind, Mapping):
                for column, inner in _mapping(kind, "columns").items():
                    self.declare(f"{_path(name)}.{column}", inner)
                kind = kind.get("type")
            self.declare(_path(name), kind)

    def declare(self, path: str, kind: Any) -> None:
        if not isinstance(kind, str):
            raise BadVector(f"the type of {path} is not a text")
        self.types.setdefault(path, _TYPES.get(kind, kind))

    def ast(self, node: Any, depth: int) -> Any:
        if not isinstance(node, list) or not node or depth > LIMITS["depth"] + 1:
            return node
        op, *args = node
        if isinstance(op, str) and op not in ARITY:
            op = _OPS.get(op.lower(), op)
        if op == "f" and args:
            return [op, _path(args[0])]
        if op == "c" and args and isinstance(args[0], str):
            name = args[0].removeprefix("row.")
            if len(args) > 1:
                self.declare(f"row.{name}", args[1])
                return [op, name, _TYPES.get(args[1], args[1])]
            return [op, name]
        if op == "n" and args and isinstance(args[0], (int, float)):
            return [op, repr(args[0])]
        return [op, *(self.ast(arg, depth + 1) for arg in args)]

    def expr(self, src: Any) -> str:
        if not isinstance(src, str):
            raise BadVector("expr is not a text")
        over_rows = _ROW_FUNCTION.search(src)

        def path(found: re.Match[str]) -> str:
            table, _, column = found[1].partition(".")
            bare_column = column and table not in SCOPES and self.types.get(_path(table)) == "rows"
            return "{{%s}}" % (f"row.{column}" if bare_column and over_rows else _path(found[1]))  # noqa: UP031

        return _REF.sub(path, src)

    def cond(self, cond: Any, depth: int, in_row: bool = False) -> Any:
        if not isinstance(cond, Mapping) or depth > LIMITS["depth"]:
            return cond
        if not {"ref", "field", "col"} & set(cond):
            return {key: self.cond(part, depth + 1, in_row) if isinstance(part, Mapping) else
                    [self.cond(inner, depth + 1, in_row) for inner in part] if isinstance(part, list) else part
                    for key, part in cond.items()}
        out = {key: value for key, value in cond.items() if key not in ("ref", "field", "col", "type")}
        name = cond.get("col", cond.get("ref", cond.get("field")))
        if "col" in cond or in_row and "." not in str(name) and _path(name) not in self.types:
            out["ref"] = f"row.{str(name).removeprefix('row.')}"
        else:
            out["ref"] = _path(name)
        if isinstance(cond.get("type"), str):
            self.declare(str(out["ref"]), cond["type"])
        out["op"] = _SYMBOLS.get(str(cond.get("op")), cond.get("op"))
        if "where" in cond:
            out["where"] = self.cond(cond["where"], depth + 1, True)
        if "value" in cond:
            out["value"] = self.value(cond["value"], self.types.get(str(out["ref"]), "any"))
        return out

    def value(self, value: Any, kind: str) -> Any:
        if value is None or value in ("", []):
            return {"formula": '""'}  # empty, as a value to compare with
        if isinstance(value, list):
            return [self.value(part, kind) for part in value]
        if not isinstance(value, Mapping):
            return value
        if "lit" in value:
            said = value.get("type", kind)
            said = _TYPES.get(str(said), str(said))
            if said in (kind, "list", "rel") or isinstance(value["lit"], list) or kind == "list":
                return self.value(value["lit"], kind)
            return {"formula": _literal(value["lit"], said)}
        if "field" in value or "ref" in value:
            return {"ref": _path(value.get("ref", value.get("field")))}
        if "col" in value:
            return {"ref": f"row.{value['col']}"}
        if "formula" in value:
            return {"formula": self.expr(value["formula"])}
        return dict(value)


def _literal(value: Any, kind: str) -> str:
    """A constant of another type than the reference's, as a formula."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if kind == "number":
        return str(value)
    text = '"%s"' % str(value).replace('"', '""')  # noqa: UP031
    return f"TODATE({text})" if kind == "date" else text


def _ctx(given: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in given.items():
        if key in SCOPES and isinstance(value, Mapping):
            out.setdefault(key, {}).update(value)
            continue
        *levels, last = str(_path(key)).split(".")
        holder = out
        for level in levels:
            holder = holder.setdefault(level, {})
        holder[last] = value
    return out


def _env(given: Mapping[str, Any]) -> Env:
    now = given.get("now_ms", given.get("now", 0))
    tz = given.get("tz", [[0, 0]])
    try:
        now_ms = parse_moment(now) if isinstance(now, str) else int(now)
        zone = [[0, tz]] if isinstance(tz, int) else [[int(start), int(minutes)] for start, minutes in tz]
    except (Fail, TypeError, ValueError) as error:
        raise BadVector("env needs now (ISO with a zone, or milliseconds) and tz [[from_ms, minutes], …]") from error
    return Env(now_ms, zone)


def _expected(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        for key in ("err", "error"):
            if isinstance(given.get(key), str):
                return {"err": given[key]}
        if "ok" in given:
            return {"ok": canonical(given["ok"])}
    raise BadVector('expected is {"ok": value} or {"err": code}')


def canonical(value: Any) -> Any:
    """A tagged value as `to_json` writes it; a bare number counts as tagged."""
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = f"n:{value!r}"
    try:
        return to_json(from_json(value))
    except Fail:
        return value
