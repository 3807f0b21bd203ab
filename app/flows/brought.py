"""Scenarios of one flow told for another: steps, ways out and variables are found again by what people call them.

A flow that was drawn anew has ids of its own, so a scenario that says "pool" means nothing there; "客诉抢单池" does.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.catalog import Catalog
from app.flows.checks.draft import find_type

Content = Mapping[str, Any]
_LISTS, _ENDS, _MESSAGES = ("path", "path_includes", "waiting"), ("fired", "not_fired"), ("sent", "not_sent")


class Names:
    """From the ids of one flow to those of another. Contents may be half made."""

    def __init__(self, source: Content, target: Content, catalog: Catalog) -> None:
        self._catalog = catalog
        drawn, others = _rows(source, "nodes", "id", "type"), _rows(target, "nodes", "id", "type")
        self._kinds = {node["id"]: node["type"] for node in drawn}
        self._labels = {node["id"]: node.get("name") for node in drawn}
        there = {(node["type"], str(node.get("name"))): node for node in reversed(others)}
        same = {node["id"]: node for node in others}
        self._steps: dict[str, str] = {}
        self._ports: dict[tuple[str, str], str] = {}
        for node in drawn:
            twin = there.get((node["type"], str(node.get("name"))))
            if twin is None and self._kinds[node["id"]] == same.get(node["id"], {}).get("type"):
                twin = same[node["id"]]  # renamed, and still the same step
            if twin is not None:
                self._steps[node["id"]] = twin["id"]
                self._pair(node, twin)
        called = {var.get("name") or var["key"]: var["key"] for var in _rows(target, "vars", "key")}
        self._vars = {var["key"]: called.get(var.get("name") or var["key"], var["key"])
                      for var in _rows(source, "vars", "key")}
        self.lost: dict[str, Any] = {}  # steps that the other flow lacks: {id: name}

    def _pair(self, node: Content, twin: Content) -> None:
        """Ways out that come from rows of settings, by their labels."""
        kind = find_type(self._catalog, node["type"], node.get("tv", 1))
        rows, _, part = (kind.ports_from if kind and kind.ports_from else "").partition("[].")
        config, other = node.get("config") or {}, twin.get("config") or {}
        called = {str(row.get("label")): row[part] for row in reversed(_rows(other, rows, part))}
        for row in _rows(config, rows, part):
            self._ports[node["id"], row[part]] = called.get(str(row.get("label")), row[part])

    def step(self, id: Any) -> Any:
        """The step of the other flow; a name that is not found stays, and is noted as lost."""
        if id in self._kinds and id not in self._steps:
            self.lost[id] = self._labels[id] or id
        return self._steps.get(id, id)

    def port(self, id: Any, port: Any) -> Any:
        return self._ports.get((id, port), port)

    def end(self, end: str) -> str:
        """A "step:way out"."""
        id, colon, port = end.partition(":")
        return f"{self.step(id)}{colon}{self.port(id, port)}"

    def var(self, key: str) -> str:
        return self._vars.get(key, key)


def bring(scenario: Content, names: Names) -> dict[str, Any]:
    """A scenario that can be read (`load_scenarios`) as it is told for the other flow."""
    out = dict(scenario)
    if "trigger" in out:
        out["trigger"] = names.step(out["trigger"])
    if "script" in out:
        out["script"] = [_doing(step, step.get("node"), names) for step in out["script"]]
    if "default_actors" in out:
        out["default_actors"] = {names.step(id): _doing(step, id, names) for id, step in out["default_actors"].items()}
    if "mocks" in out:
        out["mocks"] = {names.step(id): _mock(rows, id, names) for id, rows in out["mocks"].items()}
    if "expect" in out:
        out["expect"] = _expect(out["expect"], names)
    if isinstance(out.get("org"), Mapping):
        out["org"] = company(out["org"], names)
    return out


def company(org: Content, names: Names) -> dict[str, Any]:
    """The made-up company of scenarios: what waits at which step."""
    backlog = {names.step(id): row for id, row in (org.get("backlog") or {}).items()}
    return {**org, **({"backlog": backlog} if backlog else {})}


def _doing(step: Content, id: Any, names: Names) -> dict[str, Any]:
    out = {**step, "do": names.port(id, step["do"])}
    if step.get("node") is not None:
        out["node"] = names.step(id)
    if step["do"] == "return_to" and "to" in step:
        out["to"] = names.step(step["to"])
    return out


def _mock(rows: Any, id: str, names: Names) -> Any:
    if isinstance(rows, list):
        return [_mock(row, id, names) for row in rows]
    if isinstance(rows, str):
        return names.port(id, rows)
    return {**rows, "port": names.port(id, rows["port"])} if rows.get("port") else rows


def _expect(expect: Content, names: Names) -> dict[str, Any]:
    out = dict(expect)
    out |= {part: [names.step(id) for id in out[part]] for part in _LISTS if out.get(part)}
    out |= {part: [names.end(end) for end in out[part]] for part in _ENDS if out.get(part)}
    out |= {part: [{**row, "node": names.step(row["node"])} if row.get("node") else row for row in out[part]]
            for part in _MESSAGES if out.get(part)}
    if "visits" in out:
        out["visits"] = {names.step(id): count for id, count in out["visits"].items()}
    if "vars" in out:
        out["vars"] = {names.var(key): value for key, value in out["vars"].items()}
    return out


def _rows(content: Any, part: str, *keys: str) -> list[Any]:
    """The rows of a list that have these texts, whatever else stands there."""
    found = content.get(part) if isinstance(content, Mapping) else None
    return [row for row in found if isinstance(row, Mapping) and all(isinstance(row.get(key), str) for key in keys)
            ] if isinstance(found, list) else []
