"""Is a stored AST well formed and within the limits? Shape only: types are `typing.py`'s business."""
from __future__ import annotations

import re
from typing import Any

from app.core.expressions.errors import ARITY, LIMITS, ExprError

#: One to four names; what may stand in a name is narrow enough that both sides' regex engines mean the same.
PATH = re.compile(r"[^.{}\x00-\x20]{1,64}(?:\.[^.{}\x00-\x20]{1,64}){0,3}")
_NODES, _DEPTH = LIMITS["nodes"], LIMITS["depth"]


def check_ast(ast: Any) -> None:
    """Raises ExprError E_AST (shape, unknown operator, number of arguments) or E_LIMIT (nodes, depth)."""
    _walk(ast, 1, 0)


def _walk(node: Any, depth: int, seen: int) -> int:
    """Nodes seen so far, this one and those below it included."""
    if depth > _DEPTH or seen >= _NODES:
        raise ExprError("E_LIMIT", detail="E_LIMIT_SIZE", nodes=_NODES, depth=_DEPTH)
    if not isinstance(node, (list, tuple)) or not node or not isinstance(node[0], str) or node[0] not in ARITY:
        raise ExprError("E_AST")
    op, args = node[0], node[1:]
    low, high = ARITY[op]
    if not low <= len(args) <= high or (op == "ifs" and len(args) % 2):
        raise ExprError("E_AST")
    seen += 1
    if op in ("n", "s", "d", "t"):
        fine = isinstance(args[0], str) and len(args[0]) <= LIMITS["text"]
    elif op == "b":
        fine = args[0] is True or args[0] is False
    elif op == "f":
        fine = isinstance(args[0], str) and PATH.fullmatch(args[0]) is not None
    elif op == "c":
        fine = all(isinstance(arg, str) and PATH.fullmatch(arg) is not None and "." not in arg for arg in args)
    else:
        for arg in args:
            seen = _walk(arg, depth + 1, seen)
        return seen
    if not fine:
        raise ExprError("E_AST")
    return seen
