"""Tell the customer, on each of the channels."""
from __future__ import annotations

from typing import Any

from app.flows.base import Go, Message, NodeType, Note, Outcome, Port, Say
from app.flows.config import Channel, Items, Schema, Template, names
from app.flows.ctx import Ctx


class Config(Schema):
    channels = Items(Channel(label=names("渠道", "Channel")), min=1, max=5, required=True,
                     label=names("渠道", "Channels"))
    template = Template(required=True, label=names("消息模板", "Message"))


class NotifyCustomer(NodeType):
    """A message to the customer."""

    type = "notify.customer"
    label = names("通知客户", "Tell the customer")
    group, icon = "notify", "send"
    Config = Config
    outputs = (Port("out", names("继续", "Next")), Port("error", names("无法送达", "Cannot be reached"), optional=True))

    def summary(self, config: Any, say: Say) -> str:
        return say.parts(say.each("channels", config.get("channels")), say.named("templates", config.get("template")))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        if not ctx.state["customer"].get("id"):
            problem = Note("problem", {"code": "flow_no_customer", "params": {"node": ctx.node.id}})
            return Go("error" if ctx.has_edge("error") else "out", do=(problem,))
        return Go("out", do=[Message(None, channel, config.template) for channel in config.channels])
