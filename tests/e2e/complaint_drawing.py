"""The restaurant complaint drawn from nothing: every step of it, for any hand."""
from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.designer_page import Designer

TITLE = "餐厅投诉单"


class Drawing(Designer):
    """The designer, with the gestures that this form needs besides."""

    def section(self, title: str) -> None:
        self.hand.section()
        self.set("分组标题 中文", title)

    def name(self, kind: str, label: str) -> None:
        expect(self.panel.locator(".panel-head")).to_have_text(kind)
        self.set("标题 中文", label)
        expect(self.panel.get_by_label("标题 中文", exact=True)).to_have_value(label)

    def more(self) -> None:
        """Unfold what is rarely needed."""
        if self.panel.locator("details.more").get_attribute("open") is None:
            self.hand.press(self.panel.locator("details.more > summary"))

    def pick(self, label: str, option: str, within: Locator | None = None) -> None:
        self.hand.choose((within or self.panel).get_by_label(label, exact=True).last, option)

    def tick(self, group: str, *labels: str) -> None:
        for label in labels:
            self.hand.tick(self.named(self.panel.get_by_role("group", name=group), label))

    def choices(self, *labels: str) -> None:
        """All options at once, one a line: the two examples that stand there go."""
        self.button("批量添加")
        self.hand.lines(self.panel.get_by_label("每行一个选项"), "\n".join(labels))
        self.button(f"添加 {len(labels)} 项")
        expect(self.panel.locator(".options li")).to_have_count(len(labels))

    def formula(self, *pieces: str) -> None:
        """Write a formula: a piece in brackets is the name of a field, which is offered while it is typed."""
        self.hand.press(self.panel.get_by_label("公式", exact=True))
        dialog = self.page.get_by_role("dialog")
        expect(dialog.locator(".formula-input")).to_be_focused()
        for piece in pieces:
            self.page.keyboard.type(piece.strip("[]"))
            if piece.startswith("["):
                expect(dialog.get_by_role("option").first).to_be_visible()
                self.page.keyboard.press("Enter")
        expect(dialog).to_contain_text("公式没有问题")
        self.button("用这个公式", dialog)

    def rule(self, label: str, start: str) -> None:
        self.rules_of(label)
        self.button(start)

    def another(self) -> None:
        self.button("添加条件")

    # ---- the form ----

    def whole(self) -> None:
        """Everything, from the empty form."""
        self.switch("同时提供英文")
        self.set("表单标题 英文", "Restaurant complaint")
        self.set("提交按钮文字 中文", "提交")
        self.set("资料保留天数", "365")
        self.pick("电脑上显示几列", "2 列")
        self.who()
        self.what()
        self.after()
        self.rules()
        for label in ("情况说明", "问题菜品"):
            self.hand.select(self.field(label))
            self.hand.tab(self.panel, "属性")
            self.more()
            self.pick("宽度", "整行")

    def who(self) -> None:
        self.section("您的信息")
        self.add("客户", "会员")
        self.add("手机号", "手机号")
        self.switch("必填")
        self.more()
        self.switch("敏感信息")
        self.pick("遮挡方式", "手机号：138****8000")
        self.tick("可以查看原文的角色", "店长", "客服主管", "区域经理")
        self.add("单行文本", "称呼")
        self.set("最多字数", "20")
        self.add("单行文本", "会员等级")
        self.more()
        self.switch("只读（由系统填入）")
        self.hand.select(self.field("会员"))
        self.switch("查找会员")
        self.tick("按字段查找", "手机号")
        for target, source in (("称呼", "客户姓名"), ("会员等级", "客户等级")):
            self.button("添加一项")
            self.pick("填到字段", target)
            self.pick("客户资料", source)
        self.hand.select(self.field("会员等级"))

    def what(self) -> None:
        self.section("投诉内容")
        self.add("关联数据", "门店")
        self.switch("必填")
        self.pick("数据来源", "门店")
        self.add("单行文本", "订单号")
        self.set("最多字数", "32")
        self.more()
        self.pick("自动带出", "链接参数")
        self.set("名称", "order_no")
        self.add("单选", "投诉类型")
        self.set("标题 英文", "Complaint type")
        self.switch("必填")
        self.choices("菜品", "服务")
        self.add("下拉选择", "具体问题")
        self.pick("选项从哪里来", "随另一题变化")
        for parent, labels in (("菜品", ("菜品偏凉", "有异物")), ("服务", ("态度差", "上菜慢", "配送慢"))):
            block = self.panel.locator(".follow").filter(has_text=f"选了“{parent}”时")
            for number, label in enumerate(labels, 1):
                self.button("添加选项", block)
                self.hand.write(block.get_by_label(f"选项 {number} 中文"), label)
        self.add("多行文本", "情况说明")
        self.set("填写说明 中文", "时间、经过、诉求")
        self.set("最多字数", "500")
        self.add("多选", "造成的影响")
        self.choices("身体不适", "耽误时间", "经济损失")
        self.add("评分", "本次体验")
        self.add("图片", "现场照片")
        self.switch("上传前压缩")
        self.add("语音/视频", "语音/视频")
        self.set("最长秒数", "60")
        self.add("位置", "位置")
        self.add("子表", "问题菜品")
        self.set("最多行数", "10")
        self.table()
        self.hand.select(self.field("问题菜品"))
        self.add("单选", "是否购买中秋礼盒")
        self.choices("是", "否")
        self.more()
        self.switch("只在活动期间出现")
        self.set("开始", "2026-09-01")
        self.set("结束（含当天）", "2026-09-30")
        self.add("同意条款", "我已阅读并同意《隐私政策》")
        self.switch("必填")
        self.set("版本", "2026-10-01")

    def table(self) -> None:
        self.hand.press(self.panel.locator(".columns-list .name").first)
        self.name("单行文本", "菜名")
        self.switch("必填")
        for kind, label in (("金额", "单价"), ("数字", "数量"), ("计算", "小计")):
            self.hand.column(kind, self.page.locator(".tbl"))
            self.name(kind, label)
            if kind == "数字":
                self.set("最小值", "1")
                self.more()
                self.set("默认值", "1")
        self.pick("结果类型", "金额")
        self.formula("[单价]", " * ", "[数量]")

    def after(self) -> None:
        self.section("处理")
        self.add("数字", "赔付比例 %")
        self.set("最小值", "0")
        self.set("最大值", "300")
        self.more()
        self.set("默认值", "100")
        self.add("计算", "赔付金额")
        self.pick("结果类型", "金额")
        self.formula("ROUND(SUM(", "[问题菜品的小计]", ") * ", "[赔付比例]", " / 100, 2)")
        self.add("多行文本", "处理结果")
        self.add("多行文本", "根本原因")
        self.section("您的评价")
        self.add("评分", "处理满意度")
        self.add("单选", "问题是否解决")
        self.choices("已解决", "未解决")

    def rules(self) -> None:
        self.rule("问题菜品", "什么时候显示")
        self.clause(0, "投诉类型", "等于", "菜品")
        self.rule("现场照片", "什么时候必填")
        self.clause(0, "造成的影响", "包含任意一个", "身体不适")
        self.another()
        self.pick("条件之间的关系", "或")
        self.clause(1, "具体问题", "等于", "有异物")
        self.rule("赔付金额", "什么时候不让提交")
        self.clause(0, "赔付金额", "大于", "200")
        self.another()
        self.clause(1, "现场照片", "没有填")
        self.set("提示文字 中文", "超过 200 元须附照片")
