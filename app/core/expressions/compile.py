"""AST → closures → value. Compiling once makes a money formula cost a few microseconds.

Errors travel as `Fail` and become an `Err` value at the top, so that the closures need no checks in between. Steps: a
node costs one when the program starts; the nodes of a row function's second argument cost one for every row; reading a
list or column costs one per item. The twin is `static/js/core/compile.js`.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.core.expressions.check import check_ast
from app.core.expressions.dates import Zone, parse_day, parse_moment
from app.core.expressions.errors import LIMITS, ExprError, Fail
from app.core.expressions.functions import EAGER
from app.core.expressions.numbers import parse_number
from app.core.expressions.values import (
    OPAQUE,
    READERS,
    Day,
    Err,
    Moment,
    Rows,
    Value,
    checked_result,
    read_column,
    read_text,
)

_STEPS = LIMITS["steps"]

Closure = Callable[["_Run"], Any]


@dataclass(frozen=True, slots=True)
class Env:
    """What an evaluation may know of the world: `now_ms` (UTC) and the zone table `[[from_ms, offset_min], …]`."""

    now_ms: int
    tz: Zone = ()


class _Run:
    """One evaluation under way."""

    __slots__ = ("ctx", "env", "row", "steps")

    def __init__(self, ctx: Mapping[str, Any], env: Env, steps: int) -> None:
        self.ctx = ctx
        self.env = env
        self.row: Any = ctx.get("row")
        self.steps = steps

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > _STEPS:
            raise Fail("E_LIMIT")


class Program:
    """A compiled expression; keeps no state between runs and may be shared by threads."""

    __slots__ = ("_root", "_steps")

    def __init__(self, root: Closure, steps: int) -> None:
        self._root = root
        self._steps = steps

    def run(self, ctx: Mapping[str, Any], env: Env) -> Value | Err:
        """The value for `ctx`, nested raw JSON by scope: `{"form": {…}, "vars": {…}, "row": {…}, …}`. Never raises."""
        try:
            return checked_result(self._root(_Run(ctx, env, self._steps)))
        except Fail as fail:
            return Err(fail.code)


def compile_ast(ast: Any, types: Mapping[str, str]) -> Program:
    """A program from a stored AST; `types`: path → type. Raises ExprError E_AST or E_LIMIT."""
    check_ast(ast)
    return Program(*_Compiler(types).node(ast))


def evaluate(ast: Any, types: Mapping[str, str], ctx: Mapping[str, Any], env: Env) -> Value | Err:
    """Compile and run once. Never raises: a malformed AST is Err E_AST."""
    try:
        return compile_ast(ast, types).run(ctx, env)
    except ExprError as error:
        return Err(error.code)


class _Compiler:
    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types
        self.table = ""  # path of the sub-table whose rows are being looked at

    def node(self, ast: Sequence[Any]) -> tuple[Closure, int]:
        """(closure, steps it costs when reached once, row by row bodies left out)."""
        op = ast[0]
        special = _SPECIAL.get(op)
        if special:
            return special(self, ast)
        parts, steps = self.nodes(ast[1:])
        return _eager(EAGER[op], parts), steps + 1

    def nodes(self, args: Sequence[Any]) -> tuple[list[Closure], int]:
        compiled = [self.node(arg) for arg in args]
        return [closure for closure, _ in compiled], sum(steps for _, steps in compiled)

    def column_type(self, name: str) -> str:
        declared = self.types.get(f"{self.table}.{name}") if self.table else None
        return declared or self.types.get(f"row.{name}", "any")


def _eager(function: Callable[..., Any], parts: list[Closure]) -> Closure:
    if len(parts) == 1:
        (a,) = parts
        return lambda s: function(s, a(s))
    if len(parts) == 2:
        a, b = parts
        return lambda s: function(s, a(s), b(s))
    return lambda s: function(s, *[part(s) for part in parts])


def _literal(read: Callable[[str], Any], src: Any) -> tuple[Closure, int]:
    """A constant; one that cannot be read fails when it is reached, not before."""
    try:
        value = read(src)
    except Fail as fail:
        code = fail.code

        def failing(_s: _Run) -> Any:
            raise Fail(code)

        return failing, 1
    return (lambda _s: value), 1


def _reader(kind: str) -> Callable[[Any], Any]:
    if kind in READERS:
        return READERS[kind]

    def refused(_raw: Any) -> Any:
        raise Fail("E_TYPE")

    return refused


def _field(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    """A reference; a level that is missing or not an object is empty, and a list's last name is a column of it."""
    path: str = ast[1]
    names = path.split(".")
    if names[0] == "row" and len(names) == 2:
        return _cell(compiler, ["c", names[1]])
    read = _reader(compiler.types.get(path, "any"))
    *levels, last = names

    def value(s: _Run) -> Any:
        holder: Any = s.ctx
        for name in levels:
            holder = holder.get(name) if isinstance(holder, Mapping) else None
        if holder.__class__ is dict or isinstance(holder, Mapping):
            found = read(holder.get(last))
        elif isinstance(holder, (list, tuple)):
            found = read_column(holder, last, read)
        else:
            return None
        if found.__class__ is list:
            s.spend(len(found))
        return found

    return value, 1


def _cell(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    """A column's value in the row at hand."""
    name = ast[1]
    read = _reader(ast[2] if len(ast) > 2 else compiler.column_type(name))

    def value(s: _Run) -> Any:
        row = s.row
        found = read(row.get(name)) if isinstance(row, Mapping) else None
        if found.__class__ is list:
            s.spend(len(found))
        return found

    return value, 1


def _holds(value: Any) -> bool:
    """A condition's verdict: empty counts as false, anything but a bool is Fail E_TYPE."""
    if value is True or value is False:
        return value
    if value is None:
        return False
    raise Fail("E_TYPE")


def _if(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    (test, then, *rest), steps = compiler.nodes(ast[1:])
    otherwise = rest[0] if rest else lambda _s: None
    return (lambda s: then(s) if _holds(test(s)) else otherwise(s)), steps + 1


def _ifs(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    parts, steps = compiler.nodes(ast[1:])
    pairs = list(zip(parts[::2], parts[1::2], strict=True))

    def value(s: _Run) -> Any:
        for test, then in pairs:
            if _holds(test(s)):
                return then(s)
        return None

    return value, steps + 1


def _and(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    parts, steps = compiler.nodes(ast[1:])
    return (lambda s: all(_holds(part(s)) for part in parts)), steps + 1


def _or(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    parts, steps = compiler.nodes(ast[1:])
    return (lambda s: any(_holds(part(s)) for part in parts)), steps + 1


def _not(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    (part,), steps = compiler.nodes(ast[1:])
    return (lambda s: not _holds(part(s))), steps + 1


def _coalesce(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    parts, steps = compiler.nodes(ast[1:])

    def value(s: _Run) -> Any:
        for part in parts:
            found = part(s)
            if found is not None:
                return found
        return None

    return value, steps + 1


def _rows(compiler: _Compiler, ast: Sequence[Any]) -> tuple[Closure, int]:
    """ANYROW, ALLROWS, COUNTROWS, MAPROWS. ALLROWS of no rows is false: nothing was there to be right."""
    op, source_ast = ast[0], ast[1]
    source, steps = compiler.node(source_ast)
    outer = compiler.table
    compiler.table = source_ast[1] if source_ast[0] == "f" else ""
    body, body_steps = compiler.node(ast[2] if len(ast) > 2 else ["b", True])
    compiler.table = outer

    def value(s: _Run) -> Any:
        rows = source(s)
        if rows is None:
            rows = ()
        elif rows.__class__ is not Rows:
            raise Fail("E_TYPE")
        outer_row, hits, mapped = s.row, 0, []
        for row in rows:
            s.spend(body_steps)
            s.row = row
            found = body(s)
            if op == "map":
                mapped.append(_item(found))
            elif _holds(found):
                hits += 1
                if op == "any":
                    break
            elif op == "all":
                break
        s.row = outer_row
        if op == "map":
            return mapped or None
        return Decimal(hits) if op == "countrows" else hits > 0 and (op == "any" or hits == len(rows))

    return value, steps + 1


def _item(value: Any) -> Any:
    """A value that may stand in a list, which is always flat."""
    if value.__class__ is list or value.__class__ is Rows or value is OPAQUE:
        raise Fail("E_TYPE")
    return value


_SPECIAL: dict[str, Callable[[_Compiler, Sequence[Any]], tuple[Closure, int]]] = {
    "n": lambda _c, ast: _literal(parse_number, ast[1]),
    "s": lambda _c, ast: _literal(read_text, ast[1]),
    "b": lambda _c, ast: _literal(bool, ast[1]),
    "d": lambda _c, ast: _literal(lambda src: Day(parse_day(src)), ast[1]),
    "t": lambda _c, ast: _literal(lambda src: Moment(parse_moment(src)), ast[1]),
    "f": _field, "c": _cell, "if": _if, "ifs": _ifs, "and": _and, "or": _or, "not": _not, "coalesce": _coalesce,
    "any": _rows, "all": _rows, "countrows": _rows, "map": _rows,
}
