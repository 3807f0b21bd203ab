"""The restaurant complaint of the library, drawn from nothing by mouse: it says the same as the shipped definition."""
from __future__ import annotations

import json

from flask import Flask
from playwright.sync_api import Page, expect

from app.extensions import parts
from app.org import people
from app.org.access import SYSTEM
from app.settings import ROOT
from tests.browsers import Windows
from tests.e2e.designer_page import Designer
from tests.e2e.meaning import meaning
from tests.e2e.test_form_designer import window

EXAMPLE = ROOT / "tests" / "data" / "complaint.form.json"


class Drawing(Designer):
    """The designer, with the gestures that this form needs besides."""

    def section(self, title: str) -> None:
        self.page.get_by_role("button", name="添加分组").click()
        self.panel.get_by_label("分组标题 中文").fill(title)

    def name(self, kind: str, label: str) -> None:
        expect(self.panel.locator(".panel-head")).to_have_text(kind)
        name = self.panel.get_by_label("标题 中文", exact=True)
        expect(name).to_be_focused()
        name.fill(label)
        expect(name).to_have_value(label)

    def more(self) -> None:
        """Unfold what is rarely needed."""
        if self.panel.locator("details.more").get_attribute("open") is None:
            self.panel.locator("details.more > summary").click()

    def pick(self, label: str, option: str) -> None:
        self.panel.get_by_label(label, exact=True).select_option(label=option)

    def tick(self, group: str, *labels: str) -> None:
        for label in labels:
            self.panel.get_by_role("group", name=group).get_by_text(label, exact=True).click()

    def choices(self, *labels: str) -> None:
        """All options at once: from the clipboard's lines, the two that stand there taken away."""
        self.panel.get_by_role("button", name="批量添加").click()
        self.panel.get_by_label("每行一个选项").fill("\n".join(labels))
        self.panel.get_by_role("button", name=f"添加 {len(labels)} 项").click()
        for number in (1, 2):
            self.panel.get_by_role("button", name=f"删除“选项 {number}”").click()

    def formula(self, *pieces: str) -> None:
        """Write a formula: a piece in brackets is a field to click, the others are typed."""
        self.panel.get_by_label("公式", exact=True).click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog.locator(".formula-input")).to_be_focused()
        for piece in pieces:
            if piece.startswith("["):
                dialog.locator(".formula-offers").get_by_role("button", name=piece[1:-1], exact=True).click()
            else:
                self.page.keyboard.type(piece)
        expect(dialog).to_contain_text("公式没有问题")
        dialog.get_by_role("button", name="用这个公式").click()

    def rule(self, label: str, start: str) -> None:
        self.rules_of(label)
        self.panel.get_by_role("button", name=start).click()


def test_the_restaurant_complaint_is_drawn_from_blank(url: str, windows: Windows, demo_app: Flask) -> None:
    with demo_app.app_context():
        people.save_role("manager", name="经理", rights=(), actor=SYSTEM)
    page = window(windows)
    draw = Drawing.blank(page, url, "餐厅投诉单")
    draw.switch("同时提供英文")
    page.get_by_label("表单标题 英文").fill("Restaurant complaint")
    draw.panel.get_by_label("提交按钮文字 中文").fill("提交")
    draw.set("资料保留天数", "365")
    draw.pick("电脑上分几列", "2 列")
    who(draw)
    what(draw, page)
    after(draw)
    rules(draw)
    page.get_by_role("tab", name="属性").click()
    for label in ("情况说明", "问题菜品"):
        draw.field(label).locator(".fld-head").first.click()
        draw.more()
        draw.pick("宽度", "整行")
    expect(page.locator(".problems")).not_to_have_class("error")
    content = draw.content()
    with demo_app.app_context():
        catalog = parts().catalog
        expected = meaning(json.loads(EXAMPLE.read_text("utf-8")), catalog)
        drawn = meaning(content, catalog)
    assert [field["label"] for field in drawn["fields"]] == [field["label"] for field in expected["fields"]]
    for mine, theirs in zip(drawn["fields"], expected["fields"], strict=True):
        assert mine == theirs
    assert drawn == expected


def who(draw: Drawing) -> None:
    draw.section("您的信息")
    draw.add("客户", "会员")
    draw.add("手机号", "手机号")
    draw.switch("必填")
    draw.more()
    draw.switch("敏感信息")
    draw.pick("遮挡方式", "手机号：138****8000")
    draw.tick("可以查看原文的角色", "经理")
    draw.add("单行文本", "称呼")
    draw.set("最多字数", "20")
    draw.add("单行文本", "会员等级")
    draw.more()
    draw.switch("只读（由系统填入）")
    draw.field("会员").click()
    draw.switch("查找会员")
    draw.tick("按字段查找", "手机号")
    for target, source in (("称呼", "客户姓名"), ("会员等级", "客户等级")):
        draw.panel.get_by_role("button", name="添加一项").click()
        draw.panel.get_by_label("填到字段").last.select_option(label=target)
        draw.panel.get_by_label("客户资料").last.select_option(label=source)


def what(draw: Drawing, page: Page) -> None:
    draw.section("投诉内容")
    draw.add("关联数据", "门店")
    draw.switch("必填")
    draw.pick("数据来源", "门店")
    draw.add("单行文本", "订单号")
    draw.set("最多字数", "32")
    draw.more()
    draw.pick("自动带出", "链接参数")
    draw.set("名称", "order_no")
    draw.add("单选", "投诉类型")
    page.get_by_label("标题 英文", exact=True).fill("Complaint type")
    draw.switch("必填")
    draw.choices("菜品", "服务")
    draw.add("下拉选择", "具体问题")
    draw.pick("选项从哪里来", "随另一题变化")
    for parent, labels in (("菜品", ("菜品偏凉", "有异物")), ("服务", ("态度差", "上菜慢", "配送慢"))):
        block = draw.panel.locator(".follow").filter(has_text=f"选了“{parent}”时")
        block.get_by_role("button", name="添加选项").click()
        block.get_by_label("选项 1 中文").fill(labels[0])
        for number, label in enumerate(labels[1:], 2):
            block.get_by_role("button", name="添加选项").click()
            block.get_by_label(f"选项 {number} 中文").fill(label)
    draw.add("多行文本", "情况说明")
    draw.panel.get_by_label("填写说明 中文").fill("时间、经过、诉求")
    draw.set("最多字数", "500")
    draw.add("多选", "造成的影响")
    draw.choices("身体不适", "耽误时间", "经济损失")
    draw.add("评分", "本次体验")
    draw.add("图片", "现场照片")
    draw.switch("上传前压缩")
    draw.add("语音/视频", "语音/视频")
    draw.set("最长秒数", "60")
    draw.add("位置", "位置")
    draw.add("子表", "问题菜品")
    draw.set("最多行数", "10")
    table(draw, page)
    draw.field("问题菜品").locator(".fld-head").first.click()
    draw.add("单选", "是否购买中秋礼盒")
    draw.choices("是", "否")
    draw.more()
    draw.switch("只在活动期间出现")
    draw.set("开始", "2026-09-01")
    draw.set("结束（含当天）", "2026-09-30")
    draw.add("同意条款", "我已阅读并同意《隐私政策》")
    draw.switch("必填")
    draw.set("版本", "2026-10-01")


def table(draw: Drawing, page: Page) -> None:
    draw.panel.locator(".columns-list .name").first.click()
    expect(draw.panel.locator(".panel-head")).to_have_text("单行文本")
    draw.panel.get_by_label("标题 中文", exact=True).fill("菜名")
    draw.switch("必填")
    for kind, label in (("金额", "单价"), ("数字", "数量"), ("计算", "小计")):
        end = page.locator(".tbl-end")
        draw.kind(kind).scroll_into_view_if_needed()
        end.evaluate("node => node.scrollIntoView({ block: 'center' })")  # at the edge the canvas would slide away
        box = end.bounding_box()
        assert box
        draw.drag(draw.kind(kind), box["x"] + 10, box["y"] + 30)
        draw.name(kind, label)
        if kind == "数字":
            draw.set("最小值", "1")
            draw.more()
            draw.set("默认值", "1")
    draw.pick("结果类型", "金额")
    draw.formula("[单价]", " * ", "[数量]")


def after(draw: Drawing) -> None:
    draw.section("处理")
    draw.add("数字", "赔付比例 %")
    draw.set("最小值", "0")
    draw.set("最大值", "300")
    draw.more()
    draw.set("默认值", "100")
    draw.add("计算", "赔付金额")
    draw.pick("结果类型", "金额")
    draw.formula("ROUND(SUM(", "[问题菜品的小计]", ") * ", "[赔付比例 %]", " / 100, 2)")
    draw.add("多行文本", "处理结果")
    draw.add("多行文本", "根本原因")
    draw.section("您的评价")
    draw.add("评分", "处理满意度")
    draw.add("单选", "问题是否解决")
    draw.choices("已解决", "未解决")


def rules(draw: Drawing) -> None:
    draw.rule("问题菜品", "什么时候显示")
    draw.clause(0, "投诉类型", "等于", "菜品")
    draw.rule("现场照片", "什么时候必填")
    draw.clause(0, "造成的影响", "包含任意一个", "身体不适")
    draw.panel.get_by_role("button", name="添加条件", exact=True).click()
    draw.panel.get_by_label("条件之间的关系").select_option(label="或")
    draw.clause(1, "具体问题", "等于", "有异物")
    draw.rule("赔付金额", "什么时候不让提交")
    draw.clause(0, "赔付金额", "大于", "200")
    draw.panel.get_by_role("button", name="添加条件", exact=True).click()
    draw.clause(1, "现场照片", "没有填")
    draw.panel.get_by_label("提示文字 中文").fill("超过 200 元须附照片")
