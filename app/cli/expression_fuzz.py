"""Random expressions over random data, for finding where the two evaluators differ.

Three sources of cases: ASTs grown from the operators' own types (with some misuse mixed in), formula texts that go
through the parser (some of them damaged), and values whose text has been mutated. The same seed gives the same cases.
"""
from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from app.cli.expression_twin import Twin, in_python
from app.core.expressions import FUNCTIONS, Env, ExprError, parse_formula

TYPES = {
    **{f"form.n{i}": "number" for i in range(4)}, **{f"form.s{i}": "text" for i in range(3)},
    "form.b0": "bool", "form.d0": "date", "form.d1": "date", "form.m0": "time", "form.m1": "time", "form.l0": "list",
    "form.l1": "list", "form.r": "rows", "form.r.q": "number", "form.r.s": "text", "form.r.d": "date",
    "form.r.k": "list", "form.r.m": "time", "form.x": "any", "vars.p": "text", "customer.level": "text",
    "row.q": "number",
}
_REFS: dict[str, list[str]] = {}
for _path, _kind in TYPES.items():
    _REFS.setdefault("list" if _path.count(".") > 1 else _kind, []).append(_path)

#: Operator → (kind it yields, kinds it takes; the last repeats where "..." follows).
_SHAPES: dict[str, tuple[str, str]] = {
    "+": ("number", "number number"), "-": ("number", "number number"), "*": ("number", "number number"),
    "/": ("number", "number number"), "neg": ("number", "number"), "abs": ("number", "number"),
    "round": ("number", "number small"), "floor": ("number", "number number"), "ceiling": ("number", "number number"),
    "mod": ("number", "number number"), "sum": ("number", "numbers ..."), "average": ("number", "numbers ..."),
    "min": ("number", "numbers ..."), "max": ("number", "numbers ..."), "count": ("number", "any ..."),
    "len": ("number", "text"), "size": ("number", "list"), "datedif": ("number", "date when unit"),
    "year": ("number", "when"), "month": ("number", "date"), "day": ("number", "when"), "weekday": ("number", "date"),
    "hour": ("number", "time"), "countrows": ("number", "rows bool"),
    "concat": ("text", "any ..."), "left": ("text", "text small"), "right": ("text", "text small"),
    "fixed": ("text", "number small"),
    "=": ("bool", "any any"), "<>": ("bool", "number number"), "<": ("bool", "number number"),
    "<=": ("bool", "date date"), ">": ("bool", "time time"), ">=": ("bool", "number number"),
    "and": ("bool", "bool ..."), "or": ("bool", "bool ..."), "not": ("bool", "bool"), "empty": ("bool", "any"),
    "has_any": ("bool", "text text"), "has_all": ("bool", "list list"), "in": ("bool", "text list"),
    "starts": ("bool", "text text"), "any": ("bool", "rows bool"), "all": ("bool", "rows bool"),
    "today": ("date", ""), "date": ("date", "small small small"), "todate": ("date", "when"),
    "addm": ("date", "date small"),
    "now": ("time", ""), "addmin": ("time", "when number"), "map": ("list", "rows any"), "l": ("list", "any ..."),
}
_BY_KIND: dict[str, list[str]] = {}
for _op, (_kind, _) in _SHAPES.items():
    _BY_KIND.setdefault(_kind, []).append(_op)
_KINDS = ("number", "text", "bool", "date", "time", "list")
_WIDER = {"any": _KINDS, "numbers": ("number", "number", "list"), "when": ("date", "time")}

_NUMBERS = [
    "0", "-0", "1", "-1", "2", "3", "7", "10", "100", "0.5", "2.5", "-2.5", "1.005", "19.99", "0.1", "1e17", "-1e17",
    "999999999999999999", "999999999999999999.9999999999", "0.0000000000000000000000000001", "1e-50", "1e-99",
    "-1e-100", "1e-101", "123456789012345678.1234567891", "3.333333333333333333333333333", "1e18", "0e300", "10e-2",
]
_TEXTS = [
    "", "a", "VIP", "vip", "ＶＩＰ", "退款", "我要退款，ＡＢＣ质量问题", "a😀b", "😀", "\u3000", "  ", "10", "n:5", "İ",
    "ß", "é", "e\u0301", "\ufeff", "Straße", "\ud83d", "2026-01-31", "m", "h", "A" * 3000, "𠮷野家",
]
_DATES = [
    "2026-01-31", "2024-02-29", "2026-02-30", "0001-01-01", "9999-12-31", "1969-12-31", "1900-02-28", "2000-02-29",
    "2026-03-29", "2026-11-01", "0000-01-01", "2026-1-1",
]
_TIMES = [
    "2026-09-01T16:30:00Z", "2026-09-02T05:30:00+08:00", "1969-12-31T23:59:59.999Z", "2026-03-08T06:59:59Z",
    "2026-03-08T07:00:00Z", "2026-11-01T05:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-01:00", "2026-09-01T16:30Z", "2026-09-01T24:00:00Z", "2026-09-01T16:30:00.123456-05:30",
]
_ODD = [*"0123456789.-+eETZ:_ /", "\u0663", "\uff13", "\u00a0", "\n", "\0", "", "", "00", "E5"]
_ZONES: list[list[list[int]]] = [
    [[0, 480]], [], [[0, -300], [1772953200000, -240], [1793512800000, -300]], [[-10**15, 330], [0, 345]],
    [[10**12, -720]], [[0, 0], [1700000000000, 840], [1700000000001, -720]],
]

Case = tuple[Any, dict[str, str], dict[str, Any], Env]


Result = dict[str, Any]


def fuzz(cases: int, seed: int, twin: Twin) -> Iterator[tuple[Result, tuple[Result, Result]]]:
    """Every case on which the two sides differ: a vector without `expected`, and (Python's, JavaScript's) result."""
    maker = _Maker(seed)
    done = 0
    while done < cases:
        batch = [maker.case() for _ in range(min(200, cases - done))]
        done += len(batch)
        for case, javascript in zip(batch, twin.run(batch), strict=True):
            python = in_python(*case)
            if python != javascript:
                ast, types, ctx, env = case
                vector = {"name": f"fuzz.{seed}", "ast": ast, "types": types, "ctx": ctx,
                          "env": {"now_ms": env.now_ms, "tz": env.tz}}
                yield vector, (python, javascript)


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def case(self) -> Case:
        """One AST with its data; formulas that the parser refuses are drawn again."""
        while True:
            ast = self.parsed() if self.chance(0.3) else self.tree(self.pick(_KINDS), self.pick((1, 2, 3, 4, 5)))
            if ast is not None:
                break
        if self.chance(0.03):
            ast = self.broken(ast)
        types = {path: kind for path, kind in TYPES.items() if not self.chance(0.02)}
        env = Env(self.pick((0, 1788280200000, 253402300799999, -62135596800000, 1772953200000)), self.pick(_ZONES))
        return ast, types, self.data(), env

    # --- ASTs

    def tree(self, kind: str, depth: int, in_row: bool = False) -> Any:
        if self.chance(0.04):
            kind = self.pick((*_KINDS, "rows"))
        kind = self.pick(_WIDER.get(kind, (kind,)))
        if kind == "rows":
            return ["f", "form.r"] if self.chance(0.9) else ["f", self.pick(("form.l0", "form.x", "form.none"))]
        if kind == "unit":
            return ["s", self.pick(("y", "m", "d", "h", "min", "D", "ｈ", "x", ""))]
        if kind == "small":
            if self.chance(0.8):
                return ["n", str(self.random.randint(-3, 30))]
            return self.tree("number", depth - 1, in_row)
        if depth <= 0 or self.chance(0.2):
            return self.leaf(kind, in_row)
        if self.chance(0.15):
            return self.choice(kind, depth, in_row)
        op = self.pick(_BY_KIND[kind])
        wanted = _SHAPES[op][1].split()
        if wanted and wanted[-1] == "...":
            wanted = wanted[:-1] * self.random.randint(1, 4)
        if op in ("+", "-") and self.chance(0.3):
            wanted = [self.pick(("date", "time", "number")) for _ in wanted]
        if op in ("round", "floor", "ceiling", "fixed", "left", "right", "countrows") and self.chance(0.2):
            wanted = wanted[:1]
        if op in ("any", "all", "map", "countrows"):
            return [op, self.tree("rows", 0), *(self.tree(arg, depth - 1, True) for arg in wanted[1:])]
        return [op, *(self.tree(arg, depth - 1, in_row) for arg in wanted)]

    def choice(self, kind: str, depth: int, in_row: bool) -> Any:
        def sub(wanted: str) -> Any:
            return self.tree(wanted, depth - 1, in_row)

        form = self.pick(("if", "if", "ifs", "coalesce"))
        if form == "if":
            return ["if", sub("bool"), sub(kind), *([sub(kind)] if self.chance(0.8) else [])]
        if form == "ifs":
            return ["ifs", *(part for _ in range(self.random.randint(1, 3)) for part in (sub("bool"), sub(kind)))]
        return ["coalesce", *(sub(kind) for _ in range(self.random.randint(1, 3)))]

    def leaf(self, kind: str, in_row: bool) -> Any:
        if in_row and self.chance(0.5):
            column = self.pick(("q", "s", "d", "k", "m", "z"))
            return ["f", f"row.{column}"] if self.chance(0.5) else ["c", column, self.pick(("number", "text", "any"))]
        if self.chance(0.5):
            return ["f", self.pick(_REFS[kind]) if self.chance(0.97) else self.pick(("form.none", "vars.p", "a.b.c.d"))]
        if kind == "bool":
            return ["b", self.chance(0.5)]
        if kind == "list":
            return ["l", *(self.leaf(self.pick(("number", "text")), in_row) for _ in range(self.random.randint(0, 3)))]
        tag = {"number": "n", "text": "s", "date": "d", "time": "t"}[kind]
        return [tag, self.text_of(kind)]

    def broken(self, ast: Any) -> Any:
        """An AST that was damaged in storage."""
        way = self.random.randrange(6)
        if way == 0:
            return [*ast, ast]
        if way == 1:
            return ["neg", [self.pick(("nope", "__proto__", "constructor", "")), ast]]
        if way == 2:
            for _ in range(self.random.randint(20, 60)):
                ast = ["not", ast]
            return ast
        if way == 3:
            return ["sum", *(["n", "1"] for _ in range(self.random.randint(480, 510)))]
        if way == 4:
            return ["concat", ["f", self.pick(("", ".", "a..b", "a.b.c.d.e", "form.__proto__", "form. x", 5))], ast]
        return self.pick((None, [], "x", {}, [["n"]], ["n", 5], ["b", 1], ["f"], ["c", "a.b"], ["ifs", ["b", True]]))

    # --- formulas

    def parsed(self) -> Any:
        src = self.source(self.random.randint(1, 4))
        if self.chance(0.15):
            src = self.mutated(src)
        try:
            return parse_formula(src, TYPES, strict=False).ast
        except ExprError:
            return None

    def source(self, depth: int) -> str:
        if depth <= 0 or self.chance(0.15):
            return self.pick((
                "{{%s}}" % self.pick(tuple(TYPES)), self.pick(("0", "1", "2.5", ".5", "10%", "1e3", "19.99")),  # noqa: UP031
                '"%s"' % self.pick(_TEXTS[1:12]), self.pick(("TRUE", "假", "TODAY()", "现在()")),  # noqa: UP031
            ))
        if self.chance(0.5):
            operator = self.pick(("+", "-", "*", "/", "&", "=", "<>", "<", ">=", "＋", "×", "÷", "≥", "≠", " - -"))
            left, right = self.source(depth - 1), self.source(depth - 1)
            return f"({left}){operator}{right}" if self.chance(0.4) else f"{left}{operator}{right}"
        entry = self.pick(FUNCTIONS)
        args = [self.source(depth - 1) for _ in range(self.random.randint(0 if not entry["args"] else 1, 3))]
        if entry["op"] in ("any", "all", "map", "countrows"):
            args[0] = "{{form.r}}"
            args.append(self.pick(("{{row.q}}>1", "{{row.q}}*2", "{{row.s}}", "ISEMPTY({{row.d}})")))
        comma = self.pick((",", "，", " , "))
        return f"{self.pick(entry['names'])}({comma.join(args)})"

    # --- data

    def text_of(self, kind: str) -> str:
        """The text of a value, one time in six with a character changed, added or dropped."""
        text: str = self.pick({"number": _NUMBERS, "date": _DATES, "time": _TIMES}.get(kind, _TEXTS))
        if kind == "number" and self.chance(0.4):
            text = f"{self.random.randint(-10**6, 10**6)}.{self.random.randint(0, 10**self.random.randint(1, 20))}"
        return self.mutated(text) if kind != "text" and self.chance(0.16) else text

    def mutated(self, text: str) -> str:
        at = self.random.randint(0, len(text))
        return text[:at] + self.pick(_ODD) + text[at + self.random.randint(0, 1):]

    def raw(self, kind: str) -> Any:
        if self.chance(0.12):
            return self.pick((None, "", [], {}, True, 0, "x", 5, [None], {"a": 1}, -1.5, 9007199254740993, 1e300))
        if kind == "number" and self.chance(0.3):
            return self.pick((0, 3, -7, 19.99, 0.1, 1e-7, 9007199254740991, -0.0, 1e21, 123456.789))
        if kind == "bool":
            return self.chance(0.5)
        if kind == "list":
            return [self.raw(self.pick(("text", "number"))) for _ in range(self.random.randint(0, 4))]
        if kind == "rows":
            many = 1001 if self.chance(0.01) else self.random.randint(0, 4)
            return [{column: self.raw(kind) for column, kind in
                     (("q", "number"), ("s", "text"), ("d", "date"), ("k", "list"), ("m", "time")) if self.chance(0.9)}
                    for _ in range(many)]
        return self.text_of(self.pick(("text", "number")) if kind == "any" else kind)

    def data(self) -> dict[str, Any]:
        ctx: dict[str, Any] = {"form": {}, "vars": {}, "customer": {}, "row": {"q": self.raw("number")}}
        for path, kind in TYPES.items():
            scope, _, name = path.partition(".")
            if "." not in name and scope != "row" and self.chance(0.92):
                ctx[scope][name] = self.raw(kind)
        if self.chance(0.02):
            ctx["form"] = self.pick((None, [], "x", 5))
        return ctx
