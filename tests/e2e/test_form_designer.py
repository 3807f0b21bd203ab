"""The form designer in a real browser: a form drawn from nothing, by mouse and by keys alone."""
from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints
from tests.e2e.designer_page import Designer


def window(windows: Windows, scheme: str = "light", width: int = 1440, height: int = 900) -> Page:
    return windows.open(size="desktop", viewport={"width": width, "height": height}, color_scheme=scheme)


def labels(content: dict[str, Any]) -> list[str]:
    return [field["label"] for field in content["fields"]]


def test_a_form_is_drawn_by_mouse(url: str, windows: Windows) -> None:
    page = window(windows)
    draw = Designer.blank(page, url, "维修申请")
    draw.add("单行文本", "姓名")
    draw.add("手机号", "电话")
    draw.switch("必填")
    draw.add("单选", "类型")
    draw.options("漏水", "断电", "其他")
    draw.add("多行文本", "说明")
    draw.add("子表", "材料")
    draw.field("列 1").click()
    draw.set("标题", "名称")
    table = page.locator(".tbl-end").bounding_box()
    assert table
    draw.drag(draw.kind("金额"), table["x"] + 12, table["y"] + 20)
    draw.name("金额", "单价")
    draw.field("材料").locator(".fld-label").first.click()
    draw.add("计算", "合计")
    draw.panel.get_by_label("公式", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="SUM").click()
    page.get_by_role("dialog").locator(".formula-offers").get_by_role("button", name="材料的单价").click()
    expect(page.get_by_role("dialog")).to_contain_text("公式没有问题，结果是数字")
    page.get_by_label("材料的单价", exact=True).fill("12.5")
    page.keyboard.press("Enter")
    page.keyboard.type("7.5")
    page.keyboard.press("Enter")
    expect(page.locator(".trial-result")).to_contain_text("20")
    page.get_by_role("button", name="用这个公式").click()
    first = draw.field("姓名").bounding_box()
    assert first
    draw.drag(draw.kind("日期"), first["x"] + 200, first["y"] + 4)  # to the very top
    draw.name("日期", "预约日期")
    # rule 1: the description shows when the kind is 其他; rule 2: the table is needed for 漏水
    draw.rules_of("说明")
    draw.panel.get_by_role("button", name="什么时候显示").click()
    draw.clause(0, "类型", "等于", "其他")
    draw.rules_of("材料")
    draw.panel.get_by_role("button", name="什么时候必填").click()
    draw.clause(0, "类型", "等于", "漏水")
    draw.panel.get_by_role("button", name="添加条件", exact=True).click()
    draw.clause(1, "电话", "填了")
    content = draw.content()
    assert labels(content) == ["预约日期", "姓名", "电话", "类型", "说明", "材料", "合计"]
    ids = {field["label"]: field["id"] for field in content["fields"]}
    kind = next(field for field in content["fields"] if field["label"] == "类型")
    option = {one["label"]: one["id"] for one in kind["options"]}
    assert list(option) == ["漏水", "断电", "其他"]
    table_field = next(field for field in content["fields"] if field["label"] == "材料")
    assert [column["label"] for column in table_field["fields"]] == ["名称", "单价"]
    price = table_field["fields"][1]["id"]
    assert content["fields"][-1]["formula"] == f"SUM({{{{form.{ids['材料']}.{price}}}}})"
    assert [(rule["when"], rule["then"]) for rule in content["rules"]] == [
        ({"all": [{"ref": f"form.{ids['类型']}", "op": "eq", "value": option["其他"]}]},
         [{"do": "show", "target": ids["说明"]}]),
        ({"all": [{"ref": f"form.{ids['类型']}", "op": "eq", "value": option["漏水"]},
                  {"ref": f"form.{ids['电话']}", "op": "not_empty"}]}, [{"do": "require", "target": ids["材料"]}]),
    ]
    # the phone preview follows what is tried out in it
    page.get_by_role("button", name="手机预览").click()
    phone = page.frame_locator(".phone iframe")
    expect(phone.get_by_text("电话")).to_be_visible()
    expect(phone.locator(".label", has_text="说明")).to_have_count(0)
    phone.get_by_text("其他").click()
    expect(phone.locator(".label", has_text="说明")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="手机预览").first.click()
    page.get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("现在生效的是第 1 版")


def test_a_form_is_drawn_by_keys_alone(url: str, windows: Windows) -> None:
    page = window(windows, "dark")
    draw = Designer.blank(page, url, "会议室预订")
    press, write = page.keyboard.press, page.keyboard.type

    def add(kind: str, label: str) -> None:
        press("/")  # to the search; Enter adds the first type found and leads to its label
        write(kind)
        press("Enter")
        expect(draw.panel.get_by_label("标题", exact=True)).to_be_focused()
        write(label)
        press("Enter")  # back on the canvas, on the new field
        expect(draw.field(label)).to_be_focused()

    page.locator(".paper-title").focus()
    press("Tab")
    for kind, label in (
        ("单行文本", "会议主题"), ("日期", "哪一天"), ("单选", "会议室"), ("数字", "人数"), ("数字", "单价"),
        ("计算", "费用"), ("多行文本", "备注"), ("手机号", "电话"),
    ):
        press("Escape")
        add(kind, label)
    press("Alt+ArrowUp")  # the phone number before the remarks
    press("ArrowUp")
    expect(draw.field("费用")).to_be_focused()
    press("Enter")
    expect(draw.panel.get_by_label("标题", exact=True)).to_be_focused()
    for _ in range(4):  # label, hint, formula
        press("Tab")
        if page.evaluate("document.activeElement.className") == "formula-box":
            break
    press("Enter")
    expect(page.locator(".formula-input")).to_be_focused()
    write("人数")
    press("Enter")
    write(" * 单")
    press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("公式没有问题")
    press("Enter")
    press("Escape")
    expect(draw.field("费用")).to_be_focused()
    # two rules, written with keys: the remarks show for many people; the phone number is needed then
    for label, start, field, value in (
        ("备注", "什么时候显示", "人数", "20"), ("电话", "什么时候必填", "费用", "1000"),
    ):
        draw.field(label).focus()
        while page.evaluate("document.activeElement.role") != "tab":
            press("Tab")
        if page.evaluate("document.activeElement.innerText") == "属性":
            press("ArrowRight")
        tab_to(page, start)
        press("Enter")
        tab_to(page, "看哪个字段")
        choose(page, field)
        press("Tab")
        choose(page, "大于")
        tab_to(page, "值")
        write(value)
        press("Escape")
        expect(draw.field(label)).to_be_focused()
    content = draw.content()
    assert labels(content) == ["会议主题", "哪一天", "会议室", "人数", "单价", "费用", "电话", "备注"]
    ids = {field["label"]: field["id"] for field in content["fields"]}
    assert content["fields"][5]["formula"] == f"{{{{form.{ids['人数']}}}}} * {{{{form.{ids['单价']}}}}}"
    assert [(rule["when"]["all"], rule["then"]) for rule in content["rules"]] == [
        ([{"ref": f"form.{ids['人数']}", "op": "gt", "value": "20"}], [{"do": "show", "target": ids["备注"]}]),
        ([{"ref": f"form.{ids['费用']}", "op": "gt", "value": "1000"}], [{"do": "require", "target": ids["电话"]}]),
    ]
    assert complaints(page) == []
    # a drag by keys: the last field to the top
    draw.field("备注").focus()
    tab_to(page, "拖动“备注”")
    press("Space")
    for _ in range(12):
        page.wait_for_timeout(60)  # as fast as a hand
        press("ArrowUp")
    page.wait_for_timeout(60)
    press("Space")
    expect(page.locator(".fld").first).to_have_attribute("data-id", ids["备注"])
    press("Control+z")
    expect(page.locator(".fld").last).to_have_attribute("data-id", ids["备注"])


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called so."""
    called = "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''"
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(called):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def choose(page: Page, name: str) -> None:
    """Go down a list of choices to the one called so."""
    for _ in range(40):
        if page.evaluate("document.activeElement.selectedOptions[0].text") == name:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} cannot be chosen")
