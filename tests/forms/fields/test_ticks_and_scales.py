"""Switches, scales and long lists of choices."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import CATALOG, Posted, codes, drawn, judged, small

YES = small({"id": "f_y", "type": "switch"}, {"id": "f_why", "type": "text"},
            rules=[{"id": "r_1", "when": {"ref": "form.f_y", "op": "eq", "value": False},
                    "then": [{"do": "show", "target": "f_why"}]}])
SWITCH = CATALOG.fields.find("switch")
assert SWITCH is not None


def test_not_ticked_is_an_answer() -> None:
    field = YES.fields["f_y"]
    assert field.type.from_form(field, Posted(f_y=["false"]), "f_y") is False
    assert field.type.from_form(field, Posted(f_y=["false", "true"]), "f_y") is True
    assert judged(YES, {"f_y": False, "f_why": "不需要"}).values == {"f_y": False, "f_why": "不需要"}
    assert judged(YES, {"f_y": True, "f_why": "不需要"}).values == {"f_y": True}
    assert judged(YES, {}).values == {"f_y": False}, "asked and left alone"
    assert judged(small({"id": "f_y", "type": "switch", "required": True}), {"f_y": False}).problems == []


def test_a_switch_that_begins_on() -> None:
    on = small({"id": "f_y", "type": "switch", "default": True})
    assert judged(on, {}).values == {"f_y": True} and judged(on, {"f_y": False}).values == {"f_y": False}
    assert drawn(on, {}).fields()[0].value is True


def test_a_switch_that_nobody_saw_is_not_reported_as_dropped() -> None:
    form = small({"id": "f_more", "type": "text"}, {"id": "f_y", "type": "switch"},
                 rules=[{"id": "r_1", "when": {"ref": "form.f_more", "op": "not_empty"},
                         "then": [{"do": "show", "target": "f_y"}]}])
    assert judged(form, {"f_y": False}).dropped == [] and judged(form, {"f_y": True}).dropped == ["f_y"]
    assert judged(form, {"f_y": False}).values == {}


def test_a_row_with_nothing_but_an_open_switch_is_blank() -> None:
    form = small({"id": "f_t", "type": "subtable", "fields": [
        {"id": "f_a", "type": "text", "label": "名"}, {"id": "f_y", "type": "switch", "label": "急"}]})
    rows = [{"f_a": None, "f_y": False}, {"f_a": "鱼", "f_y": False}, {"f_a": None, "f_y": True}]
    assert judged(form, {"f_t": rows}).values == {"f_t": [{"f_a": "鱼", "f_y": False}, {"f_y": True}]}


@pytest.mark.parametrize(("raw", "stored"), [
    ("是", True), ("Yes", True), ("1", True), ("TRUE", True), ("否", False), ("no", False), ("０", False)])
def test_a_switch_in_words(raw: str, stored: bool) -> None:
    assert judged(YES, {"f_y": raw}).values["f_y"] is stored


@pytest.mark.parametrize("raw", ["maybe", 1, 0, [True], {"on": True}, "x" * 1000])
def test_no_switch(raw: object) -> None:
    assert codes(judged(YES, {"f_y": raw})) == {"f_y": "answer_not_flag"}


@pytest.mark.parametrize(("settings", "good", "bad"), [
    ({}, [0, "10", "７"], [-1, 11, "1.5", "高"]), ({"min": 1, "max": 5}, [1, 5], [0, 6]),
])
def test_a_scale_has_two_ends(settings: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    form = small({"id": "f_s", "type": "scale", **settings})
    for raw in good:
        assert judged(form, {"f_s": raw}).problems == [], raw
    for raw in bad:
        assert set(codes(judged(form, {"f_s": raw})).values()) <= {"answer_not_scale", "answer_not_number"}, raw
        assert judged(form, {"f_s": raw}).problems
    assert judged(form, {"f_s": str(good[0])}).values == {"f_s": str(good[0])}
    with pytest.raises(Exception, match="form_invalid"):
        small({"id": "f_s", "type": "scale", "min": 2})


def test_zero_on_a_scale_counts() -> None:
    form = small({"id": "f_s", "type": "scale", "required": True},
                 {"id": "f_n", "type": "computed", "formula": "{{form.f_s}} + 1"})
    assert judged(form, {"f_s": "0"}).values == {"f_s": "0", "f_n": "1"}
    assert codes(judged(form, {})) == {"f_s": "field_required"}


def test_a_long_list_keeps_its_order_and_its_limits() -> None:
    form = small({"id": "f_m", "type": "multiselect", "max_choices": 3,
                  "options": [{"id": f"o_{n}", "label": f"选项 {n}"} for n in range(300)]})
    assert judged(form, {"f_m": ["o_200", "o_5"]}).values == {"f_m": ["o_5", "o_200"]}
    assert codes(judged(form, {"f_m": ["o_1", "o_2", "o_3", "o_4"]})) == {"f_m": "answer_many_choices"}
    assert codes(judged(form, {"f_m": ["o_300"]})) == {"f_m": "answer_not_option"}
