"""A colleague turns a chat into a ticket."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.flows.base import Go, NodeType, Outcome, Port, Say
from app.flows.config import Access, Answers, Channel, Items, Schema, Select, customer_may, names
from app.flows.ctx import Ctx


class Config(Schema):
    channel = Channel(load_default="chat_sidebar", label=names("渠道", "Channel"))
    prefill = Items(
        Select(options={"chat_log": names("聊天记录", "Chat log"), "customer": names("客户资料", "Customer")},
               label=names("带入内容", "What to bring along")),
        load_default=list, label=names("自动带入", "Bring along"))
    defaults = Answers(load_default=dict, label=names("打开时已填好", "Filled in when it opens"))
    access = Access(data_key="fields", load_default=dict, label=names("字段权限", "Field rights"))
    may = customer_may()


class ChatSidebar(NodeType):
    """Opens a ticket from the chat side bar."""

    type = "trigger.chat_sidebar"
    label = names("聊天侧边栏", "Chat side bar")
    group, icon = "trigger", "message-square"
    Config = Config
    outputs = (Port("out", names("开始", "Start")),)
    has_input = False

    def starter(self) -> Mapping[str, Any]:
        return {"prefill": ["chat_log", "customer"], "fields": {"*": "edit"}}

    def summary(self, config: Any, say: Say) -> str:
        kept = say.choice(Config, "prefill", config)
        return say.words(f"带入{kept}", f"brings along: {kept}") if kept else ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return Go("out")

    def may(self, config: Any) -> Sequence[str]:
        return config.may
