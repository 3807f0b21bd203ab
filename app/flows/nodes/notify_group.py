"""Tell a group chat through its robot, with a progress card (进度卡) if wanted."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Go, Message, NodeType, Outcome, Port, Say, Wait
from app.flows.config import LocalText, NodeRef, RefText, Rows, Schema, Template, Text, names
from app.flows.ctx import Ctx, words

VIA = "robot"
MAX_NAME = 40
DONE, NOW, OPEN = "✔", "▶", "○"


class Milestone(Schema):
    label = LocalText(required=True, max_length=20, label=names("名称", "Label"))
    step = NodeRef(required=True, chosen=True, label=names("到达这一步算到", "Reached with the step"))


class Config(Schema):
    group = Text(required=True, max_length=MAX_NAME, chosen=True, label=names("群名称", "Group"),
                 hint=names("群机器人所在的群，例如 华东客诉群", "The group in which the robot speaks"))
    template = Template(load_default="group_progress", label=names("消息模板", "Message"))
    note = RefText(load_default="", max_length=300, label=names("附言", "Note"))
    milestones = Rows(Milestone, max=8, load_default=list,
                      label=names("进度卡的各个阶段", "Stages of the progress card"))


class NotifyGroup(NodeType):
    """A message to a group. It waits for the robot only where a way out is drawn for its failure."""

    type = "notify.group"
    label = names("通知群", "Tell a group")
    group, icon = "notify", "messages-square"
    Config = Config
    outputs = (Port("out", names("继续", "Next")), Port("error", names("发送失败", "Not sent"), optional=True))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        count = len(config.get("milestones") or ())
        card = say.words(f"进度卡 {count} 段", f"progress card of {count}") if count else ""
        return say.parts(say.text(config.get("group")), card)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        params = {"note": words(ctx.render(config.note)), "progress": _card(ctx, config.milestones)}
        wait = ctx.has_edge("error")
        message = Message(None, VIA, config.template, {key: text for key, text in params.items() if text},
                          group=config.group, answered=wait)
        return Wait((message,)) if wait else Go("out", do=(message,))

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("out" if answer.ok else "error")


def _card(ctx: Ctx, milestones: list[Any]) -> str:
    """`▰▰▱ ✔ 受理 ▶ 处理 ○ 回访`: what was passed, where the ticket is now, what is to come."""
    visits = ctx.state["visits"]
    reached = [at for at, one in enumerate(milestones) if visits.get(one.step)]
    last = reached[-1] if reached else -1
    told = [f"{DONE if at < last else NOW if at == last else OPEN} {_text(one.label)}"
            for at, one in enumerate(milestones)]
    return f"{'▰' * (last + 1)}{'▱' * (len(milestones) - last - 1)} {' '.join(told)}" if milestones else ""


def _text(label: str | Mapping[str, str]) -> str:
    """In the language of the company's groups."""
    return label if isinstance(label, str) else next((text for key, text in label.items() if key.startswith("zh")),
                                                     next(iter(label.values()), ""))
