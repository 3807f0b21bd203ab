"""Small flows for tests: written as data, loaded as the product loads them, played in a made-up company."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from app.core.catalog import Catalog
from app.flows import nodes
from app.flows.base import Decision
from app.flows.engine import decide
from app.flows.model import Flow
from app.flows.sandbox import SandboxWorld
from app.flows.schema import load_flow

LIBRARY = Path(__file__).parents[2] / "app" / "definitions" / "library" / "restaurant_complaint"
MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_767_574_800_000  # Monday 2026-01-05 09:00 in Shanghai

ORG: dict[str, Any] = {
    "people": [
        {"id": "ann", "name": "安", "roles": [{"role": "agent"}], "department": "hz"},
        {
            "id": "bob",
            "name": "博",
            "roles": [{"role": "agent"}, {"role": "boss", "region": "east"}],
            "department": "hz",
        },
        {"id": "eve", "name": "夏", "roles": [{"role": "boss", "region": "west"}, {"role": "manager", "store": "s2"}]},
        {"id": "max", "name": "马", "roles": [{"role": "manager", "store": "s1"}], "department": "top"},
        {"id": "gone", "name": "离", "active": False, "roles": [{"role": "agent"}]},
        {"id": "adm", "name": "管", "roles": [{"role": "admin"}]},
    ],
    "sources": {
        "stores": {
            "scope": "store",
            "rows": [{"id": "s1", "name": "一店", "region": "east"}, {"id": "s2", "name": "二店", "region": "west"}],
        }
    },
    "calendars": [{"id": "days", "days": "mon-sun", "hours": ["09:00-21:00"], "tz": "Asia/Shanghai"}],
    "departments": [{"id": "top", "leader": "max"}, {"id": "hz", "parent": "top", "leader": "bob"}],
    "tz": "Asia/Shanghai",
}
_COMPANY = json.loads((LIBRARY / "scenarios.json").read_text(encoding="utf-8"))["org"]
#: The company of the example's scenarios.
RESTAURANT: dict[str, Any] = {
    **_COMPANY,
    "sources": {"stores": {"scope": "store", "rows": _COMPANY["stores"]}},
    "tz": "Asia/Shanghai",
}
TYPES = {
    "form.f_store": "text",
    "form.f_body": "text",
    "form.f_sum": "number",
    "form.f_reply": "text",
    "form.f_when": "date",
    "form.f_who": "text",
}
SOURCES = {"form.f_store": "stores"}
VARS = [
    {"key": "priority", "type": "choice", "values": ["normal", "urgent", "red"], "default": "normal"},
    {"key": "count", "type": "number", "default": "0"},
]
AGENTS = [{"role": "agent"}]


def catalog() -> Catalog:
    """The built-in node types alone."""
    found = Catalog()
    nodes.register(found)
    return found


def node(id: str, type: str, config: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One entry of `nodes`."""
    return {"id": id, "type": type, "tv": 1, "name": id, "config": config or {}, **more}


def definition(*entries: dict[str, Any], edges: str) -> dict[str, Any]:
    """A flow with a trigger `t` and an end `end`; `edges` as "t:out>pool pool:claimed>end"."""
    rows = [
        {"id": f"e{number}", "from": edge.split(">")[0], "to": f"{edge.split('>')[1]}:in"}
        for number, edge in enumerate(edges.split(), 1)
    ]
    return {
        "schema": "danflow/flow/1",
        "key": "test",
        "name": "测试",
        "form": "test",
        "vars": copy.deepcopy(VARS),
        "nodes": [node("t", "trigger.public_form"), *entries, node("end", "flow.end")],
        "edges": rows,
    }


def flow(*entries: dict[str, Any], edges: str, types: dict[str, str] | None = None) -> Flow:
    """The same, loaded; `types`: of more fields."""
    return load_flow(definition(*entries, edges=edges), catalog(), {**TYPES, **(types or {})}, sources=SOURCES)


def complaint() -> Flow:
    """The restaurant's flow, with the types its form would give."""
    form = json.loads((LIBRARY / "form.json").read_text(encoding="utf-8"))
    types = {
        f"form.{field['id']}": {"number": "number", "computed": "number", "rating": "number"}.get(field["type"], "text")
        for field in form["fields"]
    }
    data = json.loads((LIBRARY / "flow.json").read_text(encoding="utf-8"))
    return load_flow(data, catalog(), types, sources=SOURCES)


class Play:
    """A ticket under way: each call is one decision; `at` is minutes from the start."""

    def __init__(
        self,
        played: Flow,
        org: dict[str, Any] | None = None,
        form: dict[str, Any] | None = None,
        customer: dict[str, Any] | None = None,
        trigger: str = "t",
    ) -> None:
        self.flow = played
        self.world = SandboxWorld(org or ORG)
        self.state: dict[str, Any] = {}
        self.log: list[dict[str, Any]] = []
        self.effects: list[dict[str, Any]] = []
        self.last: Decision
        self.send(
            {
                "kind": "start",
                "trigger": trigger,
                "form": {"f_store": "s1", **(form or {})},
                "customer": {"id": "c1", **(customer or {})},
                "ticket": {},
            }
        )

    def send(self, signal: dict[str, Any], at: float = 0) -> Decision:
        """Decide; refusals pass through. The state handed in must come out as it went in."""
        before = json.dumps(self.state, sort_keys=True)
        self.world.state = self.state
        self.last = decide(self.flow, self.state, signal, START + round(at * MINUTE), self.world)
        assert json.dumps(self.state, sort_keys=True) == before
        self.state = self.last.state
        self.log += self.last.events
        self.effects += self.last.effects
        for effect in self.last.effects:
            if effect["do"] == "tick":
                self.world.tick(effect, START + round(at * MINUTE))
        return self.last

    def act(self, task: str, action: str, by: str, at: float = 0, **more: Any) -> Decision:
        return self.send({"kind": "act", "task": task, "action": action, "by": by, **more}, at)

    def timer(self, key: str, at: float = 0) -> Decision:
        return self.send({"kind": "timer", "timer": key}, at)

    @property
    def at(self) -> list[str]:
        """Where the tokens stand."""
        return sorted(token["node"] for token in self.state["tokens"].values())

    @property
    def path(self) -> list[str]:
        return [event["node"] for event in self.log if event["kind"] == "node.entered"]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.log if event["kind"] == kind]

    def problems(self) -> list[str]:
        return [event["delta"]["code"] for event in self.events("problem")]

    def did(self, do: str) -> list[dict[str, Any]]:
        return [effect for effect in self.effects if effect["do"] == do]
