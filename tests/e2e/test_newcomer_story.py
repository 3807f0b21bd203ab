"""A newcomer's whole story, without drawing a flow: a blank form, published, opened to customers, filled in, closed."""
from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.e2e.designer_page import Designer
from tests.e2e.test_desk import enter, fine
from tests.personas import ADMIN, MANAGER

PHONE = {"viewport": {"width": 375, "height": 812}}


def door(site: Site, page: Page) -> str:
    """The address that the page shows, at this test's port."""
    return f"{site.url}/f/" + page.locator(".address").inner_text().partition("/f/")[2]


def book(page: Page) -> None:
    """A customer with a phone fills the form in."""
    expect(page.get_by_role("heading", name="宴会预订单")).to_be_visible()
    assert overflow(page) == 0 and complaints(page) == []
    page.get_by_label("您的姓名").fill("王女士")
    page.locator("#submit").click()
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    expect(page.locator("details")).to_contain_text("王女士")
    assert overflow(page) == 0 and complaints(page) == []


def test_from_a_blank_form_to_a_closed_ticket(site: Site, windows: Windows) -> None:
    desk = windows.open(size="desktop")
    draw = Designer.blank(desk, site.url, "宴会预订单")
    expect(desk.locator(".standing")).to_have_text("草稿")
    draw.add("单行文本", "您的姓名")
    draw.switch("必填")
    draw.content()
    desk.get_by_role("button", name="发布", exact=True).click()
    desk.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(desk.locator(".standing")).to_have_text("第 1 版已发布，未开放")
    expect(desk.get_by_text("还差一步")).to_be_visible()
    assert complaints(desk) == []
    desk.get_by_label("提交后由谁处理").select_option(label="店长（2 人）")
    desk.get_by_role("button", name="生成客户链接").dblclick()
    expect(desk.get_by_role("button", name="复制链接")).to_be_visible()
    expect(desk.get_by_role("img", name="“宴会预订单”的二维码")).to_be_visible()
    expect(desk.locator(".standing")).to_have_text("第 1 版使用中")
    assert complaints(desk) == []
    with desk.expect_download() as code:
        desk.get_by_role("link", name="下载二维码").click()
    assert code.value.suggested_filename == "宴会预订单 客户填写.png"
    address = door(site, desk)
    desk.get_by_role("button", name="继续编辑").click()
    draw.add("手机号", "联系电话")
    expect(desk.locator(".standing.changed")).to_have_text("有未发布的修改")
    desk.get_by_role("button", name="撤销").click()
    expect(desk.locator(".standing.changed")).to_have_text("有未发布的修改")  # its name is gone, the field is there
    desk.get_by_role("button", name="撤销").click()
    expect(desk.locator(".standing.changed")).to_have_count(0)

    customer = windows.open(address, **PHONE)
    book(customer)
    manager = enter(windows.open(f"{site.url}/sign-in", "phone"), MANAGER)
    manager.get_by_role("link", name="抢单").first.click()
    manager.get_by_role("link", name="宴会预订单").click()
    expect(manager.get_by_text("王女士").first).to_be_visible()
    fine(manager, True)
    manager.locator("label[for=tab-do]").click()
    manager.get_by_label("给同事的备注").first.fill("已电话确认，留了牡丹厅")
    manager.get_by_role("button", name="处理完成").click()
    expect(manager.get_by_text("这一步已完成")).to_be_visible()
    customer.reload()
    expect(customer.locator(".badge")).to_have_text("已完成")
    assert "牡丹厅" not in customer.content() and site.tickets() == 1
    fine(customer, True)


def test_from_the_list_without_the_editor_and_without_scripts(site: Site, windows: Windows) -> None:
    page = windows.open(size="desktop")
    draw = Designer.blank(page, site.url, "宴会预订单")
    draw.add("单行文本", "您的姓名")
    draw.content()
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("还差一步")).to_be_visible()
    plain = enter(windows.open(f"{site.url}/sign-in?next=/designer/", javascript=False), ADMIN)
    expect(plain.get_by_text("已发布，未开放")).to_be_visible()
    fine(plain, False)
    plain.get_by_role("link", name="为“宴会预订单”生成客户链接").click()
    fine(plain, False)
    plain.get_by_role("button", name="生成客户链接").click()
    fine(plain, False)
    address = door(site, plain)
    book(windows.open(address, **PHONE))
    plain.goto(f"{site.url}/")
    expect(plain.get_by_role("link", name="宴会预订单")).to_be_visible()  # the maker handles it, unless they choose
    plain.goto(f"{site.url}/designer/?q=宴会")
    expect(plain.locator(".item")).to_have_count(1)
    expect(plain.get_by_text("第 1 版使用中")).to_be_visible()
