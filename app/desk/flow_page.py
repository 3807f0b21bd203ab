"""A ticket on its flow: the chart it runs on, lit as far as it has come, and its time line to play back."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, url_for

from app import locales
from app.core.errors import Problem
from app.definitions.bundle import Bundle
from app.designer import pages
from app.desk import frame, view
from app.desk.view import Seen
from app.extensions import clock, parts
from app.flows.describe import describe
from app.runtime.queries import EventLine
from app.security import me, staff

bp = Blueprint("ticket_flow", __name__, url_prefix="/tickets/<uuid:ticket_id>")
bp.register_error_handler(Problem, frame.refused)

# What of an event goes to the browser besides the sentence of the ticket page: never an answer.
KEPT: Mapping[str, tuple[str, ...]] = {
    "node.entered": ("visit",), "task.opened": ("kind", "assignee"), "task.assigned": ("to",),
    "ticket.closed": ("status",),
}


@bp.get("/flow")
@staff()
def show(ticket_id: UUID) -> Response:
    """The version of the flow that this ticket runs on, and what happened on it, as this reader may know it."""
    seen = view.read(me(), str(ticket_id), clock.now_ms(), locales.current())
    line = seen.detail.line
    boot = {
        "locale": pages.form_locale(), "timezone": parts().settings.timezone, "content": shape(seen.bundle),
        "catalog": describe(parts().catalog, pages.form_locale()), "start": line.opened_at,
        "at": line.closed_at or seen.now, "events": events(seen), "names": names(seen), "status": line.status,
    }
    return frame.page("desk/ticket_flow.html", line=line, boot=pages.embedded(boot), places=seen.places(),
                      back=url_for("ticket.show", ticket_id=seen.id))


def shape(bundle: Bundle) -> dict[str, Any]:
    """The steps and lines of a flow with their names, without its settings: who reads a ticket need not know them."""
    raw = bundle.flow.raw
    nodes = []
    for node in raw["nodes"]:
        kept = {key: node[key] for key in ("id", "type", "tv", "name", "attach") if key in node}
        nodes.append({**kept, "config": _ways(bundle, node)})
    return {**{key: raw[key] for key in ("schema", "key", "name", "edges")}, "nodes": nodes}


def _ways(bundle: Bundle, node: Mapping[str, Any]) -> dict[str, Any]:
    """As much of a step's settings as its ways out are made of."""
    config = node.get("config") or {}
    rows, _, port = (bundle.flow.nodes[node["id"]].type.ports_from or "").partition("[].")
    ways: dict[str, Any] = {key: config[key] for key in ("else_label",) if key in config}
    if rows in config:
        ways[rows] = [{key: row[key] for key in (port, "label") if key in row} for row in config[rows]]
    return ways


def events(seen: Seen) -> list[dict[str, Any]]:
    """The ticket's events in the sandbox's form: seq, t, kind, node, token, port, edge, actor, delta, checked.

    "words" is the sentence of the ticket page, "" where it says nothing.
    """
    told = {line.seq: line for line in seen.history().lines(seen.events)}
    found: list[dict[str, Any]] = []
    for event in seen.events:
        if event.kind == "condition.checked" and found:
            found[-1].setdefault("checked", []).append(_case(seen, event))
            continue
        line = told.get(event.seq)
        delta = event.body.get("delta") or {}
        found.append({
            "seq": event.seq, "t": event.at, "kind": event.kind, "node": event.node,
            **{key: event.body[key] for key in ("token", "port", "edge") if key in event.body},
            "actor": {"type": event.actor_type, "id": event.actor_id or ""},
            "delta": {key: delta[key] for key in KEPT.get(event.kind, ()) if key in delta},
            "words": " ".join(part for part in (line.text, line.more) if part) if line else "",
        })
    return found


def _case(seen: Seen, event: EventLine) -> dict[str, Any]:
    """Whether a case of a condition held; what it asked stays with those who draw flows."""
    delta = event.body.get("delta") or {}
    node = seen.bundle.flow.nodes.get(event.node or "")
    label = next((seen.words(port.label) for port in (node.ports if node else ()) if port.id == delta.get("case")), "")
    return {"port": delta.get("case"), "label": label, "holds": bool(delta.get("holds")), "any": False, "clauses": []}


def names(seen: Seen) -> dict[str, str]:
    """id → name of the colleagues that the events name."""
    ids = {str(value) for event in seen.events for value in (
        event.actor_id if event.actor_type == "person" else None,
        *((event.body.get("delta") or {}).get(key) for key in ("assignee", "to"))) if isinstance(value, str)}
    return {id: seen.name(id) for id in sorted(ids) if seen.name(id)}
