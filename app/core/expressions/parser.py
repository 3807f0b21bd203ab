"""Formula text → AST. The browser never parses, so this has no twin: what is stored is the AST."""
from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.expressions.check import PATH
from app.core.expressions.errors import ARITY, LIMITS, ExprError, Fail
from app.core.expressions.lexer import Token, tokens
from app.core.expressions.numbers import parse_number
from app.core.expressions.typing import BY_NAME, Mismatch, base, item_type, result_type

_LEVELS = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 1), "&": 2, "+": 3, "-": 3, "*": 4, "/": 4,
}
_CONSTANTS = {"TRUE": True, "真": True, "是": True, "FALSE": False, "假": False, "否": False}
_UNITS = {"年": "y", "月": "m", "天": "d", "日": "d", "小时": "h", "时": "h", "分钟": "min", "分": "min"}
_ROW_OPS = ("any", "all", "countrows", "map")
_NEEDLES = ("has_any", "has_all", "in")
#: Where an empty reference means something itself: 「没填时当 0」 leaves these alone.
_KEEP_EMPTY = ("empty", "coalesce")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as publishing freezes it: `refs` are the paths read, a row's cell as `form.<table>.<column>` (or
    `row.<column>` in a sub-table's own computed field); `type` is number, text, bool, date, time, list or any. `parts`
    are what it is put together from, inner ones first, as (start, end, AST), without what runs row by row."""

    src: str
    ast: list[Any]
    refs: list[str]
    type: str
    parts: tuple[tuple[int, int, list[Any]], ...] = ()


@dataclass(slots=True)
class _Piece:
    """A parsed stretch of the source."""

    ast: list[Any]
    type: str
    depth: int
    start: int
    end: int


def parse_formula(src: str, types: Mapping[str, str], *, labels: Mapping[str, str] | None = None,
                  nulls_as_zero: bool = False, strict: bool = True) -> Formula:
    """Parse and check a formula.

    `types`: path → type; columns as `form.<table>.<column>`, cells of a sub-table's own fields as `row.<column>`.
    `labels`: path → what the author calls it, for messages. `nulls_as_zero` wraps number references in COALESCE(x, 0).
    `strict=False` leaves types and unknown references to the evaluation. Raises ExprError and nothing else.
    """
    if not isinstance(src, str) or len(src) > LIMITS["source"]:
        raise ExprError("E_LIMIT", detail="E_LIMIT_SOURCE", limit=LIMITS["source"])
    parser = _Parser(src, types, labels or {}, nulls_as_zero, strict)
    piece = parser.formula()
    kind = base(piece.type)
    parts = tuple((start, end, ast) for (start, end), ast in parser.parts.items())
    return Formula(src, piece.ast, list(parser.refs), "any" if kind == "null" else kind, parts)


class _Parser:
    def __init__(self, src: str, types: Mapping[str, str], labels: Mapping[str, str], nulls_as_zero: bool,
                 strict: bool) -> None:
        self.src, self.types, self.labels = src, types, labels
        self.nulls_as_zero, self.strict = nulls_as_zero, strict
        self.tokens = tokens(src)
        self.at = 0
        self.nesting = 0
        self.nodes = 0
        self.tables: list[str] = []
        self.refs: dict[str, None] = {}
        self.parts: dict[tuple[int, int], list[Any]] = {}

    # --- grammar

    def formula(self) -> _Piece:
        piece = self.expression(0)
        self.expect("end")
        if self.strict and base(piece.type) == "rows":
            raise self.mismatch(piece, Mismatch(0, "rows", "scalar"), "")
        return piece

    def expression(self, level: int) -> _Piece:
        left = self.unary()
        while (op := self.peek().kind) in _LEVELS and _LEVELS[op] > level:
            self.take()
            right = self.expression(_LEVELS[op])
            left = self.build("concat" if op == "&" else op, [left, right], left.start, right.end)
        return left

    def unary(self) -> _Piece:
        token = self.peek()
        if token.kind not in ("-", "+"):
            return self.postfix()
        self.take()
        self.enter(token)
        piece = self.unary()
        self.nesting -= 1
        return piece if token.kind == "+" else self.build("neg", [piece], token.start, piece.end)

    def postfix(self) -> _Piece:
        piece = self.primary()
        while self.peek().kind == "%":
            end = self.take().end
            if piece.ast[0] == "n" and "e" not in piece.ast[1].lower():
                piece = _Piece(["n", piece.ast[1] + "e-2"], "number", 1, piece.start, end)
            else:
                piece = self.build("*", [piece, self.leaf(["n", "1e-2"], "number", end, end)], piece.start, end)
        return piece

    def primary(self) -> _Piece:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "text":
            kind = "text" if token.value else "null"
            return self.leaf(["s", token.value], kind, token.start, token.end)
        if token.kind == "ref":
            return self.reference(token)
        if token.kind == "name":
            return self.name(token)
        if token.kind == "(":
            self.enter(token)
            piece = self.expression(0)
            end = self.expect(")").end
            self.nesting -= 1
            return _Piece(piece.ast, piece.type, piece.depth, token.start, end)
        if token.kind == "end":
            raise ExprError("E_SYNTAX", detail="E_SYNTAX_END", pos=token.start)
        raise ExprError("E_SYNTAX", detail="E_SYNTAX_TOKEN", pos=token.start, found=token.value)

    def number(self, token: Token) -> _Piece:
        text = "0" + token.value if token.value[0] == "." else token.value
        try:
            parse_number(text)
        except Fail as fail:
            raise ExprError(fail.code, detail="E_NUM_LITERAL", pos=token.start, found=token.value) from fail
        return self.leaf(["n", text], "number", token.start, token.end)

    def name(self, token: Token) -> _Piece:
        upper = token.value.upper()
        if self.peek().kind == "(":
            if upper in _CONSTANTS and self.tokens[self.at + 1].kind == ")":
                self.take()
                return self.leaf(["b", _CONSTANTS[upper]], "bool", token.start, self.take().end)
            return self.call(token, upper)
        if upper in _CONSTANTS:
            return self.leaf(["b", _CONSTANTS[upper]], "bool", token.start, token.end)
        path = near(token.value, self.types)
        raise ExprError("E_SYNTAX", detail="E_SYNTAX_BARE", pos=token.start, name=token.value,
                        suggestion=("{{" + path + "}}" if path else near(upper, BY_NAME)))

    def call(self, token: Token, upper: str) -> _Piece:
        entry = BY_NAME.get(upper)
        if entry is None:
            raise ExprError("E_NAME", pos=token.start, name=token.value, suggestion=near(upper, BY_NAME))
        op = entry["op"]
        self.enter(self.take())
        args: list[_Piece] = []
        table = False
        while self.peek().kind != ")" or args:
            args.append(self.expression(0))
            if len(args) == 1 and op in _ROW_OPS:
                self.tables.append(self.table(args[0]))
                table = True
            if self.peek().kind != ",":
                break
            self.take()
        end = self.expect(")").end
        if table:
            self.tables.pop()
        self.nesting -= 1
        return self.finish_call(token, op, args, end)

    def finish_call(self, token: Token, op: str, args: list[_Piece], end: int) -> _Piece:
        low, high = (2, LIMITS["nodes"]) if op in _NEEDLES else ARITY[op]
        if not low <= len(args) <= high or (op == "ifs" and len(args) % 2):
            detail = "E_ARITY_PAIRS" if op == "ifs" else ("E_ARITY" if low == high else "E_ARITY_RANGE")
            many = high if high < 100 else "…"
            raise ExprError("E_ARITY", detail=detail, pos=token.start, name=token.value, low=low, high=many,
                            got=len(args))
        if op in _NEEDLES and len(args) > 2:
            args = [args[0], self.build("l", args[1:], args[1].start, args[-1].end)]
        if op == "datedif" and args[2].ast[0] == "s":
            self.unit(args[2])
        if op not in _KEEP_EMPTY:
            return self.build(op, args, token.start, end)
        return self.node(op, args, token.start, end)

    def unit(self, piece: _Piece) -> None:
        """Spell a literal unit as stored; 「天」 is understood."""
        unit = _UNITS.get(piece.ast[1], piece.ast[1].lower())
        if unit not in _UNITS.values():
            raise ExprError("E_VALUE", detail="E_VALUE_UNIT", pos=piece.start, found=piece.ast[1])
        piece.ast = ["s", unit]

    # --- references

    def table(self, piece: _Piece) -> str:
        """The path whose rows a row function walks: only a sub-table's own reference has columns to offer."""
        if piece.ast[0] == "f":
            return str(piece.ast[1])
        if not self.strict:
            return ""
        if piece.type == "rows":
            raise ExprError("E_TYPE", detail="E_TYPE_TABLE", pos=piece.start)
        raise self.mismatch(piece, Mismatch(0, piece.type, "rows"), "")

    def reference(self, token: Token) -> _Piece:
        path = token.value
        if PATH.fullmatch(path) is None:
            raise ExprError("E_SYNTAX", detail="E_SYNTAX_REF", pos=token.start)
        scope, _, column = path.partition(".")
        if scope == "row" and column:
            full = f"{self.tables[-1]}.{column}" if self.tables and self.tables[-1] else path
            kind = self.declared(full, token, also=path)
            self.refs[full] = None
            return self.part(self.leaf(["c", column, kind], kind, token.start, token.end))
        kind = self.declared(path, token)
        if self.types.get(path.rpartition(".")[0]) == "rows":
            kind = kind if kind == "list" else f"list:{kind}"
        self.refs[path] = None
        return self.part(self.leaf(["f", path], kind, token.start, token.end))

    def declared(self, path: str, token: Token, also: str = "") -> str:
        kind = self.types.get(path) or self.types.get(also)
        if kind is None and self.strict:
            raise ExprError("E_REF", pos=token.start, path=token.value, suggestion=near(path, self.types))
        return kind or "any"

    # --- nodes

    def leaf(self, ast: list[Any], kind: str, start: int, end: int) -> _Piece:
        self.count(start)
        return _Piece(ast, kind, 1, start, end)

    def build(self, op: str, args: Sequence[_Piece], start: int, end: int) -> _Piece:
        if self.nulls_as_zero:
            args = [self.zero_if_empty(arg) for arg in args]
        return self.node(op, args, start, end)

    def zero_if_empty(self, piece: _Piece) -> _Piece:
        if piece.ast[0] not in ("f", "c") or piece.type != "number":
            return piece
        zero = self.leaf(["n", "0"], "number", piece.start, piece.end)
        return self.node("coalesce", [piece, zero], piece.start, piece.end)

    def node(self, op: str, args: Sequence[_Piece], start: int, end: int) -> _Piece:
        self.count(start)
        depth = 1 + max((arg.depth for arg in args), default=0)
        if depth > LIMITS["depth"]:
            raise self.too_large(start)
        try:
            kind = result_type(op, [arg.type for arg in args])
        except Mismatch as mismatch:
            if self.strict:
                raise self.mismatch(args[mismatch.index], mismatch, op) from mismatch
            kind = "any"
        return self.part(_Piece([op, *(arg.ast for arg in args)], kind, depth, start, end))

    def part(self, piece: _Piece) -> _Piece:
        """Note a piece as a part; of two that stand in the same place, the outer one."""
        if not self.tables:
            self.parts[piece.start, piece.end] = piece.ast
        return piece

    def count(self, pos: int) -> None:
        self.nodes += 1
        if self.nodes > LIMITS["nodes"]:
            raise self.too_large(pos)

    def enter(self, token: Token) -> None:
        self.nesting += 1
        if self.nesting > LIMITS["depth"]:
            raise self.too_large(token.start)

    # --- tokens and refusals

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def expect(self, kind: str) -> Token:
        token = self.take()
        if token.kind != kind:
            detail = "E_SYNTAX_END" if token.kind == "end" else ("E_SYNTAX_CLOSE" if kind == ")" else "E_SYNTAX_TOKEN")
            raise ExprError("E_SYNTAX", detail=detail, pos=token.start, found=token.value)
        return token

    def too_large(self, pos: int) -> ExprError:
        return ExprError("E_LIMIT", detail="E_LIMIT_SIZE", pos=pos, nodes=LIMITS["nodes"], depth=LIMITS["depth"])

    def mismatch(self, piece: _Piece, mismatch: Mismatch, op: str) -> ExprError:
        """「“情况说明”是文本，这里需要数字；文本拼接请用 &」"""
        found = self.src[piece.start:piece.end]
        if piece.ast[0] in ("f", "c"):
            path = found.strip("{}｛｝ ")
            found = self.labels.get(path, path)
        detail = "E_TYPE_ARG"
        if mismatch.got == "text" and op == "+":
            detail = "E_TYPE_JOIN"
        elif (mismatch.got, mismatch.want, piece.ast[0]) == ("text", "number", "f"):
            detail = "E_TYPE_FIELD"  # a price list, most often
        return ExprError("E_TYPE", detail=detail, pos=piece.start, name=found, got=type_name(mismatch.got),
                         want=type_name(mismatch.want))


def type_name(kind: str) -> dict[str, str]:
    """What people call a type or class of types, by language; a list that holds one type is called after both."""
    name = _TYPE_NAMES.get(base(kind), {"zh": kind, "en": kind})
    inner = _TYPE_NAMES.get(item_type(kind)) if ":" in kind and item_type(kind) != "any" else None
    return {"zh": f"一列{inner['zh']}", "en": f"a list of {inner['en']}"} if inner else name


_TYPE_NAMES = {
    "number": {"zh": "数字", "en": "number"}, "text": {"zh": "文本", "en": "text"},
    "bool": {"zh": "是/否", "en": "yes/no"}, "date": {"zh": "日期", "en": "date"},
    "time": {"zh": "日期时间", "en": "date and time"}, "list": {"zh": "多选或列表", "en": "list"},
    "rows": {"zh": "子表", "en": "sub-table"}, "any": {"zh": "任意值", "en": "any value"},
    "null": {"zh": "空", "en": "empty"}, "ordered": {"zh": "数字或日期", "en": "number or date"},
    "scalar": {"zh": "单个值", "en": "single value"}, "container": {"zh": "文本或列表", "en": "text or list"},
}


def near(word: str, among: Collection[str]) -> str | None:
    """The one word among those known that was probably meant."""
    found = difflib.get_close_matches(word[:64], among, n=1, cutoff=0.6)
    return found[0] if found else None
