"""Tell colleagues, step by step more loudly while they have not read it (三级触达). The flow does not wait."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.flows.base import Ask, Go, Message, NodeType, Note, Outcome, Port, Say, Timer
from app.flows.config import Channel, Duration, People, Rows, Schema, Select, Template, names
from app.flows.ctx import Ctx

DEFAULT_VIA = "wecom"


class LadderStep(Schema):
    after = Duration(required=True, label=names("进入后多久", "After"))
    via = Channel(required=True, label=names("方式", "Channel"))
    if_ = Select(data_key="if", load_default=None, options={"unread": names("仍未读", "Still unread")},
                 label=names("仅当", "Only if"))


class Config(Schema):
    to = People(required=True, label=names("通知谁", "To"))
    template = Template(required=True, label=names("消息模板", "Message"))
    ladder = Rows(LadderStep, max=10, load_default=list, label=names("逐级触达", "Ladder"))


class NotifyStaff(NodeType):
    """A message to colleagues."""

    type = "notify.staff"
    label = names("通知同事", "Tell staff")
    group, icon = "notify", "bell"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)

    def summary(self, config: Any, say: Say) -> str:
        steps = len(config.get("ladder") or ())
        ladder = say.words(f"{steps} 级触达", f"{steps} levels") if steps > 1 else ""
        return say.parts(say.people(config.get("to")), say.named("templates", config.get("template")), ladder)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        people = ctx.people(config.to)
        if not people:
            return Go("out", do=(Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}}),))
        asks: list[Ask] = []
        if not config.ladder:
            asks += [Message(person, DEFAULT_VIA, config.template) for person in people]
        for number, step in enumerate(config.ladder):
            if step.after == 0:
                asks += [Message(person, step.via, config.template) for person in people]
            else:
                asks.append(Timer(str(number), ctx.now + step.after, kind="ladder", side=True))
        return Go("out", do=asks)

    def aside(self, ctx: Ctx, config: Any, name: str) -> Sequence[Ask]:
        step = config.ladder[int(name)]
        told = ctx.told()
        people = list(told) or ctx.people(config.to)
        return [Message(person, step.via, config.template) for person in people
                if step.if_ is None or not told.get(person)]
