"""「为什么是我」: what an assignment went by and why nobody else got it, in words that people use."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.desk.why import Teller, Why
from app.org import profiles
from app.org.access import SYSTEM
from tests.desk.conftest import Browser
from tests.flows.kit import START, Play
from tests.flows.nodes.test_assign_auto import ENGLISH, TABLE, auto, decided, org
from tests.personas import AGENT, AGENT_TWO, LEAD, Persona
from tests.runtime import company
from tests.runtime.test_assigning import publish

NAMES = {"ann": "安", "bob": "博", "max": "马", "adm": "管"}
SERVED = {"strategy": "served_before", "within": "P30D"}


def told(app: Flask, delta: dict[str, Any], locale: str = "zh_CN") -> Why:
    with app.test_request_context(), force_locale(locale):
        return Teller(lambda who: NAMES.get(who, str(who)), locale, START).explain(delta)


def test_every_way_tells_why_in_plain_words(app: Flask) -> None:
    play = Play(auto(ways=[{"strategy": "vip_manager"}, SERVED, ENGLISH], max_open_per_person=5),
                org=org(ann={"skills": {"英语": 2}}, bob={"skills": {"英语": 3}}))
    why = told(app, decided(play))
    assert why.lead == "具备需要的技能：英语（3 级）。"
    assert why.tried == [("客户的专属顾问", "这位客户没有在职的专属顾问"),
                         ("上次服务这位客户的人", "候选人中 30 天内没有人服务过这位客户")]
    assert why.others == [("安", "没有达到“英语”的技能要求")]
    play = Play(auto(ways=[{"strategy": "table", "table": TABLE}]), customer={"level": "VIP"})
    assert told(app, decided(play)).lead == "符合派单表第 1 行：east × VIP × （空）。"
    assert told(app, decided(play), "en").lead == "Row 1 of the decision table fits: east × VIP × (empty)."
    play = Play(auto(ways=[SERVED]), org=org(ann={"served": 86_400_000 * 2}, bob={"served": 3_600_000}))
    why = told(app, decided(play))
    assert why.lead == "服务过这位客户，上次是今天 08:00。"
    assert why.others[0][1].startswith("服务这位客户更早，是1月3")


def test_the_rule_between_several_and_the_limits_are_told(app: Flask) -> None:
    play = Play(auto(), org=org(ann={"open_tasks": 3}))
    why = told(app, decided(play))
    assert (why.lead, why.others) == ("手上的单最少（安 3 单、博 0 单）。", [("安", "手上有 3 单")])
    play = Play(auto(max_open_per_person=2, on_duty=True, fallback=[{"role": "admin"}]),
                org=org(ann={"open_tasks": 2}, bob={"shift": "days"}))
    assert told(app, decided(play)).others == [("安", "手上已有 2 单，到上限了")]
    play = Play(auto(relay="PT30M"))
    play.timer("auto:1:+relay1", at=30)
    assert "接力到下一位" in told(app, decided(play)).lead


def test_a_reason_that_a_later_version_invents_is_told_all_the_same(app: Flask) -> None:
    why = told(app, {"strategy": "tarot", "chosen": "ann", "candidates": ["ann", "bob"], "passed": {"max": []},
                     "tried": [{"strategy": "dice", "why": "six"}]})
    assert why.tried == [("dice", "没有找到人")] and why.others == [("马", "不能接"), ("博", "按这条规则排在后面")]


@pytest.fixture
def given(demo_app: Flask) -> str:
    """A ticket that went to the second agent for her English."""
    with demo_app.app_context():
        profiles.save("a2", skills="英语 3", place="", shift="", actor=SYSTEM)
        return company.submit(publish(auto={"ways": [ENGLISH]}), {"f_what": "椅子"}, "start").ticket_id


def test_it_is_read_on_the_ticket_page_by_whom_it_concerns_and_by_those_who_look_on(
    browser_of: Callable[[Persona], Browser], given: str
) -> None:
    page = browser_of(AGENT_TWO).text(f"/tickets/{given}")
    assert "为什么是我" in page and "具备需要的技能：英语（3 级）。" in page and "其他人为什么没派到" in page
    page = browser_of(LEAD).text(f"/tickets/{given}")
    assert "为什么是白客服" in page and "没有达到“英语”的技能要求" in page and "为什么是我" not in page
    assert browser_of(AGENT).get(f"/tickets/{given}").status_code == 404
