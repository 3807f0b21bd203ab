"""The restaurant's complaint flow drawn from nothing in the outline, by keys alone."""
from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.e2e.flow_page import Flow
from tests.e2e.hands import Keys

HERE = "document.activeElement?.dataset?.key || ''"


class Pen(Keys):
    """A keyboard at the outline and the panel beside it."""

    MOST_TABS = 160

    def __init__(self, page: Page, flow: Flow) -> None:
        super().__init__(page)
        self.flow = flow
        self.panel = flow.panel

    # ---- the outline ----

    def tree(self) -> None:
        """Back to the list."""
        if self.page.evaluate("Boolean(document.activeElement.closest('.flow-panel'))"):
            self.key("Escape")
        for _ in range(8):
            if self.page.evaluate(f"Boolean({HERE})"):
                return
            if self.page.evaluate("Boolean(document.activeElement.closest('.outline'))"):
                self.key("Tab")
            else:
                self.key("F6")
        raise AssertionError("the keys do not lead to the outline")

    def line(self, name: str, port: str = "") -> Locator:
        """The line of a step, or of one of its ways out."""
        step = self.page.locator(".tree-line.is-node").filter(
            has=self.page.locator("b").get_by_text(name, exact=True)).first
        if not port:
            return step
        id = step.get_attribute("data-step")
        return self.page.locator(f'.tree-line.is-branch[data-key^="b:{id}:"]').filter(
            has=self.page.locator("b").get_by_text(port, exact=True)).first

    def to(self, name: str, port: str = "") -> None:
        """Walk to a line."""
        line = self.line(name, port)
        key = line.get_attribute("data-key")
        self.tree()
        lines = "[...document.querySelectorAll('.tree-line')].map((one) => one.dataset.key)"
        while (at := self.page.evaluate(HERE)) != key:
            all_: list[str] = self.page.evaluate(lines)
            self.key("ArrowDown" if all_.index(at) < all_.index(str(key)) else "ArrowUp")
            self.until(f"({HERE}) !== {at!r}")
        expect(line).to_be_focused()

    def add(self, kind: str, after: str, name: str, port: str = "") -> None:
        """Put a step behind another one and name it; its panel stays open."""
        self.to(after, port)
        self.key("Insert")
        self.take(kind)
        self.named(name)

    def take(self, kind: str) -> None:
        expect(self.flow.palette.get_by_role("searchbox")).to_be_focused()
        self.type(kind)
        expect(self.flow.palette.locator(".step-kind").first).to_have_text(kind)
        self.key("Enter")
        expect(self.flow.palette).to_have_count(0)
        expect(self.panel.locator("header h2")).to_have_text(kind)

    def named(self, name: str) -> None:
        """Name the step that was just added: Enter leads into its panel."""
        self.until(f"Boolean({HERE})")
        self.key("Enter")
        self.named_now(name)

    def named_now(self, name: str) -> None:
        """Name the step whose name the caret is in."""
        label = self.panel.get_by_label("名称", exact=True).first
        expect(label).to_be_focused()
        self.key("Control+a")
        self.type(name)
        expect(label).to_have_value(name)

    def start(self, kind: str, name: str) -> None:
        """One more way in."""
        self.tree()
        self.press(self.page.locator(".outline-tools button").first)
        self.take(kind)
        self.named(name)

    def open(self, name: str) -> None:
        """The panel of a step."""
        self.to(name)
        self.key("Enter")
        expect(self.panel.get_by_label("名称", exact=True).first).to_be_focused()

    def lead(self, name: str, port: str, target: str) -> None:
        """Lead a way out to a step that is there."""
        self.to(name, port)
        self.key("Insert")
        search = self.flow.palette.get_by_role("searchbox")
        expect(search).to_be_focused()
        self.press(self.flow.palette.get_by_role("button", name="连到已有节点"))
        expect(search).to_be_focused()
        self.type(target)
        expect(self.flow.palette.locator(".step-kind").first).to_contain_text(target)
        self.key("Enter")
        expect(self.flow.palette).to_have_count(0)

    # ---- the panel ----

    def spot(self, path: str) -> Locator:
        return self.panel.locator(f'[data-setting="{path}"]')

    def who(self, path: str, kind: str, which: str, of: str = "") -> None:
        """One more of those whom a setting means."""
        spot = self.spot(path)
        n = spot.locator(".who-one").count() + 1
        self.press(spot.locator(".who > button.link"))
        if kind != "角色":
            self.choose(spot.get_by_label(f"第 {n} 项：按什么选"), kind)
        self.choose(spot.get_by_label(f"第 {n} 项：谁"), which)
        if of:
            self.choose(spot.get_by_label(f"第 {n} 项：范围"), of)

    def length(self, path: str, count: int, unit: str) -> None:
        spot = self.spot(path)
        self.write(spot.locator("input"), str(count))
        if spot.locator("select").last.evaluate("node => node.selectedOptions[0].text") != unit:
            self.choose(spot.locator("select").last, unit)

    def right(self, what: str, level: str) -> None:
        """What may be done to a field here; fields are unfolded when they are needed."""
        choice = self.panel.get_by_label(f"{what}的权限", exact=True)
        if not choice.count():
            self.press(self.panel.get_by_role("button", name="逐个字段设置"))
        self.choose(choice, level)

    def tick_all(self, path: str, *labels: str) -> None:
        for label in labels:
            self.tick(self.spot(path).locator(".tick").filter(has=self.page.get_by_text(label, exact=True)))

    def untick_all(self, path: str) -> None:
        for box in self.spot(path).locator("input:checked").all():
            self.reach(box)
            self.key("Space")

    def offer(self, what: Locator, label: str) -> None:
        """One of a list that adds what is chosen, and then offers the rest."""
        self.reach(what)
        names: list[str] = what.evaluate("node => [...node.options].map((option) => option.text)")
        self.key("Space")
        for _ in range(names.index(label)):
            self.key("ArrowDown")
        self.key("Enter")

    def row(self, path: str) -> None:
        """One more row."""
        self.press(self.spot(path).locator(".rows > button.link"))

    def text(self, path: str, value: str) -> None:
        self.write(self.spot(path).locator("input, textarea").first, value)

    def pick(self, path: str, label: str) -> None:
        """A choice of a setting: from a list, or of a few beside each other."""
        spot = self.spot(path)
        if spot.locator("select").count():
            self.choose(spot.locator("select").first, label)
        else:
            radio = spot.locator(".radios .tick").filter(has=self.page.get_by_text(label, exact=True)).locator("input")
            self.reach(spot.locator("input:checked"))
            while not radio.is_checked():
                self.key("ArrowRight")

    def words(self, path: str, *values: str) -> None:
        """Words as chips."""
        self.reach(self.spot(path).locator(".tokens input"))
        for value in values:
            self.type(value)
            self.key("Enter")

    def clause(self, path: str, index: int, what: str, operator: str, value: str) -> None:
        line = self.spot(path).locator(".clause").nth(index)
        self.choose(line.get_by_label("看哪个字段"), what)
        self.choose(line.get_by_label("比较方式"), operator)
        control = line.get_by_label("值", exact=True)
        if control.evaluate("node => node.tagName") == "SELECT":
            self.choose(control, value)
        else:
            self.write(control, value)

    def more(self, path: str) -> None:
        """One more clause."""
        self.press(self.spot(path).get_by_role("button", name="添加条件", exact=True))

    def calendar(self) -> str:
        """What the shops' working hours are called."""
        option = self.spot("config.calendar").locator("option[value=stores]")
        return option.inner_text()

    def joined(self, path: str, word: str) -> None:
        self.choose(self.spot(path).get_by_label("条件之间的关系"), word)


class Complaint:
    """Every step of the flow, in the order in which somebody would draw it."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen

    def whole(self) -> None:
        self.variables()
        self.ways_in()
        self.main_line()
        self.ways_around()
        self.hot()
        self.review()
        self.clock()

    def variables(self) -> None:
        pen = self.pen
        pen.tree()
        pen.press(pen.page.locator(".outline-tools button").nth(1))
        pen.press(pen.panel.get_by_role("button", name="添加变量"))
        pen.write(pen.panel.get_by_label("变量 1 的名称"), "priority")
        pen.choose(pen.panel.get_by_label("变量 1 的种类"), "从几个值里选")
        pen.reach(pen.panel.get_by_label("变量 1 的值"))
        for value in ("normal", "urgent", "red"):
            pen.type(value)
            pen.key("Enter")
        pen.choose(pen.panel.get_by_label("变量 1 的初值"), "normal")

    def ways_in(self) -> None:
        pen = self.pen
        pen.open("客户填写")
        pen.named_now("公众号菜单「我的订单」投诉")
        pen.text("config.channel", "mp_menu")
        for what, level in (("其余字段", "隐藏"), ("您的信息", "可填"), ("投诉内容", "可填")):
            pen.right(what, level)
        pen.tick(pen.panel.locator(".switch").filter(has_text="重复提交"))
        pen.offer(pen.spot("config.dedupe.by").locator("select"), "订单号")
        pen.add("关键词分类", "公众号菜单「我的订单」投诉", "关键词与优先级")
        for what in ("情况说明", "聊天记录"):
            pen.offer(pen.spot("config.source").locator("select"), what)
        for at, (words, value) in enumerate(((("食物中毒", "异物", "报警"), "red"),
                                             (("退款", "质量问题", "配送慢"), "urgent"))):
            pen.row("config.rules")
            pen.words(f"config.rules[{at}].any_of", *words)
            pen.offer(pen.spot(f"config.rules[{at}].set").get_by_label("再设一个变量"), "priority")
            pen.choose(pen.spot(f"config.rules[{at}].set").get_by_label("“priority”设为"), value)
        pen.offer(pen.spot("config.else").get_by_label("再设一个变量"), "priority")
        pen.start("聊天侧边栏", "聊天侧边栏转工单")
        for what, level in (("其余字段", "隐藏"), ("您的信息", "可填"), ("投诉内容", "可填")):
            pen.right(what, level)
        pen.start("公开表单", "小程序订单悬浮窗")
        pen.text("config.channel", "mini_program")
        pen.right("其余字段", "隐藏")
        for what in ("手机号", "门店", "投诉类型", "具体问题", "情况说明", "现场照片", "我已阅读并同意《隐私政策》"):
            pen.right(what, "可填")

    def main_line(self) -> None:
        pen = self.pen
        pen.open("结束")
        pen.named_now("关闭")
        pen.add("抢单", "关键词与优先级", "客诉抢单池")
        pen.who("config.candidates", "角色", "客服")
        pen.text("config.max_open_per_person", "5")
        pen.add("处理", "客诉抢单池", "客服处理", "已抢单")
        pen.who("config.assignee", "工单里的人", "工单负责人")
        for what in ("赔付比例 %", "处理结果"):
            pen.right(what, "必填")
        pen.right("问题菜品", "可填")
        pen.text("config.actions[0].label", "提交处理")
        pen.row("config.actions")
        pen.text("config.actions[1].label", "退回抢单池")
        pen.tick_all("config.may", "转交", "委托同事代办", "加签", "撤回刚才的操作", "备注", "抄送")
        pen.add("调用接口", "客服处理", "ERP 赔付", "提交处理")
        pen.pick("config.connector", "演示 ERP")
        pen.reach(pen.spot("config.path").locator("[contenteditable]"))
        pen.key("Control+a")
        pen.type("/refunds")
        for at, (name, field) in enumerate((("order_no", "订单号"), ("amount", "赔付金额"))):
            pen.press(pen.spot("config.body").get_by_role("button", name="添加一项"))
            pen.write(pen.spot("config.body").get_by_label(f"第 {at + 1} 项的名称"), name)
            pen.offer(pen.spot("config.body").get_by_label(f"在“{name}”设为里插入"), field)
        pen.text("config.retry.max", "5")
        pen.add("条件分支", "客服处理", "赔付是否大于5万", "提交处理")
        pen.text("config.cases[0].label", "> 50000")
        pen.more("config.cases[0].when")
        pen.clause("config.cases[0].when", 0, "赔付金额", "大于", "50000")
        pen.text("config.else_label", "≤ 50000")
        pen.add("审批", "赔付是否大于5万", "区域经理审批", "> 50000")
        pen.who("config.approvers", "角色", "区域经理", "只要负责“门店”的")
        pen.who("config.if_nobody", "角色", "总部运营")
        pen.tick_all("config.may", "转交", "加签", "撤回刚才的操作", "备注")
        pen.lead("区域经理审批", "驳回", "客服处理")
        pen.lead("ERP 赔付", "失败", "客服处理")
        pen.lead("客服处理", "退回抢单池", "客诉抢单池")
        pen.add("通知客户", "ERP 赔付", "告知客户处理结果", "成功")
        pen.tick_all("config.channels", "小程序", "短信")
        pen.pick("config.template", "您的投诉已处理")
        pen.add("等待客户", "告知客户处理结果", "等待客户评价", "继续")
        pen.right("其余字段", "隐藏")
        for what in ("处理满意度", "问题是否解决"):
            pen.right(what, "必填")
        pen.lead("告知客户处理结果", "无法送达", "等待客户评价")

    def ways_around(self) -> None:
        pen = self.pen
        pen.add("自动派单", "客诉抢单池", "无人抢单自动派给最闲", "无人抢单")
        pen.who("config.candidates", "角色", "客服")
        pen.who("config.fallback", "角色", "客服主管")
        pen.lead("无人抢单自动派给最闲", "已派单", "客服处理")
        pen.add("结束", "等待客户评价", "默认好评关闭", "超时未回复")
        pen.text("config.reason", "survey_timeout")

    def hot(self) -> None:
        pen = self.pen
        pen.add("条件分支", "关键词与优先级", "是否红色预警")
        pen.text("config.cases[0].label", "重大投诉")
        pen.more("config.cases[0].when")
        pen.clause("config.cases[0].when", 0, "priority", "等于", "red")
        pen.more("config.cases[0].when")
        pen.joined("config.cases[0].when", "或")
        pen.clause("config.cases[0].when", 1, "客户等级", "等于", "VIP")
        pen.text("config.else_label", "普通客诉")
        pen.add("并行", "是否红色预警", "同时通知三方", "重大投诉")
        for at, label in enumerate(("区域督导", "门店店长", "配送组长")):
            if at == 2:
                pen.row("config.branches")
            pen.text(f"config.branches[{at}].label", label)
        for label, name, role in (("区域督导", "通知区域督导", "区域督导"), ("门店店长", "通知门店店长", "店长"),
                                  ("配送组长", "通知配送组长", "配送组长")):
            pen.add("通知同事", "同时通知三方", name, label)
            pen.who("config.to", "角色", role, "只要负责“门店”的")
            pen.pick("config.template", "重大投诉")
        pen.open("通知区域督导")
        for at, (minutes, channel) in enumerate(((0, "企业微信"), (5, "群内@提醒"), (15, "电话"))):
            pen.row("config.ladder")
            pen.length(f"config.ladder[{at}].after", minutes, "分钟")
            pen.pick(f"config.ladder[{at}].via", channel)
            if at:
                pen.pick(f"config.ladder[{at}].if", "仍未读")

    def review(self) -> None:
        pen = self.pen
        pen.add("条件分支", "等待客户评价", "评分低于3星或未解决", "已回复")
        pen.text("config.cases[0].label", "需复盘")
        pen.more("config.cases[0].when")
        pen.clause("config.cases[0].when", 0, "处理满意度", "小于", "3")
        pen.more("config.cases[0].when")
        pen.joined("config.cases[0].when", "或")
        pen.clause("config.cases[0].when", 1, "问题是否解决", "等于", "未解决")
        pen.text("config.else_label", "满意")
        pen.add("处理", "评分低于3星或未解决", "质检复盘任务", "需复盘")
        pen.who("config.assignee", "角色", "质检")
        pen.right("根本原因", "必填")
        pen.text("config.actions[0].label", "复盘完成")
        pen.row("config.actions")
        pen.text("config.actions[1].label", "重新处理")
        pen.key("Alt+ArrowUp")
        pen.tick_all("config.may", "加签", "退回到之前的步骤", "备注")
        pen.add("重复", "质检复盘任务", "重新打开", "重新处理")
        pen.tick(pen.panel.locator(".switch").filter(has_text="换人处理"))
        pen.lead("重新打开", "再来一次", "客诉抢单池")
        pen.add("处理", "重新打开", "总部专案", "次数用完")
        pen.who("config.assignee", "角色", "总部运营")
        pen.right("处理结果", "可填")
        pen.text("config.actions[0].label", "结案")
        pen.lead("总部专案", "", "关闭")

    def clock(self) -> None:
        pen = self.pen
        pen.add("时效 SLA", "客诉抢单池", "24 小时 SLA", "已抢单")
        pen.untick_all("attach")
        pen.tick_all("attach", "客诉抢单池", "客服处理", "区域经理审批")
        pen.choose(pen.spot("config.calendar").locator("select"), pen.calendar())
        pen.tick_all("config.pause_on", "等待客户")
        levels = (("50%", "提醒处理人与店长"), ("100%", "升级主管"), ("150%", "升级区域经理"))
        for at, (share, label) in enumerate(levels):
            if at == 2:
                pen.row("config.levels")
            pen.write(pen.spot(f"config.levels[{at}].at").locator("input"), share.rstrip("%"))
            pen.text(f"config.levels[{at}].label", label)
        pen.add("通知同事", "24 小时 SLA", "催办处理人", "提醒处理人与店长")
        pen.who("config.to", "工单里的人", "工单负责人")
        pen.who("config.to", "角色", "店长", "只要负责“门店”的")
        pen.pick("config.template", "催办：工单时限已过半")
        for port, name, role, of, template in (
            ("升级主管", "升级客服主管", "客服主管", "", "工单已超时，升级给您"),
            ("升级区域经理", "升级区域经理", "区域经理", "只要负责“门店”的", "工单严重超时，升级给您"),
        ):
            pen.add("升级", "24 小时 SLA", name, port)
            pen.who("config.to", "角色", role, of)
            pen.tick(pen.panel.locator(".switch").filter(has_text="原处理人继续负责"))
            pen.pick("config.template", template)
        pen.offer(pen.spot("config.set").get_by_label("再设一个变量"), "priority")
        pen.choose(pen.spot("config.set").get_by_label("“priority”设为"), "red")
