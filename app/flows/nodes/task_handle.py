"""Somebody works on the ticket and leaves it by one of the actions."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.flows.base import Action, Answer, Ask, Go, Message, NodeType, Note, Outcome, Say, Task, Wait
from app.flows.config import Access, Guard, LocalText, People, PortId, Rows, Schema, Switch, Template, may_also, names
from app.flows.ctx import Ctx
from app.flows.guard import arrive, helped


class ActionRow(Schema):
    port = PortId(required=True, label=names("出口", "Port"))
    label = LocalText(load_default="", label=names("按钮文字", "Button"))
    requires = Switch(load_default=None, label=names("须填完必填项", "Needs the required answers"))


class Config(Schema):
    assignee = People(required=True, label=names("处理人", "Who"))
    fallback = People(load_default=list, label=names("没有人时交给", "If there is nobody"))
    access = Access(data_key="fields", load_default=dict, label=names("字段权限", "Field rights"))
    actions = Rows(ActionRow, min=1, max=10, unique="port", required=True, label=names("操作按钮", "Actions"))
    may = may_also()
    notice = Template(load_default=None, label=names("通知处理人", "Tell them"))
    guard = Guard()


class Handle(NodeType):
    """A piece of work for a person."""

    type = "task.handle"
    label = names("处理", "Handle")
    group, icon = "task", "clipboard-check"
    Config = Config
    ports_from = "actions[].port"
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"fields": {"*": "read"}, "actions": [{"port": "done", "label": names("处理完成", "Done")}]}

    def summary(self, config: Any, say: Say) -> str:
        return say.parts(say.people(config.get("assignee")), say.labels(config.get("actions")))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        stands = arrive(ctx, config.guard, ctx.node.id)
        asks: list[Ask] = [*stands.asks]
        crowd = ctx.crowd(helped(config.guard, stands.how, config.assignee))
        if not crowd.people and config.fallback:
            crowd = ctx.crowd(config.fallback)
        if not crowd.people:
            crowd = ctx.crowd([*config.assignee, *config.fallback])
            asks.append(Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}}))
        if len(crowd.people) == 1:
            asks.append(Task("handle", assignee=crowd.people[0]))
        else:
            asks.append(Task("handle", groups=crowd.groups, people=crowd.named))
        if config.notice:
            asks += [Message(person, "wecom", config.notice) for person in crowd.people]
        return Wait(asks)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go(answer.name)

    def actions(self, config: Any) -> Sequence[Action]:
        # A return gives the ticket back unfinished: it never needs the answers, unless the designer says so.
        return [Action(row.port, row.label, row.port != "return" if row.requires is None else row.requires)
                for row in config.actions]

    def may(self, config: Any) -> Sequence[str]:
        return config.may
