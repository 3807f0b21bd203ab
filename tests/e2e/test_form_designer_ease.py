"""What a newcomer stumbled over in the designer: each of these is one step now."""
from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Windows, overflow
from tests.e2e.designer_page import Designer
from tests.e2e.test_form_designer import window


def test_options_are_named_by_typing_and_pasted_over_their_examples(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "宴会预订")
    expect(page.locator(".problems")).to_have_text("问题")  # nothing is wrong with what nobody has begun
    draw.add("单选", "场地")
    draw.panel.get_by_label("选项 1", exact=True).click()
    page.keyboard.type("大厅")
    draw.button("批量添加")
    draw.panel.get_by_label("每行一个选项").fill("包间\n露台")
    draw.button("添加 2 项")
    options = draw.panel.locator(".options li input.in")
    expect(options).to_have_count(3)
    assert [one.input_value() for one in options.all()] == ["大厅", "包间", "露台"]


def test_days_masks_and_a_type_that_drops_options(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "宴会预订")
    draw.add("日期", "用餐日期")
    draw.panel.get_by_label("最早").select_option(label="今天之后…")
    draw.panel.get_by_label("几天").fill("3")
    expect(draw.panel.locator(".amount")).to_contain_text("天")
    draw.add("手机号", "手机")
    draw.panel.get_by_text("更多设置").click()
    draw.switch("敏感信息")
    expect(draw.panel.get_by_label("遮挡方式")).to_have_value("phone")
    expect(draw.panel).to_contain_text("员工默认只看到遮挡后的内容")
    draw.add("下拉选择", "每人单价")
    draw.panel.get_by_text("更多设置").click()
    draw.panel.get_by_label("字段类型", exact=True).select_option(label="金额")
    expect(page.locator(".toast")).to_contain_text("原来的 2 个选项去掉了")
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(page.locator(".toast")).to_be_hidden()
    date, phone, price = draw.content()["fields"]
    assert (date["min"], phone["sensitive"]["mask"], len(price["options"])) == ({"rel": "today", "days": 3}, "phone", 2)


def test_a_sum_of_money_is_money_and_a_choice_in_a_formula_has_a_way_out(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "宴会预订")
    for kind, label in (("数字", "人数"), ("金额", "单价"), ("下拉选择", "套餐"), ("计算", "合计")):
        draw.add(kind, label)
    expect(draw.panel.get_by_label("币种")).to_have_count(0)
    draw.panel.get_by_label("公式", exact=True).click()
    dialog = page.get_by_role("dialog")
    for name in ("人数", "×", "单价"):
        dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_contain_text("公式没有问题")
    dialog.get_by_role("button", name="用这个公式").click()
    expect(draw.panel.get_by_label("结果类型")).to_have_value("money")
    expect(draw.panel.get_by_label("币种").locator("option:checked")).to_have_text("人民币")
    draw.panel.get_by_label("公式", exact=True).click()
    for name in ("×", "套餐"):
        dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_contain_text("请改用“数字”或“金额”字段")
    dialog.get_by_role("button", name="用这个公式").click()
    draw.content()
    page.locator(".paper-title").click()  # the title opens what concerns the form
    expect(draw.panel.locator(".panel-head")).to_have_text("表单设置")
    page.locator(".problems").click()
    page.locator(".drawer .finding-words").first.click()  # the setting that is wrong, not only its field
    expect(draw.panel.get_by_label("公式", exact=True)).to_be_focused()
    expect(draw.panel.locator('[data-setting="formula"]')).to_contain_text("请改用“数字”或“金额”字段")


def test_a_label_is_renamed_by_a_double_click_and_shows_what_rules_do(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.of(page, url, "complaint")
    draw.field("称呼").locator(".fld-label").dblclick()
    expect(draw.panel.get_by_label("标题 中文", exact=True)).to_be_focused()
    page.keyboard.type("怎么称呼您")
    expect(draw.field("怎么称呼您")).to_be_visible()
    expect(draw.field("现场照片").get_by_title("按规则：设为必填")).to_be_visible()


def test_texts_that_miss_a_language_are_filled_in_one_window(url: str, windows: Windows) -> None:
    page = window(windows, "dark")
    draw = Designer.blank(page, url, "宴会预订")
    draw.add("单行文本", "姓名")
    page.locator(".paper-title").click()
    draw.switch("同时提供英文")
    draw.content()
    page.get_by_role("button", name="发布", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("有 1 处请留意")
    dialog.get_by_role("button", name="补英文").click()
    dialog.get_by_label("“宴会预订”的英文").fill("Banquet")
    dialog.get_by_label("“姓名”的英文").fill("Name")
    assert overflow(page) == 0
    dialog.get_by_role("button", name="关闭").last.click()
    content = draw.content()
    assert (content["title"], content["fields"][0]["label"]) == (
        {"zh-CN": "宴会预订", "en": "Banquet"}, {"zh-CN": "姓名", "en": "Name"})
    expect(page.locator(".problems")).to_have_text("没有问题")
