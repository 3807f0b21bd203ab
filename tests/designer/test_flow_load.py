"""Gaps, rehearsals and heat over HTTP, and what they take from real tickets."""
from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.calendar import Calendar
from app.core.principal import SYSTEM, Principal
from app.designer import flow_use
from app.designer.flow_bundles import bundle_of
from app.driver import statements
from app.extensions import clock, db
from app.org.models import RoleGrant
from app.runtime import trail
from tests.definitions.conftest import RAW
from tests.designer.conftest import Editor
from tests.personas import AGENT

KEY = "restaurant_complaint"
SMALL = {"tickets": 60, "seeds": 2, "staff": {"role:cs_agent": {"people": 3}}}


def flow() -> Any:
    """The complaint flow, to be changed at will."""
    return copy.deepcopy(RAW["flow"])


def call(editor: Editor, method: str, name: str, body: Any = None) -> TestResponse:
    return editor.client.open(f"/designer/flows/{KEY}/{name}", method=method, headers={"X-CSRFToken": editor.token},
                              data=None if body is None else json.dumps(body), content_type="application/json")


def lines(answer: TestResponse) -> list[Any]:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_gaps_are_those_of_the_company_as_it_is(editor: Editor, demo_app: Flask) -> None:
    found = call(editor, "POST", "gaps", {"content": flow()}).json["gaps"]
    assert [gap for gap in found if gap["level"] == "error"] == []
    with demo_app.app_context():
        db.session.query(RoleGrant).filter(RoleGrant.role == "quality").delete()
        db.session.commit()
    found = call(editor, "POST", "gaps", {"content": flow()}).json["gaps"]
    (gap,) = [gap for gap in found if gap["level"] == "error"]
    assert gap["node"] == "review"
    assert "质检" in gap["message"] and gap["todo"]


def test_a_rehearsal_tells_its_progress_and_then_the_sentences(editor: Editor) -> None:
    *steps, last = lines(call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL}))
    assert [step["done"] for step in steps] == list(range(1, len(steps) + 1))
    assert {step["of"] for step in steps} == {4}
    assert last["other"] is None
    report = last["report"]
    assert report["lines"][0]["text"].startswith("最堵的是“")
    assert report["bottleneck"] == report["lines"][0]["node"]
    assert report["more"]["teams"] and report["assumptions"]
    assert all(isinstance(step["name"], str) for step in report["steps"])


def test_two_plans_are_rehearsed_with_the_same_chance(editor: Editor) -> None:
    other = {**SMALL, "staff": {"role:cs_agent": {"people": 9}}}
    last = lines(call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL, "other": other}))[-1]
    visits = [next(step["visits"] for step in last[part]["steps"] if step["id"] == "t_menu")
              for part in ("report", "other")]
    assert visits[0] == visits[1]
    waits = [next(team["wait95"]["mean"] for team in last[part]["teams"] if team["key"] == "role:cs_agent")
             for part in ("report", "other")]
    assert waits[1] < waits[0]


def test_one_rehearsal_at_a_time_and_a_closed_page_frees_the_processor(editor: Editor) -> None:
    first = editor.client.open(f"/designer/flows/{KEY}/rehearse", method="POST", headers={"X-CSRFToken": editor.token},
                               data=json.dumps({"content": flow(), "plan": SMALL}), content_type="application/json",
                               buffered=False)
    next(iter(first.response))
    refused = call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL})
    assert (refused.status_code, refused.json["code"]) == (409, "load_busy")
    first.close()
    assert lines(call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL}))[-1]["report"]


@pytest.mark.parametrize("plan", [{"tickets": 0}, {"tickets": 20_000, "seeds": 20}, {"x": 1}, [], "x", {
    "staff": {"role:cs_agent": {"calendar": "moon"}}}])
def test_a_plan_that_cannot_be_read_is_refused_before_anything_is_sent(editor: Editor, plan: Any) -> None:
    answer = call(editor, "POST", "rehearse", {"content": flow(), "plan": plan})
    assert answer.status_code == 422
    assert answer.json["message"]


def test_a_flow_that_cannot_be_read_is_refused(editor: Editor) -> None:
    broken = {**flow(), "nodes": "none"}
    for name, more in (("gaps", {}), ("rehearse/settings", {}), ("rehearse", {"plan": {}})):
        assert call(editor, "POST", name, {"content": broken, **more}).status_code == 422
        assert call(editor, "POST", name, {"content": None, **more}).status_code == 422


def test_settings_show_what_would_be_assumed(editor: Editor) -> None:
    found = call(editor, "POST", "rehearse/settings", {"content": flow()}).json
    assert {team["key"] for team in found["teams"]} >= {"role:cs_agent", "role:region_manager"}
    handle = next(step for step in found["steps"] if step["id"] == "handle")
    assert handle["takes"]["kind"] == "range" and handle["words"]
    hot = next(branch for branch in found["branches"] if branch["id"] == "is_hot")
    assert [port["share"] for port in hot["ports"]] == [50, 50]
    assert found["tickets"] is None
    assert all(line["text"] for line in found["assumptions"])


@pytest.mark.parametrize("name", ["gaps", "rehearse", "rehearse/settings"])
def test_only_who_draws_flows_may_ask(demo_app: Flask, name: str) -> None:
    assert call(Editor(demo_app, AGENT), "POST", name, {"content": flow(), "plan": {}}).status_code == 403
    assert call(Editor(demo_app, AGENT), "GET", "heat").status_code == 403


def test_heat_counts_where_real_tickets_stand(editor: Editor, complain: Callable[..., Any]) -> None:
    for number in range(3):
        complain(f_phone=f"1380013800{number}")
    before = statements.executed
    found = call(editor, "GET", "heat").json
    assert statements.executed - before <= 12
    assert found["nodes"]["pool"]["waiting"] == 3
    assert found["types"] and not found["more"]


def test_heat_and_past_count_only_what_the_reader_may_see(demo_app: Flask, complain: Callable[..., Any]) -> None:
    for number in range(6):
        complain(f_phone=f"1380013800{number}")
    with demo_app.app_context():
        drawn, now = bundle_of(flow()).flow, clock.now_ms()
        key = flow_use.ways(KEY)[0].type_key
        nobody = Principal("x", "X")
        assert trail.heat(drawn, [key], nobody, now) == ({}, False)
        assert trail.past(drawn, [key], nobody, now, Calendar.always(), "Asia/Shanghai").tickets == 0
        seen = trail.past(drawn, [key], SYSTEM, now, Calendar.always(), "Asia/Shanghai")
        assert seen.tickets == 6 and sum(seen.curve or ()) == 6
        assert sum(seen.ports["is_hot"].values()) == 6


