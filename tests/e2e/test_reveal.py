"""A masked answer is shown and hides again, on the phone and at the desk, with and without scripts."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browsers import Windows
from tests.desk.conftest import complain
from tests.e2e.test_desk import enter, fine
from tests.e2e.test_public_form import SMALLEST, TOO_SMALL, WAYS
from tests.personas import ADMIN, LEAD

__all__ = ["complain"]  # fixture
PHONE, MASKED = "13912345678", "139****5678"


@WAYS
def test_shown_then_hidden_again(
    url: str, windows: Windows, complain: Callable[..., str], size: str, javascript: bool
) -> None:
    ticket = complain()
    page = enter(windows.open(f"{url}/tickets/{ticket}", size=size, javascript=javascript), LEAD)
    expect(page.get_by_text(MASKED)).to_be_visible()
    if size == "phone":
        page.locator("label[for=tab-history]").click()
    page.fill("#note", "写了一半")
    if size == "phone":
        page.locator("label[for=tab-answers]").click()
    page.get_by_role("button", name="显示 手机号").click()
    expect(page.get_by_text(PHONE)).to_be_visible()
    assert PHONE not in page.url
    assert page.input_value("#note") == ("写了一半" if javascript else ""), "nothing that was typed goes away"
    fine(page, javascript)
    assert size == "desktop" or page.evaluate(TOO_SMALL, SMALLEST) == []
    if size == "phone":
        page.locator("label[for=tab-history]").click()
    expect(page.locator(".time")).to_contain_text("林主管 查看了 手机号")
    if size == "phone":
        page.locator("label[for=tab-answers]").click()
    page.get_by_role("link", name="隐藏 手机号").click()
    expect(page.get_by_text(MASKED)).to_be_visible()
    expect(page.get_by_text(PHONE)).to_have_count(0)
    page.reload()
    expect(page.get_by_text(PHONE)).to_have_count(0)


def test_it_hides_by_itself(url: str, windows: Windows, complain: Callable[..., str]) -> None:
    ticket = complain()
    page = enter(windows.open(f"{url}/tickets/{ticket}"), LEAD)
    page.clock.install()
    page.get_by_role("button", name="显示 手机号").click()
    expect(page.get_by_text(PHONE)).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.get_by_text(PHONE)).to_have_count(0)
    page.get_by_role("button", name="显示 手机号").click()
    expect(page.get_by_text(PHONE)).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_record_in_both_themes(
    url: str, windows: Windows, complain: Callable[..., str], size: str, theme: str
) -> None:
    ticket = complain()
    page = enter(windows.open(f"{url}/tickets/{ticket}", size=size, color_scheme=theme), LEAD)
    page.get_by_role("button", name="显示 手机号").click()
    expect(page.get_by_text(PHONE)).to_be_visible()
    fine(page, True)
    admin = enter(windows.open(f"{url}/me", size=size, color_scheme=theme), ADMIN)
    admin.get_by_role("link", name="敏感信息查看记录").click()
    expect(admin.get_by_text("林主管 查看了 手机号")).to_be_visible()
    fine(admin, True)
