"""JSON as we accept it from outside: UTF-8, no NaN, no duplicate keys, bounded depth and size.

The standard decoder takes NaN, keeps the last of two equal keys (two readers may then disagree about a document), and
recurses until the interpreter gives up. A depth scan before parsing turns ten thousand brackets into a refusal.
"""
from __future__ import annotations

import json
import math
from typing import Any

from app.core.errors import Malformed, TooLarge

MAX_DEPTH = 40


def loads(data: bytes | str, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> Any:
    """The value, or Malformed("json_…") / TooLarge("json_too_large"); sizes in bytes."""
    if len(data) > max_bytes:
        raise TooLarge("json_too_large", limit_kb=max_bytes // 1024)
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise Malformed("json_not_utf8") from None
    if _depth(text) > max_depth:
        raise Malformed("json_too_deep", limit=max_depth)
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant,
                           parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be stored
    except json.JSONDecodeError as error:
        raise Malformed("json_syntax", where=f"line {error.lineno}, column {error.colno}",
                        line=error.lineno, column=error.colno) from None
    except UnicodeEncodeError:
        raise Malformed("json_not_utf8") from None
    except ValueError:  # int() refuses numbers of thousands of digits
        raise Malformed("json_number") from None
    return value


def _depth(text: str) -> int:
    """Deepest nesting of brackets outside strings."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed("json_duplicate_key", where=twice, key=twice)
    return out


def _finite(text: str) -> float:
    """1e400 would become infinity, which no JSON may hold."""
    number = float(text)
    if not math.isfinite(number):
        raise Malformed("json_number", where=text[:40])
    return number


def _no_constant(name: str) -> Any:
    raise Malformed("json_number", where=name)
