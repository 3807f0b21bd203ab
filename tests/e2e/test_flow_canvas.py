"""The flow canvas by mouse and by keys: what stands there, what a + does, what a drag does, and the way back."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints
from tests.e2e.flow_page import Flow, middle
from tests.e2e.many_steps import drawn, take_hold

KEY = "restaurant_complaint"


@pytest.fixture
def said() -> list[str]:
    """What the page says on its console."""
    return []


@pytest.fixture
def page(windows: Windows, said: list[str]) -> Iterator[Page]:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []


def test_the_flow_is_laid_out_and_accessible(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    expect(page.locator(".board .card")).to_have_count(28)
    expect(flow.card("客诉抢单池")).to_contain_text("抢")
    top = {name: middle(flow.card(name))[1] for name in ("关键词与优先级", "是否红色预警", "客诉抢单池", "客服处理")}
    assert sorted(top, key=lambda name: top[name]) == list(top)
    left = [middle(flow.card(name))[0] for name in ("通知区域督导", "通知门店店长", "通知配送组长")]
    assert left == sorted(left)
    assert complaints(page) == []


def test_a_plus_inserts_in_one_step_and_undo_takes_it_back(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    before = flow.content()
    flow.add("并行", "关键词与优先级")
    lines = flow.lines()
    assert {"关键词与优先级:out>并行", "并行:b1>汇合", "并行:b2>汇合", "汇合:out>是否红色预警"} <= lines
    page.keyboard.press("Control+z")
    assert flow.content() == before
    page.keyboard.press("Control+y")
    assert flow.lines() == lines


def test_the_palette_by_keys(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.select("关键词与优先级")
    page.keyboard.press("+")
    expect(flow.palette.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("通知同")
    page.keyboard.press("Enter")
    assert "关键词与优先级:out>通知同事" in flow.lines()
    expect(page.locator('.card[aria-pressed="true"]')).to_be_focused()
    page.keyboard.press("+")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(flow.palette.locator(".step-kind").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(flow.palette).to_have_count(0)


def test_keys_walk_along_the_flow(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.select("关键词与优先级")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    expect(flow.card("是否红色预警")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(flow.card("通知门店店长")).to_be_focused()
    page.keyboard.press("Enter")
    expect(flow.panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(flow.panel).to_have_count(0)
    expect(flow.card("通知门店店长")).to_be_focused()
    page.keyboard.press("?")
    window = page.get_by_role("dialog", name="快捷键")
    expect(window.locator("section").nth(1)).to_contain_text("连同旁边的一起选中")
    page.keyboard.press("Escape")
    expect(flow.card("通知门店店长")).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator('.card[aria-pressed="true"]')).to_have_count(2)


def test_deleting_closes_the_line_and_says_what_went_too(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.select("赔付是否大于5万")
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(page.locator(".toast")).to_contain_text("1 个节点也一起删了")
    assert "客服处理:submit>ERP 赔付" in flow.lines()
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(flow.card("区域经理审批")).to_be_visible()


def test_a_line_is_cut_and_led_elsewhere(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.lead("区域经理审批", "驳回", "客诉抢单池")
    assert "区域经理审批:rejected>客诉抢单池" in flow.lines()
    flow.plus("区域经理审批", "驳回")
    flow.palette.get_by_role("button", name="断开这条线").click()
    assert not any(line.startswith("区域经理审批:rejected") for line in flow.lines())
    expect(page.locator(".problems")).to_have_class("btn quiet problems error")


def test_a_step_goes_to_another_flow_by_copy_and_paste(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.select("同时通知三方")
    page.keyboard.press("Escape")
    page.evaluate("""() => {
        const data = new DataTransfer();
        document.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
        sessionStorage.setItem('copied', data.getData('text/plain'));
    }""")
    other = Flow.blank(page, url, "另一个流程", "complaint")
    other.select("客户填写")
    page.keyboard.press("Escape")
    page.evaluate("""() => {
        const data = new DataTransfer();
        data.setData('text/plain', sessionStorage.getItem('copied'));
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }""")
    content = other.content()
    assert len(content["nodes"]) == 7
    assert {"客户填写:out>同时通知三方", "汇合:out>结束"} <= other.lines()
    assert {node["id"] for node in content["nodes"]}.isdisjoint({"fork", "join", "n_sup"})
    fork = next(node for node in content["nodes"] if node["type"] == "branch.parallel")
    assert next(node for node in content["nodes"] if node["type"] == "branch.join")["config"]["fork"] == fork["id"]


def test_the_free_view_pins_what_is_dragged_and_tidies_the_rest(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.view("自由")
    card = flow.card("是否红色预警")
    x, y = middle(card)
    flow.drag(card, (x + 220, y + 30))
    layout = flow.content()["layout"]
    assert layout["pinned"] == ["is_hot"]
    flow.drag(page.locator(".side-kind").filter(has_text="升级"), middle(page.locator('[data-plus="e4"]')))
    assert {"关键词与优先级:out>升级", "升级:out>是否红色预警"} <= flow.lines()
    page.locator(".flow-panel").get_by_role("button", name="关闭", exact=True).first.click()
    page.get_by_role("button", name="整理").click()
    assert list(flow.content()["layout"]["pos"]) == ["is_hot"]


def test_lines_are_drawn_by_hand_and_refused_with_a_reason(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.lead("区域经理审批", "驳回", "客诉抢单池")
    flow.plus("区域经理审批", "驳回")
    flow.palette.get_by_role("button", name="断开这条线").click()
    flow.view("自由")
    page.get_by_role("button", name="看全部").click()
    page.wait_for_timeout(300)
    for _ in range(3):
        page.get_by_role("button", name="放大").click()
        page.wait_for_timeout(250)
    approval, handle = flow.card("区域经理审批"), flow.card("客服处理")
    out = page.locator('[data-nodeid="approve"].dot-out[data-handleid="rejected"]')
    start = page.locator('[data-nodeid="approve"].dot-out[data-handleid="approved"]')
    flow.drag(start, middle(page.locator('[data-nodeid="handle"].dot-in')))
    expect(page.locator(".toast")).to_contain_text("这个出口已经连到别处")
    flow.drag(out, middle(page.locator('[data-nodeid="handle"].dot-in')))
    assert "区域经理审批:rejected>客服处理" in flow.lines()
    expect(approval).to_be_visible()
    expect(handle).to_be_visible()


def test_steps_are_found_and_problems_lead_to_theirs(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox", name="找节点").fill("质检复盘")
    page.keyboard.press("Enter")
    expect(flow.card("质检复盘任务")).to_have_attribute("aria-pressed", "true")
    expect(flow.card("质检复盘任务")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(flow.card("质检复盘任务")).to_be_focused()


def test_the_picture_says_what_the_canvas_says(url: str, page: Page) -> None:
    Flow.of(page, url, KEY)
    page.locator(".export summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="矢量图 SVG").click()
    text = waiting.value.path().read_text("utf-8")
    assert text.startswith("<svg ") and len(text) < 100_000
    assert "客诉抢单池" in text and "退回抢单池" in text and "currentColor" not in text and "var(" not in text
    page.locator(".export summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="图片 PNG").click()
    assert waiting.value.path().read_bytes()[:4] == b"\x89PNG"


def test_a_finger_on_a_tablet(url: str, windows: Windows) -> None:
    page = windows.open(size="desktop", viewport={"width": 820, "height": 1180}, has_touch=True)
    flow = Flow.of(page, url, KEY)
    plus = page.locator('[data-plus="e4"]')
    box = plus.locator(".plus-reach").bounding_box()
    assert box and min(box["width"], box["height"]) >= 43
    plus.tap()
    flow.palette.locator(".step-kind").get_by_text("审批", exact=True).first.tap()
    assert "关键词与优先级:out>审批" in flow.lines()
    assert json.dumps(flow.content()["layout"]["pos"]) == "{}"
    assert complaints(page) == []


def test_three_hundred_steps_and_a_drag_that_draws_only_its_own(url: str, page: Page) -> None:
    """Time is for `make bench`; here it is counted how much of the page a drag touches."""
    flow = drawn(page, url)
    across, down = take_hold(page, flow, "判断 3")
    page.evaluate("""() => {
        window.touched = new Set();
        const note = (list) => list.forEach(({ target }) => {
            const node = (target.closest ? target : target.parentElement)?.closest('.react-flow__node, .line');
            if (node) touched.add(node);
        });
        const kinds = { childList: true, subtree: true, attributes: true, characterData: true };
        new MutationObserver(note).observe(document.querySelector('.board'), kinds);
    }""")
    for step in range(10):
        page.mouse.move(across + step * 4, down + step)
    page.wait_for_timeout(100)
    assert page.evaluate("touched.size") in range(1, 6)  # its card, the line to it and the two from it
    page.mouse.up()
    assert flow.content()["layout"]["pinned"] == ["c3"]


def test_two_versions_stand_on_one_canvas(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.add("审批", "关键词与优先级")
    flow.select("通知门店店长")
    flow.rename("通知店长")
    flow.panel.get_by_label("节点说明", exact=True).fill("区域开会后改的")
    flow.content()
    page.get_by_role("button", name="版本", exact=True).click()
    page.locator(".versions ul button").first.click()
    page.get_by_role("button", name="在流程图上比较").click()
    expect(page.locator(".compared")).to_contain_text("新增 1，删除 0，修改 1")
    expect(flow.card("审批").locator(".badge.cmp")).to_have_text("新增")
    expect(flow.card("通知店长").locator(".badge.cmp")).to_have_text("已修改")
    expect(page.locator(".line.cmp.removed")).to_have_count(1)
    expect(page.locator(".board .plus:visible")).to_have_count(0)
    page.keyboard.press("Delete")
    page.get_by_role("button", name="退出比较").click()
    expect(page.locator(".compared")).to_have_count(0)
    expect(flow.card("通知店长")).to_have_attribute("aria-label", re.compile("说明：区域开会后改的"))
    assert len(flow.content()["nodes"]) == 29


def test_several_steps_at_once_without_keys(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.select("通知区域督导")
    flow.panel.get_by_role("button", name="关闭", exact=True).first.click()
    flow.card("通知门店店长").click(modifiers=["Control"])
    bar = page.locator(".chosen")
    expect(bar).to_contain_text("选中 2 个")
    bar.get_by_role("button", name="复制一份").click()
    assert len(flow.content()["nodes"]) == 30
    page.keyboard.press("Control+z")
    expect(bar).to_contain_text("选中 2 个")
    bar.get_by_role("button", name="删除").click()
    assert {"同时通知三方:b1>汇合", "同时通知三方:b2>汇合"} <= flow.lines()


def test_a_frame_selects_what_it_touches_and_the_picture_stays(url: str, page: Page) -> None:
    flow = Flow.of(page, url, KEY)
    flow.view("自由")
    first, last = flow.card("通知区域督导").bounding_box(), flow.card("通知配送组长").bounding_box()
    assert first and last
    page.keyboard.down("Shift")
    page.mouse.move(first["x"] - 12, first["y"] - 12)
    page.mouse.down()
    page.mouse.move(last["x"] + 20, last["y"] + 20, steps=4)
    expect(page.locator(".lasso")).to_be_visible()
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator('.card[aria-pressed="true"]')).to_have_count(3)
    expect(page.locator(".lasso")).to_have_count(0)
    assert flow.card("通知区域督导").bounding_box() == first
    assert complaints(page) == []
