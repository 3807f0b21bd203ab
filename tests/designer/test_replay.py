"""Past tickets through a draft: what would have gone otherwise, who may know of it, and that nothing is touched."""
from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import testing
from app.designer.replay import _mocks
from app.extensions import db
from app.flows.simulate import Result
from app.runtime.history import EventLine
from app.runtime.models import Outbox, Task, Ticket, TicketHistory
from plugins.weather import WeatherDelay
from tests.designer.conftest import RAW, Editor
from tests.desk.conftest import Browser, browser_of, claimed, complain, settle
from tests.personas import AGENT, AGENT_TWO
from tests.runtime import company

__all__ = ["browser_of", "claimed", "complain", "settle"]  # fixtures
KEY = "restaurant_complaint"
NOBODY_KNOWN = "13700137000"


def replay(editor: Editor, content: Any, **more: Any) -> Any:
    answer = editor.client.post(f"/designer/flows/{KEY}/replay", headers={"X-CSRFToken": editor.token},
                                data=json.dumps({"content": content, **more}), content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer.json


def flow() -> Any:
    return copy.deepcopy(RAW["flow"])


@pytest.fixture
def handled(
    browser_of: Callable[..., Browser], claimed: Callable[..., tuple[str, str]], settle: Callable[[], None]
) -> str:
    """A complaint that was claimed, handled and paid; the customer is asked now."""
    agent = browser_of(AGENT)
    ticket, task = claimed(agent, f_phone=NOBODY_KNOWN)
    page = agent.text(f"/tickets/{ticket}")
    version = page.partition('name="_version" value="')[2].partition('"')[0]
    answer = agent.post(f"/tickets/{ticket}/tasks/{task}", _action="submit", _version=version, f_reply="已致歉",
                        f_rate="0")
    assert answer.status_code == 303, answer.text[:400]
    settle()
    return ticket


def test_the_flow_it_ran_on_changes_nothing(editor: Editor, handled: str) -> None:
    found = replay(editor, flow())
    assert [(row["id"], row["what"], row["words"]) for row in found["rows"]] == [(handled, "same", "")]
    assert (found["total"], found["next"]) == (1, None)


@pytest.fixture
def passed_on(claimed: Callable[..., tuple[str, str]], browser_of: Callable[..., Browser], settle: Callable[[], None],
              demo_app: Flask) -> str:
    """A complaint about which the agent asked another, had it done, took it back, and handed it over."""
    ticket, task = claimed(browser_of(AGENT), f_phone=NOBODY_KNOWN)
    one, two = AGENT.id, AGENT_TWO.id
    with demo_app.app_context():
        company.act(one, task, "add_sign", to=two, note="赔不赔")
        sign = next(row.id for row in db.session.scalars(select(Task).where(Task.ticket_id == ticket))
                    if row.kind == "sign")
        company.act(two, sign, "agree")
        company.act(one, task, "delegate", to=two)
        company.act(one, task, "recall")
        company.act(one, task, "transfer", to=two, note="我下班了")
        company.act(two, task, "submit", {"f_reply": "已致歉", "f_rate": "0"})
    settle()
    return ticket


def test_what_people_did_besides_is_told_again(editor: Editor, passed_on: str) -> None:
    (row,) = replay(editor, flow())["rows"]
    assert (row["id"], row["what"], row["words"], row["left"]) == (passed_on, "same", "", [])


def test_what_the_draft_does_not_let_them_do_is_passed_over_and_said(editor: Editor, passed_on: str) -> None:
    content = flow()
    handle = next(node for node in content["nodes"] if node["id"] == "handle")
    handle["config"]["may"] = ["comment", "transfer"]
    (row,) = replay(editor, content)["rows"]
    assert (row["what"], row["words"]) == ("same", "")
    assert [words.partition("。")[0] for words in row["left"]] == [
        "没能照做：安客服在“客服处理”加签", "没能照做：白客服在“客服处理”同意",
        "没能照做：安客服在“客服处理”委托同事代办", "没能照做：安客服在“客服处理”撤回操作"]


def test_another_way_is_told_where_it_parts(editor: Editor, handled: str) -> None:
    content = flow()
    big = next(node for node in content["nodes"] if node["id"] == "big")
    big["config"]["cases"][0]["when"]["all"][0]["value"] = "-1"
    (row,) = replay(editor, content)["rows"]
    assert row["what"] == "path"
    assert row["words"] == "“赔付是否大于5万”之后：当时到“ERP 赔付”，新流程会到“区域经理审批”"


def test_another_person_is_told(editor: Editor, handled: str) -> None:
    content = flow()
    handle = next(node for node in content["nodes"] if node["id"] == "handle")
    handle["config"]["assignee"] = [{"person": "lead"}]
    (row,) = replay(editor, content)["rows"]
    assert (row["what"], row["words"]) == ("person", "“客服处理”：当时的流程给安客服，新流程给林主管")


def test_an_answer_that_the_draft_does_not_take_is_named_not_told(editor: Editor, handled: str) -> None:
    content = flow()
    handle = next(node for node in content["nodes"] if node["id"] == "handle")
    handle["config"]["fields"] |= {"f_cause": "required"}
    (row,) = replay(editor, content)["rows"]
    assert row["words"] == ("“客服处理”之后：当时到“赔付是否大于5万”，新流程会到“停住”。"
                            "当时做的一步在新流程里做不了：“根本原因”当时填的内容（或没有填）不合新流程的要求")


def test_a_way_in_that_is_gone(editor: Editor, handled: str) -> None:
    content = flow()
    content["nodes"] = [node for node in content["nodes"] if node["id"] != "t_menu"]
    content["edges"] = [edge for edge in content["edges"] if not edge["from"].startswith("t_menu:")]
    (row,) = replay(editor, content)["rows"]
    assert row["words"] == "新流程里没有它进来的入口了"


def test_what_its_own_flow_does_not_tell_again_is_left_aside(
    editor: Editor, complain: Callable[..., str], demo_app: Flask
) -> None:
    ticket = complain(f_phone=NOBODY_KNOWN)
    with demo_app.app_context():
        row = db.session.scalars(select(Ticket).where(Ticket.id == ticket)).one()
        row.data = {**row.data, "f_body": "后来改成了有异物"}
        db.session.commit()
    (found,) = replay(editor, flow())["rows"]
    assert found["what"] == "apart"


def test_it_touches_nothing(editor: Editor, handled: str, demo_app: Flask) -> None:
    def counted() -> list[int | None]:
        with demo_app.app_context():
            return [db.session.scalar(select(func.count()).select_from(table)) for table in
                    (Ticket, TicketHistory, Outbox)]

    before = counted()
    replay(editor, flow())
    assert counted() == before


def test_only_tickets_that_the_asker_may_see(
    drawer: Callable[..., Editor], complain: Callable[..., str]
) -> None:
    complain(f_phone=NOBODY_KNOWN)
    agent = drawer("definitions.edit")
    assert replay(agent, flow())["total"] == 1  # an agent may claim it
    assert "f_phone" not in json.dumps(replay(agent, flow())["rows"])


def test_many_come_page_by_page(editor: Editor, complain: Callable[..., str]) -> None:
    ids = [complain(f_phone=NOBODY_KNOWN, f_order=f"A{n}") for n in range(17)]
    first = replay(editor, flow())
    assert (len(first["rows"]), first["total"]) == (15, 17)
    second = replay(editor, flow(), before=first["next"])
    assert second["next"] is None
    assert [row["id"] for row in (*first["rows"], *second["rows"])] == ids[::-1]


def lines(result: Result) -> list[EventLine]:
    """What happened in a sandbox, as a ticket keeps it."""
    return [EventLine(event["seq"], 1, event["kind"], event.get("node"), "system", None, event, event["t"])
            for event in result.events]


@pytest.mark.parametrize(("answers", "port"), [
    ({"port": "late"}, "late"), ({"ok": False, "error": "x"}, "error"), ({"port": "clear"}, "clear"),
])
def test_what_a_step_asked_several_times_is_answered_in_that_order(answers: Any, port: str) -> None:
    config = {"connector": "weather", "path": "/", "at": "now", "bad": ["雨"], "again": "PT1H", "most": 2}
    past = testing.play(WeatherDelay, config, mock=answers, until="P1D")
    assert past.port == port
    flow = testing.flow_of(WeatherDelay, config)
    (row,) = _mocks(SimpleNamespace(flow=flow), lines(past.result))["step"]  # type: ignore[arg-type]
    asked = [event for event in past.result.events if event["kind"] == "job.queued"]
    assert len(row.again) == len(asked) - 1
    spoken = [{key: value for key, value in vars(one).items() if key in ("leads", "ok", "error")}
              for one in (row, *row.again)]
    again = testing.play(WeatherDelay, config, mock={**spoken[0], "again": spoken[1:]}, until="P1D")
    assert [event["kind"] for event in again.result.events] == [event["kind"] for event in past.result.events]
