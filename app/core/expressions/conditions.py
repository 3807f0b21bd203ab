"""Conditions as the editor stores them → AST; the same conditions explained clause by clause."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from app.core.expressions.check import PATH, check_ast
from app.core.expressions.compile import Env, compile_ast, evaluate
from app.core.expressions.dates import DATE, parse_day, parse_moment
from app.core.expressions.errors import LIMITS, ExprError, Fail
from app.core.expressions.lexer import tokens
from app.core.expressions.numbers import parse_number
from app.core.expressions.parser import near, parse_formula, type_name
from app.core.expressions.typing import admits, base, item_type
from app.core.expressions.values import Err, to_json

_ORDER = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_SETS = ("in", "not_in", "has_any", "has_all", "has_none")
_BARE = ("empty", "not_empty")
_ROWS = {"row_any": "any", "row_all": "all"}
_SPAN = ("eq", "ne", *_ORDER, "between", *_BARE)
#: Type of the reference → comparisons the editor offers and the check admits.
OPERATORS: dict[str, tuple[str, ...]] = {
    "number": (*_SPAN, "in", "not_in"),
    "text": ("eq", "ne", "in", "not_in", "has_any", "has_all", "has_none", "starts", *_BARE),
    "bool": ("eq", "ne", *_BARE),
    "date": (*_SPAN, "in", "not_in", "within_days"),
    "time": (*_SPAN, "within_days"),
    "list": ("has_any", "has_all", "has_none", "eq", "ne", *_BARE),
    "rows": (*_ROWS, *_BARE),
}
_ALL = tuple(dict.fromkeys(op for ops in OPERATORS.values() for op in ops))
_KEYS = ("ref", "op", "value", "where")
_MAX_DAYS = 36_500


def lower_condition(cond: Mapping[str, Any], types: Mapping[str, str], *, strict: bool = True) -> list[Any]:
    """The AST of a condition; see expressions.md for its JSON shape.

    `types`: path → type, columns as `form.<table>.<column>`. `strict=False` leaves types and unknown references to the
    evaluation. Raises ExprError with `where` (`all[1].any[0].value`): E_KEY, E_OP, E_REF, E_TYPE, E_VALUE, E_LIMIT, or
    what a formula in a value raises.
    """
    ast = _Lowering(types, strict).group(cond, "", 1, "")
    check_ast(ast)
    return ast


def cond_refs(cond: Mapping[str, Any]) -> list[str]:
    """The paths a well-formed condition reads, formulas included, each once; a row's cell as
    `form.<table>.<column>`."""
    return list(dict.fromkeys(_refs(cond, "")))


def trace_condition(cond: Mapping[str, Any], types: Mapping[str, str], ctx: Mapping[str, Any],
                    env: Env) -> list[dict[str, Any]]:
    """Every clause with what it saw: `[{ref, op, value, actual, ok}]`, in reading order, groups laid open.

    `actual` is in tagged form; a clause that fails has ok False and `err`. Every clause is judged, also one that the
    evaluation itself skips.
    """
    out: list[dict[str, Any]] = []
    for clause in _clauses(cond):
        actual = evaluate(["f", clause["ref"]], types, ctx, env)
        result = compile_ast(lower_condition(clause, types, strict=False), types).run(ctx, env)
        line = {"ref": clause["ref"], "op": clause["op"], "value": clause.get("value", clause.get("where")),
                "actual": None if isinstance(actual, Err) else to_json(actual), "ok": result is True}
        if isinstance(result, Err):
            line["err"] = result.code
        out.append(line)
    return out


def _clauses(cond: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "op" in cond:
        yield cond
    elif "not" in cond:
        yield from _clauses(cond["not"])
    else:
        for part in cond.get("all", cond.get("any", ())):
            yield from _clauses(part)


def _refs(part: Any, table: str) -> Iterator[str]:
    if isinstance(part, Mapping):
        if "ref" in part:
            yield _full(part["ref"], table)
        if "formula" in part:
            yield from (_full(token.value, table) for token in tokens(part["formula"]) if token.kind == "ref")
        for key, inner in part.items():
            if key != "ref":
                yield from _refs(inner, part["ref"] if key == "where" else table)
    elif isinstance(part, (list, tuple)):
        for inner in part:
            yield from _refs(inner, table)


def _full(path: str, table: str) -> str:
    return f"{table}.{path[4:]}" if table and path.startswith("row.") else path


class _Lowering:
    def __init__(self, types: Mapping[str, str], strict: bool) -> None:
        self.types, self.strict = types, strict

    def group(self, cond: Any, where: str, depth: int, table: str) -> list[Any]:
        if not isinstance(cond, Mapping):
            raise ExprError("E_KEY", detail="E_KEY_GROUP", where=where)
        if "ref" in cond or "op" in cond:
            return self.clause(cond, where, depth, table)
        if len(cond) != 1 or next(iter(cond)) not in ("all", "any", "not"):
            stray = next((key for key in cond if key not in ("all", "any", "not")), None)
            if stray is None:
                raise ExprError("E_KEY", detail="E_KEY_GROUP", where=where)
            raise ExprError("E_KEY", where=where, key=stray, known="all, any, not, ref, op, value, where")
        self.shallow(depth, where)
        ((kind, parts),) = cond.items()
        inside = f"{where}.{kind}" if where else kind
        if kind == "not":
            return ["not", self.group(parts, inside, depth + 1, table)]
        if not isinstance(parts, (list, tuple)):
            raise ExprError("E_KEY", detail="E_KEY_GROUP", where=inside)
        if not parts:
            return ["b", kind == "all"]
        lowered = [self.group(part, f"{inside}[{index}]", depth + 1, table) for index, part in enumerate(parts)]
        return lowered[0] if len(lowered) == 1 else ["and" if kind == "all" else "or", *lowered]

    def shallow(self, depth: int, where: str) -> None:
        if depth > LIMITS["groups"]:
            raise ExprError("E_LIMIT", detail="E_LIMIT_GROUPS", where=where, limit=LIMITS["groups"])

    def clause(self, cond: Mapping[str, Any], where: str, depth: int, table: str) -> list[Any]:
        clause = _Clause(self, cond, where, table)
        if clause.op in _ROWS:
            self.shallow(depth, where)
            body = self.group(cond.get("where"), clause.at("where"), depth + 1, clause.path)
            return [_ROWS[clause.op], clause.ref, body]
        return clause.lower()


class _Clause:
    """One `{"ref", "op", "value"}`."""

    def __init__(self, lowering: _Lowering, cond: Mapping[str, Any], where: str, table: str) -> None:
        self.types, self.strict = lowering.types, lowering.strict
        self.cond, self.where, self.table = cond, where, table
        for key in cond:
            if key not in _KEYS:
                raise ExprError("E_KEY", where=self.at(str(key)), key=key, known=", ".join(_KEYS),
                                suggestion=near(str(key), _KEYS))
        self.ref, self.type = self.reference(cond.get("ref"), self.at("ref"))
        self.path: str = cond["ref"]
        self.op: str = cond.get("op")  # type: ignore[assignment]
        if not isinstance(self.op, str) or self.op not in _ALL:
            raise ExprError("E_OP", where=self.at("op"), op=self.op, known=", ".join(_ALL),
                            suggestion=near(str(self.op), _ALL))
        allowed = OPERATORS.get(base(self.type), _ALL)
        if self.strict and self.op not in allowed:
            raise ExprError("E_OP", detail="E_OP_TYPE", where=self.at("op"), name=self.path, op=self.op,
                            got=type_name(self.type), known=", ".join(allowed))
        for key in ("value", "where"):
            if key in cond and (key == "where") != (self.op in _ROWS) or key in cond and self.op in _BARE:
                raise ExprError("E_VALUE", detail="E_VALUE_EXTRA", where=self.at(key), op=self.op, key=key)
        if self.op not in _ROWS and self.op not in _BARE and cond.get("value") in (None, "", []):
            raise ExprError("E_VALUE", detail="E_VALUE_MISSING", where=self.at("value"))

    def at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def reference(self, path: Any, where: str) -> tuple[list[Any], str]:
        """(AST, type) of a path; `row.x` inside a `where` is a cell of the row at hand."""
        if not isinstance(path, str) or PATH.fullmatch(path) is None:
            raise ExprError("E_REF", where=where, path=path)
        row = path.startswith("row.")
        kind = self.types.get(_full(path, self.table)) or self.types.get(path)
        if kind is None and self.strict:
            raise ExprError("E_REF", where=where, path=path, suggestion=near(path, self.types))
        kind = kind or "any"
        if row:
            return ["c", path[4:], kind], kind
        if self.types.get(path.rpartition(".")[0]) == "rows" and kind != "list":
            return ["f", path], f"list:{kind}"
        return ["f", path], kind

    def lower(self) -> list[Any]:
        value = self.cond.get("value")
        if self.op in _BARE:
            empty = ["empty", self.ref]
            return empty if self.op == "empty" else ["not", empty]
        if self.op == "within_days":
            days = self.days(value, 0, self.at("value"))
            return ["<=", ["abs", ["-", ["todate", self.ref], ["today"]]], ["n", days]]
        if self.op == "between":
            if not isinstance(value, (list, tuple)) or len(value) != 2:
                raise ExprError("E_VALUE", detail="E_VALUE_PAIR", where=self.at("value"))
            low, high = (self.compared(part, f"{self.at('value')}[{index}]") for index, part in enumerate(value))
            return ["and", [">=", *low], ["<=", *high]]
        if self.op in _SETS or self.op == "starts":
            return self.set(value)
        left, right = self.compared(value, self.at("value"))
        return [{"eq": "=", "ne": "<>", **_ORDER}[self.op], left, right]

    def set(self, value: Any) -> list[Any]:
        if isinstance(value, (list, tuple)):
            wanted = ["l", *(self.operand(part, f"{self.at('value')}[{index}]") for index, part in enumerate(value))]
        else:
            wanted = self.operand(value, self.at("value"))
        if self.op in ("not_in", "has_none"):
            return ["not", ["in" if self.op == "not_in" else "has_any", self.ref, wanted]]
        return [self.op, self.ref, wanted]

    def compared(self, value: Any, where: str) -> tuple[list[Any], list[Any]]:
        """Both sides. A date-time is compared by its local day with a day: 「今天之前」 means the whole of today."""
        by_day = isinstance(value, Mapping) and "rel" in value or isinstance(value, str) and DATE.fullmatch(value)
        if self.type == "time" and by_day:
            return ["todate", self.ref], self.operand(value, where, "date")
        if isinstance(value, (list, tuple)):
            parts = [self.operand(part, f"{where}[{index}]", item_type(self.type)) for index, part in enumerate(value)]
            return self.ref, ["l", *parts]
        return self.ref, self.operand(value, where)

    def operand(self, value: Any, where: str, kind: str = "") -> list[Any]:
        kind = kind or (item_type(self.type) if base(self.type) == "list" else self.type)
        if not isinstance(value, Mapping):
            return self.literal(value, kind, where)
        if "rel" in value:
            return self.relative(value, kind, where)
        if set(value) == {"ref"}:
            ast, found = self.reference(value["ref"], f"{where}.ref")
        elif set(value) == {"formula"}:
            ast, found = self.formula(value["formula"], f"{where}.formula")
        else:
            raise ExprError("E_KEY", where=where, key=", ".join(map(str, value)), known="ref, formula, rel + days")
        fits = admits((kind, "list"), found) if self.op in (*_SETS, "starts", "eq", "ne") else admits((kind,), found)
        if self.strict and kind != "any" and not fits:
            self.refuse(value.get("ref") or value["formula"], kind, where)
        return ast

    def formula(self, src: Any, where: str) -> tuple[list[Any], str]:
        scope = dict(self.types)
        if self.table:
            scope |= {f"row.{path[len(self.table) + 1:]}": kind for path, kind in self.types.items()
                      if path.startswith(self.table + ".")}
        try:
            formula = parse_formula(src, scope, strict=self.strict)
        except ExprError as error:
            error.where = where
            raise
        return formula.ast, formula.type

    def relative(self, value: Mapping[str, Any], kind: str, where: str) -> list[Any]:
        if value["rel"] != "today" or not set(value) <= {"rel", "days"}:
            raise ExprError("E_VALUE", detail="E_VALUE_REL", where=where)
        if self.strict and not admits(("date", "time"), kind):
            self.refuse("today", kind, where)
        if "days" not in value:
            return ["today"]
        return ["+", ["today"], ["n", self.days(value["days"], -_MAX_DAYS, f"{where}.days")]]

    def days(self, value: Any, low: int, where: str) -> str:
        digits = value.removeprefix("-") if isinstance(value, str) else ""
        whole = isinstance(value, int) and not isinstance(value, bool)
        whole = whole or digits.isascii() and digits.isdigit() and len(digits) <= 5
        if whole and low <= int(value) <= _MAX_DAYS:
            return str(int(value))
        raise ExprError("E_VALUE", detail="E_VALUE_DAYS", where=where, low=low, high=_MAX_DAYS)

    def literal(self, value: Any, kind: str, where: str) -> list[Any]:
        """A constant of the reference's type; of an undeclared one, of the constant's own JSON kind."""
        own_kind = _OWN_KINDS.get(type(value), "")
        if kind == "any" or not self.strict and own_kind not in (kind, "text"):
            kind = own_kind
        if kind == own_kind == "bool":
            return ["b", value]
        src = repr(value) if kind == own_kind == "number" else value
        if not isinstance(src, str) or not src or kind not in _LITERALS:
            self.refuse(value, kind, where)
        tag, read = _LITERALS[kind]
        if self.strict:
            try:
                read(src)
            except Fail:
                self.refuse(value, kind, where)
        return [tag, src]

    def refuse(self, found: Any, kind: str, where: str) -> NoReturn:
        raise ExprError("E_VALUE", where=where, found=str(found)[:60], name=self.path, want=type_name(kind))


_OWN_KINDS = {bool: "bool", int: "number", float: "number", str: "text"}
_LITERALS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "number": ("n", parse_number), "text": ("s", str), "date": ("d", parse_day), "time": ("t", parse_moment),
}
