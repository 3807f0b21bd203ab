"""The designer where things do not go smoothly: two people at one form, a lost connection, going back, taking away."""
from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Windows, complaints
from tests.e2e.designer_page import Designer
from tests.e2e.test_form_designer import labels, window


def test_two_people_at_one_form_decide_what_is_kept(url: str, windows: Windows) -> None:
    mine = Designer.blank(window(windows), url, "两个人")
    mine.add("单行文本", "姓名")
    mine.content()
    theirs = Designer.of(window(windows), url, mine.page.url.rpartition("/")[2])
    theirs.add("手机号", "电话")
    theirs.content()
    theirs.add("多行文本", "备注")
    theirs.content()
    theirs.set("标题", "")  # not ready to be published
    theirs.content()
    expect(theirs.page.locator(".problems")).to_contain_text("1")
    mine.add("日期", "日期")  # on top of what is no longer the newest draft
    dialog = mine.page.get_by_role("dialog")
    expect(dialog).to_contain_text("有同事也在改这张表单")
    expect(dialog.locator(".changes")).to_contain_text("电话")
    assert complaints(mine.page) == []
    mine.page.keyboard.press("Escape")  # undecided: nothing is lost, nothing is written over
    expect(mine.page.locator(".saved")).to_contain_text("没有保存")
    mine.page.get_by_role("button", name="查看差异").click()
    dialog.get_by_role("button", name="采用同事的").click()
    expect(mine.field("电话")).to_be_visible()
    expect(mine.page.locator(".problems")).to_contain_text("1")  # what is wrong with theirs shows at once
    assert [field.get("label") for field in mine.content()["fields"]][:2] == ["姓名", "电话"]
    mine.page.get_by_role("button", name="撤销").click()  # mine comes back, and is saved over theirs
    assert labels(mine.content()) == ["姓名", "日期"]


def test_a_lost_connection_loses_nothing(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "地铁里")
    page.context.set_offline(True)
    draw.add("单行文本", "姓名")
    expect(page.locator(".saved")).to_contain_text("连不上服务器")
    draw.add("手机号", "电话")
    page.context.set_offline(False)
    assert labels(draw.content()) == ["姓名", "电话"]


def test_versions_are_compared_and_restored(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "有版本的")
    draw.add("单行文本", "姓名")
    draw.content()
    page.get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("button", name="继续编辑").click()
    draw.field("姓名").click()
    draw.set("标题", "称呼")
    draw.add("日期", "日期")
    draw.content()
    page.get_by_role("button", name="版本").click()
    page.get_by_role("dialog").get_by_role("button", name="第 1 版").click()
    expect(page.locator(".changes li")).to_have_count(2)
    page.get_by_role("button", name="恢复第 1 版").click()
    expect(draw.field("姓名")).to_be_visible()
    assert labels(draw.content()) == ["姓名"]
    page.get_by_role("button", name="撤销").click()
    assert labels(draw.content()) == ["称呼", "日期"]


def test_deleting_tells_first_what_hangs_on_the_field(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.of(page, url, "complaint")
    draw.field("投诉类型").click()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("当 投诉类型 等于 菜品 时，显示“问题菜品”")
    expect(dialog).to_contain_text("具体问题")
    expect(dialog).to_contain_text("餐饮客诉处理")  # the flow
    dialog.get_by_role("button", name="删除", exact=True).click()
    expect(draw.field("投诉类型")).to_have_count(0)
    expect(page.get_by_role("button", name="规则 2")).to_be_visible()
    expect(page.locator(".problems")).to_contain_text("问题")
    page.locator(".problems").click()
    page.locator(".drawer .finding.error .finding-words").first.click()
    expect(draw.field("具体问题")).to_be_focused()  # its options hung on the deleted field
    page.keyboard.press("Control+z")
    expect(draw.field("投诉类型")).to_be_visible()
    expect(page.get_by_role("button", name="规则 3")).to_be_visible()


def test_a_repair_is_one_click_and_can_be_undone(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "建议")
    draw.add("单选", "去过的店")
    draw.options("一店", "二店")
    draw.rules_of("去过的店")
    draw.panel.get_by_role("button", name="什么时候必填").click()
    draw.content()
    page.locator(".problems").click()
    expect(page.locator(".drawer")).to_contain_text("有一条规则还没写完")
    page.locator(".drawer .finding-words").first.click()  # leads to the rule, opened
    expect(page.get_by_role("dialog").locator(".rule.open")).to_be_visible()
    draw.clause(0, "去过的店", "等于", "一店", within=page.get_by_role("dialog"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".problems")).to_contain_text("问题 1")


def test_fields_are_copied_to_another_form(url: str, windows: Windows) -> None:
    page = window(windows)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw = Designer.of(page, url, "complaint")
    draw.field("投诉类型").click()
    page.keyboard.down("Control")
    draw.field("具体问题").click()
    page.keyboard.up("Control")
    expect(page.locator(".panel")).to_contain_text("2 个字段")
    page.keyboard.press("Control+c")
    page.goto(f"{url}/designer/new")
    page.fill("#title", "另一张")
    page.keyboard.press("Enter")
    page.wait_for_selector(".paper")
    page.locator(".canvas").click(position={"x": 5, "y": 5})
    page.keyboard.press("Control+v")
    content = draw.content()
    kind, item = content["fields"]
    assert kind["id"] != "f_kind"
    assert item["options_from"]["ref"] == f"form.{kind['id']}"
    assert set(content["option_sets"]) == {"food", "svc"}
