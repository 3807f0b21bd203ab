"""Reading definitions: the example loads; every fault is named at its place; sizes are bounded."""
from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Invalid, Problem, TooLarge
from app.forms.schema import load_form
from tests.forms.kit import CATALOG, complaint, definition, faults, small

TEXT = {"id": "f_a", "type": "text"}
CHOICE = {"id": "f_c", "type": "radio", "options": [{"id": "o_a", "label": "甲"}, {"id": "o_b", "label": "乙"}]}
NUMBER = {"id": "f_n", "type": "number"}


def rule(when: Any, *then: dict[str, Any], id: str = "r_1") -> dict[str, Any]:
    return {"id": id, "when": when, "then": list(then)}


FILLED = {"ref": "form.f_a", "op": "not_empty"}


def test_example_loads_with_its_types() -> None:
    form = load_form(complaint(), CATALOG)
    types = form.types()
    assert form.key == "complaint"
    assert list(form.fields)[:2] == ["f_cust", "f_phone"]
    assert types["form.f_comp"] == "number"
    assert types["form.f_items"] == "rows"
    assert types["form.f_items.f_sum"] == "number"
    assert types["form.f_hurt"] == "list"
    assert form.sources() == {"form.f_store": "stores"}
    assert form.plan.feeds["f_comp"] == {"f_comp", "f_items", "f_rate", "f_kind"}


def test_loading_leaves_the_definition_as_it_was() -> None:
    data = complaint()
    load_form(data, CATALOG)
    assert data == complaint()


@pytest.mark.parametrize(("change", "where", "code"), [
    ({"schema": "danflow/form/2"}, "schema", "form_schema"),
    ({"surprise": 1}, "surprise", "form_key_unknown"),
    ({"title": ""}, "title", "form_key_required"),
    ({"title": {"zh-CN": 1}}, "title", "form_key_words"),
    ({"title": "x" * 201}, "title", "form_key_long"),
    ({"key": "Small"}, "key", "form_key_pattern"),
    ({"fields": []}, "fields", "form_key_count"),
    ({"fields": {}}, "fields", "form_key_list"),
    ({"fields": ["x"]}, "fields[0]", "form_key_object"),
    ({"sections": [{"id": "s_a", "title": "A"}] * 2}, "sections[1].id", "form_id_twice"),
    ({"settings": {"draft": 1}}, "settings.draft", "form_key_flag"),
    ({"sections": [{"id": "s_a", "title": "A", "page": "yes"}]}, "sections[0].page", "form_key_flag"),
    ({"settings": {"retention_days": 0}}, "settings.retention_days", "form_key_range"),
    ({"layout": {"desktop": {"span": {"f_zz": 2}}}}, "layout.desktop.span.f_zz", "form_field_unknown"),
    ({"option_sets": {"set": [{"id": "o_a", "label": "甲"}] * 2}}, "option_sets.set[1].id", "form_id_twice"),
    ({"title": "a\u202eb"}, "title", "form_bad_characters"),
    ({"title": "\ud800"}, "title", "form_bad_characters"),
    ({"title": "\x00"}, "title", "form_bad_characters"),
    ({"settings": {"retention_days": float("nan")}}, "settings.retention_days", "form_key_number"),
])
def test_faults_of_the_form_are_named(change: dict[str, Any], where: str, code: str) -> None:
    assert faults(definition(TEXT) | change) == {where: code}


@pytest.mark.parametrize(("field", "where", "code"), [
    ({"id": "f_a"}, "type", "form_key_required"),
    ({"id": "f_a", "type": "hologram"}, "type", "form_type_unknown"),
    ({"id": "f_a", "type": "text", "max_length": "9"}, "max_length", "form_key_int"),
    ({"id": "f_a", "type": "text", "max_length": 0}, "max_length", "form_key_range"),
    ({"id": "f_a", "type": "text", "min_length": 9, "max_length": 3}, "min_length", "form_min_above_max"),
    ({"id": "f_a", "type": "text", "maxlength": 3}, "maxlength", "form_key_unknown"),
    ({"id": "f_a", "type": "text", "required": "yes"}, "required", "form_key_flag"),
    ({"id": "f_a", "type": "text", "section": "s_none"}, "section", "form_section_unknown"),
    ({"id": "f_a", "type": "text", "sensitive": {"mask": "ninja"}}, "sensitive.mask", "form_key_choice"),
    ({"id": "f_a", "type": "text", "prefill": "os.environ"}, "prefill", "form_key_pattern"),
    ({"id": "f_a", "type": "text", "max_length": 3, "default": "abcd"}, "default", "form_default_bad"),
    ({"id": "f_a", "type": "text", "active": {"from": "2026-13-01"}}, "active.from", "form_active_date"),
    ({"id": "f_a", "type": "text", "active": {"from": "2026-09-02", "to": "2026-09-01"}}, "active.to",
     "form_active_order"),
    ({"id": "f_a", "type": "text", "active": {"from": "2026-09-02", "tz": "Moon/Base"}}, "active.tz", "calendar_tz"),
    ({"id": "f_a", "type": "number", "min": 3, "max": 2}, "min", "form_min_above_max"),
    ({"id": "f_a", "type": "number", "min": "1e400"}, "min", "form_key_number"),
    ({"id": "f_a", "type": "number", "step": 0}, "step", "form_step"),
    ({"id": "f_a", "type": "radio"}, "options", "form_options_one_source"),
    ({"id": "f_a", "type": "radio", "options": []}, "options", "form_options_none"),
    ({"id": "f_a", "type": "radio", "options": [{"id": "o_a", "label": "甲"}] * 2}, "options[1].id", "form_id_twice"),
    ({"id": "f_a", "type": "radio", "option_set": "none"}, "option_set", "form_option_set_unknown"),
    ({"id": "f_a", "type": "computed", "formula": "1 +"}, "formula", "E_SYNTAX"),
    ({"id": "f_a", "type": "computed", "formula": "SUMM(1)"}, "formula", "E_NAME"),
    ({"id": "f_a", "type": "computed", "formula": "{{form.f_none}}"}, "formula", "E_REF"),
    ({"id": "f_a", "type": "computed", "formula": '"a"'}, "formula", "form_formula_type"),
    ({"id": "f_a", "type": "computed", "formula": "{{form.f_a}} + 1"}, "", "form_cycle"),
    ({"id": "f_a", "type": "computed", "formula": "1", "default": 1}, "default", "form_default_bad"),
    ({"id": "f_a", "type": "consent"}, "policy", "form_key_required"),
    ({"id": "f_a", "type": "subtable", "fields": []}, "fields", "form_key_count"),
    ({"id": "f_a", "type": "subtable", "fields": [{"id": "f_b", "type": "subtable", "label": "b", "fields": []}]},
     "fields[0].type", "form_type_not_in_rows"),
    ({"id": "f_a", "type": "subtable", "fields": [{"id": "f_a", "type": "text", "label": "b"}]}, "fields[0].id",
     "form_id_twice"),
    ({"id": "f_a", "type": "subtable", "fields": [{"id": "f_b", "type": "text", "label": "b", "readonly": True}]},
     "fields[0].readonly", "form_key_unknown"),
    ({"id": "f_a", "type": "subtable", "fields": [
        {"id": "f_b", "type": "computed", "label": "b", "formula": "{{row.f_d}}"},
        {"id": "f_d", "type": "computed", "label": "d", "formula": "{{row.f_b}}"}]}, "", "form_cycle"),
    ({"id": "f_a", "type": "select", "options_from": {"ref": "form.f_none", "map": {"o_a": "set"}}},
     "options_from.ref", "form_parent_unknown"),
    ({"id": "f_a", "type": "customer", "lookup": {"fill": {"f_none": "customer.name"}}}, "lookup",
     "form_field_unknown"),
])
def test_faults_of_a_field_are_named(field: dict[str, Any], where: str, code: str) -> None:
    data = definition({"id": "f_x", "type": "text"}, {"label": "L", **field},
                      option_sets={"set": [{"id": "o_z", "label": "Z"}]})
    assert faults(data) == {f"fields[1].{where}".rstrip("."): code}


@pytest.mark.parametrize("name", [
    "__proto__", "constructor", "f_", "f_A", "F_a", "f-a", "f_" + "a" * 39, "f_ä", "f_a\n", 7])
def test_field_ids_are_narrow(name: Any) -> None:
    """No id may mean anything to JavaScript or to an HTML form (abuse case 22)."""
    assert list(faults(definition({"id": name, "type": "text", "label": "x"}))) == ["fields[0].id"]


def test_field_without_id_is_refused() -> None:
    data = definition(TEXT)
    del data["fields"][0]["id"]
    assert faults(data) == {"fields[0].id": "form_key_required"}


def test_longest_id_is_forty_characters() -> None:
    assert not faults(definition({"id": "f_" + "a" * 38, "type": "text"}))


@pytest.mark.parametrize(("made", "where", "code"), [
    (rule({"ref": "form.f_zz", "op": "empty"}, {"do": "show", "target": "f_n"}), "when.ref", "E_REF"),
    (rule({"ref": "form.f_a", "op": "gt", "value": "1"}, {"do": "show", "target": "f_n"}), "when.op", "E_OP"),
    (rule({"all": [FILLED, {"x": 1}]}, {"do": "show", "target": "f_n"}), "when.all[1]", "E_KEY"),
    (rule(FILLED, {"do": "show", "target": "f_zz"}), "then[0].target", "form_target_unknown"),
    (rule(FILLED, {"do": "explode", "target": "f_n"}), "then[0].do", "form_key_choice"),
    (rule(FILLED, {"do": "show", "target": "f_n", "message": "x"}), "then[0].message", "form_action_key"),
    (rule(FILLED, {"do": "error", "target": "f_n"}), "then[0].message", "form_key_required"),
    (rule(FILLED, {"do": "require", "target": "f_s"}), "then[0].target", "form_target_computed"),
    (rule(FILLED, {"do": "set", "target": "f_n"}), "then[0].value", "form_set_one_source"),
    (rule(FILLED, {"do": "set", "target": "f_n", "formula": "1 +"}), "then[0].formula", "E_SYNTAX"),
    (rule(FILLED, {"do": "set", "target": "f_n", "value": "abc"}), "then[0].value", "form_default_bad"),
    (rule(FILLED, {"do": "options", "target": "f_n", "options": ["o_a"]}), "then[0].target", "form_target_options"),
    (rule(FILLED, {"do": "options", "target": "f_c", "options": ["o_zz"]}), "then[0].options", "form_option_unknown"),
    (rule(FILLED), "then", "form_key_count"),
    ({"id": "r_1", "then": [{"do": "show", "target": "f_n"}]}, "when", "form_key_required"),
    ({"id": "x", "when": FILLED, "then": [{"do": "show", "target": "f_n"}]}, "id", "form_key_pattern"),
])
def test_faults_of_a_rule_are_named(made: dict[str, Any], where: str, code: str) -> None:
    total = {"id": "f_s", "type": "computed", "formula": "{{form.f_n}} * 2"}
    assert faults(definition(TEXT, NUMBER, CHOICE, total, rules=[made])) == {f"rules[0].{where}": code}


def test_every_fault_is_told_at_once() -> None:
    data = definition({"id": "f_a", "type": "text", "max_length": "x"}, {"id": "f_b", "type": "nope"}, surprise=1)
    found = faults({key: value for key, value in data.items() if key != "surprise"})
    assert found == {"fields[0].max_length": "form_key_int", "fields[1].type": "form_type_unknown"}


def test_fields_that_decide_each_other_are_refused_with_the_path() -> None:
    data = definition(TEXT, NUMBER, rules=[
        rule(FILLED, {"do": "show", "target": "f_n"}),
        rule({"ref": "form.f_n", "op": "not_empty"}, {"do": "show", "target": "f_a"}, id="r_2")])
    with pytest.raises(Invalid) as caught:
        load_form(data, CATALOG)
    (problem,) = caught.value.problems
    assert problem.code == "form_cycle"
    assert "f_a" in problem.params["path"] and "f_n" in problem.params["path"]


def test_two_fields_may_require_each_other() -> None:
    """Phone or e-mail: requiring decides no value, so it is no circle."""
    assert not faults(definition(TEXT, NUMBER, rules=[
        rule({"ref": "form.f_a", "op": "empty"}, {"do": "require", "target": "f_n"}),
        rule({"ref": "form.f_n", "op": "empty"}, {"do": "require", "target": "f_a"}, id="r_2")]))


def test_variables_of_the_flow_may_be_asked() -> None:
    asked = {"ref": "vars.priority", "op": "eq", "value": "red"}
    form = small(TEXT, rules=[rule(asked, {"do": "show", "target": "f_a"})])
    assert form.plan.fleeting == {"f_a"}


def test_too_many_fields_name_the_limit() -> None:
    with pytest.raises(TooLarge) as caught:
        load_form(definition(*({"id": f"f_{n}", "type": "text"} for n in range(5000))), CATALOG)
    assert caught.value.code == "form_too_many_fields"
    assert caught.value.status == 413
    assert "500" in caught.value.message("en") and "5000" in caught.value.message("zh")


def test_five_hundred_fields_load() -> None:
    assert len(small(*({"id": f"f_{n}", "type": "text"} for n in range(500))).fields) == 500


def test_columns_count_as_fields() -> None:
    tables = [{"id": f"f_t{n}", "type": "subtable",
               "fields": [{"id": f"f_t{n}_{c}", "type": "text", "label": "c"} for c in range(50)]} for n in range(10)]
    with pytest.raises(TooLarge):
        load_form(definition(*tables), CATALOG)


def test_too_many_formulas_are_refused() -> None:
    data = definition(*({"id": f"f_{n}", "type": "computed", "formula": "1"} for n in range(101)))
    assert faults(data) == {"fields": "form_too_many_formulas"}


def test_large_and_deep_definitions_are_refused() -> None:
    with pytest.raises(TooLarge):
        load_form(definition(TEXT, hint="x" * (2 * 1024 * 1024)), CATALOG)
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(TooLarge):
        load_form(definition(TEXT) | {"rules": deep}, CATALOG)


@pytest.mark.parametrize("data", [None, 1, "x", [], {}, {"schema": 1}, {"fields": {"a": 1}}])
def test_what_is_no_definition_is_refused(data: Any) -> None:
    with pytest.raises(Problem):
        load_form(data, CATALOG)


def test_messages_exist_in_both_languages() -> None:
    with pytest.raises(Invalid) as caught:
        load_form(definition({"id": "f_a", "type": "text", "maxlength": 3}), CATALOG)
    assert "maxlength" in caught.value.problems[0].message("zh")
    assert "maxlength" in caught.value.problems[0].message("en")
