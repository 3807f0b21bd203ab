"""The pages on which managers keep people, shifts and calendars: readable by everybody, on a desk and on a phone."""
from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsers import Windows, complaints
from tests.e2e.test_desk import enter
from tests.personas import ADMIN


@pytest.mark.e2e
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_shift_is_made_and_given_to_somebody(url: str, windows: Windows, size: str) -> None:
    page = windows.open(size=size)
    page.goto(f"{url}/people")
    enter(page, ADMIN)
    assert complaints(page) == []
    page.get_by_role("link", name="工作日历").click()
    page.get_by_role("link", name="新建日历").first.click()
    assert complaints(page) == []
    page.get_by_label("日历名称").fill(f"夜班{size}")
    for day in ("周一", "周二", "周三", "周四", "周五"):
        page.get_by_label(day, exact=True).fill("22:00-06:00")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_contain_text(f"夜班{size}")
    expect(page.locator(".ahead")).to_contain_text("22:00–06:00")
    assert complaints(page) == []
    page.goto(f"{url}/people")
    page.get_by_role("link", name="白客服").click()
    assert complaints(page) == []
    page.get_by_label("技能与级别（1 到 5）").fill("英语 9")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("级别要在 1 到 5 之间")
    page.get_by_label("技能与级别（1 到 5）").fill("英语 4")
    page.get_by_label("班次").select_option(label=f"夜班{size}")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-item]").filter(has_text="白客服")).to_contain_text("英语 4")
    expect(page.locator("[data-item]").filter(has_text="白客服")).to_contain_text(f"夜班{size}：")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
