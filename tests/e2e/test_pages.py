"""A form of several pages: one at a time where scripts run, below each other where none do."""
from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.e2e.designer_page import Designer
from tests.e2e.test_desk import enter
from tests.e2e.test_public_form import SMALLEST, TOO_SMALL, field
from tests.e2e.test_public_form import send as press
from tests.entries.conftest import jpeg
from tests.entries.kinds import publish
from tests.personas import ADMIN, AGENT

SECTIONS = [
    {"id": "s_home", "title": "房屋"}, {"id": "s_more", "title": "补充"},
    {"id": "s_water", "title": "水路", "page": True}, {"id": "s_end", "title": "确认", "page": True},
]
FIELDS: list[dict[str, Any]] = [
    {"id": "f_room", "type": "text", "label": "房号", "required": True, "section": "s_home"},
    {"id": "f_tel", "type": "phone", "label": "手机", "landline": True, "section": "s_home"},
    {"id": "f_wet", "type": "switch", "label": "有漏水", "section": "s_more"},
    {"id": "f_where", "type": "text", "label": "漏水位置", "required": True, "section": "s_water"},
    {"id": "f_photo", "type": "images", "label": "照片", "required": True, "max_files": 2, "section": "s_water"},
    {"id": "f_marks", "type": "subtable", "label": "清单", "required": True, "section": "s_water", "fields": [
        {"id": "f_what", "type": "text", "label": "什么", "required": True}]},
    {"id": "f_mail", "type": "email", "label": "邮箱", "required": True, "section": "s_end"},
    {"id": "f_note", "type": "textarea", "label": "备注", "section": "s_end"},
]
RULES = [{"id": "r_wet", "when": {"ref": "form.f_wet", "op": "eq", "value": True},
          "then": [{"do": "show", "target": "s_water"}]}]


@pytest.fixture
def door(site: Site) -> str:
    """A form of three pages; the one in the middle only where water leaks."""
    return site.url + publish(site.app, *FIELDS, sections=SECTIONS, rules=RULES,
                              work={"f_room": "edit", "f_note": "edit", "*": "read"})


def step(page: Page) -> Any:
    return page.locator(".leaf.now .leaf-head")


def rest(page: Page) -> None:
    """A moment, as a hand takes: what follows a turned page at once is the second half of a double tap."""
    page.wait_for_timeout(400)


def onward(page: Page) -> None:
    rest(page)
    page.get_by_role("button", name="下一步").click()


def send(page: Page) -> None:
    rest(page)
    press(page)


def wet(page: Page) -> None:
    """The first page, with water leaking, and on to the second."""
    page.fill("#f_room", "A-101")
    page.get_by_label("有漏水").click()
    onward(page)
    expect(step(page)).to_have_text("第 2 步，共 3 步")


def water(page: Page) -> None:
    """The second page, filled in."""
    page.fill("#f_where", "厨房")
    page.set_input_files("#f_photo", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(field(page, "f_photo").locator("img")).to_be_visible()
    field(page, "f_marks").get_by_role("button", name="添加一行").click()
    page.fill('[name="f_marks.0.f_what"]', "水管")


def test_pages_are_filled_in_one_by_one(site: Site, windows: Windows, door: str) -> None:
    page = windows.open(door)
    expect(step(page)).to_have_text("第 1 步，共 2 步")  # nothing to say of water, so far
    assert page.locator(".leaf:visible").count() == 1
    expect(page.locator("#submit")).to_be_hidden()
    expect(page.get_by_role("button", name="上一步")).to_be_hidden()
    wet(page)
    expect(step(page)).to_be_focused()
    assert step(page).get_attribute("aria-live") == "polite"
    expect(field(page, "f_room")).to_be_hidden()
    water(page)
    onward(page)
    expect(step(page)).to_have_text("第 3 步，共 3 步")
    expect(page.get_by_role("button", name="下一步")).to_be_hidden()
    page.fill("#f_mail", "li@example.com")
    page.get_by_role("button", name="上一步").click()
    expect(step(page)).to_have_text("第 2 步，共 3 步")
    assert page.input_value("#f_where") == "厨房"
    onward(page)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    answers = site.answers()
    assert (answers["f_room"], answers["f_where"], answers["f_mail"]) == ("A-101", "厨房", "li@example.com")


def test_a_page_is_turned_when_its_answers_are_there(windows: Windows, door: str) -> None:
    page = windows.open(door)
    onward(page)
    expect(page.locator("#f_room-err")).to_contain_text("请填写“房号”")
    expect(page.locator("#f_room")).to_be_focused()
    expect(step(page)).to_have_text("第 1 步，共 2 步")
    page.fill("#f_tel", "123")
    page.fill("#f_room", "A-101")
    onward(page)
    expect(page.locator("#f_room-err")).to_be_empty()
    expect(page.locator("#f_tel")).to_be_focused()
    page.fill("#f_tel", "（0571）8888 6666")  # what the server takes is no mistake here
    page.get_by_label("有漏水").click()
    onward(page)
    expect(step(page)).to_have_text("第 2 步，共 3 步")
    onward(page)
    for name, words in (("f_where", "请填写“漏水位置”"), ("f_photo", "请填写“照片”"), ("f_marks", "请填写“清单”")):
        expect(page.locator(f"#{name}-err")).to_contain_text(words)
    water(page)
    onward(page)
    expect(step(page)).to_have_text("第 3 步，共 3 步")


def test_enter_turns_the_page_and_sends_only_the_last(site: Site, windows: Windows, door: str) -> None:
    page = windows.open(door, size="desktop")
    page.focus("#f_room")
    page.keyboard.press("Enter")
    expect(page.locator("#f_room-err")).to_contain_text("请填写")
    page.keyboard.type("A-101")
    page.keyboard.press("Enter")
    expect(step(page)).to_have_text("第 2 步，共 2 步")
    assert site.tickets() == 0
    page.keyboard.press("Tab")
    page.keyboard.type("li@example.com")
    rest(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/**")
    assert site.tickets() == 1


def test_a_double_tap_turns_one_page_and_sends_nothing(site: Site, windows: Windows) -> None:
    fields = [{"id": "f_a", "type": "text", "label": "甲"},
              *({"id": f"f_{name}", "type": "text", "label": name, "section": f"s_{name}"} for name in "bc")]
    sections = [{"id": f"s_{name}", "title": name, "page": True} for name in "bc"]
    page = windows.open(site.url + publish(site.app, *fields, sections=sections))
    for number in (2, 3):
        page.locator("#next").dblclick()
        expect(step(page)).to_have_text(f"第 {number} 步，共 3 步")
        rest(page)
    expect(page.locator("#submit")).to_be_visible()
    assert site.tickets() == 0
    send(page)
    page.wait_for_url("**/t/**")


def test_the_browsers_back_goes_a_page_back(windows: Windows, door: str) -> None:
    page = windows.open(door)
    wet(page)
    water(page)
    onward(page)
    page.get_by_role("button", name="上一步").click()
    expect(step(page)).to_have_text("第 2 步，共 3 步")
    page.go_back()
    expect(step(page)).to_have_text("第 1 步，共 3 步")
    expect(step(page)).to_be_focused()
    page.get_by_label("有漏水").click()
    page.go_forward()  # to a page that a rule has emptied meanwhile
    expect(step(page)).to_have_text("第 1 步，共 2 步")
    page.get_by_label("有漏水").click()
    expect(step(page)).to_have_text("第 1 步，共 3 步")
    assert page.input_value("#f_where") == "厨房"


def test_after_a_refusal_the_first_page_with_a_mistake_is_open(site: Site, windows: Windows, door: str) -> None:
    page = windows.open(door)
    page.fill("#f_room", "A-101")
    page.fill("#f_tel", "0571-12345678")  # no landline begins so, which only the server knows
    onward(page)
    send(page)
    expect(page.locator("#problems")).to_be_focused()
    expect(step(page)).to_have_text("第 1 步，共 2 步")
    expect(page.locator("#f_tel-err")).to_contain_text("手机")
    page.locator("#problems").get_by_role("link", name="邮箱").click()
    expect(step(page)).to_have_text("第 2 步，共 2 步")
    expect(page.locator("#f_mail")).to_be_focused()
    page.go_back()
    expect(step(page)).to_have_text("第 1 步，共 2 步")
    assert page.input_value("#f_room") == "A-101" and site.tickets() == 0


def test_a_draft_remembers_the_page(windows: Windows, door: str) -> None:
    page = windows.open(door)
    wet(page)
    page.fill("#f_where", "厨房")
    page.wait_for_timeout(600)
    page.goto(door)
    expect(page.get_by_text("已恢复上次没有提交的内容")).to_be_visible()
    expect(step(page)).to_have_text("第 2 步，共 3 步")
    page.get_by_role("button", name="上一步").click()
    expect(step(page)).to_have_text("第 1 步，共 3 步")
    assert page.input_value("#f_room") == "A-101"
    page.get_by_role("button", name="重新填写").click()
    page.wait_for_load_state()
    expect(step(page)).to_have_text("第 1 步，共 2 步")


def test_a_signature_stays_on_its_page(site: Site, windows: Windows) -> None:
    fields = [{"id": "f_name", "type": "text", "label": "姓名"},
              {"id": "f_sign", "type": "signature", "label": "签字", "required": True, "section": "s_sign"},
              {"id": "f_note", "type": "text", "label": "备注", "section": "s_end"}]
    sections = [{"id": "s_sign", "title": "签字", "page": True}, {"id": "s_end", "title": "其他", "page": True}]
    page = windows.open(site.url + publish(site.app, *fields, sections=sections), size="desktop")
    onward(page)
    onward(page)
    expect(page.locator("#f_sign-err")).to_contain_text("请填写“签字”")
    canvas = page.locator("canvas")
    box = canvas.bounding_box()
    assert box and canvas.evaluate("one => one.width") >= box["width"] > 300, "sized when its page opened"
    page.mouse.move(box["x"] + 60, box["y"] + 120)
    page.mouse.down()
    for x, y in ((120, 40), (180, 150), (260, 60), (320, 140)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
    page.mouse.up()
    onward(page)
    expect(step(page)).to_have_text("第 3 步，共 3 步")
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert len(site.answers()["f_sign"]) == 1


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_without_scripts_all_pages_stand_below_each_other(
    site: Site, windows: Windows, door: str, size: str
) -> None:
    page = windows.open(door, size=size, javascript=False)
    heads = page.locator(".leaf-head")
    assert heads.all_inner_texts() == ["第 1 步，共 3 步", "第 2 步，共 3 步", "第 3 步，共 3 步"]
    assert page.locator(".leaf:visible").count() == 3
    assert page.locator("#next:visible, #back:visible").count() == 0
    assert overflow(page) == 0
    page.fill("#f_room", "A-101")
    send(page)
    page.locator("#problems").get_by_role("link", name="邮箱").click()
    page.fill("#f_mail", "li@example.com")
    send(page)
    assert site.answers()["f_room"] == "A-101"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_axe_finds_nothing_and_everything_is_large_enough(
    windows: Windows, door: str, size: str, theme: str
) -> None:
    page = windows.open(door, size=size, color_scheme=theme)
    assert complaints(page) == []
    wet(page)
    onward(page)
    expect(page.locator("#f_where-err")).to_contain_text("请填写")
    assert complaints(page) == [] and overflow(page) == 0
    assert page.evaluate(TOO_SMALL, SMALLEST) == []
    water(page)
    onward(page)
    expect(page.locator("#submit")).to_be_visible()
    assert complaints(page) == [] and page.evaluate(TOO_SMALL, SMALLEST) == []


def test_colleagues_see_the_pages_as_headings(site: Site, windows: Windows, door: str) -> None:
    page = windows.open(door)
    wet(page)
    water(page)
    onward(page)
    page.fill("#f_mail", "li@example.com")
    send(page)
    desk = enter(windows.open(f"{site.url}/tickets", size="desktop"), ADMIN)
    desk.locator("a[href*='/tickets/']").first.click()
    heads = desk.locator(".panel-answers h3")
    expect(heads).to_have_text(["第 1 页", "房屋", "补充", "第 2 页", "水路", "第 3 页", "确认"])
    assert complaints(desk) == []
    agent = enter(windows.open(f"{site.url}/pool"), AGENT)
    agent.get_by_role("button", name="抢工单 1").click()
    agent.wait_for_load_state()
    agent.locator("label[for=tab-do]").click()
    expect(agent.locator(".panel-do h3")).to_have_text(["第 1 页", "第 3 页"])
    assert agent.locator("#f_room:visible, #f_note:visible").count() == 2 and overflow(agent) == 0
    assert complaints(agent) == []


def test_pages_are_drawn_in_the_designer(url: str, windows: Windows) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    draw = Designer.blank(page, url, "验房单")
    draw.add("单行文本", "房号")
    for title, label in (("水路", "漏水位置"), ("电路", "跳闸位置")):
        page.get_by_role("button", name="添加分组").click()
        draw.set("分组标题", title)
        draw.add("单行文本", label)
    assert page.locator(".page-mark").count() == 0
    for title in ("水路", "电路"):
        page.get_by_role("region", name=title).click(position={"x": 8, "y": 8})
        draw.switch("从这里开始新的一页")
    expect(page.locator(".page-mark")).to_have_text(["第 1 页，共 3 页", "第 2 页，共 3 页", "第 3 页，共 3 页"])
    page.get_by_role("button", name="手机预览").click()
    expect(page.frame_locator(".phone iframe").locator(".leaf-head")).to_have_count(3)
    assert complaints(page) == []
    page.get_by_role("button", name="手机预览").first.click()
    draw.switch("从这里开始新的一页")
    expect(page.locator(".page-mark")).to_have_text(["第 1 页，共 2 页", "第 2 页，共 2 页"])
    assert [section.get("page") for section in draw.content()["sections"]] == [True, None]
