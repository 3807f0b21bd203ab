"""What decides who gets a ticket, and what it may say there: fields, columns of tables, the customer's level.

References are read from the settings as written, by the classes of their properties; no list of step types is needed.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import marshmallow as ma

from app.flows.checks.walk import walk
from app.flows.config import CHIP, Condition, DecisionTable, FieldRef
from app.flows.config.assigning import Skill, cell
from app.flows.directory import Directory
from app.flows.model import Flow, Node

Values = Mapping[str, Sequence[Any]]


def asked(node: Node) -> list[str]:
    """What the settings of a step ask of a ticket."""
    found: list[str] = []
    for _, prop, raw in walk(node.type.Config, node.raw):
        if isinstance(prop, Condition):
            found += refs(raw)
        elif isinstance(prop, FieldRef) and isinstance(raw, str):
            found.append(raw)
        elif isinstance(prop, Skill) and isinstance(raw, str):
            found += CHIP.findall(raw)
    return list(dict.fromkeys(found))


def refs(condition: Any) -> list[str]:
    """What a condition as written asks."""
    return list(dict.fromkeys(ref for ref, _, _ in _comparisons(condition)))


def closed(flow: Flow, options: Mapping[str, Collection[str]], directory: Directory) -> dict[str, Collection[str]]:
    """All that a reference can hold, where that is a list: options, rows of a table, values of a variable."""
    found = dict(options)
    for ref, source in flow.sources.items():
        rows = directory.rows(source)
        if rows:
            found[ref] = [row["id"] for row in rows]
    for var in flow.vars.values():
        if var.values:
            found[f"vars.{var.key}"] = var.values
    return found


def compared(flow: Flow) -> dict[str, list[str]]:
    """What the flow compares its references with, anywhere: values, and for numbers one on each side of a bound."""
    found: dict[str, dict[str, None]] = {}
    for node in flow.nodes.values():
        for _, prop, raw in walk(node.type.Config, node.raw):
            pairs = _conditions(raw) if isinstance(prop, Condition) else \
                _cells(raw) if isinstance(prop, DecisionTable) and isinstance(raw, Mapping) else ()
            for ref, value in pairs:
                found.setdefault(ref, {})[value] = None
    return {ref: list(values) for ref, values in found.items()}


def _comparisons(condition: Any) -> Iterator[tuple[str, str, Any]]:
    """(reference, operator, value) of everything in a condition."""
    if isinstance(condition, list):
        for part in condition:
            yield from _comparisons(part)
    elif isinstance(condition, Mapping):
        if isinstance(condition.get("ref"), str):
            yield condition["ref"], str(condition.get("op")), condition.get("value")
        for key in ("all", "any", "not"):
            yield from _comparisons(condition.get(key))


def _conditions(condition: Any) -> Iterator[tuple[str, str]]:
    for ref, op, value in _comparisons(condition):
        for one in value if isinstance(value, list) else [value]:
            if op in ("eq", "in") and isinstance(one, str):
                yield ref, one
            elif op in ("gt", "gte", "lt", "lte", "between") and (number := _number(one)) is not None:
                yield from ((ref, near) for near in _around(number))


def _cells(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of the columns that compare a reference itself (one that reads a row's column is told by the rows there are)."""
    columns = table.get("columns")
    for at, column in enumerate(columns if isinstance(columns, list) else ()):
        for row in table.get("rows") or ():
            try:
                found = cell([str(one) for one in row["is"][at]])
            except (ma.ValidationError, LookupError, TypeError):
                continue  # the loader has said what is wrong with it
            if not column.get("attr"):
                yield from ((column["ref"], text) for text in sorted(found.texts))
                yield from ((column["ref"], near) for low, _, high, _ in found.spans for bound in (low, high)
                            if bound is not None for near in _around(bound))


def _around(bound: Decimal) -> list[str]:
    return [str(bound - 1), str(bound), str(bound + 1)]


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def say(values: Mapping[str, Any]) -> dict[str, Any]:
    """A ticket that says this and nothing else: {"form.f_store": "st_1"} → {"form": {"f_store": "st_1"}}."""
    state: dict[str, Any] = {}
    for ref, value in values.items():
        *above, last = ref.split(".")
        here = state
        for name in above:
            here = here.setdefault(name, {})
        here[last] = value
    return state
