"""Rules and formulas in order of dependence."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import codes, judged, small


def test_values_follow_through_several_fields_in_any_order() -> None:
    form = small(
        {"id": "f_c", "type": "computed", "formula": "{{form.f_b}} * 2"},
        {"id": "f_b", "type": "computed", "formula": "{{form.f_a}} + 1"},
        {"id": "f_a", "type": "number"})
    assert judged(form, {"f_a": "3"}).values == {"f_c": "8", "f_b": "4", "f_a": "3"}


def test_a_hidden_field_counts_as_empty_for_what_follows() -> None:
    form = small(
        {"id": "f_sw", "type": "text"}, {"id": "f_n", "type": "number"},
        {"id": "f_t", "type": "computed", "formula": "COALESCE({{form.f_n}}, -1)"},
        rules=[{"id": "r_1", "when": {"ref": "form.f_sw", "op": "eq", "value": "on"},
                "then": [{"do": "show", "target": "f_n"}]}])
    assert judged(form, {"f_sw": "on", "f_n": "5"}).values["f_t"] == "5"
    assert judged(form, {"f_sw": "off", "f_n": "5"}).values["f_t"] == "-1"


def test_hidden_sections_hide_their_fields_and_a_field_needs_both() -> None:
    form = small(
        {"id": "f_a", "type": "text"}, {"id": "f_b", "type": "text"}, {"id": "f_x", "type": "text", "section": "s_one"},
        {"id": "f_y", "type": "text", "section": "s_one"}, sections=[{"id": "s_one", "title": "一"}],
        rules=[{"id": f"r_{name}", "when": {"ref": f"form.{name}", "op": "not_empty"},
                "then": [{"do": "show", "target": target}]} for name, target in (("f_a", "s_one"), ("f_b", "f_y"))])
    both = {"f_x": "1", "f_y": "2"}
    assert judged(form, {"f_a": "1", "f_b": "1", **both}).values.keys() == {"f_a", "f_b", "f_x", "f_y"}
    assert judged(form, {"f_a": "1", **both}).values.keys() == {"f_a", "f_x"}
    assert judged(form, {"f_b": "1", **both}).values.keys() == {"f_b"}


def test_one_of_several_show_rules_is_enough() -> None:
    form = small({"id": "f_a", "type": "text"}, {"id": "f_x", "type": "text"}, rules=[
        {"id": f"r_{word}", "when": {"ref": "form.f_a", "op": "eq", "value": word},
         "then": [{"do": "show", "target": "f_x"}]} for word in ("one", "two")])
    assert judged(form, {"f_a": "two", "f_x": "1"}).values["f_x"] == "1"
    assert judged(form, {"f_a": "three", "f_x": "1"}).dropped == ["f_x"]


def test_a_broken_show_rule_shows() -> None:
    form = small({"id": "f_n", "type": "number"}, {"id": "f_x", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_n", "op": "gt", "value": {"formula": "1 / ({{form.f_n}} - 1)"}},
         "then": [{"do": "show", "target": "f_x"}]}])
    assert judged(form, {"f_n": "1", "f_x": "kept"}).values["f_x"] == "kept"
    assert "f_x" not in judged(form, {"f_n": "-9", "f_x": "gone"}).values


def test_broken_rules_of_other_kinds_do_nothing() -> None:
    broken = {"ref": "form.f_n", "op": "gt", "value": {"formula": "1 / 0"}}
    form = small({"id": "f_n", "type": "number"}, {"id": "f_x", "type": "text"}, rules=[
        {"id": "r_1", "when": broken, "then": [{"do": "require", "target": "f_x"}, {"do": "readonly", "target": "f_x"},
                                               {"do": "error", "target": "f_x", "message": "no"}]}])
    assert not judged(form, {"f_n": "1"}).problems


@pytest.mark.parametrize(("policy", "given", "stored"), [
    ("always", "mine", "VIP"), ("if_empty", "mine", "mine"), ("if_empty", None, "VIP")])
def test_set_by_a_constant(policy: str, given: Any, stored: str) -> None:
    form = small({"id": "f_a", "type": "number"}, {"id": "f_x", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_a", "op": "gt", "value": "10"},
         "then": [{"do": "set", "target": "f_x", "value": "VIP", "policy": policy}]}])
    assert judged(form, {"f_a": "11", "f_x": given}).values["f_x"] == stored
    assert judged(form, {"f_a": "9", "f_x": "mine"}).values["f_x"] == "mine"


def test_set_by_a_formula_is_judged_like_an_answer() -> None:
    form = small({"id": "f_a", "type": "number"}, {"id": "f_x", "type": "money", "max": 100}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_a", "op": "not_empty"},
         "then": [{"do": "set", "target": "f_x", "formula": "{{form.f_a}} * 2"}]}])
    assert judged(form, {"f_a": "1.5"}).values["f_x"] == "3.00"
    assert codes(judged(form, {"f_a": "99"})) == {"f_x": "answer_above"}


def test_a_formula_of_a_row_sees_the_row_and_the_form() -> None:
    form = small({"id": "f_k", "type": "number"}, {"id": "f_t", "type": "subtable", "fields": [
        {"id": "f_twice", "type": "computed", "label": "b", "formula": "{{row.f_once}} * 2"},
        {"id": "f_once", "type": "computed", "label": "a", "formula": "{{row.f_n}} * {{form.f_k}}"},
        {"id": "f_n", "type": "number", "label": "n"}]},
        {"id": "f_sum", "type": "computed", "result": "money", "formula": "SUM({{form.f_t.f_twice}})"})
    found = judged(form, {"f_k": "10", "f_t": [{"f_n": "1"}, {"f_n": "2"}]})
    assert found.values["f_t"] == [{"f_n": "1", "f_once": "10", "f_twice": "20"},
                                   {"f_n": "2", "f_once": "20", "f_twice": "40"}]
    assert found.values["f_sum"] == "60.00"


@pytest.mark.parametrize(("result", "formula", "stored"), [
    ("money", "10 / 3", "3.33"), ("number", "10 / 4", "2.5"), ("text", '"共" & 3', "共3"), ("bool", "1 = 1", True),
    ("date", "TODAY()", "2026-11-02"), ("money", "0.1 + 0.2", "0.30"), ("money", "0 - 0", "0.00")])
def test_results_are_stored_by_their_type(result: str, formula: str, stored: Any) -> None:
    form = small({"id": "f_q", "type": "computed", "result": result, "formula": formula})
    assert judged(form, {}).values == {"f_q": stored}


def test_empty_counts_as_zero_where_the_designer_says_so() -> None:
    fields = ({"id": "f_n", "type": "number"},
              {"id": "f_q", "type": "computed", "formula": "{{form.f_n}} + 1", "nulls_as_zero": True})
    assert judged(small(*fields), {}).values == {"f_q": "1"}


def test_answers_are_stored_in_the_forms_order() -> None:
    form = small({"id": "f_c", "type": "computed", "formula": "{{form.f_a}} + 1"}, {"id": "f_z", "type": "text"},
                 {"id": "f_a", "type": "number"})
    assert list(judged(form, {"f_a": "1", "f_z": "x"}).values) == ["f_c", "f_z", "f_a"]
