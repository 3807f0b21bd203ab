"""Whom the steps of a loaded flow name: every list of people in their settings, found by class."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from app.flows.checks.walk import walk
from app.flows.config import People
from app.flows.model import Flow, Node

OWNER = "ticket.owner"
LINE_ENDS = "config.until"  # says where a line of leaders ends, not who does the work


@dataclass(frozen=True, slots=True)
class Named:
    """One list of people: where it stands (`config.to`), whom it names, whether the step needs it."""

    path: str
    selectors: Sequence[Mapping[str, Any]]
    required: bool


def some(rows: Sequence[Any], most: int) -> list[Any]:
    """At most so many of the rows, in their order: always the same ones, and no pattern in them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[place] for place in sorted(Random(len(rows)).sample(range(len(rows)), most))]


def named(flow: Flow, node: Node) -> list[Named]:
    """The lists of a step, those it needs first; selectors know the table that their `of` reads."""
    found = []
    for path, prop, value in walk(node.type.Config, node.raw):
        if isinstance(prop, People) and isinstance(value, list) and value:
            selectors = [{**one, "source": flow.sources.get(one["of"])} if "of" in one else one for one in value]
            found.append(Named(path, selectors, prop.needed))
    return sorted(found, key=lambda one: not one.required)


def works(node: Node) -> bool:
    """Whether a ticket stands there, or has no owner, without somebody: other steps only tell people and go on."""
    return node.type.group == "task" or node.type.type == "assign.auto"


def goes_up(node: Node) -> bool:
    """Whether the leaders above somebody do it, whoever that is (an approval up the line)."""
    return getattr(node.config, "mode", None) == "up"


def doers(flow: Flow, node: Node) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """(who does a step, who stands in for them), as selectors; what rows of a table name is not asked."""
    lists = [one for one in named(flow, node) if one.path.count(".") == 1 and "[" not in one.path
             and one.path != LINE_ENDS]
    if goes_up(node):
        return [], [selector for one in lists for selector in one.selectors]
    if not any(one.required for one in lists):
        lists = [Named(one.path, one.selectors, True) for one in lists]
    return ([selector for one in lists if one.required for selector in one.selectors],
            [selector for one in lists if not one.required for selector in one.selectors])
