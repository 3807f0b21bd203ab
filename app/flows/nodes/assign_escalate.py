"""升级: somebody above is told and, unless the old owner keeps it, takes over."""
from __future__ import annotations

from typing import Any

from app.flows.base import Ask, Assign, Go, Message, NodeType, Note, Outcome, Owner, Port, Say
from app.flows.config import Assignments, People, Schema, Switch, Template, names
from app.flows.ctx import Ctx


class Config(Schema):
    to = People(required=True, label=names("升级给", "To"))
    keep_old = Switch(load_default=False, label=names("原处理人继续负责", "The owner stays"))
    set = Assignments(load_default=dict, label=names("同时设为", "And set"))
    template = Template(load_default="escalated", label=names("消息模板", "Message"))


class Escalate(NodeType):
    """Brings a superior in."""

    type = "assign.escalate"
    label = names("升级", "Escalate")
    group, icon = "assign", "trending-up"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)

    def summary(self, config: Any, say: Say) -> str:
        keeps = say.words("原处理人继续负责", "the owner stays") if config.get("keep_old") else ""
        return say.parts(say.people(config.get("to")), keeps)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        people, old = ctx.people(config.to), ctx.owner
        if not people:
            problem = Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}})
            return Go("out", config.set, (problem,))
        asks: list[Ask] = [Note("escalated", {"to": people, "from": old, "keep_old": config.keep_old})]
        if not config.keep_old:
            asks.append(Owner(people[0]))
            if old is not None and old != people[0]:
                asks.append(Assign(old, people[0], "escalated"))
        asks += [Message(person, "wecom", config.template) for person in people]
        return Go("out", config.set, asks)
