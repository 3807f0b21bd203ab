"""The restaurant complaint of the library in one go, as a company would do it: drawn from blank in the guided view by
mouse, its five scenarios brought in and run in the sandbox, published, and then lived by a customer and a colleague.
"""
from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from app.extensions import db, parts
from app.settings import ROOT
from tests.browsers import Windows, complaints
from tests.desk.conftest import settle
from tests.e2e.conftest import Site
from tests.e2e.flow_by_mouse import Drawing
from tests.e2e.flow_meaning import flow_meaning
from tests.e2e.sandbox_room import Room, lit, story_of
from tests.e2e.test_desk import enter
from tests.live_stories.company import connect_erp
from tests.personas import AGENT

__all__ = ["settle"]  # a fixture
LIBRARY = ROOT / "app" / "definitions" / "library" / "restaurant_complaint"
EXAMPLE, SCENARIOS = LIBRARY / "flow.json", LIBRARY / "scenarios.json"
STORY = story_of(json.loads(SCENARIOS.read_text("utf-8")), "普通客诉")
DOOR = "公众号菜单「我的订单」投诉"


def test_drawn_by_mouse_tried_published_and_lived(
    site: Site, windows: Windows, demo_app: Flask, settle: Callable[[], None]
) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    draw = Drawing.blank(page, site.url, "餐饮客诉处理", "complaint")
    draw.whole()
    content = draw.content()
    with demo_app.app_context():
        catalog = parts().catalog
        connect_erp(site.url)
        db.session.remove()
    expected, mine = flow_meaning(json.loads(EXAMPLE.read_text("utf-8")), catalog), flow_meaning(content, catalog)
    assert sorted(mine["steps"]) == sorted(expected["steps"])
    for name, step in expected["steps"].items():
        assert mine["steps"][name] == step, name
    assert mine == expected
    expect(page.locator(".problems.error")).to_have_count(0)

    room = Room(page)
    room.bring(SCENARIOS)
    room.all_pass(5)
    room.scenario(STORY["name"])
    expect(page.locator(".sb-pass")).to_have_text("通过")
    promised = lit(page)
    assert len(promised["steps"]) == len(STORY["expect"]["path"]) and 0 < len(promised["lines"]) < len(content["edges"])

    link = complain(windows, f"{site.url}/f/{publish(page)}")
    agent = enter(windows.open(f"{site.url}/pool", size="desktop"), AGENT)
    agent.get_by_role("button", name="抢工单 1").click()
    expect(agent.get_by_text("抢到了")).to_be_visible()
    ticket = agent.url.partition("?")[0]
    standing_at_the_desk(agent)
    handle(agent, ticket)
    settle()
    rate(link)
    settle()
    agent.goto(ticket)
    expect(agent.get_by_text("已完成", exact=True).first).to_be_visible()
    agent.get_by_role("link", name="在流程图上看").click()
    expect(agent.locator(".card.lit")).to_have_count(len(promised["steps"]))
    assert lit(agent) == promised


def publish(page: Page) -> str:
    """Every warning is ticked, and the flow put to use; the token of the link at the menu."""
    page.get_by_role("button", name="发布", exact=True).click()
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("第一次发布，一共 28 个节点")
    expect(window).to_contain_text("还没有工单类型在用这个流程")
    go = window.get_by_role("button", name="发布", exact=True)
    expect(go).to_be_disabled()
    for tick in window.locator(".finding.warning input").all():
        tick.check()
    go.click()
    expect(window).to_contain_text("第 1 版已发布")
    window.get_by_role("button", name="开始使用这个流程").click()
    expect(window).to_contain_text("使用中：餐饮客诉处理")
    expect(window.locator(".customer-link")).to_have_count(2)
    address = window.locator(".customer-link", has_text=DOOR).locator(".address").inner_text()
    window.get_by_role("button", name="继续").click()
    expect(page.locator(".standing.used")).to_contain_text("1")
    return address.rpartition("/")[2]


def complain(windows: Windows, address: str) -> Page:
    """A customer with a phone that runs no scripts says what the scenario says; their page."""
    told = STORY["form"]
    page = windows.open(address, javascript=False)
    for name in ("f_phone", "f_order", "f_body"):
        page.fill(f"[name={name}]", told[name])
    page.select_option("[name=f_store]", told["f_store"])
    page.locator(f"[name=f_kind][value={told['f_kind']}]").check(force=True)
    page.select_option("[name=f_item]", told["f_item"])
    page.get_by_text("我已阅读并同意").click()
    page.click("#submit")
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    return page


def standing_at_the_desk(page: Page) -> None:
    """The chart of the ticket that this colleague has just claimed; nothing can be changed on it."""
    page.get_by_role("link", name="在流程图上看").click()
    expect(page.locator(".card.lit")).to_have_count(5)
    expect(page.locator(".card.active")).to_contain_text("客服处理")
    expect(page.locator(".bubble")).to_have_text("等安客服")
    expect(page.locator(".plus").first).to_be_hidden()
    page.get_by_role("button", name="回到开头").click()
    expect(page.locator(".card.lit")).to_have_count(0)
    page.get_by_role("button", name="到下一个等待").click()
    expect(page.locator(".bubble")).to_have_text("等人抢单")
    assert complaints(page, ".sb") == []


def handle(page: Page, ticket: str) -> None:
    """What the scenario says is written and sent."""
    told = next(step["form"] for step in STORY["script"] if step["node"] == "handle")
    page.goto(ticket)
    page.fill("[name=f_reply]", told["f_reply"])
    page.fill("[name=f_rate]", str(told["f_rate"]))
    page.get_by_role("button", name="提交处理").click()
    expect(page.get_by_text("这一步已完成")).to_be_visible()


def rate(page: Page) -> None:
    """The customer answers what their page asks."""
    told = next(step["form"] for step in STORY["script"] if step["as"] == "customer")
    page.goto(page.url.partition("?")[0])
    page.get_by_text(f"{told['f_score']} 星").click(force=True)
    page.get_by_text("已解决", exact=True).click()
    page.click("#submit")
    expect(page.get_by_text("感谢您的回答")).to_be_visible()
