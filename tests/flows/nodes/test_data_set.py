"""data.set: literals and formulas, into variables and form fields."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.cli._catalog import pure_catalog
from app.core.errors import Invalid
from app.definitions import service as definitions
from app.desk.history import History, Reader
from app.extensions import parts
from app.flows.check import FormFacts, check_flow
from app.forms.schema import load_form
from app.org.directory import directory
from tests.flows import kit
from tests.flows.nodes.kit import FORM as STEPS
from tests.flows.nodes.kit import Live, definition, node, problems, simulated, ways

FLOW = definition(
    node("s", "data.set", {"set": [
        {"to": "vars.count", "by": "formula", "formula": "{{form.f_sum}} * 2"},
        {"to": "vars.priority", "value": "urgent"},
        {"to": "form.f_reply", "by": "formula", "formula": 'CONCAT("共 ", {{vars.count}}, " 元")'},
        {"to": "vars.day", "by": "formula", "formula": "EDATE({{form.f_day}}, 1)"},
        {"to": "vars.word", "value": None},
        {"to": "vars.flag", "value": True},
    ]}),
    edges="t:out>s s:out>end",
)
FORM = {"f_sum": "12.50", "f_day": "2026-01-31"}
BROKEN = definition(
    node("s", "data.set", {"set": [
        {"to": "vars.count", "by": "formula", "formula": "1 / {{form.f_sum}}"},
        {"to": "vars.word", "value": "after"},
    ]}),
    edges="t:out>s s:out>end",
)


def test_out_simulated() -> None:
    result = simulated(FLOW, FORM, expect={
        "vars": {"count": "25", "priority": "urgent", "day": "2026-02-28", "word": None, "flag": True},
        "form": {"f_reply": "共 25 元"}, "status": "closed",
    })
    assert ways(result.events) == ["t:out", "s:out"]


def test_out_live(desk: Flask) -> None:
    live = Live(desk, FLOW)
    ticket = live.open(FORM)
    state = live.state(ticket)
    assert live.ways(ticket) == ["t:out", "s:out"]
    assert state["vars"] == {"count": "25", "priority": "urgent", "day": "2026-02-28", "word": None, "flag": True}
    assert state["form"]["f_reply"] == "共 25 元"


def test_what_cannot_be_worked_out_is_told_and_left_and_the_rest_is_set(desk: Flask) -> None:
    live = Live(desk, BROKEN)
    ticket = live.open({"f_sum": "0"})
    assert live.state(ticket)["status"] == "closed"
    assert live.state(ticket)["vars"]["count"] == "0"
    assert live.state(ticket)["vars"]["word"] == "after"
    assert problems(live.events(ticket)) == problems(simulated(BROKEN, {"f_sum": "0"}).events) == [
        "flow_formula_failed"]


def test_a_choice_that_a_formula_misses_is_told() -> None:
    flow = kit.flow(node("s", "data.set", {"set": [{"to": "vars.priority", "by": "formula",
                                                    "formula": "{{form.f_body}}"}]}), edges="t:out>s s:out>end")
    play = kit.Play(flow, form={"f_body": "high"})
    assert play.state["vars"]["priority"] == "normal"
    assert play.problems() == ["flow_bad_var_value"]


@pytest.mark.parametrize(("row", "where", "code"), [
    ({"to": "vars.nope", "value": 1}, "to", "flow_unknown_var"),
    ({"to": "form.f_nope", "value": 1}, "to", "flow_unknown_ref"),
    ({"to": "customer.level", "value": "VIP"}, "to", "flow_bad_target"),
    ({"to": "vars.count", "value": "many"}, "value", "flow_literal_unfit"),
    ({"to": "vars.priority", "value": "high"}, "value", "flow_bad_var_value"),
    ({"to": "vars.count", "value": {"a": 1}}, "value", "flow_bad_literal"),
    ({"to": "vars.count", "by": "formula"}, "formula", "flow_missing"),
    ({"to": "vars.count", "by": "formula", "formula": "{{form.f_body}}"}, "formula", "flow_formula_type"),
    ({"to": "vars.count", "by": "formula", "formula": "1 +"}, "formula", "E_SYNTAX"),
    ({"to": "vars.count", "by": "formula", "formula": "{{form.f_nope}}"}, "formula", "E_REF"),
    ({"to": "vars.count", "by": "magic"}, "by", "flow_not_an_option"),
    ({"value": 1}, "to", "flow_missing"),
])
def test_refusals_name_their_place(row: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kit.flow(node("s", "data.set", {"set": [row]}), edges="t:out>s s:out>end")
    assert [(one.where, one.code) for one in refused.value.problems] == [(f"nodes[1].config.set[0].{where}", code)]


def test_a_setting_that_is_not_shown_does_not_count() -> None:
    row = {"to": "vars.count", "by": "value", "value": "3", "formula": "1 +"}
    play = kit.Play(kit.flow(node("s", "data.set", {"set": [row]}), edges="t:out>s s:out>end"))
    assert play.state["vars"]["count"] == "3"


@pytest.mark.parametrize("bad", [1, "x", None, {"a": 1}, [1, 2], 3.5, 10**30, "1e400", "９", "--1"])
def test_whatever_comes_is_judged_or_refused_never_raised(bad: Any) -> None:
    for ref in ("vars.count", "vars.priority", "form.f_body", "form.f_when", "form.f_sum"):
        row = {"to": ref, "value": bad}
        try:
            loaded = kit.flow(node("s", "data.set", {"set": [row]}), edges="t:out>s s:out>end")
        except Invalid:
            continue
        assert not kit.Play(loaded).problems()


def test_a_computed_field_is_not_set() -> None:
    flow = definition(node("s", "data.set", {"set": [{"to": "form.f_double", "value": "3"}]}),
                      edges="t:out>s s:out>end")
    catalog = pure_catalog()
    found = check_flow(flow, catalog, form=FormFacts.of(load_form(STEPS, catalog)))
    assert [(one.code, one.node, one.field) for one in found] == [("check_set_computed", "s", "config.set[0].to")]


def test_what_was_told_names_things_as_people_know_them(desk: Flask) -> None:
    live = Live(desk, BROKEN)
    ticket = live.open({"f_sum": "0"})
    problem = next(event for event in live.events(ticket) if event.kind == "problem")
    bundle = definitions.bundle(live.version)
    history = History(bundle, directory(), parts().catalog, Reader("zh", {}, lambda _: (), {}, 0))
    said = history.problem_text("s", problem.body["delta"]["code"], problem.body["delta"]["params"])
    assert said.startswith("“数量”的公式算不出来")
    delta = {"texts": {"zh": "第 {n} 次", "en": "Time {n}"}, "n": 3}
    own = [replace(problem, kind="acme.listed", body={"delta": given})
           for given in (delta, {"n": 3}, {"texts": {"zh": "", "en": 2}}, {"texts": "x"})]
    assert [line.text for line in history.lines(own)] == ["第 3 次"]
