"""The ticket goes to somebody by a rule; why is kept."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.flows.assign import Choice, Limits, choose, fall_back
from app.flows.base import (
    Action,
    Answer,
    Ask,
    Assign,
    Go,
    Keep,
    Message,
    NodeType,
    Note,
    Outcome,
    Owner,
    Port,
    Say,
    Task,
    Timer,
    Wait,
)
from app.flows.config import (
    CalendarRef,
    Duration,
    Guard,
    People,
    Rows,
    Schema,
    Select,
    Switch,
    Template,
    Way,
    cool_down,
    max_open,
    max_per_day,
    names,
    on_duty,
)
from app.flows.ctx import Ctx
from app.flows.guard import arrive, helped
from app.flows.nodes.task_claim import CLAIM


class Config(Schema):
    candidates = People(required=True, label=names("候选人", "Candidates"))
    ways = Rows(Way, max=10, load_default=list, label=names("先按这些规则找人", "Look for people in these ways first"),
                hint=names("依次尝试，找到人为止；都找不到就在候选人中挑",
                           "One after the other until somebody is found, then among the candidates"))
    strategy = Select(load_default="least_loaded",
                      options={"least_loaded": names("派给最闲的人", "Least loaded"),
                               "round_robin": names("轮流", "Round robin")},
                      label=names("几个人都合适时", "Between several"))
    max_open_per_person = max_open()
    max_per_day = max_per_day()
    cool_down = cool_down()
    on_duty = on_duty()
    fallback = People(load_default=list, label=names("没有人时派给", "If there is nobody"))
    guard = Guard()
    takes_over = Switch(load_default=False,
                        label=names("同时接手原负责人的待办", "Takes over what the owner has to do"),
                        hint=names("用于超时改派：换一个人，原负责人手上的任务一起转走",
                                   "To reassign what is late: somebody else gets the owner's open tasks"))
    relay = Duration(min=60_000, load_default=None, label=names("多久没动静就换下一位", "Next one if nothing happens"))
    relay_calendar = CalendarRef(load_default="always", label=names("接力按哪个日历计时", "Calendar of the relay"))
    relay_notice = Template(load_default="task_assigned", label=names("接力时通知接手的人", "Message to the next one"))


class AutoAssign(NodeType):
    """Chooses the owner."""

    type = "assign.auto"
    label = names("自动派单", "Assign")
    group, icon = "assign", "user-check"
    Config = Config
    outputs = (Port("out", names("已派单", "Assigned")),
               Port("none", names("没有人", "Nobody"), optional=True))

    def summary(self, config: Any, say: Say) -> str:
        ways = config.get("ways") if isinstance(config.get("ways"), list) else []
        first = say.list(say.choice(Way, "strategy", way) for way in ways if isinstance(way, dict))
        rule = say.choice(Config, "strategy", config)
        return say.parts(say.words(f"先{first}，再{rule}", f"{first}, else {rule}") if first else rule,
                         say.people(config.get("candidates")))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        old = ctx.owner if config.takes_over else None
        limits, but = Limits(ctx, config), [old] if old else []
        edge = ctx.node.outs.get("out")
        stands = arrive(ctx, config.guard, edge.target if edge else None)
        choice = choose(ctx, config, limits, but, among=helped(config.guard, stands.how, config.candidates))
        if choice.person is None:
            choice = fall_back(ctx, config, limits, choice, but)
        if choice.person is not None:
            return Go("out", do=(*stands.asks, *_give(ctx, config, limits, choice, old, [])))
        if ctx.has_edge("none"):
            return Go("none", do=(*stands.asks, choice.note()))
        if old is not None:  # they keep what they have: better late than with nobody
            problem = Note("problem", {"code": "flow_nobody_else", "params": {"node": ctx.node.id}})
            return Go("out", do=(*stands.asks, choice.note(), problem))
        # Never lost: whoever gets one of these roles (or keeps the house in order) finds it in the pool.
        groups = ctx.crowd([*config.candidates, *config.fallback]).groups
        problem = Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}})
        return Wait((*stands.asks, choice.note(), problem, Task("claim", groups=groups)))

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("out", do=(Owner(answer.by),))

    def aside(self, ctx: Ctx, config: Any, name: str) -> Sequence[Ask]:
        """The relay: whoever has the ticket did nothing with it, so the next one gets it."""
        had, since = ctx.memo["had"], ctx.memo["at"]
        last = had[-1]
        theirs = any(task["assignee"] == last and task["kind"] != "approval" for task in ctx.state["tasks"].values())
        if ctx.owner != last or not theirs or ctx.state.get("acted", {}).get(last, 0) > since:
            return ()
        limits = Limits(ctx, config)
        choice = choose(ctx, config, limits, had, "relay")
        if choice.person is None:
            return (choice.note(), Note("relay.ended", {"people": had}))
        return (*_give(ctx, config, limits, choice, last, had), Message(choice.person, "wecom", config.relay_notice))

    def actions(self, config: Any) -> Sequence[Action]:
        return (CLAIM,)


def _give(ctx: Ctx, config: Any, limits: Limits, choice: Choice, old: str | None, had: Sequence[str]) -> list[Ask]:
    """What it means that somebody was chosen; `old` hands over what they have, `had`: who had it in this relay."""
    assert choice.person is not None
    asks: list[Ask] = [choice.note(), *limits.ticks(choice.person, exact=False), Owner(choice.person)]
    if old is not None:
        asks.append(Assign(old, choice.person, "relay" if had else "reassigned"))
    if config.relay is not None:
        people = [*had, choice.person]
        due = ctx.world.calendar(config.relay_calendar).add(ctx.now, config.relay)
        asks += [Keep({"had": people, "at": ctx.now}), Timer(f"relay{len(people)}", due, kind="relay", side=True)]
    return asks
