"""Gaps, rehearsals and heat over HTTP, and what they take from real tickets."""
from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.calendar import Calendar
from app.core.principal import SYSTEM, Principal
from app.designer import flow_use, rehearsals
from app.designer.flow_bundles import bundle_of
from app.driver import statements
from app.extensions import clock, db
from app.flows import rehearse
from app.org.models import RoleGrant
from app.runtime import trail
from app.runtime.models import Worker
from app.worker.rehearser import Rehearser
from tests.definitions.conftest import RAW
from tests.designer.conftest import Editor
from tests.personas import AGENT
from tests.runtime.conftest import advance

__all__ = ["advance"]  # a fixture

KEY = "restaurant_complaint"
SMALL = {"tickets": 60, "seeds": 2, "staff": {"role:cs_agent": {"people": 3}}}


def flow() -> Any:
    """The complaint flow, to be changed at will."""
    return copy.deepcopy(RAW["flow"])


def call(editor: Editor, method: str, name: str, body: Any = None) -> TestResponse:
    return editor.client.open(f"/designer/flows/{KEY}/{name}", method=method, headers={"X-CSRFToken": editor.token},
                              data=None if body is None else json.dumps(body), content_type="application/json")


def rehearsed(editor: Editor, body: Any) -> Any:
    """Ask for a rehearsal, let a worker do it, and read what came of it."""
    begun = call(editor, "POST", "rehearse", {"content": flow(), **body})
    assert begun.status_code == 202, begun.text
    assert begun.json["rehearsal"]["state"] == "waiting"
    assert worker(editor).look()
    return standing(editor)


def worker(editor: Editor) -> Rehearser:
    return Rehearser(editor.client.application, threading.Event())


def standing(editor: Editor) -> Any:
    return call(editor, "GET", "rehearse").json["rehearsal"]


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


def test_a_worker_rehearses_and_the_page_finds_sentences_whenever_it_comes(editor: Editor) -> None:
    assert standing(editor) is None
    found = rehearsed(editor, {"plan": SMALL})
    assert (found["state"], found["done"], found["of"]) == ("done", 4, 4)
    assert found["content"] == flow() and found["plans"] == {"plan": SMALL, "other": None}
    assert found["other"] is None
    report = found["report"]
    assert report["lines"][0]["text"].startswith("最堵的是“")
    assert report["bottleneck"] == report["lines"][0]["node"]
    assert report["more"]["teams"] and report["assumptions"]
    assert all(isinstance(step["name"], str) for step in report["steps"])
    english = call(editor, "GET", "rehearse?lang=en").json["rehearsal"]["report"]
    assert english["lines"][0]["text"].startswith("The bottleneck is")
    assert not worker(editor).look()  # nothing is done twice


def test_two_plans_are_rehearsed_with_the_same_chance(editor: Editor) -> None:
    other = {**SMALL, "staff": {"role:cs_agent": {"people": 9}}}
    found = rehearsed(editor, {"plan": SMALL, "other": other})
    visits = [next(step["visits"] for step in found[part]["steps"] if step["id"] == "t_menu")
              for part in ("report", "other")]
    assert visits[0] == visits[1]
    waits = [next(team["wait95"]["mean"] for team in found[part]["teams"] if team["key"] == "role:cs_agent")
             for part in ("report", "other")]
    assert waits[1] < waits[0]


def test_progress_is_seen_while_a_worker_is_at_it_and_what_is_stopped_ends(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, real = [], rehearse.run

    def run(model: Any, seed: int) -> Any:
        seen.append(standing(editor))
        if len(seen) == 3:
            call(editor, "POST", "rehearse/stop")
        return real(model, seed)

    monkeypatch.setattr(rehearse, "run", run)
    call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL})
    assert worker(editor).look()
    assert [(one["state"], one["done"]) for one in seen] == [("running", 0), ("running", 1), ("running", 2)]
    assert standing(editor) is None


def test_a_queue_that_nobody_works_on_says_so(editor: Editor, demo_app: Flask, advance: Callable[[int], None],  # noqa: F811
) -> None:
    first = call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL}).json["rehearsal"]
    assert "message" not in first and first["ahead"] == 0  # a worker may need a moment
    advance(10_000)
    assert "后台服务没有在运行" in standing(editor)["message"]
    with demo_app.app_context():
        now = clock.now_ms()
        db.session.add(Worker(id="w", host="h", pid=1, roles="internal,notify", started_at=now, last_seen_at=now))
        db.session.commit()
    assert "message" not in standing(editor)
    advance(60_000)
    assert "后台服务没有在运行" in standing(editor)["message"]


def test_another_person_s_rehearsal_is_done_first_and_is_their_own(
    editor: Editor, demo_app: Flask, advance: Callable[[int], None]  # noqa: F811
) -> None:
    with demo_app.app_context():
        db.session.add(RoleGrant(person_id=AGENT.id, role="admin"))
        db.session.commit()
    lin = Editor(demo_app, AGENT)
    call(lin, "POST", "rehearse", {"content": flow(), "plan": SMALL})
    advance(1_000)
    call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL})
    assert standing(editor)["ahead"] == 1
    assert worker(editor).look()
    assert (standing(lin)["state"], standing(editor)["state"]) == ("done", "waiting")
    call(lin, "POST", "rehearse/stop")
    assert (standing(lin), standing(editor)["state"]) == (None, "waiting")


def test_a_worker_that_stops_gives_back_and_one_that_died_is_replaced_twice_at_most(
    editor: Editor, demo_app: Flask, advance: Callable[[int], None]  # noqa: F811
) -> None:
    call(editor, "POST", "rehearse", {"content": flow(), "plan": SMALL})
    leaving = worker(editor)
    leaving.stop.set()
    assert leaving.look()
    assert (standing(editor)["state"], standing(editor)["done"]) == ("waiting", 0)
    with demo_app.app_context():
        for _ in range(2):
            assert rehearsals.claim(clock.now_ms())
            assert rehearsals.claim(clock.now_ms()) is None  # somebody is at it
            advance(70_000)
        assert rehearsals.claim(clock.now_ms()) is None
    assert standing(editor)["state"] == "failed"
    assert "断了" in standing(editor)["message"]


def test_a_rehearsal_that_works_too_long_is_stopped_and_says_so(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsals, "MOST_SECONDS", 0)
    found = rehearsed(editor, {"plan": SMALL})
    assert found["state"] == "failed"
    assert "超过 0 秒" in found["message"]


@pytest.mark.parametrize("plan", [{"tickets": 0}, {"tickets": 20_000, "seeds": 20}, {"x": 1}, [], "x", {
    "staff": {"role:cs_agent": {"calendar": "moon"}}}])
def test_a_plan_that_cannot_be_read_is_refused_before_it_waits(editor: Editor, plan: Any) -> None:
    answer = call(editor, "POST", "rehearse", {"content": flow(), "plan": plan})
    assert answer.status_code == 422
    assert answer.json["message"]
    assert standing(editor) is None


def test_a_flow_that_cannot_be_read_is_refused(editor: Editor) -> None:
    broken = {**flow(), "nodes": "none"}
    for name, more in (("gaps", {}), ("rehearse/settings", {}), ("rehearse", {"plan": {}})):
        assert call(editor, "POST", name, {"content": broken, **more}).status_code == 422
        assert call(editor, "POST", name, {"content": None, **more}).status_code == 422


def test_shares_come_from_saved_scenarios_when_the_manager_says_so(editor: Editor) -> None:
    asked = {name: call(editor, "POST", "rehearse/settings", {"content": flow(), "shares": name}).json
             for name in ("history", "scenarios")}
    assert asked["scenarios"]["scenarios"] == 5
    assert {name: one["shares"] for name, one in asked.items()} == {"history": "history", "scenarios": "scenarios"}
    hot = {name: next(branch for branch in one["branches"] if branch["id"] == "is_hot") for name, one in asked.items()}
    assert (hot["history"]["from"], hot["scenarios"]["from"]) == ("equal", "scenarios")
    assert hot["scenarios"]["ports"] != hot["history"]["ports"]
    done = rehearsed(editor, {"plan": SMALL, "shares": "scenarios"})
    assert done["shares"] == "scenarios"
    assert any("场景" in line["text"] for line in done["report"]["assumptions"])


def test_settings_show_what_would_be_assumed(editor: Editor) -> None:
    found = call(editor, "POST", "rehearse/settings", {"content": flow()}).json
    assert {team["key"] for team in found["teams"]} >= {"role:cs_agent", "role:region_manager"}
    handle = next(step for step in found["steps"] if step["id"] == "handle")
    assert handle["takes"]["kind"] == "range" and handle["words"]
    hot = next(branch for branch in found["branches"] if branch["id"] == "is_hot")
    assert [port["share"] for port in hot["ports"]] == [50, 50]
    assert found["tickets"] is None
    assert all(line["text"] for line in found["assumptions"])


@pytest.mark.parametrize("name", ["gaps", "rehearse", "rehearse/settings", "rehearse/stop"])
def test_only_who_draws_flows_may_ask(demo_app: Flask, name: str) -> None:
    assert call(Editor(demo_app, AGENT), "POST", name, {"content": flow(), "plan": {}}).status_code == 403
    for read in ("heat", "rehearse"):
        assert call(Editor(demo_app, AGENT), "GET", read).status_code == 403


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


