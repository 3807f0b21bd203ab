"""The customer is asked something and the flow waits for the answer."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Ask, Go, Message, NodeType, Outcome, Port, Question, Say, Timer, Wait
from app.flows.config import Access, Channel, Duration, Items, Schema, Template, names
from app.flows.ctx import Ctx


class Config(Schema):
    access = Access(data_key="fields", required=True, label=names("请客户填写", "Ask for"))
    timeout = Duration(load_default=None, label=names("最多等待", "Wait at most"))
    channels = Items(Channel(label=names("渠道", "Channel")), max=5, load_default=list,
                     label=names("邀请渠道", "Invite by"))
    template = Template(load_default="rate_invite", label=names("邀请消息", "Invitation"))


class WaitCustomer(NodeType):
    """A question to the customer."""

    type = "wait.customer"
    label = names("等待客户", "Wait for the customer")
    group, icon = "wait", "message-circle-question"
    Config = Config
    outputs = (Port("received", names("已回复", "Answered")),
               Port("timeout", names("超时未回复", "No answer"), optional=True))
    waits = True
    outside = True

    def starter(self) -> Mapping[str, Any]:
        return {"timeout": "P3D"}

    def summary(self, config: Any, say: Say) -> str:
        within = say.length(config.get("timeout"))
        return say.words(f"最多等 {within}", f"waits {within} at most") if within else ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        asks: list[Ask] = [Question()]
        if config.timeout is not None:
            asks.append(Timer("timeout", ctx.now + config.timeout))
        if ctx.state["customer"].get("id"):
            asks += [Message(None, channel, config.template) for channel in config.channels]
        return Wait(asks)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("timeout" if answer.kind == "timer" else "received")
