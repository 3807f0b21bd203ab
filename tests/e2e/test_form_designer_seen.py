"""The designer for people who see, hear or move differently: axe finds nothing in any window, in both themes."""
from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.designer_page import Designer
from tests.e2e.test_form_designer import window


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_panel_and_window(url: str, windows: Windows, scheme: str) -> None:
    page = window(windows, scheme)
    draw = Designer.of(page, url, "complaint")
    found: dict[str, list[str]] = {}

    def look(what: str) -> None:
        found[what] = complaints(page)
        assert overflow(page) == 0

    look("the form")
    for label in ("会员", "手机号", "投诉类型", "具体问题", "问题菜品", "是否购买中秋礼盒"):
        draw.hand.select(draw.field(label))
        if draw.panel.locator("details.more").get_attribute("open") is None:
            draw.hand.press(draw.panel.locator("details.more > summary"))
        look(label)
    draw.rules_of("现场照片")
    page.locator(".rule-words").first.click()
    look("a rule")
    page.locator(".sec-title").first.click()
    look("a section")
    draw.field("手机号").click()
    draw.field("称呼").click(modifiers=["Shift"])
    expect(draw.panel.locator(".panel-head")).to_have_text("2 个字段")
    look("several fields")
    page.locator("#find").fill("客")
    look("a search")
    page.locator("#find").fill("")
    draw.field("称呼").click()
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog")).to_contain_text("删除“称呼”")
    expect(page.get_by_role("dialog")).not_to_contain_text("正在查看")
    look("deleting")
    page.keyboard.press("Escape")
    draw.field("赔付金额").click()
    page.get_by_role("tab", name="属性").click()
    draw.panel.get_by_label("公式", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("公式没有问题")
    look("a formula")
    page.keyboard.press("Escape")
    for button, name in (("规则 3", "rules"), ("版本", "versions"), ("快捷键", "keys"), ("发布", "publishing")):
        page.get_by_role("button", name=button, exact=True).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        if name == "versions":
            page.locator(".versions button").first.click()
            expect(page.get_by_role("dialog")).to_contain_text("恢复第")
        look(name)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="手机预览").click()
    expect(page.frame_locator(".phone iframe").get_by_text("手机号").first).to_be_visible()
    look("the preview")
    assert {what: complained for what, complained in found.items() if complained} == {}
