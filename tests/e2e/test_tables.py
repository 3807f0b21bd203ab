"""Tables in a browser: from a sheet to rows, typed into the grid, on phone and desktop, with scripts and without."""
from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Windows
from tests.e2e.test_desk import enter, fine
from tests.e2e.test_public_form import WAYS
from tests.personas import ADMIN

COURSES = "编号,课程,校区,开课\nEN1,英语,东,2026-09-01\nMA1,数学,西,2026-09-02\n坏 号,书法,东,改天\n".encode()


@WAYS
def test_from_a_sheet_to_a_grid(url: str, windows: Windows, size: str, javascript: bool) -> None:
    page = enter(windows.open(f"{url}/sign-in?next=/sources/", size, javascript), ADMIN)
    expect(page.get_by_label("新表的名称")).to_be_visible()
    fine(page, javascript)
    page.get_by_label("新表的名称").fill("课程表")
    page.get_by_role("button", name="用 Excel 建表").click()
    expect(page.get_by_label("Excel 或 CSV 文件")).to_be_visible()
    fine(page, javascript)
    sheet = {"name": "课程.csv", "mimeType": "text/csv", "buffer": COURSES}
    page.get_by_label("Excel 或 CSV 文件").set_input_files(sheet)  # type: ignore[arg-type]
    page.get_by_role("button", name="先看看会怎样", exact=True).click()
    expect(page.get_by_text("编号“坏 号”不可用")).to_be_visible()
    page.get_by_role("combobox", name="开课").select_option("新建一列：文字")
    page.get_by_role("button", name="先看看会怎样", exact=True).click()
    page.wait_for_url("**to=*")
    expect(page.get_by_role("button", name="现在导入")).to_be_visible()
    fine(page, javascript)
    page.get_by_label("跳过这些行").check()
    page.get_by_role("button", name="现在导入").click()
    expect(page.get_by_text("已导入 2 行")).to_be_visible()
    fine(page, javascript)
    page.get_by_label("英语: 校区").fill("南")
    page.get_by_label("新的一行: 课程").first.fill("美术")
    if javascript:
        expect(page.get_by_text("还有 2 行没有保存")).to_be_visible()
        expect(page.get_by_label("新的一行: 课程")).to_have_count(2)
        page.get_by_label("新的一行: 课程").nth(1).fill("音乐")
    page.get_by_label("数学: 课程").fill("")
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写名称")
    expect(page.get_by_label("英语: 校区")).to_have_value("南")
    fine(page, javascript)
    page.get_by_label("MA1: 课程").fill("奥数")
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text(f"已保存 {4 if javascript else 3} 行")).to_be_visible()
    page.get_by_role("button", name="归档 英语").click()
    page.get_by_role("link", name="已归档 1").click()
    expect(page.get_by_label("英语: 课程")).to_have_value("英语")
    for name in ("名称和列", "变更记录"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("link", name="返回内容")).to_be_visible()
        fine(page, javascript)
        page.get_by_role("link", name="返回内容").click()


def test_keys_move_between_cells_and_leaving_is_asked_about(url: str, windows: Windows) -> None:
    page = enter(windows.open(f"{url}/sign-in?next=/sources/stores", "desktop"), ADMIN)
    cell = page.get_by_label("杭州武林店: 城市")
    cell.click()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("杭州西溪店: 城市")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cell).to_be_focused()
    cell.fill("绍兴")
    asked: list[str] = []

    def answer(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    page.get_by_role("link", name="待办", exact=True).click()
    expect(page.get_by_role("heading", name="待办", exact=True)).to_be_visible()
    assert asked == ["beforeunload"]
