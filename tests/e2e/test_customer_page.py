"""The customer's page in a real browser: a complaint from the form to the rating and the closed page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.e2e.test_public_form import SMALLEST, TOO_SMALL, WAYS, fill, send
from tests.live_stories.company import Company, connect_erp
from tests.runtime import company as staff


@pytest.fixture
def site(site: Site) -> Site:
    """With another system to call."""
    with site.app.app_context():
        connect_erp(site.url)
    return site


@pytest.fixture
def handle(site: Site) -> Callable[[Page], None]:
    """Lets an agent take the ticket on the page and answer it; the page then has a question."""

    def act(page: Page) -> None:
        token = page.url.partition("/t/")[2].partition("?")[0]
        with site.app.app_context():
            company = Company(site.app, site.app.extensions["danflow"].settings.clock_file)
            ticket = company.ticket(token)[0]
            staff.act("a1", staff.open_task(ticket, "pool").id, "claim")
            staff.act(
                "a1", staff.open_task(ticket, "handle").id, "submit", {"f_reply": "已退款，抱歉", "f_rate": "100"}
            )
            company.settle()

    return act


def now(page: Page) -> str:
    """The step that the line says is going on."""
    return page.locator("[aria-current=step] .step-name").inner_text().partition("（")[0].strip()


@WAYS
def test_from_the_form_to_the_rating(
    site: Site, windows: Windows, handle: Callable[[Page], None], size: str, javascript: bool
) -> None:
    page = windows.open(site.door, size=size, javascript=javascript)
    fill(page)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert now(page) == "等待接单"
    place = page.url.partition("?")[0]
    handle(page)
    page.goto(place)
    assert now(page) == "请您评价" and page.get_by_text("告知处理结果").is_visible()
    if javascript:
        assert complaints(page) == []
        assert page.evaluate(TOO_SMALL, SMALLEST) == []
    assert overflow(page) == 0
    other = page.context.new_page()  # the same question, left open in another tab
    other.goto(place)
    send(page)  # nothing chosen
    expect(page.locator("#problems")).to_contain_text("处理满意度")
    page.get_by_text("4 星").click(force=True)
    page.get_by_text("已解决", exact=True).click()
    send(page)
    expect(page.get_by_text("感谢您的回答")).to_be_visible()
    assert page.locator("form").count() == 0 and page.locator("[aria-current=step]").count() == 0
    assert page.locator(".step.done").last.inner_text().strip().startswith("已完成")
    assert site.answers()["f_score"] == "4" and site.answers()["f_solved"] == "o_yes"
    other.get_by_text("1 星").click(force=True)
    other.get_by_text("未解决", exact=True).click()
    send(other)
    expect(other.get_by_text("这个问题已经回答过了")).to_be_visible()
    assert site.answers()["f_score"] == "4"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(site: Site, windows: Windows, handle: Callable[[Page], None], theme: str) -> None:
    page = windows.open(site.door, color_scheme=theme)
    fill(page)
    send(page)
    assert complaints(page) == []
    assert "138****1111" in page.locator("details").inner_text() and complaints(page) == []
    handle(page)
    page.reload()
    assert complaints(page) == []
    send(page)
    assert complaints(page) == []
