"""Does an earlier case of a branch take everything that a later one waits for?

Judged on the stored conditions, and only where it is certain: "implied" here means implied for every ticket.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Interval = tuple[Any, bool, Any, bool]  # low, low included, high, high included; None = open
Row = Mapping[str, Any]

MAX_CASES = 50
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.Z]{1,16})?")


def implies(later: Any, earlier: Any, known: dict[tuple[int, int], bool] | None = None) -> bool:
    """Whether every ticket that meets `later` meets `earlier` too; False when not certain."""
    known = {} if known is None else known
    pair = (id(later), id(earlier))
    if pair not in known:
        known[pair] = _implies(later, earlier, known)
    return known[pair]


def _implies(later: Any, earlier: Any, known: dict[tuple[int, int], bool]) -> bool:
    if not isinstance(later, Mapping) or not isinstance(earlier, Mapping):
        return False
    if later == earlier:
        return True
    ways, needs = _group(later, "any"), _group(earlier, "all")
    if ways:
        return all(implies(way, earlier, known) for way in ways)
    if needs is not None:
        return all(implies(later, need, known) for need in needs)
    facts, chances = _group(later, "all") or [], _group(earlier, "any") or []
    return (any(implies(fact, earlier, known) for fact in facts)
            or any(implies(later, chance, known) for chance in chances)
            or _row_implies(later, earlier))


def _group(condition: Row, name: str) -> list[Any] | None:
    value = condition.get(name)
    return value if isinstance(value, list) else None


def _row_implies(a: Row, b: Row) -> bool:
    ref = a.get("ref")
    if not isinstance(ref, str) or ref != b.get("ref"):
        return False
    op_a, op_b = a.get("op"), b.get("op")
    if op_b == "not_empty":
        return op_a in ("eq", "in", "gt", "gte", "lt", "lte", "between", "has_any", "has_all", "starts")
    only, bounds = _values(a, "eq", "in"), _interval(a)
    wanted, other_bounds, barred = _values(b, "eq", "in"), _interval(b), _values(b, "ne", "not_in")
    if wanted is not None:
        return only is not None and only <= wanted
    if barred is not None:
        excluded = _values(a, "ne", "not_in")
        if excluded is not None:
            return barred <= excluded
        return only is not None and not _points(only) & _points(barred)
    if other_bounds is not None:
        if only is not None:
            points = [_order(value) for value in only]
            return bool(points) and all(point is not None and _inside((point, True, point, True), other_bounds)
                                        for point in points)
        return bounds is not None and _inside(bounds, other_bounds)
    return _words_imply(op_a, a.get("value"), op_b, b.get("value"))


def _words_imply(op_a: Any, a: Any, op_b: Any, b: Any) -> bool:
    if op_a == op_b == "starts":
        return isinstance(a, str) and isinstance(b, str) and a.startswith(b)
    if not _texts(a) or not _texts(b):
        return False
    have, want = set(a), set(b)
    if op_b == "has_any":
        return (op_a == "has_any" and have <= want) or (op_a == "has_all" and bool(have & want))
    return op_a == op_b and op_b in ("has_all", "has_none") and want <= have


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _values(row: Row, one: str, several: str) -> set[str] | None:
    """The literals that `=`/`in` (or `≠`/`not in`) names."""
    op, value = row.get("op"), row.get("value")
    if op == one and isinstance(value, str):
        return {value}
    return set(value) if op == several and isinstance(value, list) and _texts(value) else None


def _order(value: Any) -> Any:
    """Something that can be compared with its like: a Decimal, an ISO date or time as text, else None."""
    if not isinstance(value, str):
        return None
    if _NUMBER.fullmatch(value):
        return Decimal(value)
    return value if _ISO.fullmatch(value) else None


def _points(values: set[str]) -> set[Any]:
    """As few different values as these texts may mean: "2" and "2.0" are one if they are numbers."""
    return {value if (point := _order(value)) is None else point for value in values}


def _interval(row: Row) -> Interval | None:
    op, value = row.get("op"), row.get("value")
    if op == "between" and isinstance(value, list) and len(value) == 2:
        low, high = _order(value[0]), _order(value[1])
        return None if low is None or high is None else (low, True, high, True)
    point = _order(value)
    if point is None or op not in ("gt", "gte", "lt", "lte"):
        return None
    return (point, op == "gte", None, False) if op in ("gt", "gte") else (None, False, point, op == "lte")


def _inside(a: Interval, b: Interval) -> bool:
    kinds = {type(end) for end in (a[0], a[2], b[0], b[2]) if end is not None}
    if len(kinds) > 1:
        return False
    above = b[0] is None or (a[0] is not None and (a[0] > b[0] or (a[0] == b[0] and (b[1] or not a[1]))))
    below = b[2] is None or (a[2] is not None and (a[2] < b[2] or (a[2] == b[2] and (b[3] or not a[3]))))
    return above and below
