"""撞期: one line, hall or team can only be in one place a day; whoever plans the second thing hears of the first.

Every step with the same board looks at the same calendar, in whatever flow: a campaign of the market department finds
the maintenance of the plant. A ticket holds its days until it ends.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.sdk import (
    Answer,
    Ctx,
    Go,
    Job,
    Mark,
    NodeType,
    Note,
    Outcome,
    Port,
    Problem,
    Say,
    Schema,
    Wait,
    fields,
    names,
)

MOST_DAYS = 366
COMMON = "排期"  # the calendar of whoever names none


class Config(Schema):
    board = fields.Text(load_default=COMMON, max_length=40, label=names("排期表", "Calendar"), hint=names(
        "自己起名。排期表同名的节点互相看得到，可以在不同的流程里",
        "Any name. Steps that name the same calendar see each other, in other flows, too"))
    of = fields.Items(fields.FieldRef(label=names("占用", "What")), min=1, max=5, required=True,
                      label=names("占用什么（产线、场地、人员…）", "What is taken (line, hall, team …)"))
    first = fields.FieldRef(kinds=("date", "time"), required=True, label=names("从哪天", "From"))
    last = fields.FieldRef(kinds=("date", "time"), load_default=None,
                           label=names("到哪天（不填就是当天）", "Until (left out: that day)"))
    to = fields.WriteTo(load_default=None, label=names("撞期的工单号存到", "Keep the numbers of the other tickets in"))


class Clash(NodeType):
    """Takes days of a thing, and tells the tickets that have taken one of them already."""

    type = "plan.clash"
    label = names("撞期检查", "Clash of dates")
    group, icon = "data", "calendar"
    Config = Config
    outputs = (Port("free", names("没有撞期", "Free")), Port("clash", names("撞期", "Taken already")),
               Port("error", names("查不到", "Could not look")))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        board = config.get("board")
        return say.parts(board if isinstance(board, str) else "", say.ref(config.get("first")))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        what = [ctx.value(ref) for ref in config.of]
        days = days_between(ctx.value(config.first), ctx.value(config.last) if config.last else None)
        if not days or any(value in (None, "", [], {}) for value in what):
            return Go("free")  # what is not known is not taken
        taken, board = [[*what, day] for day in days], config.board.strip() or COMMON
        marks = (Mark(row, board, day) for row, day in zip(taken, days, strict=True))
        return Wait((*marks, Job("clash", {"board": board, "values": taken}, {"max": 5, "backoff_ms": 2_000})))

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if not answer.ok:
            return Go("error")
        found = answer.result.get("tickets") if isinstance(answer.result, Mapping) else None
        if not found:
            return Go("free")
        listed = "、".join(f"#{row['no']}" for row in found)
        note = Note("clash.found", {"texts": names("与工单 {tickets} 撞期", "Same days as tickets {tickets}"),
                                    "tickets": listed})
        return Go("clash", {config.to.ref: config.to.fit(listed)} if config.to else {}, (note,))

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        if port == "error":
            return {"ok": False, "error": "away"}
        return {"ok": True, "result": {"tickets": [{"ticket": "earlier", "no": 1}] if port == "clash" else []}}


def days_between(first: Any, last: Any) -> list[str]:
    """The days from one to the other, both included, as `YYYY-MM-DD`; moments count as their day. [] if unknown.

    Raises Problem for more than a year: nobody plans so, and somebody mistyped a year.
    """
    if not isinstance(first, str) or not first:
        return []
    begin = date.fromisoformat(first[:10])
    end = date.fromisoformat(last[:10]) if isinstance(last, str) and last else begin
    count = (end - begin).days + 1
    if count > MOST_DAYS:
        raise Problem("clash_too_long", "", texts=names(
            "从{first}到{last}超过一年，请检查年份。", "From {first} to {last} is more than a year: check the years."),
            first=first[:10], last=end.isoformat())
    return [(begin + timedelta(days=n)).isoformat() for n in range(count)]


NODE_TYPES = (Clash,)
