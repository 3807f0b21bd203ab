"""抢单: the first candidate who claims has the ticket."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Conflict
from app.flows.assign import Limits
from app.flows.base import (
    Action,
    Answer,
    Ask,
    Go,
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
from app.flows.config import Duration, Guard, People, Schema, Template, cool_down, max_open, max_per_day, names, on_duty
from app.flows.ctx import Ctx
from app.flows.guard import arrive, helped

CLAIM = Action("claim", names("抢单", "Claim"), requires=False)


class Config(Schema):
    candidates = People(required=True, label=names("谁可以抢", "Who may claim"))
    max_open_per_person = max_open()
    max_per_day = max_per_day()
    cool_down = cool_down()
    on_duty = on_duty()
    timeout = Duration(load_default=None, label=names("无人抢单的时限", "Wait at most"))
    notice = Template(load_default=None, label=names("通知候选人", "Tell the candidates"))
    guard = Guard()


class Claim(NodeType):
    """A pool of tickets that people take from."""

    type = "task.claim"
    label = names("抢单", "Claim")
    group, icon = "task", "hand"
    Config = Config
    outputs = (Port("claimed", names("已抢单", "Claimed")),
               Port("timeout", names("无人抢单", "Nobody claimed"), optional=True))
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"timeout": "PT30M"}

    def summary(self, config: Any, say: Say) -> str:
        within = say.length(config.get("timeout"))
        limit = say.words(f"{within}内没人抢就往下走", f"goes on after {within}") if within else ""
        return say.parts(say.people(config.get("candidates")), limit)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        stands = arrive(ctx, config.guard, ctx.node.id)
        crowd = ctx.crowd(helped(config.guard, stands.how, config.candidates))
        due = ctx.now + config.timeout if config.timeout is not None else None
        avoid = ctx.avoided(crowd.people)
        asks: list[Ask] = [Owner(None), *stands.asks]
        if not crowd.people:
            asks.append(Note("problem", {"code": "flow_nobody", "params": {"node": ctx.node.id}}))
        asks.append(Task("claim", groups=crowd.groups, people=crowd.named, avoid=avoid, due=due))
        if due is not None:
            asks.append(Timer("timeout", due))
        if config.notice:
            asks += [Message(person, "wecom", config.notice) for person in self._told(ctx, config, crowd.people)
                     if person not in avoid]
        return Wait(asks)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if answer.kind == "timer":
            return Go("timeout")
        assert answer.by is not None
        limits = Limits(ctx, config)
        if not limits.any:
            return Go("claimed", do=(Owner(answer.by),))
        limits.know([answer.by])
        against = limits.against(answer.by)
        if against:
            raise _refusal(config, *against)
        return Go("claimed", do=(*limits.ticks(answer.by, exact=True), Owner(answer.by)))

    @staticmethod
    def _told(ctx: Ctx, config: Any, people: Sequence[str]) -> Sequence[str]:
        """Nobody is called to work outside their shift."""
        if not config.on_duty or not people:
            return people
        duty = ctx.world.fact("on_duty", people, ctx.state, ctx.now)
        return [person for person in people if duty[person]]

    def actions(self, config: Any) -> Sequence[Action]:
        return (CLAIM,)


def _refusal(config: Any, code: str, number: int = 0) -> Conflict:
    """Why somebody may not claim now."""
    if code == "max_open":
        return Conflict("claim_limit", max=config.max_open_per_person)
    if code == "max_day":
        return Conflict("claim_day_limit", max=config.max_per_day)
    if code == "cool_down":
        return Conflict("claim_cool_down", minutes=number)
    return Conflict("claim_off_duty")
