"""The rehearsal in the dock: gaps lead to their setting, a busy day ends in sentences, tickets are seen live."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.org.models import RoleGrant
from app.worker.rehearser import Rehearser
from tests.browsers import Windows, complaints, overflow
from tests.desk.conftest import complain
from tests.e2e.conftest import Site
from tests.e2e.test_desk import enter
from tests.e2e.test_form_designer import window
from tests.personas import ADMIN

__all__ = ["complain"]  # a fixture
KEY = "restaurant_complaint"


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    """Rehearses what is asked for, as a worker does."""
    stop = threading.Event()
    thread = threading.Thread(target=Rehearser(site.app, stop).run)
    thread.start()
    yield
    stop.set()
    thread.join()


def opened(page: Page, site: Site) -> None:
    """The flow with its dock open at the rehearsal."""
    page.goto(f"{site.url}/designer/flows/{KEY}")
    enter(page, ADMIN)
    page.wait_for_selector(".card")
    page.locator(".top").get_by_role("button", name="预演").click()


def room(page: Page, name: str) -> None:
    page.locator(".ld-head").get_by_role("button", name=name, exact=True).click()


def rehearsed(page: Page) -> None:
    """Press the button and wait for the sentences."""
    page.get_by_role("button", name="开始预演").first.click()
    expect(page.locator(".ld-running")).to_be_visible()
    expect(page.locator(".ld-running")).to_have_count(0, timeout=60_000)
    expect(page.locator(".ld-sentences").first).to_be_visible()


def test_a_gap_leads_to_the_setting_of_its_step(site: Site, windows: Windows) -> None:
    page = window(windows)
    opened(page, site)
    expect(page.get_by_text("没有缺口：每一步都找得到人。")).to_be_visible()
    with site.app.app_context():
        db.session.query(RoleGrant).filter(RoleGrant.role == "quality").delete()
        db.session.commit()
    page.get_by_role("button", name="再查一遍").click()
    gap = page.locator(".ld-gaps li").first
    expect(gap).to_contain_text("会停住")
    expect(gap).to_contain_text("质检")
    gap.get_by_role("button").click()
    expect(page.locator(".card.selected")).to_contain_text("质检复盘任务")
    expect(page.locator(".card.selected .badge.error").last).to_have_text("缺口")
    assert complaints(page) == []


@pytest.mark.usefixtures("worker")
def test_a_busy_day_is_set_rehearsed_compared_and_found_again(site: Site, windows: Windows) -> None:
    page = window(windows)
    opened(page, site)
    room(page, "压力预演")
    page.get_by_label("来多少单").first.fill("150")
    page.get_by_role("button", name="客服 多 1 人").first.click()
    rehearsed(page)
    first = page.locator(".ld-sentences .first").first
    expect(first).to_contain_text("最堵的是“")
    worst = page.locator(".card.selected")  # the canvas went there
    expect(worst.locator(".badge.error")).to_contain_text("单 · 95% 等")
    page.get_by_role("button", name="再比一个人手方案").click()
    for _ in range(3):
        page.get_by_role("button", name="客服, 方案 B 多 1 人").click()
    rehearsed(page)
    expect(page.locator(".ld-sentences")).to_have_count(2)
    table = page.locator(".ld-result table").first
    expect(table).to_contain_text("方案 B")
    expect(table.locator(".differs").first).to_be_visible()
    page.locator(".ld-assumed summary").click()
    expect(page.locator(".ld-assumed")).to_contain_text("没有历史，先按常见情况")
    assert overflow(page) == 0
    sentences = page.locator(".ld-sentences").all_inner_texts()
    page.reload()
    page.locator(".top").get_by_role("button", name="预演").click()
    room(page, "压力预演")
    expect(page.locator(".ld-sentences")).to_have_count(2)
    assert page.locator(".ld-sentences").all_inner_texts() == sentences
    expect(page.get_by_label("来多少单").first).to_have_value("150")
    expect(page.get_by_text("流程改过了")).to_have_count(0)
    assert complaints(page) == []


def test_a_rehearsal_that_nobody_begins_says_so_can_be_stopped_and_asked_for_again(
    site: Site, windows: Windows, request: pytest.FixtureRequest
) -> None:
    page = window(windows)
    opened(page, site)
    room(page, "压力预演")
    page.get_by_role("button", name="双十一 5000 单").click()
    page.get_by_role("button", name="开始预演").click()
    expect(page.locator(".ld-running")).to_contain_text("后台服务没有在运行", timeout=15_000)
    page.get_by_role("button", name="停下").click()
    page.get_by_label("来多少单").first.fill("50")
    expect(page.locator(".ld-running")).to_have_count(0)
    request.getfixturevalue("worker")
    rehearsed(page)
    assert complaints(page) == []


def test_real_tickets_are_counted_where_they_stand(
    site: Site, windows: Windows, complain: Callable[..., str]  # noqa: F811
) -> None:
    for number in range(3):
        complain(f_phone=f"1380013800{number}")
    page = window(windows)
    opened(page, site)
    room(page, "现在")
    row = page.locator(".ld-table tbody tr", has_text="客诉抢单池")
    expect(row.locator("td").first).to_have_text("3")
    row.get_by_role("button").click()
    expect(page.locator(".card.selected .badge", has_text="3 单等着")).to_be_visible()
    assert complaints(page) == []
