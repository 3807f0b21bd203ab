"""Carrying things in the designer: whole sections, fields into sub-tables and out, several at once; and repairs."""
from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browsers import Windows, complaints
from tests.e2e.designer_page import Designer
from tests.e2e.hands import Finger, Keys, Mouse
from tests.e2e.many_fields import STORE
from tests.e2e.test_form_designer import window

FIELDS: list[dict[str, Any]] = [
    {"id": "f_name", "type": "text", "label": "姓名", "section": "s_one"},
    {"id": "f_photo", "type": "images", "label": "照片", "section": "s_one"},
    {"id": "f_price", "type": "money", "label": "单价", "section": "s_one"},
    {"id": "f_rows", "type": "subtable", "label": "明细", "section": "s_two", "fields": [
        {"id": "f_what", "type": "text", "label": "品名"},
        {"id": "f_twice", "type": "computed", "label": "双倍", "result": "money", "formula": "{{form.f_price}} * 2"}]},
    {"id": "f_note", "type": "textarea", "label": "备注", "section": "s_three"},
]
SECTIONS = [{"id": "s_one", "title": "甲组"}, {"id": "s_two", "title": "乙组"}, {"id": "s_three", "title": "丙组"}]


def opened(page: Page, url: str) -> Designer:
    """The designer with these sections and fields."""
    draw = Designer.blank(page, url, "搬动")
    content = {**draw.content(), "fields": FIELDS, "sections": SECTIONS}
    assert page.evaluate(STORE, {"content": content}) == 200
    page.reload()
    expect(page.locator(".sec")).to_have_count(3)
    return draw


def sections(draw: Designer) -> list[str]:
    return [section["title"] for section in draw.content()["sections"]]


def table(draw: Designer) -> tuple[list[str], str]:
    """Labels of the columns, and the formula of the computed one."""
    rows = next(field for field in draw.content()["fields"] if field["id"] == "f_rows")["fields"]
    return [column["label"] for column in rows], next(row["formula"] for row in rows if row["id"] == "f_twice")


def corner(what: Locator) -> tuple[float, float]:
    box = what.bounding_box()
    assert box
    return box["x"], box["y"]


@pytest.mark.parametrize("kind", ["mouse", "finger"])
def test_sections_and_columns_are_dragged(url: str, windows: Windows, kind: str) -> None:
    page = windows.open(size="desktop", viewport={"width": 1280, "height": 1000}, has_touch=kind == "finger")
    draw = opened(page, url)
    hand = Finger(page) if kind == "finger" else Mouse(page)
    hand.press(page.locator(".sec-title").last)
    x, y = corner(page.locator(".sec").first)
    hand.drag(page.get_by_label("拖动分组“丙组”"), x + 60, y - 4)
    assert sections(draw) == ["丙组", "甲组", "乙组"]
    # what no column can be says so, and stays where it was
    x, y = corner(page.locator(".tbl-end"))
    hand.drag(draw.field("照片").locator(".fld-head"), x + 20, y + 20)
    expect(page.get_by_role("status").last).to_have_text("“图片”不能放进子表")
    assert table(draw) == (["品名", "双倍"], "{{form.f_price}} * 2")
    # the formula goes on naming the price, in the table and outside again
    hand.drag(draw.field("单价").locator(".fld-head"), x + 20, y + 20)
    assert table(draw) == (["品名", "双倍", "单价"], "{{row.f_price}} * 2")
    x, y = corner(draw.field("姓名"))
    hand.drag(draw.field("单价").locator(".fld-head"), x + 60, y + 6)
    assert table(draw) == (["品名", "双倍"], "{{form.f_price}} * 2")
    assert [field["label"] for field in draw.content()["fields"]][:2] == ["单价", "姓名"]
    # once published a field stays on its side: old answers are one or many
    hand.press(page.get_by_role("button", name="发布"))
    hand.press(page.get_by_role("dialog").get_by_role("button", name="发布", exact=True))
    hand.press(page.get_by_role("button", name="继续编辑"))
    x, y = corner(page.locator(".tbl-end"))
    hand.drag(draw.field("姓名").locator(".fld-head"), x + 20, y + 20)
    expect(page.get_by_role("status").last).to_contain_text("“姓名”发布过")
    assert table(draw)[0] == ["品名", "双倍"]


def test_sections_and_columns_are_moved_by_keys(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = opened(page, url)
    keys = Keys(page)
    keys.select(page.locator('[data-id="s_three"]'))
    keys.key("Tab")  # past its title
    keys.reach(page.get_by_label("拖动分组“丙组”"))
    keys.key("Space")
    for _ in range(3):
        page.wait_for_timeout(60)  # as fast as a hand
        keys.key("ArrowUp")
    page.wait_for_timeout(60)
    expect(page.get_by_role("status").last).to_have_text("“丙组”将放到“甲组”之前。")
    keys.key("Space")
    expect(page.locator('[data-id="s_three"]')).to_be_focused()
    assert sections(draw) == ["丙组", "甲组", "乙组"]
    keys.key("Alt+ArrowDown")
    assert sections(draw) == ["甲组", "丙组", "乙组"]
    keys.key("Control+z")
    # a field between two columns
    keys.select(draw.field("单价"))
    keys.reach(page.get_by_label("拖动“单价”"))
    keys.key("Space")
    for _ in range(12):
        page.wait_for_timeout(60)
        keys.key("ArrowDown")
        if "双倍" in page.get_by_role("status").last.inner_text():
            break
    page.wait_for_timeout(60)
    keys.key("Space")
    expect(draw.field("单价")).to_be_focused()
    assert table(draw) == (["品名", "单价", "双倍"], "{{row.f_price}} * 2")
    # several at once: with Shift, then away with them and back
    keys.select(draw.field("姓名"))
    keys.key("Shift+ArrowDown")
    expect(draw.panel.locator(".panel-head")).to_have_text("2 个字段")
    keys.key("Delete")
    expect(draw.field("照片")).to_have_count(0)
    expect(draw.field("明细")).to_be_focused()
    keys.key("Control+z")
    assert [field["label"] for field in draw.content()["fields"]][:2] == ["姓名", "照片"]
    # a section taken away leaves its fields, and the focus on the canvas
    keys.select(page.locator('[data-id="s_one"]'))
    keys.key("Delete")
    assert sections(draw) == ["丙组", "乙组"]
    expect(draw.field("备注")).to_be_focused()
    assert complaints(page) == []


def test_a_repair_that_the_server_offers_is_done_and_undone(url: str, windows: Windows) -> None:
    page = window(windows, "dark")
    draw = Designer.blank(page, url, "保养")
    draw.add("单行文本", "BM01 保养类型")
    draw.content()
    page.get_by_role("button", name="建议 1").click()
    drawer = page.locator(".drawer")
    expect(drawer.locator(".finding")).to_contain_text("BM01 保养类型")
    assert complaints(page) == []
    drawer.get_by_role("button", name="改成“保养类型”").click()
    expect(drawer).to_contain_text("没有发现问题")
    assert [field["label"] for field in draw.content()["fields"]] == ["保养类型"]
    page.get_by_role("button", name="撤销：改成“保养类型”").click()
    expect(drawer.locator(".finding")).to_contain_text("BM01 保养类型")
    assert [field["label"] for field in draw.content()["fields"]] == ["BM01 保养类型"]
