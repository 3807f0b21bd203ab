"""Judging submissions: refusals by name, what is dropped, what is required, and what is stored."""
from __future__ import annotations

from typing import Any

import pytest

from app.core.expressions import Env
from app.forms.access import resolve
from app.forms.schema import load_form
from app.forms.validate import read_posted
from tests.forms.kit import CATALOG, ENV, NOW, Posted, codes, complaint, judged, small

FORM = load_form(complaint(), CATALOG)
MENU = {"s_who": "edit", "s_what": "edit"}
HANDLE = {"*": "read", "f_reply": "required", "f_rate": "required", "f_items": "edit"}
GOOD: dict[str, Any] = {
    "f_phone": "13600136000", "f_store": "st_hz1", "f_kind": "o_food", "f_item": "o_cold",
    "f_items": [{"f_dish": "宴席", "f_price": "26000", "f_qty": 2}], "f_photos": ["p1"], "f_body": "整桌菜凉",
    "f_ok": True,
}


def test_a_complaint_is_stored_in_canonical_values() -> None:
    found = judged(FORM, GOOD, spec=MENU)
    assert not found.problems
    assert found.values == {
        "f_phone": "13600136000", "f_store": "st_hz1", "f_kind": "o_food", "f_item": "o_cold", "f_body": "整桌菜凉",
        "f_photos": ["p1"], "f_items": [{"f_dish": "宴席", "f_price": "26000.00", "f_qty": "2", "f_sum": "52000.00"}],
        "f_ok": {"accepted": True, "doc": "privacy", "version": "2026-10-01", "at": NOW},
    }
    assert found.changed["f_kind"] == [None, "o_food"]


def test_the_agent_sets_the_rate_and_the_amount_follows() -> None:
    opened = judged(FORM, GOOD, spec=MENU).values
    first = judged(FORM, {"f_reply": "全额赔付", "f_rate": 100}, spec=HANDLE, current=opened)
    assert not first.problems
    assert first.values["f_comp"] == "52000.00"
    again = judged(FORM, {"f_reply": "全额赔付，附凭证", "f_rate": "98"}, spec=HANDLE, current=first.values)
    assert again.values["f_comp"] == "50960.00"
    assert again.changed == {"f_reply": ["全额赔付", "全额赔付，附凭证"], "f_rate": ["100", "98"],
                             "f_comp": ["52000.00", "50960.00"]}


# --- who may send what (abuse cases 1 and 2)

@pytest.mark.parametrize(("extra", "code"), [
    ({"f_zz": 1}, "field_unknown"), ({"__proto__": 1}, "field_unknown"), ({"f_dish": "x"}, "field_unknown"),
    ({"f_reply": "x"}, "field_hidden"), ({"f_reply": None}, "field_hidden"), ({"f_comp": "1"}, "field_hidden"),
    ({"f_level": "VIP"}, "field_readonly"),
])
def test_what_is_not_theirs_to_send_is_refused_by_name(extra: dict[str, Any], code: str) -> None:
    assert codes(judged(FORM, GOOD | extra, spec=MENU)) == {next(iter(extra)): code}


def test_computed_fields_cannot_be_sent() -> None:
    found = judged(FORM, {"f_comp": "1.00"}, spec={"*": "edit"}, current=judged(FORM, GOOD, spec=MENU).values)
    assert codes(found)["f_comp"] == "field_readonly"


def test_masked_fields_cannot_be_sent() -> None:
    assert codes(judged(FORM, GOOD, spec=MENU | {"f_body": "masked"})) == {"f_body": "field_readonly"}


def test_a_thousand_strange_keys_name_the_first_twenty() -> None:
    assert len(judged(FORM, {f"f_z{n}": 1 for n in range(1000)}, spec=MENU, require=False).problems) == 20


def test_what_clients_compute_in_rows_is_not_looked_at() -> None:
    rows = [{"f_dish": "鱼", "f_price": "10", "f_qty": "2", "f_sum": "99999"}]
    assert judged(FORM, GOOD | {"f_items": rows}, spec=MENU).values["f_items"][0]["f_sum"] == "20.00"


@pytest.mark.parametrize("submitted", [None, 1, "x", [], [1]])
def test_answers_must_be_an_object(submitted: Any) -> None:
    assert codes(judged(FORM, submitted)) == {"": "answers_not_object"}


# --- hidden, read-only, out of season

def test_a_hidden_fields_value_is_dropped_and_recorded() -> None:
    """Abuse case 3."""
    found = judged(FORM, GOOD | {"f_kind": "o_svc", "f_item": "o_slow"}, spec=MENU)
    assert not found.problems
    assert "f_items" not in found.values
    assert found.dropped == ["f_items"]


def test_a_stored_value_goes_when_its_condition_ceases() -> None:
    opened = judged(FORM, GOOD, spec=MENU).values
    found = judged(FORM, {"f_kind": "o_svc", "f_item": None}, spec={"f_kind": "edit", "f_item": "edit"}, current=opened)
    assert "f_items" not in found.values
    assert found.dropped == ["f_items"]


def test_a_condition_on_the_step_does_not_lose_data_at_other_steps() -> None:
    form = small({"id": "f_a", "type": "text"}, {"id": "f_b", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "ctx.node", "op": "eq", "value": "handle"},
         "then": [{"do": "show", "target": "f_a"}]}])
    here, there = {"ctx": {"node": "handle"}}, {"ctx": {"node": "rate"}}
    stored = judged(form, {"f_a": "x"}, scope=here).values
    later = judged(form, {"f_b": "y"}, spec={"f_b": "edit"}, current=stored, scope=there)
    assert later.values == {"f_a": "x", "f_b": "y"}
    assert judged(form, {"f_b": "y"}, current=stored, scope=there).dropped == ["f_a"]


def test_outside_a_campaign_answers_are_kept_and_new_ones_dropped() -> None:
    during = Env(1_789_000_000_000, ENV.tz)  # 2026-09-10
    taken = judged(FORM, GOOD | {"f_mid": "o_y"}, spec=MENU, env=during)
    assert taken.values["f_mid"] == "o_y"
    after = judged(FORM, {"f_mid": "o_n"}, spec=MENU, current=taken.values)
    assert after.values["f_mid"] == "o_y"
    assert after.dropped == ["f_mid"]


@pytest.mark.parametrize(("now", "open_"), [
    (1_788_191_999_999, False), (1_788_192_000_000, True), (1_790_783_999_999, True), (1_790_784_000_000, False)])
def test_a_campaign_lasts_whole_local_days(now: int, open_: bool) -> None:
    found = judged(FORM, GOOD | {"f_mid": "o_y"}, spec=MENU, env=Env(now, ENV.tz))
    assert ("f_mid" in found.values) is open_


def test_a_rule_makes_a_field_read_only() -> None:
    form = small({"id": "f_a", "type": "text"}, {"id": "f_b", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_a", "op": "eq", "value": "locked"},
         "then": [{"do": "readonly", "target": "f_b"}]}])
    found = judged(form, {"f_a": "locked", "f_b": "new"}, current={"f_b": "old"})
    assert found.values["f_b"] == "old"
    assert found.dropped == ["f_b"]
    assert not judged(form, {"f_a": "locked", "f_b": "old"}, current={"f_b": "old"}).dropped


# --- required

def test_everything_missing_is_named() -> None:
    assert codes(judged(FORM, {}, spec=MENU)) == dict.fromkeys(
        ["f_phone", "f_store", "f_kind", "f_ok"], "field_required")


def test_a_draft_may_be_incomplete_but_not_wrong() -> None:
    assert not judged(FORM, {}, spec=MENU, require=False).problems
    assert codes(judged(FORM, {"f_phone": "12"}, spec=MENU, require=False)) == {"f_phone": "answer_not_phone"}


def test_a_wrong_answer_is_not_also_missing() -> None:
    assert codes(judged(FORM, GOOD | {"f_phone": "12"}, spec=MENU)) == {"f_phone": "answer_not_phone"}


def test_a_rule_requires() -> None:
    without = {key: value for key, value in GOOD.items() if key not in ("f_photos", "f_items")}
    assert codes(judged(FORM, without | {"f_hurt": ["o_sick"]}, spec=MENU)) == {"f_photos": "field_required"}


def test_a_step_requires_what_the_form_does_not() -> None:
    opened = judged(FORM, GOOD, spec=MENU).values
    assert codes(judged(FORM, {"f_rate": 10}, spec=HANDLE, current=opened)) == {"f_reply": "field_required"}


def test_what_is_read_only_here_is_not_required_here() -> None:
    assert not judged(FORM, {"f_score": 5, "f_solved": "o_yes"}, spec={"f_score": "required", "f_solved": "required"}
                      ).problems


def test_consent_must_be_true() -> None:
    assert codes(judged(FORM, GOOD | {"f_ok": False}, spec=MENU)) == {"f_ok": "field_required"}


# --- rules that raise errors

def test_a_rules_error_stands_where_the_person_can_do_something() -> None:
    opened = judged(FORM, {**GOOD, "f_photos": None, "f_item": "o_cold"}, spec=MENU)
    assert not opened.problems, "the amount is nobody's business at this step"
    found = judged(FORM, {"f_reply": "x", "f_rate": 100}, spec=HANDLE, current=opened.values)
    assert codes(found) == {"f_comp": "field_rule"}
    assert found.problems[0].message("zh") == "超过 200 元须附照片"
    assert not judged(FORM, {"f_reply": "x", "f_rate": 0}, spec=HANDLE, current=opened.values).problems
    assert not judged(FORM, {"f_reply": "x", "f_rate": 100}, spec=HANDLE, current=opened.values, require=False).problems
    stuck = judged(FORM, {"f_cause": "x"}, spec={"*": "read", "f_cause": "required"},
                   current=opened.values | {"f_comp": "300.00", "f_rate": "100"})
    assert not stuck.problems, "who cannot change the amount is not held up by it"


# --- missing, emptied, default

def test_missing_keeps_and_null_empties() -> None:
    before = {"f_a": "x", "f_b": "y"}
    form = small({"id": "f_a", "type": "text"}, {"id": "f_b", "type": "text"})
    assert judged(form, {"f_b": None}, current=before).values == {"f_a": "x"}
    assert judged(form, {"f_b": ""}, current=before).values == {"f_a": "x"}
    assert judged(form, {"f_b": "  "}, current=before).values == {"f_a": "x"}


def test_a_default_comes_once_and_not_again_after_emptying() -> None:
    form = small({"id": "f_a", "type": "number", "default": 1}, {"id": "f_b", "type": "text"})
    assert judged(form, {}).values == {"f_a": "1"}
    emptied = judged(form, {"f_a": None}).values
    assert emptied == {"f_a": None}
    assert judged(form, {"f_b": "x"}, current=emptied).values == {"f_a": None, "f_b": "x"}


def test_a_default_waits_for_the_step_that_asks() -> None:
    opened = judged(FORM, GOOD, spec=MENU).values
    assert "f_rate" not in opened
    assert judged(FORM, {"f_reply": "x"}, spec=HANDLE, current=opened).values["f_rate"] == "100"


# --- options

def test_dependent_options_follow_their_parent() -> None:
    assert codes(judged(FORM, GOOD | {"f_item": "o_slow"}, spec=MENU)) == {"f_item": "answer_option_unavailable"}
    assert codes(judged(FORM, GOOD | {"f_item": "o_zz"}, spec=MENU)) == {"f_item": "answer_not_option"}
    opened = judged(FORM, GOOD, spec=MENU).values
    moved = judged(FORM, {"f_kind": "o_svc"}, spec=MENU, current=opened)
    assert not moved.problems
    assert "f_item" not in moved.values
    assert sorted(moved.dropped) == ["f_item", "f_items"]


def test_archived_options_stay_but_are_not_given_anew() -> None:
    assert codes(judged(FORM, GOOD | {"f_kind": "o_env", "f_item": None}, spec=MENU)) == {
        "f_kind": "answer_option_archived"}
    old = {"f_kind": "o_env", "f_phone": "13600136000", "f_store": "st_hz1", "f_ok": {"accepted": True}}
    kept = judged(FORM, {"f_kind": "o_env", "f_ok": True}, spec=MENU, current=old)
    assert not kept.problems
    assert kept.values["f_kind"] == "o_env"


def test_a_rule_narrows_options() -> None:
    form = small({"id": "f_a", "type": "text"}, {"id": "f_c", "type": "radio", "options": [
        {"id": "o_x", "label": "X"}, {"id": "o_y", "label": "Y"}]}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_a", "op": "not_empty"},
         "then": [{"do": "options", "target": "f_c", "options": ["o_x"]}]}])
    assert judged(form, {"f_c": "o_y"}).values == {"f_c": "o_y"}
    assert codes(judged(form, {"f_a": "1", "f_c": "o_y"})) == {"f_c": "answer_option_unavailable"}


# --- evidence, files, look-ups

def test_consent_keeps_version_and_first_time() -> None:
    first = judged(FORM, GOOD, spec=MENU).values
    later = judged(FORM, GOOD | {"f_ok": {"accepted": True, "at": 1}}, spec=MENU, current=first,
                   env=Env(NOW + 5000, ENV.tz))
    assert later.values["f_ok"]["at"] == NOW
    data = complaint()
    next(field for field in data["fields"] if field["id"] == "f_ok")["policy"]["version"] = "2027-01-01"
    renewed = judged(load_form(data, CATALOG), GOOD, spec=MENU, current=first, env=Env(NOW + 5000, ENV.tz))
    assert renewed.values["f_ok"] == {"accepted": True, "doc": "privacy", "version": "2027-01-01", "at": NOW + 5000}


@pytest.mark.parametrize(("photos", "code"), [
    (["lost"], "answer_no_attachment"), (["p_media"], "answer_wrong_file"), (["huge"], "file_too_large"),
    ([f"p{n}" for n in range(10)], "answer_many_files"), ("p1", "answer_not_list"), ([{"path": "/etc/passwd"}],
                                                                                   "answer_not_list")])
def test_attachments_must_be_the_senders_own_pictures(photos: Any, code: str) -> None:
    """Abuse case 34: another session's upload does not exist for this one."""
    assert codes(judged(FORM, GOOD | {"f_photos": photos}, spec=MENU)) == {"f_photos": code}


def test_stored_attachments_need_not_be_found_again() -> None:
    before = judged(FORM, GOOD, spec=MENU).values | {"f_photos": ["lost"]}
    found = judged(FORM, {"f_photos": ["lost", "p2"]}, spec=MENU, current=before)
    assert found.values["f_photos"] == ["lost", "p2"]


def test_a_customers_record_fills_what_is_empty() -> None:
    found = judged(FORM, GOOD | {"f_cust": "c_1"}, spec=MENU)
    assert (found.values["f_name"], found.values["f_level"]) == ("李女士", "VIP")
    typed = judged(FORM, GOOD | {"f_cust": "c_1", "f_name": "小李"}, spec=MENU)
    assert typed.values["f_name"] == "小李"
    known = judged(FORM, GOOD, spec=MENU, scope={"customer": {"id": "c_9", "name": "张三", "level": "SVIP"}})
    assert (known.values["f_cust"], known.values["f_name"], known.values["f_level"]) == ("c_9", "张三", "SVIP")


def test_filling_happens_when_the_customer_is_named_not_later() -> None:
    first = judged(FORM, GOOD | {"f_cust": "c_1"}, spec=MENU).values
    emptied = judged(FORM, {"f_name": None}, spec=MENU, current=first)
    assert "f_name" not in emptied.values


def test_unknown_customers_and_rows_are_refused() -> None:
    assert codes(judged(FORM, GOOD | {"f_cust": "nobody", "f_store": "xx"}, spec=MENU)) == {
        "f_cust": "answer_not_customer", "f_store": "answer_not_reference"}


# --- sub-tables

def test_faults_in_rows_are_named_by_row_and_column() -> None:
    rows = [{"f_dish": "鱼", "f_qty": 0}, {"f_price": "1.234", "f_zz": 1}, "x"]
    assert codes(judged(FORM, GOOD | {"f_items": rows}, spec=MENU)) == {
        "f_items.0.f_qty": "answer_below", "f_items.1.f_zz": "field_unknown", "f_items.1.f_price": "answer_places",
        "f_items.1.f_dish": "field_required", "f_items.2": "answer_not_row"}


def test_blank_rows_fall_away_and_defaults_fill() -> None:
    rows = [{}, {"f_dish": "鱼"}, {"f_dish": "", "f_qty": "1"}, {"f_dish": "肉", "f_qty": None}]
    assert judged(FORM, GOOD | {"f_items": rows}, spec=MENU).values["f_items"] == [
        {"f_dish": "鱼", "f_qty": "1"}, {"f_dish": "肉", "f_qty": None}]


def test_too_many_rows_are_refused_before_they_are_read() -> None:
    """Abuse case 5."""
    found = judged(FORM, GOOD | {"f_items": [{"f_dish": "x"}] * 100_000}, spec=MENU)
    assert codes(found) == {"f_items": "answer_many_rows"}


def test_fewest_rows() -> None:
    form = small({"id": "f_t", "type": "subtable", "min_rows": 2, "fields": [
        {"id": "f_x", "type": "text", "label": "x"}]})
    assert codes(judged(form, {})) == {"f_t": "field_required"}
    assert codes(judged(form, {"f_t": [{"f_x": "1"}]})) == {"f_t": "answer_few_rows"}
    assert not judged(form, {"f_t": [{"f_x": "1"}]}, require=False).problems
    assert not judged(form, {"f_t": [{"f_x": "1"}, {"f_x": "2"}]}).problems


# --- formulas that fail

def test_a_formula_without_a_result_is_empty_and_says_why() -> None:
    form = small({"id": "f_n", "type": "number"}, {"id": "f_q", "type": "computed", "formula": "1 / {{form.f_n}}"})
    found = judged(form, {"f_n": "0"})
    assert found.values == {"f_n": "0"}
    assert not found.problems
    assert [(note.where, note.code) for note in found.notes] == [("f_q", "E_DIV0")]


# --- from an HTML page

def test_controls_mean_the_same_as_json() -> None:
    posted = Posted({
        "f_phone": ["１３６ ００１３ ６０００"], "f_store": ["st_hz1"], "f_kind": ["o_food"], "f_item": ["o_cold"],
        "f_body": ["整桌菜凉"], "f_hurt": ["o_late", "o_money"], "f_star": [""], "f_photos": ["p1"],
        "f_where.lat": ["30.25"], "f_where.lng": ["120.16"], "f_where.text": ["湖滨"], "f_ok": ["true"],
        "_token": ["t"],
        "f_items.0": [""], "f_items.0.f_dish": ["宴席"], "f_items.0.f_price": ["26,000"], "f_items.0.f_qty": ["2"],
        "f_items.4": [""], "f_items.4.f_dish": [""], "f_items.4.f_price": [""], "f_items.4.f_qty": ["1"],
    })
    found = judged(FORM, read_posted(FORM, posted, resolve(FORM, MENU)), spec=MENU)
    assert not found.problems
    assert found.values["f_phone"] == "13600136000"
    assert found.values["f_hurt"] == ["o_late", "o_money"]
    assert found.values["f_where"] == {"lat": "30.25", "lng": "120.16", "coord": "gcj02", "text": "湖滨"}
    assert [row["f_sum"] for row in found.values["f_items"]] == ["52000.00"]
    assert "f_star" not in found.values


def test_controls_of_other_fields_are_refused_by_name() -> None:
    raw = read_posted(FORM, Posted({"f_reply": ["x"], "f_zz.0.f_a": ["1"], "csrf": ["t"]}), resolve(FORM, MENU))
    found = codes(judged(FORM, raw, spec=MENU, require=False))
    assert found == {"f_reply": "field_hidden", "f_zz": "field_unknown"}
