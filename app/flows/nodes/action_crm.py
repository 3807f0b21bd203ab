"""Changes what the company knows of the ticket's customer: tags, the stage, a field."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Go, Job, NodeType, Note, Outcome, Port, Say
from app.flows.config import PortId, RefText, Rows, Schema, Select, names
from app.flows.ctx import Ctx, words

DOES = {"tag": names("打标签", "Add a tag"), "untag": names("去掉标签", "Remove a tag"),
        "stage": names("设为阶段", "Set the stage"), "field": names("设置资料", "Set a field")}
MAX_VALUE = 80
KEPT = ("level", "tags", "stage")  # besides the fields that a step sets, what later conditions may ask


class Change(Schema):
    do = Select(required=True, options=DOES, label=names("做什么", "Do"))
    field = PortId(required=True, chosen=True, show_if={"do": "field"}, label=names("哪一项资料", "Which field"),
                   hint=names("level 是等级，其他名字自定", "level, or a name of your own"))
    value = RefText(required=True, chosen=True, max_length=MAX_VALUE, label=names("内容", "Value"))


class Config(Schema):
    changes = Rows(Change, min=1, max=10, required=True, label=names("对客户做这些", "Change the customer"))


class Crm(NodeType):
    """A change of the customer's record, made by a worker and noted with the customer and on the ticket."""

    type = "action.crm"
    label = names("更新客户", "Update the customer")
    group, icon = "action", "contact"
    Config = Config
    outputs = (Port("out", names("成功", "Done")), Port("error", names("失败", "Failed")))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        rows = config.get("changes")
        return say.list(f"{say.text(DOES.get(str(row.get('do')), ''))} {say.filled(row.get('value'))}".strip()
                        for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        customer = ctx.state["customer"].get("id")
        if not customer:
            problem = Note("problem", {"code": "flow_crm_no_customer", "params": {"node": ctx.node.id}})
            return Go("error", do=(problem,))
        changes = [{"do": row.do, "field": row.field, "value": words(ctx.render(row.value))[:MAX_VALUE]}
                   for row in config.changes]
        return Job("crm", {"customer": customer, "changes": changes}, {"max": 5, "backoff_ms": 2_000})

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if not answer.ok:
            return Go("error")
        facts = answer.result if isinstance(answer.result, Mapping) else {}
        told = [*KEPT, *(row.field for row in config.changes if row.do == "field")]
        known = {f"customer.{key}": facts[key] for key in told if key in facts}
        changed = [{"do": row.do, "field": row.field} for row in config.changes]
        return Go("out", known, (Note("customer.changed", {"changes": changed}),))
