"""The outline: the complaint's flow drawn, tried and published by keys alone, and what else the list can do."""
from __future__ import annotations

import json

from flask import Flask
from playwright.sync_api import expect

from app.extensions import parts
from app.settings import ROOT
from tests.browsers import Windows, complaints
from tests.e2e.flow_drawing import Complaint, Pen
from tests.e2e.flow_meaning import flow_meaning
from tests.e2e.flow_page import Flow
from tests.e2e.sandbox_room import Room

LIBRARY = ROOT / "app" / "definitions" / "library" / "restaurant_complaint"
EXAMPLE, SCENARIOS = LIBRARY / "flow.json", LIBRARY / "scenarios.json"


def test_drawn_tried_and_published_by_keys_alone(url: str, windows: Windows, demo_app: Flask) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    flow = Flow.blank(page, url, "餐饮客诉处理", "complaint")
    flow.view("大纲")
    pen = Pen(page, flow)
    Complaint(pen).whole()
    content = flow.content()
    with demo_app.app_context():
        catalog = parts().catalog
        expected, mine = flow_meaning(json.loads(EXAMPLE.read_text("utf-8")), catalog), flow_meaning(content, catalog)
    assert mine["vars"] == expected["vars"]
    assert set(mine["steps"]) == set(expected["steps"])
    for name, step in expected["steps"].items():
        assert mine["steps"][name] == step, name
    assert mine["lines"] == expected["lines"]
    expect(page.locator(".problems")).to_contain_text("问题 2")  # two steps that no clock covers, as in the example
    assert complaints(page) == []
    room = Room(page, pen.press)
    room.bring(SCENARIOS)
    room.all_pass(5)
    pen.press(page.get_by_role("button", name="发布", exact=True))
    dialog = page.get_by_role("dialog")
    for warning in dialog.locator(".finding.warning").all():
        pen.tick(warning)
    pen.press(dialog.get_by_role("button", name="发布", exact=True))
    expect(dialog).to_contain_text("第 1 版已发布")


def test_the_list_by_keys(url: str, windows: Windows) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    flow = Flow.of(page, url, "restaurant_complaint")
    flow.view("大纲")
    pen = Pen(page, flow)
    before = flow.content()
    pen.to("是否红色预警")
    expect(pen.line("是否红色预警")).to_have_attribute("aria-expanded", "true")
    expect(pen.line("通知区域督导")).to_have_attribute("aria-level", "5")
    pen.key("ArrowLeft")
    expect(pen.line("是否红色预警")).to_have_attribute("aria-expanded", "false")
    expect(pen.line("通知区域督导")).to_have_count(0)
    pen.key("ArrowDown")
    expect(pen.line("客诉抢单池")).to_be_focused()
    pen.key("ArrowUp")
    pen.key("ArrowRight")
    expect(pen.line("通知区域督导")).to_be_visible()
    pen.key("ArrowRight")
    pen.key("ArrowRight")
    expect(pen.line("同时通知三方")).to_be_focused()
    pen.key("ArrowLeft")  # closes it
    pen.key("ArrowLeft")
    expect(pen.line("是否红色预警", "重大投诉")).to_be_focused()
    # a step changes places with its neighbour, and stays in focus
    pen.to("关键词与优先级")
    pen.key("Alt+ArrowDown")
    expect(pen.line("关键词与优先级")).to_be_focused()
    assert flow.content() == before, "a branch cannot be stepped over from above"
    pen.add("设置数据", "关键词与优先级", "记一笔")
    pen.to("记一笔")
    pen.key("Alt+ArrowUp")
    expect(pen.line("记一笔")).to_be_focused()
    assert {"聊天侧边栏转工单:out>记一笔", "记一笔:out>关键词与优先级"} <= flow.lines()
    pen.key("Delete")
    expect(pen.line("记一笔")).to_have_count(0)
    assert "聊天侧边栏转工单:out>关键词与优先级" in flow.lines()
    # a way back leads to where it goes; Delete cuts it
    back = page.locator(".tree-line.is-ref").filter(has_text="回到“客诉抢单池”").first
    pen.to("客服处理", "退回抢单池")
    pen.key("ArrowDown")
    expect(back).to_be_focused()
    pen.key("Enter")
    expect(pen.line("客诉抢单池")).to_be_focused()
    pen.to("客服处理", "退回抢单池")
    pen.key("ArrowDown")
    pen.key("Delete")
    assert "客服处理:return>客诉抢单池" not in flow.lines()
    pen.key("Control+z")
    assert "客服处理:return>客诉抢单池" in flow.lines()
