"""Conflicts of a merge as people read them: what it is about, and what either side made of it."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized, text
from app.flows.branch import GONE, Conflict
from app.flows.checks.draft import find_type
from app.flows.checks.walk import properties
from app.flows.config import Duration, Items, NodeRef, Part, People, Property, Rows, Schema, Select
from app.flows.diff import compare
from app.flows.say import Say
from app.flows.summaries import variables

_LEVELS: Mapping[str, Any] = json.loads(
    (Path(__file__).parent / "describe.json").read_text(encoding="utf-8"))["levels"]
_NAMED = {"template": "templates", "channel": "channels", "calendar": "calendars", "connector": "connectors"}
MOST = 240  # code points of a side's words
DEPTH = 6


@dataclass(frozen=True, slots=True)
class Told:
    """`title`: what both changed; `base`, `ours`, `theirs`: in words what it was and what each side made of it; `node`:
    the step to show, "" for none; `chain`: both can be had, one behind the other."""

    path: str
    title: str
    base: str
    ours: str
    theirs: str
    node: str
    chain: bool


class Words:
    """For one merge and one reader. `operators`: comparison → {"label"}, as conditions are told."""

    def __init__(self, ours: Any, theirs: Any, catalog: Catalog, say: Say, operators: Mapping[str, Any]) -> None:
        named = replace(say.names, fields={**variables(theirs), **variables(ours), **say.names.fields})
        self.catalog, self.say, self.operators = catalog, Say(named, say.locale), operators
        self.nodes: dict[str, Mapping[str, Any]] = {
            str(node.get("id")): node for side in (theirs, ours) for node in _rows(side, "nodes")}
        self.vars = {str(row.get("key")): row for side in (theirs, ours) for row in _rows(side, "vars")}

    def told(self, one: Conflict) -> Told:
        """One conflict in words."""
        base, ours, theirs = (self.short(self.side(one, value)) for value in (one.base, one.ours, one.theirs))
        if ours == theirs:  # words say less than what is stored: at least that they are not the same
            base, ours, theirs = base, *(f"{ours} ({n})" for n in (1, 2))
        node = one.id if one.part in ("step", "setting", "right", "line") else ""
        return Told(one.path, self.title(one), base, ours, theirs, node, one.chain)

    # ---- what it is about ----

    def title(self, one: Conflict) -> str:
        """What both sides changed."""
        name = self.node(one.id)
        if one.part == "setting":
            return self.text("of_setting", name=name, what=self.label(one))
        if one.part == "right":
            field = self.text("everything") if one.key == "*" else self.say.ref(f"form.{one.key}") or one.key
            return self.text("of_right", name=name, what=field)
        if one.part == "line":
            return self.text("of_line", name=name, what=self.port(one.id, one.key.partition("/")[0]))
        if one.part == "var":
            name = self.say.text(self.vars.get(one.id, {}).get("name")) or one.id
        elif one.part == "story":
            name = one.id
        what = {"name": "what_name", "form": "what_form"}.get(one.key, "what_other")
        return self.text(f"of_{one.part}", name=name, what=self.text(what))

    def label(self, one: Conflict) -> str:
        """What the panel calls a setting, or a part of the step itself."""
        if not one.path.startswith(f"nodes/{one.id}/config/"):
            return self.text("what_type") if one.key == "type" else text(f"flow_diff_of_{one.key}", self.say.locale)
        prop = self.prop(one)
        return str(localized(prop.metadata["label"], self.say.locale)) if prop else one.key

    def prop(self, one: Conflict) -> Property | None:
        """The property that a setting belongs to."""
        kind = self.kind(self.nodes.get(one.id, {}))
        return properties(kind.Config).get(one.key) if kind else None

    def kind(self, node: Mapping[str, Any]) -> Any:
        return find_type(self.catalog, str(node.get("type")), node.get("tv", 1))

    def node(self, id: str) -> str:
        node = self.nodes.get(id, {})
        kind = self.kind(node)
        return self.say.text(node.get("name")) or (self.say.text(kind.label) if kind else "") or id

    def port(self, id: str, port: str) -> str:
        node = self.nodes.get(id, {})
        kind = self.kind(node)
        found = next((one for one in kind.ports(node.get("config")) if one.id == port), None) if kind else None
        return (self.say.text(found.label) if found else "") or port

    # ---- what a side made of it ----

    def side(self, one: Conflict, value: Any) -> str:
        """What one side made of it, in words."""
        if value is GONE:
            nothing = {"line": "leads_nowhere", "setting": "is_none", "right": "is_none", "flow": "is_none"}
            return self.text(nothing.get(one.part, "is_gone"))
        if one.part == "line":
            end = str(value.get("to")).partition(":")[0] if isinstance(value, Mapping) else ""
            return self.text("to", name=self.node(end)) if "/" not in one.key else self.value(value)
        if one.part == "right":
            return self.say.text(_LEVELS.get(str(value))) or str(value)
        if one.part == "step":
            return self.step(one, value)
        if one.part == "story" and isinstance(value, Mapping):
            return self.text("steps", count=len(value.get("script") or ()))
        if one.part == "setting" and one.key == "type" and isinstance(value, Mapping):
            kind = self.kind(value)
            line = self.shape(kind.Config, value.get("config"), 0) if kind else ""
            return self.pair(kind.label if kind else value.get("type"), line)
        return self.value(value, self.prop(one) if one.path.startswith(f"nodes/{one.id}/config/") else None)

    def step(self, one: Conflict, value: Any) -> str:
        if one.base is GONE:
            return self.text("is_new", name=self.say.text(value.get("name")) or one.id)
        if value is one.base or one.used:
            return self.text("is_used")
        old, new = ({"nodes": [side]} for side in (one.base, value))
        return self.text("list").join(change.words for change in compare(old, new, self.say.locale, self.catalog))

    def value(self, value: Any, prop: Property | None = None, depth: int = 0) -> str:
        """A setting's value as its property tells it; what no property knows, as it is written."""
        say, depth = self.say, depth + 1
        if value in (None, "", [], {}) or depth > DEPTH:
            return self.text("is_none")
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        if isinstance(prop, Select) and isinstance(value, str):
            return say.text(prop.options.get(value)) or value
        if isinstance(prop, Duration):
            return say.length(value) or str(value)
        if isinstance(prop, People):
            return say.people(value)
        if isinstance(prop, Items) and isinstance(value, list):
            return self.text("list").join(self.value(one, prop.item, depth) for one in value)
        if isinstance(prop, Rows) and isinstance(value, list):
            return self.text("join").join(self.shape(prop.schema, one, depth) for one in value)
        if isinstance(prop, Part):
            return self.shape(prop.schema, value, depth)
        if isinstance(prop, NodeRef):
            return self.node(str(value))
        names = _NAMED.get(prop.widget) if prop else None
        if names and isinstance(value, str):
            return say.named(names, value)
        return self.raw(value, depth)

    def raw(self, value: Any, depth: int) -> str:
        if isinstance(value, Mapping):
            for how in ("all", "any"):
                if isinstance(value.get(how), list):
                    return self.text(how, parts=self.text("list").join(self.value(one, None, depth)
                                                                       for one in value[how]))
            if "ref" in value and "op" in value:
                op = str(value["op"])
                shown = self.say.text(self.operators.get(op, {}).get("label")) or op
                compared = self.value(value["value"], None, depth) if "value" in value else ""
                return f"{self.say.ref(value['ref'])} {shown} {compared}".strip()
            words = self.say.text(value) if all(isinstance(one, str) for one in value.values()) and {
                *value} <= {"zh", "en", "zh-CN"} else ""
            return words or self.text("join").join(self.pair(self.say.ref(key) or key, self.value(one, None, depth))
                                                   for key, one in value.items())
        if isinstance(value, list):
            return self.text("list").join(self.value(one, None, depth) for one in value)
        return str(value)

    def shape(self, schema: type[Schema], value: Any, depth: int) -> str:
        """A small object: each of its parts with the panel's name for it."""
        if not isinstance(value, Mapping):
            return self.value(value, None, depth)
        known = properties(schema)
        return self.text("list").join(  # a way out has its name beside it
            self.pair(known[key].metadata.get("label") or key if key in known else key,
                      self.value(one, known.get(key), depth))
            for key, one in value.items() if not (key == "port" and value.get("label")))

    def pair(self, key: Any, value: str) -> str:
        name = str(localized(key, self.say.locale))
        return self.text("pair", key=name, value=value) if value else name

    def text(self, code: str, **params: Any) -> str:
        return text(f"branch_{code}", self.say.locale, params)

    def short(self, words: str) -> str:
        return words if len(words) <= MOST else words[: MOST - 1] + "…"


def _rows(side: Any, part: str) -> list[Mapping[str, Any]]:
    rows = side.get(part) if isinstance(side, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
