"""Colleagues and rows of lists: chosen, searched, and nobody whom the asker may not name."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.flows.directory import Directory
from app.forms.access import resolve
from app.forms.base import FormPorts
from app.forms.fields.lookup import MANY, PAGE, matching
from app.forms.validate import Judged, judge
from app.forms.view import FieldView, build
from tests.forms.kit import ENV, PORTS, Ports, Posted, codes, definition, drawn, faults, judged, small

FORM = small({"id": "f_p", "type": "person", "label": "负责人"})
MANAGER = small({"id": "f_p", "type": "person", "roles": ["store_manager"]})
STORE = small({"id": "f_s", "type": "reference", "source": "stores", "label": "门店"})


class Chain(Ports):
    """A chain of many stores, and a visitor who asks."""

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]]:
        rows = [{"id": f"st_{n:03}", "name": f"湖滨 {n:03} 店" if n % 10 else
                 {"zh-CN": f"西溪 {n} 店", "en": f"Xixi {n}"}}
                for n in range(MANY + 100)]
        return matching(rows, words) if words else rows

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        return None

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        return []

    def me(self) -> str | None:
        return None


CHAIN = Chain()


def by(ports: FormPorts, form: Any, answers: Any, current: Any = None) -> Judged:
    return judge(form, answers, access=resolve(form, {"*": "edit"}), current=current or {}, scope={}, env=ENV,
                 ports=ports)


def seen(form: Any, answers: Any, ports: FormPorts = CHAIN) -> FieldView:
    return build(form, answers, access=resolve(form, {"*": "edit"}), env=ENV, scope={}, locale="zh-CN",
                 ports=ports).fields()[0]


# ---- colleagues ----------------------------------------------------------------------------------------------------


def test_a_colleague_is_chosen_from_those_at_work() -> None:
    assert judged(FORM, {"f_p": "p_li"}).values == {"f_p": "p_li"}
    assert [row.id for row in drawn(FORM, {}).fields()[0].options] == ["p_li", "p_wang", "sample"]
    assert drawn(FORM, {"f_p": "p_wang"}, spec={"*": "read"}).fields()[0].display == "王店长"


@pytest.mark.parametrize("raw", [
    "p_nobody", "p_left", "", " ", 1, True, ["p_li"], {"id": "p_li"}, "x" * 65, {"find": 1}, {"find": "李", "more": 1},
    "p_li\x00", {"find": "x" * 61},
])
def test_refused(raw: Any) -> None:
    found = judged(FORM, {"f_p": raw})
    assert found.problems or found.values == {}
    assert "f_p" not in found.values


def test_only_those_whom_the_field_narrows_to() -> None:
    assert judged(MANAGER, {"f_p": "p_wang"}).values == {"f_p": "p_wang"}
    assert codes(judged(MANAGER, {"f_p": "p_li"})) == {"f_p": "answer_not_person"}
    assert codes(judged(MANAGER, {"f_p": {"find": "李"}})) == {"f_p": "answer_find_none"}
    assert [row.id for row in drawn(MANAGER, {}).fields()[0].options] == ["p_wang"]


def test_who_was_chosen_and_left_stays_readable() -> None:
    kept = {"f_p": "p_left"}
    assert judged(FORM, kept, current=kept).values == kept
    view = drawn(FORM, kept).fields()[0]
    assert view.display == "赵离职" and ("p_left", True) in [(row.id, row.selected) for row in view.options]


def test_whoever_fills_it_in_may_be_the_default() -> None:
    mine = small({"id": "f_p", "type": "person", "default": "me"})
    assert judged(mine, {}).values == {"f_p": "p_li"} and drawn(mine, {}).fields()[0].value == "p_li"
    others = small({"id": "f_p", "type": "person", "default": "me", "roles": ["store_manager"]})
    assert judged(others, {}).values == {} and not judged(others, {}).problems
    assert by(CHAIN, mine, {}).values == {} and not by(CHAIN, mine, {}).problems  # a visitor is no colleague


def test_a_visitor_names_nobody_and_learns_no_name() -> None:
    for raw in ("p_li", {"find": "李客服"}):
        assert set(codes(by(CHAIN, FORM, {"f_p": raw}))) == {"f_p"}
    assert seen(FORM, {"f_p": "p_li"}).display in ("", "同事")
    assert seen(FORM, {}).options == ()


def test_rules_may_ask_who_it_is() -> None:
    form = small({"id": "f_p", "type": "person"}, {"id": "f_t", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_p", "op": "in", "value": ["p_wang", "p_li"]},
         "then": [{"do": "require", "target": "f_t"}]},
        {"id": "r_2", "when": {"ref": "form.f_p", "op": "eq", "value": "p_wang"},
         "then": [{"do": "show", "target": "f_t"}]}])
    assert codes(judged(form, {"f_p": "p_wang"})) == {"f_t": "field_required"}
    assert not judged(form, {"f_p": "sample"}).problems
    assert "王店长" in drawn(form, {}).fields()[1].condition_text


def test_settings_name_roles_and_a_department() -> None:
    assert faults(definition({"id": "f_p", "type": "person", "roles": ["Store Manager"], "department": "x" * 65})) == {
        "fields[0].roles[0]": "form_key_pattern", "fields[0].department": "form_key_long"}


def test_the_directory_narrows() -> None:
    company = Directory({
        "people": [
            {"id": "a", "name": "乙", "department": "south", "roles": [{"role": "agent"}]},
            {"id": "b", "name": "甲", "department": "hz",
             "roles": [{"role": "lead", "store": "st_1"}, {"role": "agent"}]},
            {"id": "c", "name": "丙", "active": False, "roles": [{"role": "agent"}]}, {"id": "d", "department": "hz"}],
        "departments": [{"id": "south"}, {"id": "hz", "parent": "south"}],
    })

    def ids(*more: Any) -> list[str]:
        return [person["id"] for person in company.members(*more)]

    assert sorted(ids()) == ["a", "b", "d"]
    assert ids(["agent"]) == ["a", "b"] and ids(["lead", "agent"]) == ["a", "b"] and ids(["lead"]) == ["b"]
    assert sorted(ids([], "south")) == ["a", "b", "d"] and sorted(ids([], "hz")) == ["b", "d"]
    assert ids(["agent"], "hz") == ["b"] and ids(["nobody"]) == [] and ids([], "nowhere") == []
    assert company.member("c") == {"id": "c", "name": "丙", "active": False} and company.member("c", ["agent"]) is None
    assert company.member("a", ["agent"], "hz") is None and company.member("x") is None


# ---- long lists ----------------------------------------------------------------------------------------------------


def test_a_long_list_is_searched_and_shown_by_the_page() -> None:
    empty = seen(STORE, {})
    assert empty.many and empty.options == () and not seen(STORE, {}, PORTS).many
    found = seen(STORE, {"f_s": {"find": "湖滨"}})
    assert len(found.options) == PAGE + 1 and found.value == {"find": "湖滨"} and not found.errors
    few = seen(STORE, {"f_s": {"find": "湖滨 00"}})
    assert [row.id for row in few.options] == [f"st_{n:03}" for n in range(1, 10)]
    assert seen(STORE, {"f_s": {"find": "不存在"}}).options == ()


def test_the_one_that_is_found_is_the_answer() -> None:
    assert by(CHAIN, STORE, {"f_s": {"find": " 湖滨 017 "}}).values == {"f_s": "st_017"}
    assert by(CHAIN, STORE, {"f_s": {"find": "ｘｉｘｉ 20"}}).problems  # 20, 200
    assert by(CHAIN, STORE, {"f_s": {"find": "Xixi 20"}}).values == {"f_s": "st_020"}  # exactly that
    assert codes(by(CHAIN, STORE, {"f_s": {"find": "湖滨"}})) == {"f_s": "answer_find_many"}
    assert codes(by(CHAIN, STORE, {"f_s": {"find": "zzz"}})) == {"f_s": "answer_find_none"}
    view = seen(STORE, {"f_s": {"find": "湖滨 017"}})
    assert [(row.id, row.selected) for row in view.options] == [("st_017", True)]


def test_the_chosen_row_is_shown_while_nothing_is_searched() -> None:
    assert [(row.id, row.selected) for row in seen(STORE, {"f_s": "st_042"}).options] == [("st_042", True)]


@pytest.mark.parametrize(("sent", "raw"), [
    ({"f_s": ["st_1"], "f_s.find": [""], "f_s.was": [""]}, "st_1"),
    ({"f_s": ["st_1"], "f_s.find": ["湖滨"], "f_s.was": ["湖滨"]}, "st_1"),
    ({"f_s": ["st_1"], "f_s.find": ["西溪"], "f_s.was": ["湖滨"]}, {"find": "西溪"}),
    ({"f_s.find": [" 西溪 "]}, {"find": "西溪"}), ({"f_s.find": ["湖滨"], "f_s.was": ["湖滨"]}, {"find": "湖滨"}),
    ({"f_s": [""], "f_s.find": [""]}, None), ({"f_s": ["st_1"]}, "st_1"), ({}, None),
])
def test_what_the_controls_mean(sent: dict[str, list[str]], raw: Any) -> None:
    field = STORE.fields["f_s"]
    assert field.type.from_form(field, Posted(sent), "f_s") == raw


def test_matching_is_kind_and_begins_with_what_begins() -> None:
    rows = [{"id": "a1", "name": "大西溪"}, {"id": "B2", "name": "西溪店"}, {"id": "c", "label": {"en": "Xixi"}},
            {"id": "d"}]
    assert [row["id"] for row in matching(rows, "西溪")] == ["B2", "a1"]
    assert [row["id"] for row in matching(rows, "ｂ２")] == ["B2"] and matching(rows, "xixi") == [rows[2]]
    assert matching(rows, " ") == [] and matching(rows, "%") == []


# ---- what a row brings along -----------------------------------------------------------------------------------------


class Shelf(Ports):
    """Two products with what their table says of them."""

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        prices = {"p_1": "12.50", "p_2": "8", "p_odd": "much"}
        return {"id": row_id, "name": row_id.upper(), "price": prices[row_id]} if row_id in prices else None


PRODUCT = {"id": "f_p", "type": "reference", "source": "products",
           "lookup": {"fill": {"f_price": "row.price", "f_what": "row.name"}}}
PRICE = ({"id": "f_price", "type": "money", "readonly": True}, {"id": "f_what", "type": "text"},
         {"id": "f_twice", "type": "computed", "formula": "{{form.f_price}} * 2", "result": "money"})


def test_a_chosen_row_fills_other_fields_before_formulas_are_computed() -> None:
    form = small(*PRICE, PRODUCT)
    found = by(Shelf(), form, {"f_p": "p_1"})
    assert found.values == {"f_price": "12.50", "f_what": "P_1", "f_twice": "25.00", "f_p": "p_1"}
    changed = by(Shelf(), form, {"f_p": "p_2"}, found.values)
    assert changed.values == {"f_price": "8.00", "f_what": "P_2", "f_twice": "16.00", "f_p": "p_2"}
    again = by(Shelf(), form, {"f_p": "p_2", "f_what": "mine"}, changed.values)
    assert again.values["f_what"] == "mine"  # the row was named before: what is typed since stays


def test_only_what_is_empty_is_filled_where_the_form_says_so() -> None:
    form = small(*PRICE, {**PRODUCT, "lookup": {**PRODUCT["lookup"], "fill_policy": "if_empty"}})
    assert by(Shelf(), form, {"f_p": "p_1", "f_what": "mine"}).values["f_what"] == "mine"


def test_what_does_not_fit_the_field_is_left_out() -> None:
    found = by(Shelf(), small(*PRICE, PRODUCT), {"f_p": "p_odd", "f_what": ""})
    assert "f_price" not in found.values and found.values["f_what"] == "P_ODD"


def test_nobody_sends_a_price_of_their_own() -> None:
    found = by(Shelf(), small(*PRICE, PRODUCT), {"f_p": "p_1", "f_what": "mine", "f_price": "1"})
    assert found.values["f_price"] == "12.50" and found.values["f_what"] == "P_1"
    assert [problem.code for problem in found.problems] == ["field_readonly"]


@pytest.mark.parametrize(("field", "where", "code"), [
    ({**PRODUCT, "lookup": {"fill": {"f_none": "row.price"}}}, "fields[0].lookup", "form_field_unknown"),
    ({**PRODUCT, "lookup": {"fill": {"f_p": "customer.level"}}}, "fields[0].lookup.fill.f_p", "form_key_pattern"),
    ({"id": "f_t", "type": "subtable", "fields": [{**PRODUCT, "label": "x"}]}, "fields[0].fields[0].lookup",
     "form_fill_column"),
])
def test_filling_that_cannot_work_is_refused(field: Any, where: str, code: str) -> None:
    found = faults(definition({"label": "L", **field}))
    assert code in found.values() and where in found, found
