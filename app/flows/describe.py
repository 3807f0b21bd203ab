"""What a flow may be made of, as data: the designer's palette and property panels are drawn from it.

Everything follows from the node types' `Config` classes, which are also the server's check: the two cannot drift.
Labels are `{"zh-CN": …, "en": …}`; every value is JSON as it stands in a definition.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from marshmallow import missing

from app.core.catalog import Catalog
from app.core.errors import localized
from app.flows.base import NodeType
from app.flows.checks.draft import newest
from app.flows.checks.walk import properties
from app.flows.conditions import SYSTEM_TYPES
from app.flows.config import (
    Access,
    Answers,
    Assignments,
    Decimal,
    Duration,
    Integer,
    Items,
    Part,
    Percent,
    PortId,
    Property,
    Rows,
    Schema,
    Select,
    Share,
    Switch,
    Text,
    counts,
)
from app.flows.model import VAR_TYPES
from app.flows.schema import MAX_EDGES, MAX_NODES, MAX_VARS

_WORDS: dict[str, Any] = json.loads((Path(__file__).parent / "describe.json").read_text(encoding="utf-8"))
HOUR_MS = 3_600_000
_OWN = {"label", "widget", "hint", "show_if", "item", "options"}


def describe(catalog: Catalog, locale: str = "zh-CN") -> dict[str, Any]:
    """Node types (the newest of each first, older ones for steps that stand on them), their groups, what conditions may
    ask besides the form, kinds of variables, levels of rights, and limits. `locale`: of texts in new steps."""
    latest = newest(catalog)
    kinds = sorted(catalog.nodes.items(), key=lambda entry: latest[entry[0][0]] != entry[0][1])
    return {
        "nodes": [describe_type(kind, catalog.nodes.owner(key), latest[key[0]], locale) for key, kind in kinds],
        "node_groups": [{"id": key, **words} for key, words in _WORDS["groups"].items()],
        "flow_refs": [{"ref": path, "label": _WORDS["refs"][path], "type": kind} for path, kind in
                      SYSTEM_TYPES.items()],
        "var_types": [{"id": key, "label": _WORDS["var_types"][key], "type": kind} for key, kind in VAR_TYPES.items()],
        "levels": [{"id": key, "label": label} for key, label in _WORDS["levels"].items()],
        "flow_limits": {"nodes": MAX_NODES, "edges": MAX_EDGES, "vars": MAX_VARS},
    }


def describe_type(kind: NodeType, owner: str = "core", latest: int = 1, locale: str = "zh-CN") -> dict[str, Any]:
    """One node type. `starter`: the settings with which a new step begins; what only a person can say (whom, which
    template) is left open there, and the checks point at it."""
    return {
        "type": kind.type, "tv": kind.version, "latest": kind.version == latest, "owner": owner,
        "label": label(kind.label), "group": kind.group, "icon": kind.icon,
        "hasInput": kind.has_input, "waits": kind.waits, "attaches": kind.attaches, "pairs": kind.pairs,
        "gathers": kind.gathers, "outside": kind.outside,
        "ports": [{"id": port.id, "label": label(port.label), "optional": port.optional} for port in kind.outputs],
        "portsFrom": kind.ports_from, "config": _settings(kind.Config), "starter": starter(kind, locale),
    }


def starter(kind: NodeType, locale: str = "zh-CN") -> dict[str, Any]:
    """What a new step of this type is set to, its texts in one language."""
    return {**_begin(kind.Config), **_told(kind.starter(), locale)}


def _told(value: Any, locale: str) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {"zh", "en"}:
            return localized(value, locale)
        return {key: _told(part, locale) for key, part in value.items()}
    return [_told(part, locale) for part in value] if isinstance(value, list) else value


def label(text: Any) -> dict[str, str]:
    """A label of the code (`{"zh", "en"}`, or one text) under the locales that definitions use."""
    if not isinstance(text, Mapping):
        return {"zh-CN": str(text), "en": str(text)}
    return {"zh-CN": text.get("zh") or text["zh-CN"], "en": text["en"]}


def _begin(schema: type[Schema]) -> dict[str, Any]:
    """Values for what is required and can be guessed."""
    found = {name: _guess(prop) for name, prop in properties(schema).items()
             if (prop.required or prop.needed and counts(schema, prop, {})) and not prop.chosen}
    return {name: value for name, value in found.items() if value is not None}


def _guess(prop: Property) -> Any:
    guess = next((_GUESSES[kind] for kind in type(prop).__mro__ if kind in _GUESSES), None)
    return guess(prop) if guess else None


def _row(prop: Rows, number: int) -> dict[str, Any]:
    ports = {name: f"{name[0]}{number}" for name, part in properties(prop.schema).items() if type(part) is PortId}
    return {**_begin(prop.schema), **ports}


_GUESSES: Mapping[type, Callable[[Any], Any]] = {
    Text: lambda prop: "",
    Integer: lambda prop: prop.min,
    Decimal: lambda prop: prop.written(prop.least),
    Percent: lambda prop: "50%",
    Share: lambda prop: "100%",
    Duration: lambda prop: prop.written(min(max(prop.least, HOUR_MS), prop.most or HOUR_MS)),
    Select: lambda prop: next(iter(prop.options)),
    Switch: lambda prop: False,
    Access: lambda prop: {"*": "read"},
    Answers: lambda prop: {},
    Assignments: lambda prop: {},
    Items: lambda prop: None if prop.item.chosen else [_guess(prop.item)] * prop.min,
    Rows: lambda prop: [_row(prop, number) for number in range(1, prop.min + 1)],
    Part: lambda prop: _begin(prop.schema),
}


def _settings(schema: type[Schema]) -> list[dict[str, Any]]:
    return [{"key": name, **_setting(prop)} for name, prop in properties(schema).items()]


def _setting(prop: Property) -> dict[str, Any]:
    meta = prop.metadata
    out: dict[str, Any] = {
        "widget": meta["widget"], "label": label(meta["label"]), "required": prop.required, "default": _default(prop),
        **{key: value for key, value in meta.items() if key not in _OWN},
    }
    if "hint" in meta:
        out["hint"] = label(meta["hint"])
    if "show_if" in meta:
        out["showIf"] = meta["show_if"]
    if "options" in meta:
        out["options"] = [{"value": option["value"], "label": label(option["label"])} for option in meta["options"]]
    if isinstance(prop, Items):
        out["item"] = _setting(prop.item)
    elif isinstance(prop, Rows):
        out |= {"rows": _settings(prop.schema), "unique": prop.unique}
    elif isinstance(prop, Part):
        out["keys"] = _settings(prop.schema)
    return out


def _default(prop: Property) -> Any:
    """The value that stands for a missing one; None of an object, whose parts have their own."""
    value = prop.load_default
    if value is missing or isinstance(prop, Part):
        return None
    return prop.written(value() if callable(value) else value)
