"""What holds for any definition and any answer."""
from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Invalid, Problem
from app.forms.access import LEVELS
from app.forms.schema import Form, load_form
from tests.forms.kit import CATALOG, complaint, definition, drawn, judged, sample_field

FORM = load_form(complaint(), CATALOG)
KINDS = [kind for _, kind in CATALOG.fields.items()]
TEXTS = st.one_of(st.text(max_size=12), st.sampled_from([
    "", "o_food", "o_svc", "o_cold", "13800138000", "1e400", "-0", "\x00", "\ud800", "\u202e", "１２", "2026-02-30",
    "st_1", "form.f_kind", "{{form.f_rate}}", "__proto__", "eq", "c_1"]))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-10**30, 10**30), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)), max_leaves=8)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "f_phone": st.just("13800138000"), "f_store": st.just("st_1"), "f_kind": st.sampled_from(["o_food", "o_svc"]),
    "f_item": st.sampled_from(["o_cold", "o_fb", "o_slow", None]), "f_hurt": st.lists(st.sampled_from(
        ["o_sick", "o_late"]), max_size=3), "f_rate": st.integers(0, 300), "f_ok": st.just(True),
    "f_items": st.lists(st.fixed_dictionaries(
        {"f_dish": st.sampled_from(["鱼", "肉", ""])}, optional={
            "f_price": st.decimals(0, 10**6, places=2).map(str), "f_qty": st.integers(-1, 5)}), max_size=4),
    "f_photos": st.sampled_from([None, ["p1"], ["p1", "p2"], ["lost"]]), "f_star": st.integers(0, 6),
    "f_name": TEXTS, "f_cust": st.sampled_from([None, "c_1", "x"]), "f_where": JSON,
}
ANSWERS = st.fixed_dictionaries({}, optional={
    **{key: st.one_of(good, JSON) for key, good in GOOD.items()}, "f_body": JSON, "f_comp": JSON, "f_zz": JSON})
SPECS = st.dictionaries(st.sampled_from(["*", "s_who", "s_what", "s_fix", *FORM.fields]), st.sampled_from(LEVELS),
                        max_size=6).map(lambda spec: {"*": "edit", **spec})


def readable(problem: Problem) -> bool:
    """Worded in both languages, and fit for a page."""
    return all(problem.message(locale).encode() for locale in ("zh", "en"))


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_as_a_submission(raw: Any) -> None:
    found = judged(FORM, raw)
    assert found.problems
    assert all(readable(problem) for problem in found.problems)


@settings(max_examples=100, deadline=None)
@given(ANSWERS, SPECS)
def test_any_answers_are_judged_and_drawn(answers: dict[str, Any], spec: dict[str, str]) -> None:
    found = judged(FORM, answers, spec=spec)
    assert all(readable(problem) for problem in found.problems)
    json.dumps([found.values, found.changed, found.dropped]).encode()
    page = drawn(FORM, answers, spec=spec, problems=found.problems)
    json.dumps(page.live)
    assert {field.id for field in page.fields()} <= set(FORM.fields)


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries({}, optional=GOOD), SPECS)
def test_a_verdict_confirms_itself(answers: dict[str, Any], spec: dict[str, str]) -> None:
    """What was stored, sent again or left alone, is stored again."""
    first = judged(FORM, answers, spec=spec, require=False)
    values = first.values
    assert judged(FORM, {}, spec=spec, current=values, require=False).values == values
    ours = {key: value for key, value in values.items() if key in answers and key in first.changed}
    again = judged(FORM, ours, spec=spec, current=values, require=False)
    assert again.values == values
    assert not again.changed


@settings(max_examples=100, deadline=None)
@given(ANSWERS, SPECS, st.fixed_dictionaries({}, optional=GOOD))
def test_hidden_answers_are_never_stored(answers: dict[str, Any], spec: dict[str, str], before: dict[str, Any]) -> None:
    current = judged(FORM, before, require=False).values
    values = judged(FORM, answers, spec=spec, current=current, require=False).values
    if values.get("f_kind") != "o_food":
        assert "f_items" not in values
    for key, level in spec.items():
        if level in ("hidden", "masked", "read") and key in FORM.fields and FORM.fields[key].type.asked:
            # what nobody may send here may only go, or be filled in from the customer's record
            assert values.get(key) in (current.get(key), None, "李女士", "VIP")


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inner for found in paths(value, (*path, key)))]


PLACES = paths(complaint())[1:]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3))
def test_a_damaged_definition_is_refused_or_loads(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    data = complaint()
    for path, value in changes:
        holder: Any = data
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    form = loaded(data)
    if form:
        judged(form, {"f_phone": "13800138000", "f_kind": "o_food"})
        drawn(form, {"f_kind": "o_food"})


def loaded(data: Any) -> Form | None:
    try:
        return load_form(data, CATALOG)
    except Invalid as invalid:
        assert invalid.problems
        assert all(readable(problem) for problem in invalid.problems)
    except Problem as problem:
        assert readable(problem)
    return None


FORMULAS = st.sampled_from(["{{form.f_0}}", "COALESCE({{form.f_1}}, 0) + 1", "SUM({{form.f_2}}, 1)", "1 / 0", "TODAY()",
                            "{{form.f_3}} & \"x\"", "LEN({{form.f_4}})", "IF(ISEMPTY({{form.f_5}}), 1, 2)"])
CLAUSES = st.builds(lambda n, op, value: {"ref": f"form.f_{n}", "op": op, **({"value": value} if value else {})},
                    st.integers(0, 7), st.sampled_from(["eq", "ne", "gt", "empty", "not_empty", "has_any", "row_any"]),
                    st.sampled_from(["", "o_a", "1", ["o_a"]]))
CONDITIONS = st.recursive(CLAUSES, lambda inner: st.one_of(
    st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
    st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)), st.builds(lambda part: {"not": part}, inner)),
    max_leaves=4)
ACTIONS = st.builds(lambda do, n, more: {"do": do, "target": f"f_{n}", **more},
                    st.sampled_from(["show", "require", "readonly", "set", "error", "options"]), st.integers(0, 7),
                    st.sampled_from([{}, {}, {}, {"message": "不行"}, {"value": "1"}, {"formula": "1 + 1"},
                                     {"options": ["o_a"]}]))


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Small forms of any types with rules and formulas that may or may not fit."""
    fields = []
    for number, kind in enumerate(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8))):
        field = {**sample_field(kind), "id": f"f_{number}", "required": draw(st.booleans())}
        if kind.type == "computed":
            field |= {"formula": draw(FORMULAS), "result": draw(st.sampled_from(["number", "money", "text"]))}
        if kind.type == "subtable":
            field["fields"] = [{**field["fields"][0], "id": f"f_{number}_cell"}]
        fields.append(field)
    rules = [{"id": f"r_{number}", "when": when, "then": then} for number, (when, then) in enumerate(draw(
        st.lists(st.tuples(CONDITIONS, st.lists(ACTIONS, min_size=1, max_size=2)), max_size=4)))]
    return definition(*fields, rules=rules)


@settings(max_examples=150, deadline=None)
@given(definitions(), st.data())
def test_any_form_that_loads_works(data: dict[str, Any], more: st.DataObject) -> None:
    form = loaded(data)
    if form is None:
        return
    answers = {key: more.draw(st.one_of(st.just(field.type.sample(field)), JSON)) for key, field in form.fields.items()
               if field.type.asked and more.draw(st.booleans())}
    found = judged(form, answers)
    assert all(readable(problem) for problem in found.problems)
    json.dumps(found.values)
    drawn(form, answers, problems=found.problems, locale="en")
    if not found.problems:
        drawn(form, found.values, spec={"*": "read"})
        assert judged(form, {}, current=found.values).values == found.values
