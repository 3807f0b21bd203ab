"""What a flow says, told without its ids: two flows that say the same are equal here."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized
from app.flows.describe import describe


def flow_meaning(content: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Names in the place of ids and keys; what equals the default of its setting is left out."""
    kinds = {kind["type"]: kind for kind in describe(catalog)["nodes"] if kind["latest"]}
    names = {node["id"]: localized(node["name"], "zh-CN") for node in content["nodes"]}
    names |= {f"vars.{one['key']}": f"vars.{one.get('name') or one['key']}" for one in content.get("vars", [])}
    ports = {f"{node['id']}:{row[part]}": localized(row.get("label"), "zh-CN")
             for node in content["nodes"] for list_, part in [dynamic(kinds[node["type"]])]
             for row in node["config"].get(list_, ())}

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {names[key] if key.startswith("vars.") else key: told(part) for key, part in value.items()}
        if isinstance(value, list):
            return [told(part) for part in value]
        return names.get(value, value) if isinstance(value, str) else value

    steps = {}
    for node in content["nodes"]:
        kind = kinds[node["type"]]
        config = dict(node["config"])
        for row in config.get(dynamic(kind)[0], ()):
            row.pop(dynamic(kind)[1], None)
        steps[names[node["id"]]] = {"type": node["type"], "config": told(plain(config, kind["config"])),
                                    "covers": sorted(names[id] for id in node.get("attach", []))}
    lines = sorted((names[start], ports.get(edge["from"], port), names[edge["to"].partition(":")[0]])
                   for edge in content["edges"] for start, _, port in [edge["from"].partition(":")])
    variables = [{"name": one.get("name") or one["key"], "type": one["type"], "values": one.get("values"),
                  "default": one.get("default")} for one in content.get("vars", [])]
    return {"name": content["name"], "form": content["form"], "vars": variables, "steps": steps, "lines": lines}


def dynamic(kind: Mapping[str, Any]) -> tuple[str, str]:
    """The list and the key by which settings make ways out."""
    rows, _, part = (kind["portsFrom"] or "").partition("[].")
    return rows, part


def plain(config: Mapping[str, Any], settings: Any) -> dict[str, Any]:
    """Without what stands for itself anyway."""
    known = {one["key"]: one for one in settings}
    out = {}
    for key, value in config.items():
        setting = known[key]
        if setting["widget"] == "access":
            value = {name: level for name, level in value.items() if (name, level) != ("*", "hidden")}
        elif setting["widget"] == "rows":
            value = [plain(row, setting["rows"]) for row in value]
        elif setting["widget"] == "group" and value is not None:
            value = plain(value, setting["keys"])
        elif setting["widget"] == "condition":
            value = grouped(value)
        elif setting["widget"] == "list" and setting["item"]["widget"] in ("select", "channel", "step_type"):
            value = sorted(value)
        if value is not None and value != setting["default"]:
            out[key] = value
    return out


def grouped(when: Any) -> Any:
    """A group of one clause is that clause, whichever way it is joined."""
    parts = when.get("all") or when.get("any") if isinstance(when, dict) else None
    return grouped(parts[0]) if parts and len(parts) == 1 else when
