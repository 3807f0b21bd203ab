"""Cases that can never happen, and people who decide on what they cannot see."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.flows.checks.walk import walk
from app.flows.config import Condition, Rows
from app.flows.dimensions import closed, refs
from app.flows.gaps.facts import Gap
from app.flows.gaps.people import Look
from app.flows.model import Flow, Node

UNSEEN = ("hidden", "masked")


def find(look: Look) -> Iterator[Gap]:
    """Both, in the flow's order."""
    values = closed(look.flow, look.around.options, look.now)
    for node in look.flow.nodes.values():
        yield from _never(look, node, values)
        yield from _unseen(look, node)


# ---- cases that no answer can meet -----------------------------------------------------------------------------------


def _never(look: Look, node: Node, values: Mapping[str, Collection[str]]) -> Iterator[Gap]:
    for path, prop, raw in walk(node.type.Config, node.raw):
        if isinstance(prop, Condition) and isinstance(raw, Mapping):
            wrong = _impossible(raw, values)
            if wrong is not None:
                ref, value = wrong
                yield Gap("warning", "gap_never", node.id, path, 1, 1, {
                    "name": node.name, "field": look.around.labels.get(ref) or ref, "value": value,
                    "case": _label(node, path)})


def _impossible(condition: Any, values: Mapping[str, Collection[str]]) -> tuple[str, str] | None:
    """(reference, value) of a comparison for which the condition can never hold; None where it can, or who knows."""
    if not isinstance(condition, Mapping):
        return None
    for key, joined in (("all", any), ("any", all)):
        parts = condition.get(key)
        if isinstance(parts, list) and parts:
            found = [_impossible(part, values) for part in parts]
            return next((one for one in found if one), None) if joined(found) else None
    ref, op, value = condition.get("ref"), condition.get("op"), condition.get("value")
    if not isinstance(ref, str) or ref not in values or op not in ("eq", "in"):
        return None
    wanted = value if isinstance(value, list) else [value]
    if not wanted or any(not isinstance(one, str) or one in values[ref] for one in wanted):
        return None
    return ref, str(wanted[0])[:60]


def _label(node: Node, path: str) -> Any:
    """The name of the case that a condition belongs to: the label of the port in its row."""
    for name, prop, rows in walk(node.type.Config, node.raw):
        if isinstance(prop, Rows) and isinstance(rows, list) and path.startswith(f"{name}["):
            row = rows[int(path[len(name) + 1:].partition("]")[0])]
            return row.get("label") or row.get("port") or ""
    return ""


# ---- what people decide on without seeing it -------------------------------------------------------------------------


def _unseen(look: Look, node: Node) -> Iterator[Gap]:
    """A step for people that shows them nothing, or not what brought the ticket to them."""
    levels = look.around.levels.get(node.id)
    if node.type.group != "task" or not levels or node.has_port("claimed"):
        return
    if all(level == "hidden" for level in levels.values()):
        yield Gap("warning", "gap_blind", node.id, "config.fields", len(levels), len(levels), {"name": node.name})
        return
    for ref, branch in _deciding(look.flow, node).items():
        name = ref.removeprefix("form.").partition(".")[0]
        if ref.startswith("form.") and levels.get(name) in UNSEEN:
            yield Gap("warning", "gap_unseen", node.id, f"config.fields.{name}", 1, 1, {
                "name": node.name, "field": look.around.labels.get(f"form.{name}") or name, "branch": branch.name})


def _deciding(flow: Flow, node: Node) -> dict[str, Node]:
    """What the branches asked that lead straight here: reference → branch."""
    found: dict[str, Node] = {}
    for edge in flow.edges:
        source = flow.nodes[edge.source]
        if edge.target == node.id and source.type.group == "branch":
            for _, prop, raw in walk(source.type.Config, source.raw):
                if isinstance(prop, Condition):
                    found.update(dict.fromkeys(refs(raw), source))
    return found
