"""Static types: what a formula will yield, and the misuse that can be told before it runs.

Types are number, text, bool, date, time (a date with a time), rows, list or list:<type of its items>, null (the literal
"") and any. `any` and `null` fit everywhere: whether they do in the end is decided at run time.
"""
from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: The functions of the formula language: op, names (English first), argument types, return type, help.
FUNCTIONS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "functions.json").read_text(encoding="utf-8"))
BY_NAME: dict[str, dict[str, Any]] = {name: entry for entry in FUNCTIONS for name in entry["names"]}
_BY_OP: dict[str, dict[str, Any]] = {entry["op"]: entry for entry in FUNCTIONS}

_SCALARS = ("number", "text", "bool", "date", "time")
_ORDERED = ("number", "date", "time")
#: Argument class → the types it admits, and the one named when it is refused.
_CLASSES: dict[str, tuple[tuple[str, ...], str]] = {
    "*": ((*_SCALARS, "list", "rows"), "any"),
    "number": (("number",), "number"),
    "numbers": (("number", "list:number"), "number"),
    "ordered": ((*_ORDERED, *(f"list:{kind}" for kind in _ORDERED)), "ordered"),
    "text": (("text",), "text"),
    "bool": (("bool",), "bool"),
    "when": (("date", "time"), "date"),
    "dateable": (("date", "time", "text"), "date"),
    "scalar": (_SCALARS, "scalar"),
    "scalar-or-list": ((*_SCALARS, "list"), "scalar"),
    "container": (("text", "list"), "container"),
    "list": (("list", "rows"), "list"),
    "rows": (("rows",), "rows"),
}


class Mismatch(Exception):
    """Argument `index` has type `got`, and `want` (a type or class of types) was needed."""

    def __init__(self, index: int, got: str, want: str) -> None:
        super().__init__(index, got, want)
        self.index, self.got, self.want = index, got, want


def base(kind: str) -> str:
    """`list:number` → `list`."""
    return kind.partition(":")[0]


def item_type(kind: str) -> str:
    """`list:number` → `number`; a list that does not say: any."""
    return kind.partition(":")[2] or "any"


def admits(kinds: Sequence[str], kind: str) -> bool:
    """Whether a value of type `kind` may stand where one of `kinds` is asked for."""
    if kind in ("any", "null") or kind in kinds or base(kind) in kinds:
        return True
    unsaid = base(kind) == "list" and item_type(kind) in ("any", "null")
    return unsaid and any(base(wanted) == "list" for wanted in kinds)


def result_type(op: str, args: Sequence[str]) -> str:
    """The type of `[op, …]` for arguments of these types. Raises Mismatch."""
    if op in _OPERATORS:
        return _OPERATORS[op](op, args)
    entry = _BY_OP[op]
    wanted = entry["args"].replace("?", "").replace("...", "").split()
    for index, kind in enumerate(args):
        kinds, name = _CLASSES[wanted[min(index, len(wanted) - 1)]]
        if not admits(kinds, kind):
            raise Mismatch(index, kind, name)
    returns: str = entry["returns"]
    if returns == "ordered":
        return _common([item_type(kind) if base(kind) == "list" else kind for kind in args])
    if returns == "mapped":
        return f"list:{args[1]}"
    if returns == "branch":
        return _branches(op, args)
    return returns


def _branches(op: str, args: Sequence[str]) -> str:
    tests = {"if": range(1), "ifs": range(0, len(args), 2), "coalesce": range(0)}[op]
    for index in tests:
        if not admits(("bool",), args[index]):
            raise Mismatch(index, args[index], "bool")
    return _common([kind for index, kind in enumerate(args) if index not in tests])


def _common(kinds: Sequence[str]) -> str:
    known = {kind for kind in kinds if kind != "null"}
    return known.pop() if len(known) == 1 else ("any" if known else "null")


def _arithmetic(op: str, args: Sequence[str]) -> str:
    a, b = args
    if op in "*/":
        return _each(args, ("number",), "number", "number")
    for index, kind in enumerate(args):
        if not admits(_ORDERED, kind):
            raise Mismatch(index, kind, "number")
    if "any" in args or "null" in args:
        return "any"
    if a == "number":
        if op == "-" and b != "number":
            raise Mismatch(1, b, "number")
        return b
    if b == "number":
        return a
    if op == "-" and a == b:
        return "number"
    raise Mismatch(1, b, a if op == "-" else "number")


def _comparison(_op: str, args: Sequence[str]) -> str:
    _each(args, _ORDERED, "ordered", "bool")
    if admits((args[0],), args[1]) or args[0] in ("any", "null"):
        return "bool"
    raise Mismatch(1, args[1], args[0])


def _each(args: Sequence[str], kinds: Sequence[str], want: str, result: str) -> str:
    for index, kind in enumerate(args):
        if not admits(kinds, kind):
            raise Mismatch(index, kind, want)
    return result


_OPERATORS = {
    **dict.fromkeys(("+", "-", "*", "/"), _arithmetic),
    **dict.fromkeys(("<", "<=", ">", ">="), _comparison),
    **dict.fromkeys(("=", "<>"), lambda _op, _args: "bool"),
    "neg": lambda _op, args: _each(args, ("number",), "number", "number"),
    "l": lambda _op, args: f"list:{_common([item_type(kind) if base(kind) == 'list' else kind for kind in args])}",
    "starts": lambda _op, args: _each(args, ("text", "list:text"), "text", "bool"),
}
