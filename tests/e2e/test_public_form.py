"""The public form in a real browser: on the phone and the desktop, in both themes, with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.entries.conftest import jpeg

SMALLEST = 44  # pixels of a thing to tap
# Things to tap that are smaller; what lies inside a larger label is tapped through it.
TOO_SMALL = """(least) => Array.from(document.querySelectorAll('a, button, input, select, textarea, label'))
    .filter((node) => !node.closest('.vh, .skip, [hidden], noscript, template') && node.type !== 'hidden')
    .filter((node) => node.tagName !== 'INPUT' || !node.closest('.opt, .tick, .switch, .stars, .chooser'))
    .filter((node) => node.tagName !== 'LABEL' || node.matches('.opt, .star, .tick, .switch, .mark label'))
    .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
    .filter(([, box]) => box.height && (box.height < least || box.width < least)).map(([html]) => html)"""
LIT = """(box) => Array.from(box.querySelectorAll('.star .i'))
    .map((icon) => !['none', 'transparent', 'rgba(0, 0, 0, 0)'].includes(getComputedStyle(icon).fill))"""


def field(page: Page, name: str) -> Any:
    return page.locator(f'[data-f="{name}"]')


def fill(page: Page) -> None:
    """A complaint about the service, with everything that is needed."""
    page.fill("[name=f_phone]", "13800001111")
    page.select_option("[name=f_store]", "st_hz1")
    page.get_by_text("服务", exact=True).click()
    page.fill("[name=f_body]", "等了四十分钟")
    page.get_by_text("我已阅读并同意").click()


def send(page: Page) -> None:
    with page.expect_navigation():
        page.click("#submit")


WAYS = pytest.mark.parametrize(
    ("size", "javascript"), [("phone", True), ("phone", False), ("desktop", True), ("desktop", False)]
)


@WAYS
def test_a_complaint_is_sent_and_followed(site: Site, windows: Windows, size: str, javascript: bool) -> None:
    page = windows.open(site.door, size=size, javascript=javascript)
    fill(page)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert page.locator("[aria-current=step]").inner_text().startswith("等待接单")
    assert site.answers()["f_body"] == "等了四十分钟" and site.answers()["f_kind"] == "o_svc"
    page.reload()
    expect(page.get_by_text("等待接单").first).to_be_visible()
    assert overflow(page) == 0


@WAYS
def test_what_is_wrong_is_said_first_and_leads_to_its_field(
    site: Site, windows: Windows, size: str, javascript: bool
) -> None:
    page = windows.open(site.door, size=size, javascript=javascript)
    page.fill("[name=f_name]", "王女士")
    send(page)
    summary = page.locator("#problems")
    expect(summary).to_be_visible()
    assert page.title().startswith("请检查")
    if javascript:
        expect(summary).to_be_focused()
    summary.get_by_role("link", name="投诉类型").click()
    assert field(page, "f_kind").evaluate(
        "node => { const box = node.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; }"
    )
    assert page.input_value("[name=f_name]") == "王女士"
    assert site.tickets() == 0 and overflow(page) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_axe_finds_nothing(site: Site, windows: Windows, size: str, theme: str) -> None:
    page = windows.open(site.door, size=size, color_scheme=theme)
    assert complaints(page) == []
    page.get_by_text("菜品", exact=True).first.click()
    field(page, "f_items").get_by_role("button", name="添加一行").click()
    page.set_input_files("#f_photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(field(page, "f_photos").locator("img")).to_be_visible()
    assert complaints(page) == []
    send(page)
    assert page.locator("#problems").is_visible() and complaints(page) == []
    page.goto(site.url + "/f/" + "A" * 22)
    assert complaints(page) == []


@WAYS
def test_everything_to_tap_is_large_enough_and_text_does_not_zoom(
    site: Site, windows: Windows, size: str, javascript: bool
) -> None:
    page = windows.open(site.door, size=size, javascript=javascript)
    small = page.evaluate(TOO_SMALL, SMALLEST)
    assert small == []
    sizes = page.locator(".input").evaluate_all("all => all.map((one) => parseFloat(getComputedStyle(one).fontSize))")
    assert sizes and min(sizes) >= 16


# ---- what scripts add -----------------------------------------------------------------------------------------------


def test_questions_come_and_go_with_the_answers(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    table, photos = field(page, "f_items"), field(page, "f_photos")
    expect(table).to_be_hidden()
    choices = "() => Array.from(document.querySelectorAll('#f_item option')).map((option) => option.textContent)"
    assert page.evaluate(choices) == ["请先选择“投诉类型”"]
    page.get_by_text("菜品", exact=True).first.click()
    expect(table).to_be_visible()
    assert page.evaluate(choices) == ["请选择", "菜品偏凉", "有异物"]
    expect(photos.locator("[data-req]")).to_be_hidden()
    page.select_option("#f_item", "o_fb")
    expect(photos.locator("[data-req]")).to_be_visible()
    page.get_by_text("服务", exact=True).click()
    expect(table).to_be_hidden()
    expect(photos.locator("[data-req]")).to_be_hidden()
    assert page.evaluate(choices) == ["请选择", "态度差", "上菜慢", "配送慢"]
    assert page.locator(".when:visible").count() == 0


def test_rows_count_while_they_are_typed_and_again_on_the_server(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    fill(page)
    page.get_by_text("菜品", exact=True).first.click()
    adder = field(page, "f_items").get_by_role("button", name="添加一行")
    for dish, price, count in (("鱼", "38.5", "2"), ("虾", "1,000", "3"), ("蟹", "5", "1")):
        adder.click()
        row = page.locator("[data-row]").last
        row.locator("input[type=text]").nth(0).fill(dish)
        row.locator("input[type=text]").nth(1).fill(price)
        row.locator("input[type=text]").nth(2).fill(count)
    sums = page.locator("[data-row] [data-out]")
    expect(sums.nth(0)).to_have_text("¥77.00")
    expect(sums.nth(1)).to_have_text("¥3,000.00")
    page.locator("[data-row]").nth(0).get_by_role("button", name="移除").click()
    expect(page.locator("[data-n]").first).to_have_text("第 1 行")
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert [(row["f_dish"], row["f_sum"]) for row in site.answers()["f_items"]] == [("虾", "3000.00"), ("蟹", "5.00")]


def test_photographs_go_up_small_while_the_form_is_filled_in(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    fill(page)
    photo = jpeg((4000, 3000), quality=95)
    sizes: list[int] = []
    page.on(
        "request",
        lambda request: sizes.append(len(request.post_data_buffer or b"")) if "/uploads" in request.url else None,
    )
    page.set_input_files(
        "#f_photos", [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo} for n in range(2)]
    )
    expect(field(page, "f_photos").locator("img")).to_have_count(2)
    assert max(sizes) < len(photo)
    field(page, "f_photos").get_by_role("button", name="移除 0.jpg").click()
    expect(field(page, "f_photos").locator("img")).to_have_count(1)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert len(site.answers()["f_photos"]) == 1
    picture = page.locator(".thumbs img")
    expect(picture).to_be_visible()
    # The picture begins to load when the answers unfold; decode() waits for it.
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1920


def test_a_file_that_is_none_is_refused_in_words_and_a_lost_one_goes_again(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    fill(page)
    page.set_input_files("#f_photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<svg/>"})
    failed = page.locator(".file.failed")
    expect(failed).to_contain_text("a.jpg")
    assert failed.get_by_role("button", name="重试").count() == 0
    failed.get_by_role("button").click()
    page.route("**/uploads", lambda route: route.abort())  # and again, and again
    page.set_input_files("#f_photos", {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator(".file.waiting")).to_contain_text("网络断开，恢复后自动继续")
    page.unroute("**/uploads")
    page.get_by_role("button", name="重试").click()
    expect(field(page, "f_photos").locator("img")).to_be_visible()


def test_a_draft_survives_but_not_what_is_personal(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    fill(page)
    page.get_by_text("菜品", exact=True).first.click()
    field(page, "f_items").get_by_role("button", name="添加一行").click()
    page.locator("[data-row] input[type=text]").first.fill("鱼")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.get_by_text("已恢复上次没有提交的内容")).to_be_visible()
    assert page.input_value("[name=f_body]") == "等了四十分钟" and page.input_value("[name=f_phone]") == ""
    assert page.input_value('[name="f_items.0.f_dish"]') == "鱼" and field(page, "f_items").is_visible()
    assert not page.is_checked("[name=f_ok]")
    assert "13800001111" not in page.evaluate("() => JSON.stringify(localStorage)")
    page.fill("[name=f_phone]", "13800001111")
    page.get_by_text("我已阅读并同意").click()
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    page.goto(site.door)
    assert page.input_value("[name=f_body]") == "" and page.get_by_text("已恢复上次").count() == 0


def test_starting_over_forgets_the_draft(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    page.fill("[name=f_body]", "写了一半")
    page.wait_for_timeout(600)
    page.reload()
    page.fill("[name=f_order]", "A1")  # typed since: gone as well
    page.wait_for_timeout(600)
    page.get_by_role("button", name="重新填写").click()
    page.wait_for_load_state()
    expect(page.locator("[name=f_order]")).to_have_value("")
    expect(page.locator("[name=f_body]")).to_have_value("")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_double_tap_makes_one_ticket(site: Site, windows: Windows, javascript: bool) -> None:
    page = windows.open(site.door, javascript=javascript)
    fill(page)
    page.locator("#submit").dblclick()
    page.wait_for_url("**/t/**")
    assert site.tickets() == 1


def test_without_a_connection_nothing_is_lost(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    fill(page)
    page.context.set_offline(True)
    page.click("#submit")
    expect(page.locator("#state")).to_contain_text("没有网络")
    assert page.input_value("[name=f_body]") == "等了四十分钟"
    page.context.set_offline(False)
    expect(page.locator("#state")).to_have_text("")
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()


def test_a_field_is_looked_at_when_it_is_left(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    page.fill("[name=f_phone]", "123")
    page.locator("[name=f_name]").focus()
    message = page.locator("#f_phone-err")
    expect(message).to_contain_text("手机号")
    assert page.get_attribute("[name=f_phone]", "aria-invalid") == "true"
    page.fill("[name=f_phone]", "13800001111")
    expect(message).to_be_empty()
    page.locator("[name=f_name]").focus()
    page.locator("[name=f_order]").focus()
    expect(page.locator("#f_name-err")).to_be_empty()  # may stay empty


def test_a_place_can_be_read_from_the_phone(site: Site, windows: Windows) -> None:
    page = windows.open(site.door, geolocation={"latitude": 30.25, "longitude": 120.16}, permissions=["geolocation"])
    fill(page)
    page.get_by_role("button", name="使用我的位置").click()
    expect(page.get_by_role("button", name="已添加位置")).to_be_visible()
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert (site.answers()["f_where"]["lat"], site.answers()["f_where"]["lng"]) == ("30.25", "120.16")


def test_stars_light_up_to_the_chosen_one_and_work_by_keyboard(site: Site, windows: Windows) -> None:
    page = windows.open(site.door, size="desktop")
    stars = field(page, "f_star")
    stars.get_by_text("4 星").click(force=True)
    page.wait_for_timeout(250)
    assert stars.evaluate(LIT) == [True, True, True, True, False]
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(250)
    assert stars.evaluate(LIT) == [True, True, True, False, False]


def test_every_word_has_its_language(site: Site, windows: Windows) -> None:
    page = windows.open(site.door, locale="en-US")
    assert page.locator("html").get_attribute("lang") == "en"
    fixed = page.evaluate("""() => ['.top p', '#submit', '.chooser-text', '.btn.wide', '.lang'].map((selector) =>
        (document.querySelector(selector) || {}).textContent || '').join(' ')""")
    assert not re.search(r"[\u4e00-\u9fff]", fixed.replace("中文", "").replace("提交", ""))
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
