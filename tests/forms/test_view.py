"""What one reader's page holds."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.forms.access import Reader
from app.forms.schema import load_form
from app.forms.view import FieldView, FormView
from tests.forms.kit import CATALOG, complaint, drawn, judged, small

FORM = load_form(complaint(), CATALOG)
MENU = {"s_who": "edit", "s_what": "edit"}
FULL: dict[str, Any] = {
    "f_phone": "13800138000", "f_store": "st_1", "f_kind": "o_food", "f_item": "o_cold", "f_photos": ["p1"],
    "f_items": [{"f_dish": "鱼", "f_price": "1234.50", "f_qty": "2", "f_sum": "2469.00"}], "f_rate": "100",
}


def field(view: FormView, name: str) -> FieldView:
    return next(found for found in view.fields() if found.id == name)


def ids(view: FormView) -> list[str]:
    return [found.id for found in view.fields()]


def test_sections_labels_and_languages() -> None:
    view = drawn(FORM, {}, spec=MENU)
    assert [section.title for section in view.sections] == ["您的信息", "投诉内容"]
    assert (view.title, view.submit, view.desktop_columns) == ("餐厅投诉单", "提交", 2)
    assert field(view, "f_kind").label == "投诉类型"
    assert field(view, "f_body").span == 2
    english = drawn(FORM, {}, spec=MENU, locale="en")
    assert (english.title, field(english, "f_kind").label) == ("Restaurant complaint", "Complaint type")
    assert view.uploads


def test_hidden_fields_and_closed_campaigns_are_not_there() -> None:
    names = ids(drawn(FORM, FULL, spec=MENU))
    assert "f_reply" not in names
    assert "f_mid" not in names


def test_pages_begin_with_sections_that_say_so() -> None:
    def pages(spec: dict[str, str], **marks: bool) -> list[list[str]]:
        sections = [{"id": f"s_{name}", "title": name, "page": marks.get(name, False)} for name in "abcd"]
        form = small({"id": "f_0", "type": "text"}, *({"id": f"f_{name}", "type": "text", "section": f"s_{name}"}
                                                     for name in "abcd"), sections=sections)
        return [[section.title for section in page] for page in drawn(form, {}, spec=spec).pages()]

    all_ = {"*": "edit"}
    assert pages(all_) == [["", "a", "b", "c", "d"]]
    assert pages(all_, b=True, d=True) == [["", "a"], ["b", "c"], ["d"]]
    assert pages(all_ | {"s_b": "hidden"}, b=True, d=True) == [["", "a"], ["c"], ["d"]]
    assert pages(all_ | {"s_b": "hidden", "s_c": "hidden"}, b=True, d=True) == [["", "a"], ["d"]]
    assert pages({"s_b": "edit", "s_c": "edit"}, b=True, c=True) == [["b"], ["c"]]
    found = drawn(load_form(complaint(), CATALOG), {}, spec=MENU)
    assert [len(page) for page in found.pages()] == [2]


def test_levels() -> None:
    view = drawn(FORM, FULL, spec={"*": "read", "f_phone": "edit", "f_body": "required", "f_kind": "masked"})
    assert field(view, "f_phone").level == "required", "required by the form itself"
    assert field(view, "f_body").required and field(view, "f_body").editable
    assert not field(view, "f_store").editable
    assert (field(view, "f_kind").value, field(view, "f_kind").display) == (None, "****")


def test_sensitive_values_are_masked_unless_edited() -> None:
    read = field(drawn(FORM, FULL, spec={"*": "read"}), "f_phone")
    assert (read.value, read.display, read.revealable, read.sensitive) == (None, "138****8000", False, True)
    edited = field(drawn(FORM, FULL, spec={"*": "edit"}), "f_phone")
    assert (edited.value, edited.revealable) == ("13800138000", False)


def test_a_masked_value_is_revealed_to_roles_that_it_names() -> None:
    named = Reader(frozenset({"cs_lead"}))
    seen = field(drawn(FORM, FULL, spec={"*": "read"}, reader=named), "f_phone")
    assert (seen.value, seen.display, seen.revealable, seen.revealed) == (None, "138****8000", True, False)
    shown = field(drawn(FORM, FULL, spec={"*": "read"}, reader=replace(named, revealed=frozenset({"f_phone"}))),
                  "f_phone")
    assert (shown.value, shown.display, shown.revealable, shown.revealed) == (
        "13800138000", "13800138000", False, True)
    other = Reader(frozenset({"cs_agent"}), frozenset({"f_phone"}))
    refused = field(drawn(FORM, FULL, spec={"*": "read"}, reader=other), "f_phone")
    assert (refused.value, refused.display, refused.revealable) == (None, "138****8000", False)
    asked = replace(named, revealed=frozenset({"f_phone"}))
    assert "f_phone" not in ids(drawn(FORM, FULL, spec={"*": "hidden"}, reader=asked))


def test_options_show_groups_and_archived_ones_only_where_chosen() -> None:
    view = drawn(FORM, FULL, spec=MENU)
    assert [(option.id, option.parent, option.parent_label, option.selected)
            for option in field(view, "f_item").options] == [
        ("o_cold", "o_food", "菜品", True), ("o_fb", "o_food", "菜品", False), ("o_rude", "o_svc", "服务", False),
        ("o_slow", "o_svc", "服务", False), ("o_late_dlv", "o_svc", "服务", False)]
    assert [option.id for option in field(view, "f_kind").options] == ["o_food", "o_svc"]
    old = field(drawn(FORM, {"f_kind": "o_env"}, spec=MENU), "f_kind")
    assert [(option.id, option.archived, option.selected) for option in old.options][-1] == ("o_env", True, True)
    assert field(view, "f_store").options[0].label == "门店 st_1"


def test_conditional_fields_are_drawn_with_their_condition() -> None:
    hidden = field(drawn(FORM, {"f_kind": "o_svc"}, spec=MENU), "f_items")
    assert (hidden.visible, hidden.condition_text) == (False, "仅当“投诉类型”为“菜品”时填写")
    shown = field(drawn(FORM, {"f_kind": "o_food"}, spec=MENU), "f_items")
    assert shown.visible
    assert "f_items" not in ids(drawn(FORM, {"f_kind": "o_svc"}, spec={"*": "read"}))


def test_rows_columns_and_computed_cells() -> None:
    table = field(drawn(FORM, FULL, spec=MENU), "f_items")
    assert [(cell.name, cell.display) for cell in table.rows[0].fields] == [
        ("f_items.0.f_dish", "鱼"), ("f_items.0.f_price", "¥1,234.50"), ("f_items.0.f_qty", "2"),
        ("f_items.0.f_sum", "¥2,469.00")]
    assert [(column.name, column.value, column.required) for column in table.columns] == [
        ("f_items.{}.f_dish", None, True), ("f_items.{}.f_price", None, False), ("f_items.{}.f_qty", 1, False),
        ("f_items.{}.f_sum", None, False)]


def test_after_a_refusal_everything_typed_is_there_with_its_error() -> None:
    typed = {"f_phone": "12", "f_kind": "o_food", "f_body": "还在", "f_items": [
        {"f_dish": "鱼", "f_price": "abc", "f_qty": "2"}, {"f_dish": None, "f_price": "5", "f_qty": "1"}]}
    verdict = judged(FORM, typed, spec=MENU)
    view = drawn(FORM, typed, spec=MENU, problems=verdict.problems)
    assert field(view, "f_phone").value == "12"
    assert field(view, "f_phone").errors == ("“手机号”不是有效的电话号码，例如 13800138000 或 +85291234567。",)
    assert field(view, "f_body").value == "还在"
    rows = field(view, "f_items").rows
    assert (rows[0].fields[1].value, rows[0].fields[1].errors) == ("abc", ("“单价”需要数字，例如 12.5。",))
    assert rows[1].fields[0].errors == ("请填写“菜名”。",)
    assert rows[1].fields[3].value == "5.00"
    summary = {problem.where: (problem.label, problem.code) for problem in view.problems}
    assert summary["f_items.0.f_price"] == ("问题菜品", "answer_not_number")
    assert field(view, "f_ok").errors == ("请填写“我已阅读并同意《隐私政策》”。",)


def test_any_json_typed_is_drawn_without_an_accident() -> None:
    anything: list[Any] = [
        1, True, [], [1], {}, {"a": 1}, [[{}]], "\ud800", float("nan"), 10**400, [{"f_dish": {"x": 1}}, 3]]
    for raw in anything:
        view = drawn(FORM, dict.fromkeys(FORM.fields, raw), spec={"*": "edit"})
        assert len(view.fields()) > 10


def test_a_rule_requires_and_locks_on_the_page() -> None:
    assert field(drawn(FORM, {"f_hurt": ["o_sick"]}, spec=MENU), "f_photos").required
    assert not field(drawn(FORM, {}, spec=MENU), "f_photos").required
    form = small({"id": "f_a", "type": "text"}, {"id": "f_b", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_a", "op": "not_empty"}, "then": [{"do": "readonly", "target": "f_b"}]}])
    assert not field(drawn(form, {"f_a": "x"}), "f_b").editable


def test_a_default_stands_in_a_field_never_asked_before() -> None:
    assert field(drawn(FORM, FULL | {"f_rate": None}, spec={"f_rate": "edit"}), "f_rate").value is None
    without = {key: value for key, value in FULL.items() if key != "f_rate"}
    assert field(drawn(FORM, without, spec={"f_rate": "edit"}), "f_rate").value == "100"


def test_a_failing_formula_says_why_on_the_page() -> None:
    form = small({"id": "f_q", "type": "computed", "formula": "1 / 0"})
    assert field(drawn(form, {}), "f_q").errors == ("除数为 0，算不出结果",)


def test_files_come_with_name_and_size() -> None:
    (file,) = field(drawn(FORM, FULL, spec=MENU), "f_photos").files
    assert (file.id, file.name, file.kind, file.size) == ("p1", "p1.jpg", "image", 1000)


def test_settings_are_in_the_readers_language() -> None:
    form = small({"id": "f_n", "type": "number", "unit": {"zh-CN": "份", "en": "pieces"}})
    assert field(drawn(form, {"f_n": "2"}, locale="en"), "f_n").settings["unit"] == "pieces"
    assert field(drawn(form, {"f_n": "2"}), "f_n").display == "2 份"
