"""The flow waits until another system tells it that something has happened: a payment came, a parcel arrived."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Ask, Go, Job, Listen, NodeType, Outcome, Park, Port, Say, Timer, Wait
from app.flows.calls import Copy, copied
from app.flows.config import Duration, EventName, RefText, Rows, Schema, names
from app.flows.ctx import Ctx, words

LONGEST_BACK_MS = 86_400_000
MAX_SUBJECT = 200


class Config(Schema):
    event = EventName(required=True, label=names("事件", "Event"),
                      hint=names("与对方系统约定的名字，如 order.paid", "As agreed with the other system: order.paid"))
    key = RefText(required=True, max_length=MAX_SUBJECT, chosen=True,
                  label=names("认哪一个（例如订单号）", "About which one (an order number, say)"))
    mapping = Rows(Copy, max=50, load_default=list, label=names("取出并保存", "Take and keep"))
    timeout = Duration(load_default=None, label=names("最多等待", "Wait at most"))
    look_back = Duration(load_default=0, max=LONGEST_BACK_MS,
                         label=names("早到多久也算", "Also accept it if it came earlier, by up to"))


class WaitEvent(NodeType):
    """A wait for another system's word (POST /api/v1/events)."""

    type = "wait.event"
    label = names("等待外部事件", "Wait for an event")
    group, icon = "wait", "satellite-dish"
    Config = Config
    outputs = (Port("received", names("已收到", "Received")),
               Port("timeout", names("超时未收到", "Nothing came"), optional=True))
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"timeout": "P3D"}

    def summary(self, config: Any, say: Say) -> str:
        within = say.length(config.get("timeout"))
        return say.parts(say.text(config.get("event")), say.filled(config.get("key")),
                         say.words(f"最多等 {within}", f"waits {within} at most") if within else "")

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        subject = words(ctx.render(config.key)).strip()[:MAX_SUBJECT]
        if not subject:
            return Park("flow_event_no_key", {"node": ctx.node.id})
        asks: list[Ask] = [Listen(config.event, subject)]
        if config.timeout is not None:
            asks.append(Timer("timeout", ctx.now + config.timeout))
        if config.look_back:
            since = ctx.now - config.look_back
            asks.append(Job("recall", {"name": config.event, "subject": subject, "since": since}))
        return Wait(asks)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if answer.kind == "event":
            values, notes = copied(config.mapping, answer.result)
            return Go("received", values, notes)
        return Go("timeout") if answer.kind == "timer" else Wait()  # looking back says nothing by itself

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        return {"ok": True, "error": ""}
