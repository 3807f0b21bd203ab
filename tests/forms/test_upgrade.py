"""Answers brought under a later version of their form: what is kept, converted, retired, and what holds a ticket up."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.forms.access import resolve
from app.forms.schema import Form
from app.forms.upgrade import KINDS, Move, Past, Upgraded, moves, unfit, upgrade
from app.forms.validate import judge
from tests.forms.kit import CATALOG, ENV, PORTS, judged, sample_field, small

OPTIONS = [{"id": "o_a", "label": "甲"}, {"id": "o_b", "label": "乙"}]
SHOWN = {"id": "r_1", "when": {"ref": "form.f_kind", "op": "eq", "value": "o_b"},
         "then": [{"do": "show", "target": "f_note"}]}


def upgraded(old: Form, new: Form, values: Mapping[str, Any], past: Mapping[str, Past] | None = None) -> Upgraded:
    return upgrade(old, new, values, past=past or {}, scope={}, env=ENV, ports=PORTS)


def kinds(old: Form, new: Form) -> dict[str, str]:
    return {move.key: move.kind for move in moves(old.fields, new.fields)}


def one(type: str, **more: Any) -> Form:
    """A form of one field."""
    choice = type in ("radio", "select", "checkbox", "multiselect")
    return small({"id": "f_it", "type": type, **({"options": OPTIONS} if choice else {}), **more})


@pytest.mark.parametrize(("old", "new", "value", "becomes"), [
    ("text", "textarea", "上菜慢", "上菜慢"),
    ("scan", "text", "A-1", "A-1"),
    ("phone", "text", "13800138000", "13800138000"),
    ("number", "money", "12.5", "12.50"),
    ("money", "number", "50960.00", "50960"),
    ("rating", "number", "4", "4"),
    ("radio", "select", "o_a", "o_a"),
    ("select", "radio", "o_b", "o_b"),
    ("radio", "checkbox", "o_a", ["o_a"]),
    ("select", "multiselect", "o_b", ["o_b"]),
    ("checkbox", "multiselect", ["o_a", "o_b"], ["o_a", "o_b"]),
])
def test_safe_conversions(old: str, new: str, value: Any, becomes: Any) -> None:
    done = upgraded(one(old), one(new), {"f_it": value})
    assert kinds(one(old), one(new)) == {"f_it": "converted"}
    assert (done.values, done.converted, done.problems, done.retired) == ({"f_it": becomes}, ["f_it"], [], {})


@pytest.mark.parametrize(("old", "new", "value"), [
    ("textarea", "text", "两\n行"), ("checkbox", "radio", ["o_a", "o_b"]), ("text", "number", "12"),
    ("date", "datetime", "2026-09-01"), ("rating", "scale", "4"), ("idcard", "text", "11010519491231002X"),
])
def test_what_could_lose_something_holds_the_ticket_up(old: str, new: str, value: Any) -> None:
    before, after = one(old), one(new)
    assert kinds(before, after) == {"f_it": "refused"}
    done = upgraded(before, after, {"f_it": value})
    assert [problem.code for problem in done.problems] == ["upgrade_misfit"]
    assert done.values == {"f_it": value} and not done.retired
    assert upgraded(before, after, {}).problems == []  # nobody answered: nothing is in the way


@pytest.mark.parametrize(("old", "new", "value", "code"), [
    (one("number"), one("money"), "0.125", "answer_places"),
    (one("text"), one("textarea", max_length=2), "三个字", "answer_too_long"),
    (one("radio"), one("checkbox", options=OPTIONS[:1]), "o_b", "answer_not_option"),
    (one("radio"), one("checkbox", min_choices=2), "o_a", "answer_few_choices"),
    (one("text", sensitive={"mask": "all"}), one("textarea", max_length=2), "三个字", "upgrade_misfit"),
])
def test_an_answer_that_the_new_field_would_refuse_holds_its_ticket_up(old: Form, new: Form, value: Any,
                                                                       code: str) -> None:
    done = upgraded(old, new, {"f_it": value})
    assert [(problem.code, problem.where) for problem in done.problems] == [(code, "f_it")]
    found = unfit(moves(old.fields, new.fields), {"f_it": value}, env=ENV, ports=PORTS)
    assert found is not None and found.code == code
    assert all(problem.message(locale) for problem in done.problems for locale in ("zh", "en"))


def test_the_same_type_is_kept_whatever_its_settings_say_now() -> None:
    assert upgraded(one("text"), one("text", max_length=1), {"f_it": "三个字"}).values == {"f_it": "三个字"}
    archived = [{**OPTIONS[0], "archived": True}, OPTIONS[1]]
    assert upgraded(one("radio"), one("radio", options=archived), {"f_it": "o_a"}).values == {"f_it": "o_a"}
    assert upgraded(one("radio"), one("checkbox", options=archived), {"f_it": "o_a"}).values == {"f_it": ["o_a"]}


def test_rows_of_another_table_are_other_things() -> None:
    old, new = one("reference", source="stores"), one("reference", source="dishes")
    assert upgraded(old, new, {"f_it": "st_1"}).problems[0].code == "upgrade_misfit"
    assert upgraded(old, old, {"f_it": "st_1"}).values == {"f_it": "st_1"}


def test_what_is_gone_is_retired_and_comes_back() -> None:
    old = small({"id": "f_a", "type": "text"}, {"id": "f_b", "type": "number"})
    without = small({"id": "f_a", "type": "text"}, {"id": "f_c", "type": "text", "required": True})
    assert kinds(old, without) == {"f_a": "kept", "f_c": "new", "f_b": "retired"}
    done = upgraded(old, without, {"f_a": "甲", "f_b": "3"})
    assert (done.values, done.retired) == ({"f_a": "甲"}, {"f_b": "3"})
    past = {"f_b": Past(old.fields["f_b"], "3")}
    back = small({"id": "f_a", "type": "text"}, {"id": "f_b", "type": "money"})
    again = upgraded(without, back, done.values, past)
    assert again.values == {"f_a": "甲", "f_b": "3.00"} and again.returned == {"f_b"}
    other = small({"id": "f_b", "type": "date"})
    assert upgraded(without, other, done.values, past).returned == set()
    # Emptied by a person since: it does not come back.
    assert upgraded(back, old, {"f_a": "甲"}, past).values == {"f_a": "甲"}


def test_columns_of_a_table() -> None:
    def table(*columns: dict[str, Any]) -> Form:
        return small({"id": "f_items", "type": "subtable", "label": "菜品",
                      "fields": [{"label": column["id"], **column} for column in columns]})

    old = table({"id": "f_dish", "type": "text"}, {"id": "f_price", "type": "number"}, {"id": "f_why", "type": "text"})
    new = table({"id": "f_dish", "type": "textarea"}, {"id": "f_price", "type": "money"},
                {"id": "f_twice", "type": "computed", "formula": "{{row.f_price}} * 2", "result": "money"})
    values = {"f_items": [{"f_dish": "鱼", "f_price": "3"}, {"f_dish": "肉", "f_price": "4.5", "f_why": "冷"},
                          {"f_why": "慢"}]}
    assert kinds(old, new) == {"f_items": "kept", "f_items.f_dish": "converted", "f_items.f_price": "converted",
                               "f_items.f_twice": "new", "f_items.f_why": "retired"}
    done = upgraded(old, new, values)
    assert done.values == {"f_items": [{"f_dish": "鱼", "f_price": "3.00", "f_twice": "6.00"},
                                       {"f_dish": "肉", "f_price": "4.50", "f_twice": "9.00"}]}
    assert done.retired == {"f_items.f_why": [None, "冷", "慢"]}
    assert done.converted == ["f_items.f_dish", "f_items.f_price"]
    wrong = table({"id": "f_dish", "type": "number"}, {"id": "f_price", "type": "number"},
                  {"id": "f_why", "type": "text"})
    assert [problem.where for problem in upgraded(old, wrong, values).problems] == ["f_items.f_dish"] * 2
    assert unfit(moves(old.fields, wrong.fields), values, env=ENV, ports=PORTS) is not None
    assert unfit(moves(old.fields, new.fields), values, env=ENV, ports=PORTS) is None


def test_what_a_rule_of_the_new_version_hides_is_set_aside_not_lost() -> None:
    fields = ({"id": "f_kind", "type": "radio", "options": OPTIONS}, {"id": "f_note", "type": "text"})
    old, new = small(*fields), small(*fields, rules=[SHOWN])
    done = upgraded(old, new, {"f_kind": "o_a", "f_note": "留着"})
    assert (done.values, done.retired) == ({"f_kind": "o_a"}, {"f_note": "留着"})
    assert upgraded(old, new, {"f_kind": "o_b", "f_note": "留着"}).retired == {}


def test_a_formula_takes_over_and_what_was_typed_is_set_aside() -> None:
    old = small({"id": "f_a", "type": "number"}, {"id": "f_b", "type": "number"})
    new = small({"id": "f_a", "type": "number"},
                {"id": "f_b", "type": "computed", "formula": "{{form.f_a}} * 2", "result": "number"})
    done = upgraded(old, new, {"f_a": "2", "f_b": "7"})
    assert (done.values, done.retired) == ({"f_a": "2", "f_b": "4"}, {"f_b": "7"})


def test_a_field_that_is_no_longer_sensitive_is_told() -> None:
    (move,) = moves(one("text", sensitive={"mask": "all"}).fields, one("text").fields)
    assert move.kind == "kept" and move.bared


def told(found: list[Move]) -> None:
    assert all(move.kind in KINDS and move.words(locale) and "{" not in move.words(locale)
               for move in found for locale in ("zh", "en"))


BY_NAME = dict(CATALOG.fields.items())
TYPES = list(BY_NAME.values())


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.type)
def test_every_type_goes_on_as_itself(kind: Any) -> None:
    """And what it says of others can be done: each type that it accepts exists and is stored."""
    form = small(sample_field(kind))
    values = judged(form, {"f_it": kind.sample(form.fields["f_it"])} if kind.asked else {}, require=False).values
    done = upgraded(form, form, values)
    assert (done.values, done.retired, done.converted, done.problems) == (values, {}, [], [])
    assert all(BY_NAME[name].stored for name in kind.accepts)


CHOICES = st.sampled_from(["text", "textarea", "number", "money", "radio", "select", "checkbox", "multiselect",
                           "rating", "switch", "date", "phone", "scan", ""])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Form, Form, dict[str, Any]]:
    """Two versions of a form over the same ids, and answers that the first one stored."""
    ids = [f"f_{letter}" for letter in "abcd"]

    def version(rules: bool) -> Form:
        fields = [{**sample_field(BY_NAME[type]), "id": key, "label": key,
                   **({"sensitive": {"mask": "all"}} if type == "text" and draw(st.booleans()) else {})}
                  for key in ids if (type := draw(CHOICES))]
        fields.append({"id": "f_kind", "type": "radio", "label": "f_kind", "options": OPTIONS})
        shown = {"id": "r_1", "when": {"ref": "form.f_kind", "op": "eq", "value": "o_b"},
                 "then": [{"do": "show", "target": fields[0]["id"]}]}
        return small(*fields, rules=[shown] if rules and fields[0]["id"] != "f_kind" else [])

    old, new = version(False), version(draw(st.booleans()))
    answers = {key: field.type.sample(field) for key, field in old.fields.items() if draw(st.booleans())}
    return old, new, judged(old, answers, require=False).values


@settings(max_examples=200, deadline=None)
@given(pairs())
def test_an_upgrade_is_whole_and_judging_it_stores_the_same(pair: tuple[Form, Form, dict[str, Any]]) -> None:
    old, new, values = pair
    found = moves(old.fields, new.fields)
    told(found)
    done = upgraded(old, new, values)
    assert (unfit(found, values, env=ENV, ports=PORTS) is None) == (not done.problems)
    if done.problems:
        assert done.values == values and not done.retired
        return
    stored = {key: value for key, value in values.items() if value is not None}
    assert set(stored) <= set(done.values) | set(done.retired)  # nothing is lost
    assert all(done.retired[key] == values[key] for key in done.retired)
    again = judge(new, {}, access=resolve(new, {"*": "read"}), current=done.values, scope={}, env=ENV, ports=PORTS)
    assert (again.values, again.dropped, again.problems) == (done.values, [], [])
    twice = upgraded(new, new, done.values)
    assert (twice.values, twice.retired, twice.converted) == (done.values, {}, [])
    for key, value in done.values.items():  # what it became, its own field takes
        shown = new.fields[key]
        assert value is None or shown.type.is_stored(shown, value)
