"""A ticket on the flow chart: what the reader may know of it, drawn on the version it runs on."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.extensions import clock
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, AGENT_TWO, DELIVERY, Persona

NOBODY_KNOWN = "13700137000"  # no VIP: nobody is alarmed
BrowserOf = Callable[[Persona], Browser]


def boot(browser: Browser, ticket: str) -> Any:
    page = browser.get(f"/tickets/{ticket}/flow")
    assert page.status_code == 200
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.S)
    assert found
    return json.loads(unescape(found[1]))


def test_the_events_are_those_of_the_history_in_the_sandboxs_form(
    browser_of: BrowserOf, claimed: Callable[..., tuple[str, str]]
) -> None:
    agent = browser_of(AGENT)
    ticket, _ = claimed(agent, f_phone=NOBODY_KNOWN)
    shown = boot(agent, ticket)
    path = [event["node"] for event in shown["events"] if event["kind"] == "node.entered"]
    assert path == ["t_menu", "classify", "is_hot", "pool", "handle"]
    assert {"seq", "t", "kind", "node", "actor", "delta", "words"} <= set(shown["events"][0])
    assert [event["edge"] for event in shown["events"] if event["kind"] == "node.left"] == ["e2", "e4", "e6", "e14"]
    words = [event["words"] for event in shown["events"]]
    assert "安客服抢了单" in words
    hot = next(event for event in shown["events"] if event["node"] == "is_hot")
    assert hot["checked"] == [{"port": "hot", "label": "重大投诉", "holds": False, "any": False, "clauses": []}]
    assert shown["names"]["a1"] == "安客服"


def test_no_answer_and_no_setting_comes_along(
    browser_of: BrowserOf, claimed: Callable[..., tuple[str, str]]
) -> None:
    agent = browser_of(AGENT)
    ticket, _ = claimed(agent, f_body="只有客服该看到的话")
    page = agent.get(f"/tickets/{ticket}/flow").text
    assert "只有客服该看到的话" not in page and "13912345678" not in page
    content = boot(agent, ticket)["content"]
    assert {key for node in content["nodes"] for key in node["config"]} == {
        "cases", "else_label", "branches", "actions", "levels"}
    assert "50000" not in json.dumps([node["config"] for node in content["nodes"] if node["id"] == "pay"])
    assert "when" not in json.dumps(content)


def test_who_may_not_see_the_ticket_finds_nothing(browser_of: BrowserOf, complain: Callable[..., str]) -> None:
    ticket = complain(f_phone=NOBODY_KNOWN)
    assert browser_of(DELIVERY).get(f"/tickets/{ticket}/flow").status_code == 404
    assert browser_of(AGENT_TWO).get(f"/tickets/{ticket}/flow").status_code == 200


def test_the_chart_is_that_of_the_tickets_own_version(
    browser_of: BrowserOf, complain: Callable[..., str], demo_app: Any
) -> None:
    ticket = complain()
    with demo_app.app_context():
        row = definitions.draft("flow", "restaurant_complaint")
        content = {**row["content"], "name": "改过的流程"}
        definitions.save_draft("flow", "restaurant_complaint", content, row["rev"], actor=SYSTEM, now=clock.now_ms())
    assert boot(browser_of(ADMIN), ticket)["content"]["name"] == "餐饮客诉处理"


def test_the_ticket_page_leads_to_it(browser_of: BrowserOf, complain: Callable[..., str]) -> None:
    ticket = complain()
    assert f"/tickets/{ticket}/flow" in browser_of(ADMIN).text(f"/tickets/{ticket}")
