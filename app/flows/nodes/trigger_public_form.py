"""A customer fills in a form on a page that needs no sign-in."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.flows import news
from app.flows.base import Go, NodeType, Outcome, Port, Say
from app.flows.config import Access, Answers, Channel, Schema, customer_may, names
from app.flows.ctx import Ctx


class Config(Schema):
    channel = Channel(load_default="web", label=names("渠道", "Channel"))
    access = Access(data_key="fields", load_default=dict, label=names("字段权限", "Field rights"))
    may = customer_may()
    defaults = Answers(load_default=dict, label=names("打开时已填好", "Filled in when it opens"))
    dedupe = news.dedupe()


class PublicForm(NodeType):
    """Opens a ticket from a public form."""

    type = "trigger.public_form"
    label = names("公开表单", "Public form")
    group, icon = "trigger", "file-text"
    Config = Config
    outputs = (Port("out", names("开始", "Start")),)
    has_input = False
    outside = True

    def starter(self) -> Mapping[str, Any]:
        return {"fields": {"*": "edit"}}

    def summary(self, config: Any, say: Say) -> str:
        within = say.length((config.get("dedupe") or {}).get("within"))
        return say.words(f"{within}内的重复提交算同一单", f"repeats within {within} count once") if within else ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return Go("out")

    def may(self, config: Any) -> Sequence[str]:
        return config.may
