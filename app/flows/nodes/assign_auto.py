"""The ticket goes to somebody by a rule; why is kept."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.flows.assign import choose
from app.flows.base import Action, Answer, Go, NodeType, Note, Outcome, Owner, Port, Say, Task, Wait
from app.flows.config import People, Schema, Select, names
from app.flows.ctx import Ctx
from app.flows.nodes.task_claim import CLAIM


class Config(Schema):
    strategy = Select(load_default="least_loaded",
                      options={"least_loaded": names("派给最闲的人", "Least loaded"),
                               "round_robin": names("轮流", "Round robin")},
                      label=names("派单方式", "Strategy"))
    candidates = People(required=True, label=names("候选人", "Candidates"))
    fallback = People(load_default=list, label=names("没有人时派给", "If there is nobody"))


class AutoAssign(NodeType):
    """Chooses the owner."""

    type = "assign.auto"
    label = names("自动派单", "Assign")
    group, icon, color = "assign", "user-check", "#be185d"
    Config = Config
    outputs = (Port("out", names("已派单", "Assigned")),
               Port("none", names("没有人", "Nobody"), optional=True))

    def summary(self, config: Any, say: Say) -> str:
        return say.parts(say.choice(Config, "strategy", config), say.people(config.get("candidates")))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        choice = choose(ctx, ctx.people(config.candidates), config.strategy, "strategy")
        if choice.person is None:
            choice = choose(ctx, ctx.people(config.fallback), config.strategy, "fallback")
        if choice.person is not None:
            return Go("out", do=(choice.note(), Owner(choice.person)))
        if ctx.has_edge("none"):
            return Go("none", do=(choice.note(),))
        # Never lost: whoever gets one of these roles (or keeps the house in order) finds it in the pool.
        groups = ctx.crowd([*config.candidates, *config.fallback]).groups
        return Wait((choice.note(), Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}}),
                     Task("claim", groups=groups)))

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("out", do=(Owner(answer.by),))

    def actions(self, config: Any) -> Sequence[Action]:
        return (CLAIM,)
