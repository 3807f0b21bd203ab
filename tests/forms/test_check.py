"""The one checker: what it finds, where, in which words, and that its repairs repair."""
from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from app.core.errors import Finding, has_text
from app.forms.check import check_form
from app.forms.describe import label_at
from app.forms.paths import field_at, pointer
from tests.forms.kit import CATALOG, complaint, definition

OPTIONS = [{"id": "o_a", "label": "甲"}, {"id": "o_b", "label": "乙"}]
KIND = {"id": "f_kind", "type": "radio", "label": "问题类型", "options": OPTIONS}
BODY = {"id": "f_body", "type": "textarea", "label": "经过"}
IS_A = {"ref": "form.f_kind", "op": "eq", "value": "o_a"}
IS_GONE = {"ref": "form.f_kind", "op": "eq", "value": "o_gone"}
ANY_GONE = {"ref": "form.f_kind", "op": "in", "value": ["o_a", "o_gone"]}
AGE = {"id": "f_age", "type": "number", "label": "年龄"}


def rule(when: Any, *then: Any, id: str = "r_1") -> dict[str, Any]:
    return {"id": id, "when": when, "then": list(then) or [{"do": "show", "target": "f_body"}]}


def found(data: Any, published: Any = None) -> list[Finding]:
    return check_form(data, CATALOG, published)


def patched(data: Any, patch: list[dict[str, Any]]) -> Any:
    """What a browser makes of a repair (the part of RFC 6902 that repairs use)."""
    out = copy.deepcopy(data)
    for change in patch:
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in change["path"].split("/")[1:]]
        at = out
        for step in path:
            at = at[int(step)] if isinstance(at, list) else at[step]
        key: Any = int(last) if isinstance(at, list) else last
        if change["op"] == "remove":
            del at[key]
        elif change["op"] == "add" and isinstance(at, list):
            at.insert(key, change["value"])
        else:
            at[key] = change["value"]
    return out


def test_the_complaint_has_nothing_against_it_that_would_hold_it_up() -> None:
    assert [one for one in found(complaint()) if one.level != "advice"] == []


GONE = "form_rule_option_gone"
CASES: list[tuple[str, str, Any, str, str, bool]] = [
    # code, level, definition, where, field, has a repair
    ("form_no_fields", "error", {**definition(), "fields": []}, "fields", "", False),
    ("form_target_unknown", "error", definition(KIND, rules=[rule(IS_A, {"do": "show", "target": "f_gone"})]),
     "rules[0].then[0].target", "", True),
    ("form_target_unknown", "error", definition(KIND, BODY, rules=[rule(
        IS_A, {"do": "require", "target": "f_body"}, {"do": "show", "target": "f_gone"})]),
     "rules[0].then[1].target", "", True),
    ("form_option_unknown", "error", definition(KIND, AGE, rules=[rule(
        {"ref": "form.f_age", "op": "gt", "value": 3}, {"do": "options", "target": "f_kind", "options": ["o_x"]})]),
     "rules[0].then[0].options", "", True),
    ("E_REF", "error", definition(KIND, BODY, rules=[rule({"ref": "form.f_gone", "op": "not_empty"})]),
     "rules[0].when.ref", "", True),
    ("E_REF", "error", definition(KIND, BODY, rules=[rule({"all": [
        IS_A, {"ref": "form.f_gone", "op": "not_empty"}]})]), "rules[0].when.all[1].ref", "", True),
    ("form_section_unknown", "error", definition({**BODY, "section": "s_gone"}), "fields[0].section", "f_body", True),
    ("form_default_bad", "error", definition({**AGE, "default": "many"}), "fields[0].default", "f_age", True),
    ("form_field_unknown", "error", definition(BODY, layout={"desktop": {"columns": 2, "span": {"f_gone": 2}}}),
     "layout.desktop.span.f_gone", "", True),
    ("form_options_none", "error", definition({**KIND, "options": []}), "fields[0].options", "f_kind", True),
    ("form_key_unknown", "error", definition({**BODY, "colour": "red"}), "fields[0].colour", "f_body", True),
    (GONE, "warning", definition(KIND, BODY, rules=[rule(IS_GONE)]), "rules[0].when.value", "f_kind", True),
    (GONE, "warning", definition(KIND, BODY, rules=[rule(ANY_GONE)]), "rules[0].when.value", "f_kind", True),
    (GONE, "warning", definition(KIND, BODY, rules=[rule({"any": [IS_A, {"not": IS_GONE}]})]),
     "rules[0].when.any[1].not.value", "f_kind", True),
    ("form_rule_never", "warning", definition(KIND, BODY, rules=[rule({"all": [IS_A, {**IS_A, "value": "o_b"}]})]),
     "rules[0].when", "f_body", True),
    ("form_rule_never", "warning", definition(AGE, BODY, rules=[rule({"all": [
        {"ref": "form.f_age", "op": "gte", "value": 18}, {"ref": "form.f_age", "op": "lt", "value": "18"}]})]),
     "rules[0].when", "f_body", True),
    ("form_rule_never", "warning", definition(AGE, BODY, rules=[rule({"all": [
        {"ref": "form.f_age", "op": "empty"}, {"ref": "form.f_age", "op": "lt", "value": 18}]})]),
     "rules[0].when", "f_body", True),
    ("form_field_unreachable", "warning", definition(KIND, {**BODY, "required": True}, rules=[rule(
        {"all": [IS_A, {**IS_A, "value": "o_b"}]})]), "fields[1]", "f_body", False),
    ("form_field_unreachable", "warning", definition(KIND, BODY, AGE, rules=[
        rule({"all": [IS_A, {**IS_A, "value": "o_b"}]}),
        rule({"ref": "form.f_body", "op": "not_empty"}, {"do": "show", "target": "f_age"}, id="r_2")]),
     "fields[2]", "f_age", False),
    ("form_required_readonly", "warning", definition({**BODY, "required": True, "readonly": True}),
     "fields[0].required", "f_body", True),
    ("form_required_without_options", "warning", definition(
        KIND, {"id": "f_item", "type": "select", "label": "细类", "required": True,
               "options_from": {"ref": "form.f_kind", "map": {"o_a": "one"}}},
        option_sets={"one": [{"id": "o_1", "label": "一"}]}), "fields[1].options_from.map", "f_item", True),
    ("form_option_twice", "warning", definition({**KIND, "options": [*OPTIONS, {"id": "o_c", "label": "甲"}]}),
     "fields[0].options[2]", "f_kind", True),
    ("form_label_code", "advice", definition({**BODY, "label": "BM01"}), "fields[0].label", "f_body", False),
    ("form_label_code", "advice", definition({**BODY, "label": "BM01 保养类型"}), "fields[0].label", "f_body", True),
    ("form_label_code", "advice", definition({**BODY, "label": {"zh-CN": "优先级L1", "en": "Priority"}}),
     "fields[0].label.zh-CN", "f_body", True),
    ("form_label_unnamed", "advice", definition({**BODY, "label": "多行文本"}), "fields[0].label", "f_body", False),
    ("form_label_twice", "advice", definition(BODY, {**AGE, "label": "经过"}), "fields[1].label", "f_age", False),
    ("form_text_language", "advice", definition(BODY, title={"zh-CN": "表", "en": "Form"}, locales=["zh-CN", "en"]),
     "fields[0].label", "f_body", False),
    ("form_text_language", "advice", definition({**BODY, "label": {"en": "What happened"}},
                                                title={"zh-CN": "表", "en": "Form"}, locales=["zh-CN", "en"]),
     "fields[0].label", "f_body", False),
    ("form_text_language", "advice", definition({**KIND, "label": {"zh-CN": "类型", "en": "Kind"}},
                                                title={"zh-CN": "表", "en": "Form"}, locales=["zh-CN", "en"]),
     "fields[0].options[0].label", "f_kind", False),
    ("form_many_required", "advice", definition(*(
        {"id": f"f_{n}", "type": "text", "label": f"第{n}问", "required": True} for n in range(11))),
     "fields", "f_10", False),
    ("form_page_long", "advice", definition(*(
        {"id": f"f_{n}", "type": "text", "label": f"第{n}问"} for n in range(26))), "fields", "f_25", False),
    ("form_page_long", "advice", definition(*(
        {"id": f"f_{n}", "type": "text", "label": f"第{n}问", "section": "s_b" if n > 9 else "s_a"} for n in range(30)),
        sections=[{"id": "s_a", "title": "甲"}, {"id": "s_b", "title": "乙"}]), "fields", "f_25", True),
    ("form_order_contact", "advice", definition(BODY, AGE, {"id": "f_phone", "type": "phone", "label": "手机号码"}),
     "fields[2]", "f_phone", True),
    ("form_section_empty", "advice", definition(BODY, sections=[{"id": "s_none", "title": "空的"}]), "sections[0]", "",
     True),
]


@pytest.mark.parametrize(("code", "level", "data", "where", "field", "repaired"), CASES,
                         ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)])
def test_what_is_found_and_that_its_repair_repairs(
    code: str, level: str, data: Any, where: str, field: str, repaired: bool
) -> None:
    (one,) = [finding for finding in found(data) if (finding.code, finding.where) == (code, where)]
    assert (one.level, one.field, one.fix is not None) == (level, field, repaired)
    for locale in ("zh", "en"):
        assert not re.search(r"[{}]", one.as_dict(locale)["message"])
    if one.fix:
        assert set(one.fix["label"]) == {"zh-CN", "en"}
        better = patched(data, one.fix["patch"])
        after = found(better)
        assert (code, where) not in {(finding.code, finding.where) for finding in after}
        assert sum(finding.level == "error" for finding in after) <= sum(x.level == "error" for x in found(data))


@pytest.mark.parametrize("label", ["手机号", "PM2.5 读数", "SKU", "VIP 等级", "第 1 次", "ISO9001认证", "Wi-Fi",
                                   "4S 店", "Item 1", "Room 12", "Line one", "Part 2 of it", "Address line 2"])
def test_ordinary_words_are_no_codes(label: str) -> None:
    assert "form_label_code" not in [one.code for one in found(definition({**BODY, "label": label}))]


def test_what_was_published_keeps_its_types_and_options() -> None:
    before = definition(KIND, BODY, option_sets={"one": [{"id": "o_1", "label": "一"}, {"id": "o_2", "label": "二"}]})
    now = copy.deepcopy(before)
    now["fields"][1]["type"] = "text"
    del now["fields"][0]["options"][1]
    del now["option_sets"]["one"][0]
    told = {one.code + one.where: one for one in found(now, before)}
    locked = told["field_type_lockedfields[1].type"]
    assert (locked.level, locked.field) == ("error", "f_body")
    kept = [told["form_option_removedfields[0].options"], told["form_option_removedoption_sets.one"]]
    assert [one.level for one in kept] == ["warning", "warning"]
    for one in (locked, *kept):
        assert one.fix
        now = patched(now, one.fix["patch"])
    assert not [one for one in found(now, before) if one.level != "advice"]
    assert now["fields"][0]["options"][1] == {"id": "o_b", "label": "乙", "archived": True}


def test_what_was_published_stays_on_its_side_of_a_sub_table() -> None:
    name = {"id": "f_name", "type": "text", "label": "菜名"}
    table = {"id": "f_rows", "type": "subtable", "label": "明细", "fields": [name]}
    before = definition(BODY, table)
    inside, outside = copy.deepcopy(before), copy.deepcopy(before)
    inside["fields"][1]["fields"].append(inside["fields"].pop(0))
    outside["fields"].append(name)
    outside["fields"][1]["fields"] = [{"id": "f_other", "type": "text", "label": "规格"}]
    for now, moved in ((inside, "f_body"), (outside, "f_name")):
        crossed = [one for one in found(now, before) if one.code == "field_crossed_table"]
        assert [(one.level, one.field) for one in crossed] == [("error", moved)]
        assert not [one for one in found(now) if one.level == "error"]


SUM = {"id": "f_sum", "type": "computed", "label": "合计"}


@pytest.mark.parametrize(("field", "zh", "en"), [
    (AGE | {"label": ""}, "请填写“标题”。", "Fill in “Label”."),
    (SUM, "请填写“公式”。", "Fill in “Formula”."),
    (SUM | {"formula": "0"}, "“合计”还没有用到任何字段，结果永远一样。请编辑它的公式。",
     "“合计” uses no field yet: its result is always the same. Edit its formula."),
    (AGE | {"sensitive": {"reveal": ["店长"]}}, "“店长”不能用作“可以查看原文的角色”，请改一个。",
     "“店长” cannot be used for “Roles that may reveal it”. Use another."),
    (AGE | {"max": []}, "“最大值”需要有限的数字，例如 12.5 或 \"12.5\"。",
     "“Maximum” must be a finite number such as 12.5 or \"12.5\"."),
    ({"id": "f_items", "type": "subtable", "label": "明细", "fields": [AGE | {"label": " "}]},
     "请填写“标题”。", "Fill in “Label”."),
], ids=["no label", "no formula", "constant", "role", "number", "column"])
def test_a_setting_is_called_what_the_panel_calls_it(field: Any, zh: str, en: str) -> None:
    errors = [one for one in found(definition(field)) if one.level == "error"]
    assert [(one.as_dict("zh")["message"], one.as_dict("en")["message"]) for one in errors] == [(zh, en)]


def test_an_answer_that_nobody_can_see_is_told() -> None:
    phone = {"id": "f_p", "type": "phone", "label": "手机", "sensitive": {"mask": "phone"}}
    (told,) = found(definition(phone))
    assert (told.code, told.level, told.where) == ("form_sensitive_nobody", "advice", "fields[0].sensitive.reveal")
    phone["sensitive"]["reveal"] = ["manager"]
    assert found(definition(phone)) == []


def test_names_of_settings_are_told_by_their_path() -> None:
    data = definition(AGE, settings={}, sections=[{"id": "s_a", "title": "甲"}])
    for where, label in (("sections[0].title", "标题"), ("settings.retention_days", "资料保留天数"),
                         ("fields[0].nothing", None), ("title", None), ("rules[0].when", None)):
        found = label_at(data, where, CATALOG)
        assert (found and found["zh-CN"]) == label


def test_a_table_that_is_not_there() -> None:
    store = {"id": "f_store", "type": "reference", "label": "门店", "source": "stores"}
    data = definition(store, {"id": "f_rows", "type": "subtable", "label": "明细", "fields": [{**store, "id": "f_it"}]})
    assert found(data) == [] and check_form(data, CATALOG, None, {"stores", "courses"}) == []
    first, second = check_form(data, CATALOG, None, {"shops"})
    assert (first.level, first.code, first.field) == ("warning", "form_source_unknown", "f_store")
    assert second.where == "fields[1].fields[0].source"
    assert first.fix and check_form(patched(data, first.fix["patch"]), CATALOG, None, {"shops"}) == [second]
    assert check_form(data, CATALOG, None, {"shops", "courses"})[0].fix is None


def test_a_half_made_rule_does_not_take_the_advice_away() -> None:
    data = definition({**BODY, "label": "BM01"}, rules=[rule({"ref": "form.f_gone", "op": "not_empty"})])
    assert {one.code for one in found(data)} == {"E_REF", "form_label_code"}


@pytest.mark.parametrize("data", [
    None, [], "", 3, {}, {"fields": 3}, {"schema": "danflow/form/1", "key": "x", "title": "t", "fields": [3]},
    definition(BODY, rules=[{"id": "r_1", "when": [], "then": [{"do": "show", "target": "f_body"}]}]),
    definition(BODY, rules=[{"id": "r_1", "when": {"all": "x"}, "then": [{"do": "options", "target": {}}]}]),
    definition(BODY, rules=3), definition({**KIND, "options": "x"}), definition({"id": 5, "type": None, "label": []}),
    definition(BODY, layout={"desktop": {"span": {"f_x.y": 1}}}),
], ids=repr)
def test_whatever_it_is_the_answer_is_findings(data: Any) -> None:
    told = found(data)
    assert told and all(one.level == "error" and has_text(one.code) for one in told)


def test_places() -> None:
    data = definition({"id": "f_rows", "type": "subtable", "fields": [BODY]})
    assert field_at(data, "fields[0].fields[0].label") == "f_body"
    assert field_at(data, "fields[0].max_rows") == "f_rows"
    assert field_at(data, "fields[7].label") == field_at(data, "rules[0].when") == field_at(None, "fields[0]") == ""
    assert pointer("fields[3].options[0].label") == "/fields/3/options/0/label" and pointer("") == ""
