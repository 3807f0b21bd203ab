"""The designer under a finger, and with many fields: drags land, and little is drawn anew."""
from __future__ import annotations

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
    finger.drag(draw.kind("金额"), table["x"] + 10, table["y"] + 20)
    named(draw, "金额", "单价")
    finger.drag(draw.kind("日期"), first["x"] + 60, first["y"] + 6)
    named(draw, "日期", "日期")
    finger.drag(draw.field("明细").locator(".fld-head").first, first["x"] + 60, first["y"] + 6)
    expect(page.locator(".fld").first).to_have_attribute("aria-label", "明细、子表、已选中")
    content = draw.content()
    assert labels(content) == ["明细", "日期", "姓名"]
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
