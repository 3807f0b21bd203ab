"""What a form may be made of, as data: palette, property panels and condition editor are drawn from it.

Labels are `{"zh-CN": …, "en": …}`; every value is JSON.
"""
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, missing

from app.core.catalog import Catalog
from app.core.expressions import FUNCTIONS, LIMITS, OPERATORS
from app.core.expressions.numbers import plain
from app.forms.base import FieldType
from app.forms.keys import Each, Flag, Int, Map, Num, Str, Sub, Words, instance
from app.forms.loader import SCOPE_TYPES
from app.forms.shapes import MAX_FIELDS, MAX_SECTIONS, ColumnKeys, DesktopKeys, FieldKeys, SectionKeys, SettingsKeys

_WORDS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "describe.json").read_text(encoding="utf-8"))
#: What comparisons are called (operator → {"label", "value": what it is compared with}), and what is not in the form.
OPERATOR_WORDS: Mapping[str, Any] = _WORDS["operators"]
REF_WORDS: Mapping[str, Any] = _WORDS["refs"]
_KINDS: dict[type[fields.Field], str] = {
    Words: "words", Flag: "flag", Int: "int", Num: "number", Each: "list", Map: "map", Sub: "object", Str: "text",
}
_SETTING = re.compile(
    r"(?P<part>fields|sections|settings)(?:\[(?P<index>\d+)\])?(?:\.fields\[(?P<column>\d+)\])?"
    r"\.(?P<key>[a-z_]+)(?:\.(?P<inner>[a-z_]+))?(?:\[\d+\])?")
_BOUNDS = ("min", "max", "max_length", "least", "most")


def describe(catalog: Catalog) -> dict[str, Any]:
    """Field types with their settings, what fields have in common, operators, references, functions and limits."""
    return {
        "types": [describe_type(kind, catalog.fields.owner(key)) for key, kind in catalog.fields.items()],
        "groups": [{"id": key, "label": label} for key, label in _WORDS["groups"].items()],
        "common": describe_common(),
        "column": [entry["key"] for entry in _settings(ColumnKeys)],
        "operators": _WORDS["operators"],
        "value_operators": {kind: list(names) for kind, names in OPERATORS.items()},
        "actions": [_action(key, **words) for key, words in _WORDS["actions"].items()],
        "refs": [{"ref": path, "label": _WORDS["refs"][path], "type": kind} for path, kind in SCOPE_TYPES.items()],
        "functions": [_function(entry) for entry in FUNCTIONS],
        "limits": {"fields": MAX_FIELDS, "sections": MAX_SECTIONS, "formula": LIMITS["source"],
                   "groups": LIMITS["groups"]},
    }


def _action(key: str, choice: Mapping[str, str] | None = None, **label: str) -> dict[str, Any]:
    """What a rule can do: its word in a sentence, and what it is called where one is chosen."""
    return {"id": key, "label": label, "choice": choice or label}


def describe_common() -> list[dict[str, Any]]:
    """The settings that every field has."""
    return _settings(FieldKeys)


def describe_form() -> list[dict[str, Any]]:
    """The settings of a form itself."""
    return _settings(SettingsKeys)


def describe_section() -> list[dict[str, Any]]:
    """The settings of a section."""
    return _settings(SectionKeys)


def describe_columns() -> dict[str, Any]:
    """How many columns a form has on a computer."""
    return _settings(DesktopKeys)[0]


def label_at(content: Any, where: str, catalog: Catalog) -> dict[str, str] | None:
    """How the property panel calls the setting at a JSON path of `content`; None where it has no name there."""
    found = _SETTING.fullmatch(where)
    if not found:
        return None
    known = {"fields": describe_common, "sections": describe_section, "settings": describe_form}[found["part"]]()
    if found["part"] == "fields":
        row = content["fields"][int(found["index"])]
        if found["column"]:
            row = row["fields"][int(found["column"])]
        kind = catalog.fields.find(row.get("type")) if isinstance(row, dict) else None
        known += describe_type(kind, "")["settings"] if kind else []
    label = None
    for key in filter(None, (found["key"], found["inner"])):
        entry = next((one for one in known if one["key"] == key), {})
        label, known = entry.get("label"), entry.get("keys", [])
    return label


def describe_type(kind: FieldType, owner: str) -> dict[str, Any]:
    """One field type. `starter`: settings with which a new field of it is complete; ids in it are examples.

    `begins`: parts of a setting, of those that every field has, that it begins with when it is switched on.
    """
    return {
        "type": kind.type, "label": _label(kind.label), "group": kind.group, "icon": kind.icon, "owner": owner,
        "value_type": kind.value_type, "value_types": _value_types(kind), "operators": list(kind.operators),
        "in_rows": kind.in_rows, "asked": kind.asked, "stored": kind.stored, "uploads": kind.uploads,
        "accepts": sorted(kind.accepts),
        "settings": _settings(kind.Settings), "starter": kind.starter(),
        "begins": {"sensitive": {"mask": kind.usual_mask}},
        "parts": [{"key": part, "type": value, "label": _label(kind.part_names[part])}
                  for part, value in kind.parts.items()],
    }


def _value_types(kind: FieldType) -> dict[str, Any] | None:
    """Where a setting decides the value's type: `{"key": setting, "types": {choice: type}}`, else None."""
    settings = instance(kind.Settings).fields
    base = {name: None if found.load_default is missing or callable(found.load_default) else found.load_default
            for name, found in settings.items()}
    for name, found in settings.items():
        types = {choice: kind.value_type_of({**base, name: choice}) for choice in getattr(found, "choices", ())}
        if len(set(types.values())) > 1:
            return {"key": name, "types": types}
    return None


def _settings(schema: type[Schema]) -> list[dict[str, Any]]:
    """Every labelled setting of a schema, in its order; what carries no label is the designer's own business."""
    return [_setting(name, found) for name, found in instance(schema).fields.items() if "label" in found.metadata]


def _setting(name: str, found: fields.Field) -> dict[str, Any]:
    meta = found.metadata
    options = meta.get("options") or {choice: choice for choice in getattr(found, "choices", ())}
    out = {
        "key": found.data_key or name, "label": _label(meta["label"]), "widget": meta["widget"],
        "kind": next(words for kind, words in _KINDS.items() if isinstance(found, kind)) if _typed(found) else "any",
        "options": {key: _label(label) for key, label in options.items()} or None,
        "default": _default(found), "required": found.required,
    }
    out |= {bound: value for bound in _BOUNDS if isinstance(value := getattr(found, bound, None), int)}
    pattern = getattr(found, "pattern", None)
    if pattern:
        out["pattern"] = pattern.pattern
    if "when" in meta:  # it means something only while another setting has one of these values
        out["when"] = meta["when"]
    if "hint" in meta:
        out["hint"] = _label(meta["hint"])
    inner = found.inner if isinstance(found, Each) else found
    if isinstance(inner, Sub):
        out["keys"] = [_setting(key, part) if "label" in part.metadata else {"key": part.data_key or key}
                       for key, part in inner.schema.fields.items()]
    return out


def _typed(found: fields.Field) -> bool:
    return isinstance(found, tuple(_KINDS))


def _default(found: fields.Field) -> Any:
    """The value that stands for a missing one, as JSON; None of an object, which is composed while loading."""
    value = found.load_default
    if callable(value) and isinstance(found, Each):
        value = value()
    if value is missing or callable(value):
        return None
    return plain(value) if isinstance(value, Decimal) else value


def _label(label: Any) -> dict[str, str]:
    """A label of the code (`{"zh", "en"}`, or one text) under the locales that definitions use."""
    if not isinstance(label, Mapping):
        return {"zh-CN": str(label), "en": str(label)}
    return {"zh-CN": label["zh"], "en": label["en"]}


def _function(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = entry["names"]
    return {"name": names[0], "zh": next((name for name in names if not name.isascii()), names[0]), "names": names,
            "args": entry["args"], "returns": entry["returns"], "help": _label(entry["help"])}
