"""The restaurant complaint drawn from nothing in the guided view by mouse: every step of it and every setting."""
from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, expect

from tests.e2e.flow_page import Flow

Who = tuple[str, str] | tuple[str, str, str]  # kind, which, and of which field
STORE = "form.f_store"


class Drawing(Flow):
    """The flow designer, with what this flow needs besides. Settings are named by their path in the definition."""

    # ---- the panel ----

    def setting(self, path: str) -> Locator:
        return self.panel.locator(f'[data-setting="config.{path}"]')

    def text(self, path: str, value: str) -> None:
        self.setting(path).locator("input.in, textarea.in").first.fill(value)

    def pick(self, path: str, value: str, which: int = 0) -> None:
        self.setting(path).locator("select").nth(which).select_option(value)

    def tick(self, path: str, *labels: str) -> None:
        for label in labels:
            self.setting(path).locator(".tick").filter(has=self.page.get_by_text(label, exact=True)).click()

    def switch(self, path: str) -> None:
        self.setting(path).locator(".switch").first.click()

    def row(self, path: str) -> None:
        """One more row of a list."""
        self.setting(path).get_by_role("button", name="添加一项").last.click()

    def who(self, path: str, *people: Who) -> None:
        for at, (kind, which, *scope) in enumerate(people, 1):
            self.setting(path).get_by_role("button", name="再加一项" if at > 1 else "选谁").click()
            one = self.setting(path)
            if kind != "role":
                one.get_by_label(f"第 {at} 项：按什么选").select_option(kind)
            one.get_by_label(f"第 {at} 项：谁").select_option(which)
            if scope:
                one.get_by_label(f"第 {at} 项：范围").select_option(scope[0])

    def rights(self, path: str, rest: str = "", **levels: str) -> None:
        """Rights on fields and sections by their labels; `rest`: on all others."""
        place = self.setting(path)
        if rest:
            place.get_by_label("其余字段的权限").select_option(rest)
        if levels and place.get_by_role("button", name="逐个字段设置").count():
            place.get_by_role("button", name="逐个字段设置").click()
        for label, level in levels.items():
            place.get_by_label(f"{label}的权限", exact=True).select_option(level)

    def words(self, path: str, *words: str) -> None:
        line = self.setting(path).locator(".tokens input")
        for word in words:
            line.fill(word)
            line.press("Enter")

    def refs(self, path: str, *refs: str) -> None:
        for ref in refs:
            self.setting(path).locator("select").last.select_option(ref)

    def assign(self, path: str, value: str) -> None:
        """Set the flow's only variable."""
        self.setting(path).get_by_label("再设一个变量").select_option(index=1)
        self.setting(path).get_by_label("的值").or_(self.setting(path).locator(".set-line select")).first \
            .select_option(value)

    def clause(self, path: str, at: int, ref: str, operator: str, value: str, *, choice: bool = True) -> None:
        line = self.setting(path).locator(".cond .clause").nth(at)
        if not line.count():
            self.setting(path).get_by_role("button", name="添加条件", exact=True).click()
        asked = line.get_by_label("看哪个字段")
        if ref.startswith("变量："):
            asked.select_option(label=ref[3:])
        else:
            asked.select_option(ref)
        line.get_by_label("比较方式").select_option(operator)
        box = line.get_by_label("值", exact=True)
        if choice:
            box.select_option(value)
        else:
            box.fill(value)

    def another(self, path: str, joined: str = "any") -> None:
        self.setting(path).get_by_role("button", name="添加条件", exact=True).click()
        self.setting(path).get_by_label("条件之间的关系").select_option(joined)

    def length(self, path: str, count: int, unit: str) -> None:
        self.setting(path).locator("select").last.select_option(unit)
        self.setting(path).locator("input").first.fill(str(count))

    def labels(self, path: str, *labels: str) -> None:
        """Name the rows of a list, as many as there are to be."""
        for at, label in enumerate(labels):
            if not self.setting(f"{path}[{at}]").count():
                self.row(path)
            self.text(f"{path}[{at}].label", label)

    # ---- the flow ----

    def put(self, kind: str, name: str, after: str, port: str = "") -> None:
        """A new step, named."""
        self.add(kind, after, port)
        expect(self.panel.locator("header h2")).to_have_text(kind)
        self.rename(name)

    def start(self, kind: str, name: str) -> None:
        spot = self.page.locator(".add-start")
        self.show(spot)
        spot.click()
        self.palette.locator(".step-kind").get_by_text(kind, exact=True).click()
        self.rename(name)

    def whole(self) -> None:
        """Everything, from what a new flow begins with."""
        self.variable()
        self.beginning()
        self.alarm()
        self.desk()
        self.money()
        self.customer()
        self.review()
        self.clock()

    def variable(self) -> None:
        self.page.get_by_role("button", name="流程设置").click()
        self.panel.get_by_role("button", name="添加变量").click()
        self.panel.get_by_label("变量 1 的名称").fill("priority")
        self.panel.get_by_label("变量 1 的种类").select_option("choice")
        values = self.panel.get_by_label("变量 1 的值")
        for value in ("normal", "urgent", "red"):
            values.fill(value)
            values.press("Enter")
        self.panel.get_by_label("变量 1 的初值").select_option("normal")

    def beginning(self) -> None:
        self.select("客户填写")
        self.rename("公众号菜单「我的订单」投诉")
        self.text("channel", "mp_menu")
        self.rights("fields", "hidden", 您的信息="edit", 投诉内容="edit")
        self.switch("dedupe")
        self.refs("dedupe.by", "form.f_order")
        self.put("关键词分类", "关键词与优先级", "公众号菜单「我的订单」投诉")
        self.refs("source", "form.f_body", "ticket.chat_log")
        rules: Sequence[tuple[Sequence[str], str]] = ((("食物中毒", "异物", "报警"), "red"),
                                                      (("退款", "质量问题", "配送慢"), "urgent"))
        for at, (found, level) in enumerate(rules):
            self.row("rules")
            self.words(f"rules[{at}].any_of", *found)
            self.assign(f"rules[{at}].set", level)
        self.assign("else", "normal")
        self.start("聊天侧边栏", "聊天侧边栏转工单")
        self.rights("fields", "hidden", 您的信息="edit", 投诉内容="edit")
        self.start("公开表单", "小程序订单悬浮窗")
        self.text("channel", "mini_program")
        self.rights("fields", "hidden", 手机号="edit", 门店="edit", 投诉类型="edit", 具体问题="edit", 情况说明="edit",
                    现场照片="edit", **{"我已阅读并同意《隐私政策》": "edit"})
        self.put("条件分支", "是否红色预警", "关键词与优先级")
        self.labels("cases", "重大投诉")
        self.clause("cases[0].when", 0, "变量：priority", "eq", "red")
        self.another("cases[0].when")
        self.clause("cases[0].when", 1, "customer.level", "eq", "VIP", choice=False)
        self.text("else_label", "普通客诉")

    def alarm(self) -> None:
        self.put("并行", "同时通知三方", "是否红色预警", "重大投诉")
        self.labels("branches", "区域督导", "门店店长", "配送组长")
        for name, port, role in (("通知区域督导", "区域督导", "region_supervisor"),
                                 ("通知门店店长", "门店店长", "store_manager"),
                                 ("通知配送组长", "配送组长", "delivery_lead")):
            self.put("通知同事", name, "同时通知三方", port)
            self.who("to", ("role", role, STORE))
            self.pick("template", "complaint_red")
        self.select("通知区域督导")
        for at, (minutes, via) in enumerate(((0, "wecom"), (5, "mention"), (15, "voice"))):
            self.row("ladder")
            self.length(f"ladder[{at}].after", minutes, "minutes")
            self.pick(f"ladder[{at}].via", via)
            if at:
                self.pick(f"ladder[{at}].if", "unread")

    def desk(self) -> None:
        self.put("抢单", "客诉抢单池", "汇合")
        self.who("candidates", ("role", "cs_agent"))
        self.text("max_open_per_person", "5")
        self.lead("是否红色预警", "普通客诉", "客诉抢单池")
        self.put("处理", "客服处理", "客诉抢单池", "已抢单")
        self.who("assignee", ("ref", "ticket.owner"))
        self.rights("fields", "", 处理结果="required", 问题菜品="edit", **{"赔付比例 %": "required"})
        self.labels("actions", "提交处理", "退回抢单池")
        self.tick("may", "转交", "委托同事代办", "加签", "撤回刚才的操作", "备注", "抄送")
        self.lead("客服处理", "退回抢单池", "客诉抢单池")
        self.put("自动派单", "无人抢单自动派给最闲", "客诉抢单池", "无人抢单")
        self.who("candidates", ("role", "cs_agent"))
        self.who("fallback", ("role", "cs_lead"))
        self.lead("无人抢单自动派给最闲", "已派单", "客服处理")

    def money(self) -> None:
        self.put("条件分支", "赔付是否大于5万", "客服处理", "提交处理")
        self.labels("cases", "> 50000")
        self.clause("cases[0].when", 0, "form.f_comp", "gt", "50000", choice=False)
        self.text("else_label", "≤ 50000")
        self.put("调用接口", "ERP 赔付", "赔付是否大于5万", "≤ 50000")
        self.pick("connector", "erp")
        line = self.setting("path").locator("[contenteditable]")
        line.click()
        self.page.keyboard.type("/refunds")
        body = self.setting("body")
        for at, (name, field) in enumerate((("order_no", "form.f_order"), ("amount", "form.f_comp")), 1):
            body.get_by_role("button", name="添加一项").click()
            body.get_by_label(f"第 {at} 项的名称").fill(name)
            body.get_by_label(f"在“{name}”设为里插入").select_option(field)
        self.text("retry.max", "5")
        self.lead("ERP 赔付", "失败", "客服处理")
        self.put("审批", "区域经理审批", "赔付是否大于5万", "> 50000")
        self.who("approvers", ("role", "region_manager", STORE))
        self.who("if_nobody", ("role", "hq_ops"))
        self.tick("may", "转交", "加签", "撤回刚才的操作", "备注")
        self.lead("区域经理审批", "同意", "ERP 赔付")
        self.lead("区域经理审批", "驳回", "客服处理")

    def customer(self) -> None:
        self.put("通知客户", "告知客户处理结果", "ERP 赔付", "成功")
        self.tick("channels", "小程序", "短信")
        self.pick("template", "complaint_result")
        self.put("等待客户", "等待客户评价", "告知客户处理结果", "继续")
        self.rights("fields", "hidden", 处理满意度="required", 问题是否解决="required")
        self.lead("告知客户处理结果", "无法送达", "等待客户评价")
        self.put("条件分支", "评分低于3星或未解决", "等待客户评价", "已回复")
        self.labels("cases", "需复盘")
        self.clause("cases[0].when", 0, "form.f_score", "lt", "3", choice=False)
        self.another("cases[0].when")
        self.clause("cases[0].when", 1, "form.f_solved", "eq", "o_no")
        self.text("else_label", "满意")
        self.put("结束", "默认好评关闭", "等待客户评价", "超时未回复")
        self.text("reason", "survey_timeout")
        self.select("结束")
        self.rename("关闭")

    def review(self) -> None:
        self.put("处理", "质检复盘任务", "评分低于3星或未解决", "需复盘")
        self.who("assignee", ("role", "quality"))
        self.rights("fields", "", 根本原因="required")
        self.labels("actions", "复盘完成", "重新处理")
        self.setting("actions").get_by_role("button", name="上移 重新处理").click()
        self.tick("may", "加签", "退回到之前的步骤", "备注")
        self.put("重复", "重新打开", "质检复盘任务", "重新处理")
        self.switch("avoid_previous_owner")
        self.lead("重新打开", "再来一次", "客诉抢单池")
        self.put("处理", "总部专案", "重新打开", "次数用完")
        self.who("assignee", ("role", "hq_ops"))
        self.rights("fields", "", 处理结果="edit")
        self.labels("actions", "结案")
        self.lead("总部专案", "", "关闭")

    def clock(self) -> None:
        self.put("时效 SLA", "24 小时 SLA", "客服处理", "提交处理")
        covered = self.panel.locator('[data-setting="attach"] .tick')
        for name in ("客诉抢单池", "区域经理审批"):
            covered.filter(has=self.page.get_by_text(name, exact=True)).click()
        self.pick("calendar", "stores")
        self.tick("pause_on", "等待客户")
        self.labels("levels", "提醒处理人与店长", "升级主管", "升级区域经理")
        self.setting("levels[2].at").locator("input").first.fill("150")
        self.put("通知同事", "催办处理人", "24 小时 SLA", "提醒处理人与店长")
        self.who("to", ("ref", "ticket.owner"), ("role", "store_manager", STORE))
        self.pick("template", "sla_remind")
        self.put("升级", "升级客服主管", "24 小时 SLA", "升级主管")
        self.who("to", ("role", "cs_lead"))
        self.switch("keep_old")
        self.pick("template", "sla_l2")
        self.put("升级", "升级区域经理", "24 小时 SLA", "升级区域经理")
        self.who("to", ("role", "region_manager", STORE))
        self.switch("keep_old")
        self.assign("set", "red")
        self.pick("template", "sla_l3")
