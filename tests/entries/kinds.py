"""A published form of any fields, at a public door and then with a colleague: for tests of single field types."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.entries.doors import ensure_entries
from app.entries.models import Entry
from app.extensions import clock, db
from tests.runtime import company

KEY = "kinds"


def publish(app: Flask, *fields: dict[str, Any], ask: Mapping[str, str] | None = None,
            work: Mapping[str, str] | None = None, **more: Any) -> str:
    """Publish it and return the path of its door. `ask`: what the public form asks (everything, if not said);
    `work`: what the colleague who claims the ticket fills in. `more`: rules, sections.
    """
    form = {"schema": "danflow/form/1", "key": KEY, "title": "各种字段", **more,
            "fields": [{"label": field["id"], **field} for field in fields]}
    flow = company.small_flow() | {"key": KEY, "form": KEY}
    nodes = {node["id"]: node for node in flow["nodes"] if node["id"] in ("start", "pool", "auto", "handle", "end")}
    nodes["start"]["config"]["fields"] = dict(ask or {"*": "edit"})
    nodes["handle"]["config"] |= {"fields": dict(work or {"*": "read"}),
                                  "actions": [{"port": "submit", "label": "提交"}]}
    edges = [edge for edge in flow["edges"] if {edge["from"].split(":")[0], edge["to"].split(":")[0]} <= nodes.keys()
             and edge["from"] != "handle:return"]
    edges.append({"id": "e_end", "from": "handle:submit", "to": "end:in"})
    with app.app_context():
        company.publish(form, {**flow, "nodes": list(nodes.values()), "edges": edges}, KEY)
        ensure_entries(KEY, now=clock.now_ms())
        token = db.session.scalars(select(Entry.token).where(Entry.type_key == KEY)).one()
        db.session.rollback()
    return f"/f/{token}"
