"""What a ticket's page offers besides the buttons of a step, without a script: each form does what it says."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.extensions import clock, db
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, AGENT_TWO, DELIVERY, Persona

MAY = ["transfer", "delegate", "add_sign", "return_to", "recall"]
SUBMIT = {"_action": "submit", "f_reply": "已致歉", "f_rate": "0"}
People = Callable[[Persona], Browser]
Claimed = Callable[..., tuple[str, str]]


@pytest.fixture(autouse=True)
def generous(demo_app: Flask) -> None:
    """The demo company's flow, its tasks with every right."""
    with demo_app.app_context():
        draft = definitions.draft("flow", "restaurant_complaint")
        for node in draft["content"]["nodes"]:
            if node["type"] in ("task.handle", "task.approval"):
                node["config"]["may"] = MAY
        definitions.save_draft("flow", "restaurant_complaint", draft["content"], draft["rev"], actor=SYSTEM,
                               now=clock.now_ms())
        for kind, key in (("flow", "restaurant_complaint"), ("ticket_type", "complaint")):
            definitions.publish(kind, key, actor=SYSTEM, now=clock.now_ms())
        db.session.remove()


def test_an_opinion_is_asked_given_and_comes_back(browser_of: People, claimed: Claimed) -> None:
    agent, other = browser_of(AGENT), browser_of(AGENT_TWO)
    ticket, task = claimed(agent)
    place = f"/tickets/{ticket}"
    assert "加签（请同事给意见）" in agent.text(place)
    asked = agent.post(f"{place}/tasks/{task}/add_sign", to=AGENT_TWO.id, note="赔多少合适", when="before")
    assert asked.location == f"{place}?said=asked"
    page = agent.text(place)
    assert "正在等白客服的加签意见" in page and 'name="_action"' not in page and 'name="f_reply"' not in page
    refused = agent.post(f"{place}/tasks/{task}", _version="99", **SUBMIT)
    assert refused.status_code in (409, 422) and "正在等" in refused.text
    page = other.text(place)
    assert "安客服请您加签" in page and "赔多少合适" in page and 'name="f_reply"' not in page
    sign = page.partition(f"{place}/tasks/")[2].partition('"')[0]
    version = page.partition('name="_version" value="')[2].partition('"')[0]
    silent = other.post(f"{place}/tasks/{sign}", _version=version, _action="disagree")
    assert silent.status_code == 422 and "不同意请写明原因" in silent.text
    assert other.post(f"{place}/tasks/{sign}", _version=version, _action="disagree", _note="五折").status_code == 303
    page = agent.text(place)
    assert "加签：不同意" in page and "五折" in page and 'name="_action"' in page


def test_it_is_done_by_somebody_else_and_taken_back(browser_of: People, claimed: Claimed) -> None:
    agent, other = browser_of(AGENT), browser_of(AGENT_TWO)
    ticket, task = claimed(agent)
    place = f"/tickets/{ticket}"
    assert agent.post(f"{place}/tasks/{task}/delegate", to=AGENT_TWO.id, note="开会").status_code == 303
    assert "您在代安客服办理" in other.text(place)
    page = agent.text(place)
    assert "收回自己办" in page and 'name="_action"' not in page
    assert agent.post(f"{place}/tasks/{task}/recall").location == f"{place}?said=recalled"
    assert 'name="_action"' in agent.text(place)


def test_it_goes_back_with_a_reason(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    place = f"/tickets/{ticket}"
    assert '<option value="pool">' in agent.text(place)
    assert agent.post(f"{place}/tasks/{task}/return_to", to="pool", note="").status_code == 422
    assert agent.post(f"{place}/tasks/{task}/return_to", to="end_ok", note="x").status_code == 409
    assert agent.post(f"{place}/tasks/{task}/return_to", to="pool", note="不归我们").status_code == 303
    page = agent.text(place)
    assert "退回到" in page and "不归我们" in page
    late = agent.post(f"{place}/tasks/{task}/return_to", to="pool", note="again")
    assert late.status_code == 409


def test_urging_reaches_whoever_has_it(
    browser_of: People, claimed: Claimed, settle: Callable[[], None]
) -> None:
    agent, admin = browser_of(AGENT), browser_of(ADMIN)
    ticket, _ = claimed(agent)
    place = f"/tickets/{ticket}"
    assert admin.post(f"{place}/urge", note="客户又来电").location == f"{place}?said=urged"
    settle()
    assert "催办" in agent.text("/inbox") and "客户又来电" in agent.text(place)
    again = admin.post(f"{place}/urge", note="")
    assert again.status_code == 409 and "刚刚催过" in again.text


def test_strangers_find_none_of_it(browser_of: People, claimed: Claimed) -> None:
    ticket, task = claimed(browser_of(AGENT))
    stranger = browser_of(DELIVERY)
    for what in ("delegate", "add_sign", "return_to", "recall"):
        assert stranger.post(f"/tickets/{ticket}/tasks/{task}/{what}", to=AGENT.id, note="x").status_code == 404
    assert stranger.post(f"/tickets/{ticket}/urge", note="x").status_code == 404
