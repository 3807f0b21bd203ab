"""What a designer is told: enough to draw every panel, and nothing that a form would then refuse."""
from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.expressions import OPERATORS
from app.forms.base import FieldType
from app.forms.describe import describe
from app.forms.keys import instance
from tests.forms.kit import CATALOG, small

KINDS = [kind for _, kind in CATALOG.fields.items()]
FOUND = describe(CATALOG)


def labels(data: Any) -> list[Any]:
    if isinstance(data, dict):
        own = [data["label"]] if "label" in data and "key" in data else []
        return own + [label for inner in data.values() for label in labels(inner)]
    return [label for inner in data for label in labels(inner)] if isinstance(data, list) else []


def test_it_is_json_and_every_label_has_both_languages() -> None:
    assert json.loads(json.dumps(FOUND)) == FOUND
    found = labels(FOUND)
    assert len(found) > 50
    assert all(set(label) == {"zh-CN", "en"} and all(label.values()) for label in found)


def test_every_operator_of_every_type_is_named() -> None:
    assert set(FOUND["operators"]) == {op for ops in OPERATORS.values() for op in ops}
    assert {op["value"] for op in FOUND["operators"].values()} == {"none", "one", "many", "range", "days", "rows"}
    assert {kind["group"] for kind in FOUND["types"]} <= {group["id"] for group in FOUND["groups"]}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_a_newly_drawn_field_is_complete(kind: FieldType) -> None:
    field = {"id": "f_it", "type": kind.type, "label": "x", **kind.starter()}
    assert small(field).fields["f_it"].type is kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_every_setting_is_drawn_and_its_default_is_accepted(kind: FieldType) -> None:
    told = next(entry for entry in FOUND["types"] if entry["type"] == kind.type)
    assert [entry["key"] for entry in told["settings"]] == [
        found.data_key or name for name, found in instance(kind.Settings).fields.items()]
    defaults = {entry["key"]: entry["default"] for entry in told["settings"] if entry["default"] is not None}
    assert small({"id": "f_it", "type": kind.type, **defaults, **kind.starter()})


def test_parts_of_a_value_that_formulas_may_ask_for_have_names() -> None:
    parts = {entry["type"]: {part["key"]: part["type"] for part in entry["parts"]} for entry in FOUND["types"]}
    assert parts["daterange"] == {"from": "date", "to": "date"} and parts["text"] == {}
    named = [part for entry in FOUND["types"] for part in entry["parts"]]
    assert all(part["label"]["zh-CN"] != part["key"] for part in named)


def test_where_a_setting_decides_the_type_of_the_value() -> None:
    computed = next(entry for entry in FOUND["types"] if entry["type"] == "computed")
    assert computed["value_types"] == {"key": "result", "types": {
        "number": "number", "money": "number", "text": "text", "date": "date", "bool": "bool"}}
    assert next(entry for entry in FOUND["types"] if entry["type"] == "text")["value_types"] is None


def test_common_settings_are_those_of_every_field() -> None:
    assert [entry["key"] for entry in FOUND["common"]] == [
        "label", "hint", "required", "default", "readonly", "prefill", "active", "sensitive"]
    assert FOUND["column"] == ["label", "hint", "required", "default"]
    active = next(entry for entry in FOUND["common"] if entry["key"] == "active")
    assert [part["key"] for part in active["keys"]] == ["from", "to", "tz"]
