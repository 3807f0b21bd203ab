"""A ticket's way as its customer sees it: what is done, what is going on, what will come. Pure.

The past comes from the ticket's events, the future from the flow: from where the ticket stands, along the way that
each step takes when nothing special happens. Only steps that mean something to a customer show, in words that depend
on the kind of step; names that colleagues gave their steps stay inside.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.flows.model import Flow, Node
from app.runtime.history import EventLine

RECEIVED, CLOSED = "received", "closed"
ENDS = ("rejected", "cancelled", "withdrawn", "merged")  # what a ticket may become instead of finished
_RATINGS = {"rating", "scale"}
_BY_TYPE = {
    "task.claim": "waiting",
    "task.handle": "handling",
    "task.approval": "approval",
    "notify.customer": "told",
    "flow.end": CLOSED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the line. `what` names the words; `at` is when it began (ms), `role` who is in charge, if known."""

    what: str  # received waiting handling approval told rating question closed, or one of ENDS
    state: str  # done | doing | todo
    at: int | None = None
    role: str = ""


def kind_of(node: Node, types: Mapping[str, str]) -> str:
    """What a node means to the customer, "" for nothing. `types`: field id → field type of the form."""
    if node.type.type == "wait.customer":
        asked = {types.get(field) for field in node.fields}
        return "rating" if asked & _RATINGS else "question"
    return _BY_TYPE.get(node.type.type, "")


def line(flow: Flow, types: Mapping[str, str], events: Iterable[EventLine], status: str) -> list[Step]:
    """The whole line of a ticket whose events are given in order; `status` is the ticket's."""
    steps: list[Step] = []
    inside: dict[str, int] = {}  # node that a token is in → position of its step, -1 for a step that does not show
    last = ""
    for event in events:
        node = flow.nodes.get(event.node or "")
        if event.kind == "ticket.created":
            steps.append(Step(RECEIVED, "done", event.at))
            last = event.node or last
        elif event.kind == "node.entered" and node is not None:
            last = node.id if node.type.group != "notify" or kind_of(node, types) else last
            inside[node.id] = _entered(steps, kind_of(node, types), event.at, role_of(node))
        elif event.kind == "node.left" and node is not None:
            inside.pop(node.id, None)
        elif event.kind == "ticket.closed":
            steps = [step for step in steps if step.what != CLOSED]
            steps.append(Step(status if status in ENDS else CLOSED, "done", event.at))
    if status != "open":
        return [replace(step, state="done") for step in steps]
    doing = {position for position in inside.values() if position >= 0} or {len(steps) - 1}
    steps = [replace(step, state="doing" if position in doing and step.what != RECEIVED else "done")
             for position, step in enumerate(steps)]
    here = [name for name, position in inside.items() if position >= 0] or list(inside) or [last]
    return steps + _ahead(flow, types, here[-1], steps[-1].what if steps else "")


def _entered(steps: list[Step], what: str, at: int, role: str) -> int:
    if not what or what == CLOSED:
        return -1
    if not steps or steps[-1].what != what:
        # Whoever took the ticket handles it: a handling step that names no role is the taker's.
        steps.append(Step(what, "done", at, role or (steps[-1].role if steps and what == "handling" else "")))
    return len(steps) - 1


def _ahead(flow: Flow, types: Mapping[str, str], start: str, before: str) -> list[Step]:
    """What comes after `start`, down to the end of the flow."""
    steps: list[Step] = []
    seen = {start}
    node = _next(flow, flow.nodes.get(start))
    while node is not None and node.id not in seen:
        seen.add(node.id)
        what = kind_of(node, types)
        if what and what != CLOSED and what != (steps[-1].what if steps else before):
            steps.append(Step(what, "todo", role=role_of(node)))
        node = _next(flow, node)
    return [*steps, Step(CLOSED, "todo")]


def _next(flow: Flow, node: Node | None) -> Node | None:
    """Where a node usually leads: 「否则」 of a branch, else its first way out."""
    if node is None or not node.outs:
        return None
    ports = [port.id for port in node.ports if port.id in node.outs]
    usual = "else" if "else" in ports else ports[0] if ports else ""
    return flow.nodes.get(node.outs[usual].target) if usual else None


def role_of(node: Node) -> str:
    """Key of the first role that the node names as in charge, "" if it names none."""
    config: Any = node.raw.get("config") if isinstance(node.raw.get("config"), Mapping) else node.raw
    for key in ("candidates", "assignee", "approvers"):
        for selector in config.get(key) or ():
            if isinstance(selector, Mapping) and isinstance(selector.get("role"), str):
                return str(selector["role"])
    return ""
