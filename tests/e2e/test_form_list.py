"""The pages around the form editor, on the phone and at the desk, with scripts and without."""
from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Windows
from tests.e2e.test_desk import enter, fine
from tests.e2e.test_public_form import WAYS
from tests.personas import ADMIN


@WAYS
def test_from_the_list_to_a_copy_and_a_template(url: str, windows: Windows, size: str, javascript: bool) -> None:
    page = enter(windows.open(f"{url}/sign-in?next=/designer/", size, javascript), ADMIN)
    expect(page.get_by_role("heading", name="表单", exact=True)).to_be_visible()
    fine(page, javascript)
    with page.expect_download() as saved:
        page.get_by_role("link", name="导出“餐厅投诉单”").click()
    assert saved.value.suggested_filename == "餐厅投诉单.json"
    page.get_by_role("link", name="复制“餐厅投诉单”").click()
    expect(page.get_by_label("表单名称")).to_have_value("餐厅投诉单（副本）")
    fine(page, javascript)
    page.get_by_role("button", name="复制").click()
    page.wait_for_url("**/designer/forms/form_*")
    page.goto(f"{url}/designer/")
    page.get_by_role("link", name="新建表单").click()
    fine(page, javascript)
    page.get_by_role("button", name="用“物业报修”这个模板").click()
    page.wait_for_url("**/designer/forms/form_*")
    page.goto(f"{url}/designer/")
    expect(page.get_by_role("link", name="物业报修", exact=True)).to_be_visible()
    expect(page.get_by_text("草稿，还没发布过")).to_have_count(2)
    page.goto(f"{url}/designer/forms/nothing")
    expect(page.get_by_role("heading", name="这里没有内容")).to_be_visible()
    fine(page, javascript)


@WAYS
def test_a_form_is_archived_and_brought_back(url: str, windows: Windows, size: str, javascript: bool) -> None:
    page = enter(windows.open(f"{url}/sign-in?next=/designer/", size, javascript), ADMIN)
    page.locator("summary", has_text="归档").click()
    expect(page.get_by_text("没处理完的工单照常处理")).to_be_visible()
    fine(page, javascript)
    page.get_by_role("button", name="归档这张表单").click()
    expect(page.get_by_text("表单已归档")).to_be_visible()
    expect(page.get_by_text("餐厅投诉单")).to_have_count(0)
    fine(page, javascript)
    page.get_by_role("link", name="已归档（1）").click()
    expect(page.get_by_role("heading", name="已归档的表单")).to_be_visible()
    fine(page, javascript)
    page.get_by_role("button", name="恢复“餐厅投诉单”").click()
    expect(page.get_by_role("link", name="餐厅投诉单", exact=True)).to_be_visible()


def test_publishing_says_who_gets_the_new_form(url: str, windows: Windows) -> None:
    page = enter(windows.open(f"{url}/sign-in?next=/designer/forms/complaint", "desktop"), ADMIN)
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("button", name="发布新版本").click()
    expect(page.get_by_text("新的“餐饮客诉”工单已经用这一版。")).to_be_visible()
    fine(page, True)
