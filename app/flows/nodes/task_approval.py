"""Approval: one vote, all votes, a share of them, or one after the other. One count decides every mode."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.flows.base import Action, Answer, Ask, Go, Message, NodeType, Note, Outcome, Port, Say, Task, Wait
from app.flows.config import Access, Integer, People, Percent, Schema, Select, Template, may_also, names
from app.flows.ctx import Ctx

ACTIONS = (Action("approve", names("同意", "Approve")),
           Action("reject", names("驳回", "Reject"), requires=False))


IN_TURN = ("turn", "up")  # one after the other
ADMIN = "admin@"  # nobody in particular: a task without names is an administrator's


class Config(Schema):
    approvers = People(required=True, show_if={"mode": ["any", "all", "ratio", "turn"]},
                       label=names("审批人", "Approvers"))
    mode = Select(load_default="any",
                  options={"any": names("或签：一人决定", "Any one decides"),
                           "all": names("会签：全部同意", "All must approve"),
                           "ratio": names("按比例", "A share must approve"),
                           "turn": names("依次审批", "One after the other"),
                           "up": names("逐级上级审批", "Up the line")},
                  label=names("审批方式", "Mode"))
    line_of = Select(load_default="previous", show_if={"mode": "up"},
                     options={"previous": names("上一步处理人", "Who did the step before"),
                              "owner": names("工单负责人", "The ticket's owner"),
                              "opener": names("工单提交人", "Who opened the ticket")},
                     label=names("谁的上级", "Whose line"))
    levels = Integer(min=1, max=10, load_default=1, show_if={"mode": "up"}, label=names("最多几级", "Levels at most"))
    until = People(load_default=list, show_if={"mode": "up"}, label=names("到谁为止（含本人）", "Up to and including"))
    vacant = Select(load_default="skip", show_if={"mode": "up"},
                    options={"skip": names("跳过这一级", "Skip the level"),
                             "fallback": names("交给“没有审批人时”指定的人", "Ask whom “if there is nobody” names"),
                             "admin": names("交给管理员", "Ask an administrator")},
                    label=names("某一级没有负责人时", "Where a level has no leader"))
    ratio = Percent(load_default=51, show_if={"mode": "ratio"}, label=names("同意比例", "Share"))
    same_person = Select(load_default="ask",
                         options={"ask": names("照常审批", "Ask all the same"),
                                  "pass": names("自动同意", "Approve by itself"),
                                  "skip": names("跳过此人", "Leave them out")},
                         label=names("审批人就是提交人时", "If an approver submitted it"))
    if_nobody = People(load_default=list, label=names("没有审批人时交给", "If there is nobody"))
    access = Access(data_key="fields", load_default=dict, label=names("字段权限", "Field rights"))
    may = may_also()
    notice = Template(load_default=None, label=names("通知审批人", "Tell them"))


class Approval(NodeType):
    """Somebody else agrees, or not."""

    type = "task.approval"
    label = names("审批", "Approval")
    group, icon = "task", "stamp"
    Config = Config
    outputs = (Port("approved", names("同意", "Approved")), Port("rejected", names("驳回", "Rejected")))
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"fields": {"*": "read"}}

    def summary(self, config: Any, say: Say) -> str:
        who = (say.choice(Config, "line_of", config) if config.get("mode") == "up"
               else say.people(config.get("approvers")))
        return say.parts(who, say.choice(Config, "mode", config))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        selectors = config.approvers or []
        people = self._line(ctx, config) if config.mode == "up" else self._approvers(ctx, config, selectors)
        if not people and config.if_nobody:
            people, selectors = self._approvers(ctx, config, config.if_nobody), config.if_nobody
        if not people:
            groups = ctx.crowd([*selectors, *config.if_nobody]).groups
            problem = Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}})
            return Wait((problem, Task("approval", groups=groups)), {"people": [None], "votes": {}})
        votes = {person: "approve" for person in people if config.same_person == "pass" and person == ctx.by}
        verdict = _verdict(config, len(people), votes)
        if verdict:
            return Go(verdict, do=(Note("approval.passed", {"by": ctx.by, "reason": "same_person"}),))
        if config.mode == "any" and len(people) > 1:
            crowd = ctx.crowd(selectors)
            named = crowd.named if config.same_person != "skip" else [p for p in people if p in crowd.named]
            task = Task("approval", groups=crowd.groups, people=named,
                        avoid=[ctx.by] if config.same_person == "skip" and ctx.by else [])
            return Wait((task, *_tell(config, people)), {"people": people, "votes": votes})
        return Wait(_open(config, people, votes, 0), {"people": people, "votes": votes})

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        people, votes = ctx.memo["people"], dict(ctx.memo["votes"])
        voter = people[answer.task - 1] if answer.task else answer.by
        votes[voter] = answer.name
        verdict = _verdict(config, len(people), votes)
        if verdict:
            return Go(verdict)
        asks = _open(config, people, votes, answer.task) if config.mode in IN_TURN else []
        return Wait(asks, {"people": people, "votes": votes})

    def goes_on(self, before: Any, after: Any) -> bool:
        return bool(before.mode == after.mode)  # votes are counted, and tasks opened, as the mode has it

    def actions(self, config: Any) -> Sequence[Action]:
        return ACTIONS

    def may(self, config: Any) -> Sequence[str]:
        return config.may

    def _line(self, ctx: Ctx, config: Any) -> list[str]:
        """Who is asked, from the next one up; ADMIN for a level that an administrator stands in for."""
        start = {"previous": ctx.by, "owner": ctx.owner, "opener": ctx.state["ticket"].get("opener")}[config.line_of]
        last, instead = set(ctx.people(config.until or [])), ctx.people(config.if_nobody)[:1] or [ADMIN]
        found: list[str] = []
        for leader in ctx.world.line(start)[:config.levels] if start else ():
            if leader is not None:
                found.append(leader)
            elif config.vacant != "skip":
                found += instead if config.vacant == "fallback" else [ADMIN]
            if leader in last:
                break
        if config.same_person == "skip":
            found = [person for person in found if person != ctx.by]
        return list(dict.fromkeys(found))

    def _approvers(self, ctx: Ctx, config: Any, selectors: Any) -> list[str]:
        people = ctx.people(selectors)
        return [person for person in people if person != ctx.by] if config.same_person == "skip" else people


def _verdict(config: Any, count: int, votes: Mapping[str, str]) -> str | None:
    """The port once the votes decide, else None."""
    yes = sum(vote == "approve" for vote in votes.values())
    no = len(votes) - yes
    if config.mode == "any":
        return ("approved" if yes else "rejected") if votes else None
    need = -(-count * config.ratio // 100) if config.mode == "ratio" else count
    if yes >= need:
        return "approved"
    return "rejected" if no > count - need else None


def _open(config: Any, people: Sequence[str], votes: Mapping[str, str], after: int) -> list[Ask]:
    """Tasks for those who have not voted: all at once, or only the next one behind number `after`."""
    waiting = [number for number, person in enumerate(people, 1) if person not in votes and number > after]
    chosen = waiting[:1] if config.mode in IN_TURN else waiting
    asks: list[Ask] = [Task("approval", assignee=None if people[number - 1] == ADMIN else people[number - 1], n=number)
                       for number in chosen]
    return [*asks, *_tell(config, [people[number - 1] for number in chosen if people[number - 1] != ADMIN])]


def _tell(config: Any, people: Sequence[str]) -> list[Ask]:
    return [Message(person, "wecom", config.notice) for person in people] if config.notice else []
