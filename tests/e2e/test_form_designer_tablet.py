"""The designer under a finger, and with many fields: drags land, and little is drawn anew."""
from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.designer_page import Designer
from tests.e2e.hands import Finger
from tests.e2e.many_fields import ORDER, carry, drawn, rename
from tests.e2e.test_form_designer import labels, window

# Ids of the fields in which anything but the look of being selected changes from now on.
WATCH = """() => {
  window.touched = new Set();
  new MutationObserver((changes) => changes.forEach(({ target, type }) => {
    const node = target.nodeType === 1 ? target : target.parentElement;
    const field = node && node.closest('.fld');
    if (field && type !== 'attributes') window.touched.add(field.dataset.id);
  })).observe(document.querySelector('.canvas'), { subtree: true, childList: true, characterData: true });
}"""


# What can be pressed and is smaller than a finger: [name, width, height]; of a box to tick its label counts.
SMALL = """() => [...document.querySelectorAll('button, a[href], input, select, textarea, summary, [role=tab]')]
    .filter((node) => node.checkVisibility())
    .map((node) => [node.ariaLabel || node.innerText, (node.closest('label') || node).getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 44 || height < 44)
    .map(([name, { width, height }]) => [name, width, height])"""


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (820, 1180), (375, 812)])
def test_nothing_to_press_is_smaller_than_a_finger(url: str, windows: Windows, width: int, height: int) -> None:
    page = windows.open(size="desktop", viewport={"width": width, "height": height}, has_touch=True)
    draw = Designer.of(page, url, "complaint")

    def fits(what: str) -> None:
        assert (what, page.evaluate(SMALL)) == (what, [])
        assert overflow(page) == 0

    fits("the form")
    for label in ("手机号", "投诉类型", "问题菜品", "赔付金额", "会员"):
        draw.field(label).locator(".fld-head").first.tap()
        fits(label)
    draw.rules_of("现场照片")
    page.locator(".rule-words").first.tap()
    fits("a rule")
    page.locator(".sec-title").first.tap()
    fits("a section")
    draw.field("赔付金额").locator(".fld-head").tap()
    page.get_by_role("tab", name="属性").tap()
    draw.panel.get_by_label("公式", exact=True).tap()
    expect(page.get_by_role("dialog")).to_contain_text("公式没有问题")
    fits("a formula")
    assert complaints(page) == []
    page.get_by_role("dialog").get_by_role("button", name="取消").tap()
    page.get_by_role("button", name="版本").tap()
    page.locator(".versions button").first.tap()
    fits("versions")
    assert complaints(page) == []


def test_a_form_is_drawn_with_a_finger(url: str, windows: Windows) -> None:
    page = windows.open(size="desktop", viewport={"width": 1024, "height": 768}, has_touch=True)
    draw = Designer.blank(page, url, "平板")
    finger = Finger(page)
    draw.kind("单行文本").tap()
    named(draw, "单行文本", "姓名")
    draw.kind("子表").tap()
    named(draw, "子表", "明细")
    first, table = draw.field("姓名").bounding_box(), page.locator(".tbl-end").bounding_box()
    assert first and table
    finger.rest(draw.kind("开关"))  # a slow tap is a tap
    named(draw, "开关", "急吗")
    draw.field("明细").locator(".fld-head").first.tap()
    finger.drag(draw.kind("金额"), table["x"] + 10, table["y"] + 20)
    named(draw, "金额", "单价")
    finger.drag(draw.kind("日期"), first["x"] + 60, first["y"] + 6)
    named(draw, "日期", "日期")
    finger.drag(draw.field("明细").locator(".fld-head").first, first["x"] + 60, first["y"] + 6)
    expect(page.locator(".fld").first).to_have_attribute("aria-label", "明细、子表、已选中")
    content = draw.content()
    assert labels(content) == ["明细", "日期", "姓名", "急吗"]
    assert [column["label"] for column in content["fields"][0]["fields"]] == ["列 1", "单价"]
    assert overflow(page) == 0
    assert complaints(page) == []


def named(draw: Designer, kind: str, label: str) -> None:
    """Name the field that was just added; the on-screen keyboard did not jump up by itself."""
    expect(draw.panel.locator(".panel-head")).to_have_text(kind)
    draw.set("标题", label)


def test_with_two_hundred_fields_only_what_changes_is_drawn_anew(url: str, windows: Windows) -> None:
    """How long it takes is measured by `make bench`; here it is counted what a letter and a drag set in motion."""
    page = window(windows)
    draw = drawn(page, url)
    order = page.evaluate(ORDER)
    page.evaluate(WATCH)
    rename(draw, "字段 30")
    assert page.evaluate("[...window.touched]") == ["f_x30"]
    carry(draw, "字段 0")
    after = page.evaluate(ORDER)
    assert after.index("f_x0") > order.index("f_x0") + 3
    page.keyboard.press("Control+z")
    assert page.evaluate(ORDER) == order
