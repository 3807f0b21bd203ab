"""What a form definition says, told without its ids: two definitions that say the same are equal here."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.core.catalog import Catalog
from app.forms.describe import describe


def meaning(content: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Labels in the place of ids; what equals the default of its setting, and options nobody can choose, left out."""
    known = describe(catalog)
    names = {name: f"set of {options[0]['label']}" for name, options in content.get("option_sets", {}).items()}
    columns = [column for field in content["fields"] for column in field.get("fields", [])]
    sets = [option for options in content.get("option_sets", {}).values() for option in options]
    own = [option for field in content["fields"] for option in field.get("options", [])]
    for part in (*content["fields"], *columns, *content["sections"], *sets, *own):
        label = part.get("label", part.get("title"))
        names[part["id"]] = label["zh-CN"] if isinstance(label, dict) else label
    told = json.loads(re.sub(r"[a-z][a-z0-9]*_[a-z0-9_]+|\b(?:food|svc)\b", lambda found: names.get(found[0], found[0]),
                             json.dumps(content, ensure_ascii=False)))
    types = {kind["type"]: kind["settings"] for kind in known["types"]}

    def field(part: Mapping[str, Any]) -> dict[str, Any]:
        out = plain(part, [*known["common"], *types[part["type"]]])
        if "options" in out:
            out["options"] = [option["label"] for option in out["options"] if not option.get("archived")]
        if "fields" in out:
            out["fields"] = [field(column) for column in out["fields"]]
        out.pop("id")
        return out

    return {
        "title": told["title"], "locales": told["locales"], "layout": told["layout"],
        "settings": {key: value for key, value in ({"draft": True} | told["settings"]).items() if value},
        "sections": [section["title"] for section in told["sections"]],
        "sets": {name: [option["label"] for option in options]
                 for name, options in sorted(told["option_sets"].items())},
        "fields": [field(part) for part in told["fields"]],
        "rules": [(rule["when"], rule["then"]) for rule in told["rules"]],
    }


def plain(part: Mapping[str, Any], settings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An object without what its settings have as default; numbers written as text are numbers."""
    by = {setting["key"]: setting for setting in settings}
    out = {}
    for key, value in part.items():
        setting = by.get(key, {})
        if setting.get("keys") and isinstance(value, dict):
            value = plain(value, [inner for inner in setting["keys"] if "label" in inner])
        elif setting.get("widget") == "roles":
            value = sorted(value)
        elif setting.get("kind") in ("number", "any") and isinstance(value, (int, float, str)):
            value = str(value)
        if setting and value in (setting["default"], str(setting["default"])):
            continue
        out[key] = value
    return out
