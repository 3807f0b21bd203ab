"""The agent's part in a real browser: sign in, claim, handle, nothing left to do; on the phone and at the desk."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints, overflow
from tests.desk.conftest import Browser, browser_of, claimed, complain, settle
from tests.e2e.test_public_form import SMALLEST, TOO_SMALL, WAYS
from tests.personas import AGENT, AGENT_TWO, LEAD, PASSWORD, Persona

__all__ = ["browser_of", "claimed", "complain", "settle"]  # fixtures
DESK_PATHS = ("/", "/pool", "/tickets", "/inbox", "/sent", "/links", "/me")


def enter(page: Page, who: Persona) -> Page:
    """Sign in on the sign-in page."""
    page.fill("#login", who.login)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_load_state()
    return page


def fine(page: Page, javascript: bool) -> None:
    """Nothing is too wide; nothing is wrong for those who see, hear or move differently."""
    assert overflow(page) == 0, page.url
    if javascript:
        assert complaints(page) == [], page.url


@WAYS
def test_from_the_pool_to_an_empty_list(
    url: str, windows: Windows, complain: Callable[..., str], size: str, javascript: bool
) -> None:
    complain(f_kind="o_food", f_item="o_cold", f_items=[{"f_dish": "水煮鱼", "f_price": "88", "f_qty": "1"}])
    page = windows.open(f"{url}/pool", size=size, javascript=javascript)
    fine(page, javascript)
    enter(page, AGENT)
    assert page.url == f"{url}/pool"
    page.get_by_role("button", name="抢工单 1").click()
    page.wait_for_load_state()
    expect(page.get_by_text("抢到了")).to_be_visible()
    expect(page.get_by_text("等了四十分钟")).to_be_visible()  # the content first, on the phone as well
    if size == "phone":
        page.locator("label[for=tab-do]").click()
    page.get_by_role("button", name="添加一行").click()
    page.wait_for_load_state()
    page.fill('[name="f_items.1.f_dish"]', "米饭")
    page.fill('[name="f_items.1.f_price"]', "2.5")
    page.locator(".act .btn.primary").click()
    page.wait_for_load_state()
    expect(page.locator("#problems")).to_contain_text("处理结果")
    assert page.input_value('[name="f_items.1.f_dish"]') == "米饭"
    fine(page, javascript)
    page.fill("[name=f_reply]", "已退款，抱歉")
    page.locator(".act .btn.primary").click()
    page.wait_for_load_state()
    expect(page.get_by_text("没有待办")).to_be_visible()
    expect(page.get_by_text("工单 1 这一步已完成")).to_be_visible()
    fine(page, javascript)


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_in_both_themes(
    url: str, windows: Windows, complain: Callable[..., str], size: str, theme: str
) -> None:
    place = [complain(f_body="要求退款"), complain(f_body="吃出异物，要报警")][1]
    page = enter(windows.open(f"{url}/", size=size, color_scheme=theme), LEAD)
    for path in (*DESK_PATHS, f"/tickets/{place}", f"/tickets/{place}?show=system", "/tickets/nothing", "/tickets?q=x"):
        page.goto(url + path)
        fine(page, True)
    agent = enter(windows.open(f"{url}/pool", size=size, color_scheme=theme), AGENT)
    fine(agent, True)
    agent.locator("[data-primary]").first.click()
    agent.wait_for_load_state()
    for part in agent.locator("#more details, .why").all():
        part.evaluate("node => { node.open = true; }")
    fine(agent, True)


def test_what_a_thumb_presses_is_large_enough(url: str, windows: Windows, complain: Callable[..., str]) -> None:
    ticket = complain()
    page = enter(windows.open(f"{url}/pool"), AGENT)
    assert page.evaluate(TOO_SMALL, SMALLEST) == []
    page.locator("[data-primary]").first.click()
    page.wait_for_load_state()
    for path in ("/", "/tickets", "/inbox", "/me", f"/tickets/{ticket}", f"/tickets/{ticket}?show=people"):
        page.goto(url + path)
        assert page.evaluate(TOO_SMALL, SMALLEST) == [], path


def test_somebody_was_faster(url: str, windows: Windows, complain: Callable[..., str]) -> None:
    complain()
    slow = enter(windows.open(f"{url}/pool"), AGENT)
    fast = enter(windows.open(f"{url}/pool"), AGENT_TWO)
    fast.locator("[data-primary]").click()
    fast.wait_for_load_state()
    slow.locator("[data-primary]").click()
    slow.wait_for_load_state()
    expect(slow.locator("#refused")).to_contain_text("已被白客服抢走")
    expect(slow.get_by_text("现在没有可抢的工单")).to_be_visible()
    fine(slow, True)


def test_a_double_press_is_one_claim(url: str, windows: Windows, complain: Callable[..., str]) -> None:
    complain()
    page = enter(windows.open(f"{url}/pool"), AGENT)
    page.locator("[data-primary]").dblclick()
    page.wait_for_load_state()
    expect(page.get_by_text("抢到了")).to_be_visible()


def test_keys_at_the_desk(url: str, windows: Windows, complain: Callable[..., str]) -> None:
    for number in range(3):
        complain(f_order=f"A{number}")
    page = enter(windows.open(f"{url}/pool", size="desktop"), AGENT)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(page.locator(".item.here")).to_contain_text("#2")
    page.keyboard.press("a")
    page.wait_for_url("**/tickets/*")
    expect(page.locator(".over")).to_contain_text("#2")
    page.keyboard.press("/")
    page.wait_for_url("**/tickets#q")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jok?")  # in a field, keys are letters
    assert page.input_value("#q") == "jok?"
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/tickets/*-*")
    page.keyboard.press("?")
    page.wait_for_url("**/me#keys")


def test_opening_the_ticket_reads_its_messages(
    url: str, windows: Windows, browser_of: Callable[[Persona], Browser], claimed: Callable[..., tuple[str, str]],
    settle: Callable[[], None],
) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    agent.post(f"/tickets/{ticket}/tasks/{task}/cc", to=LEAD.id, note="看看")
    settle()
    page = enter(windows.open(f"{url}/inbox"), LEAD)
    expect(page.get_by_text("1 条未读")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/seen")) as told:
        page.goto(f"{url}/tickets/{ticket}")
    assert told.value.status == 200
    page.goto(f"{url}/inbox")
    expect(page.get_by_text("条未读")).to_be_hidden()


def test_without_a_connection_the_page_says_so(url: str, windows: Windows) -> None:
    page = enter(windows.open(f"{url}/"), AGENT)
    page.context.set_offline(True)
    expect(page.get_by_text("网络断开了")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("网络断开了")).to_be_hidden()
