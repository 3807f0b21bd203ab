"""The flow waits: for a while, or until the date that a field holds."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.expressions.dates import DAY_MS, MINUTE, moment_at, parse_day, parse_moment
from app.core.expressions.errors import Fail
from app.flows.base import Answer, Go, NodeType, Note, Outcome, Port, Say, Timer, Wait
from app.flows.config import CalendarRef, Duration, FieldRef, Schema, Select, TimeOfDay, names
from app.flows.ctx import Ctx


class Config(Schema):
    by = Select(load_default="duration",
                options={"duration": names("一段时间", "For a while"), "until": names("到某个日期", "Until a date")},
                label=names("等待", "Wait"))
    for_ = Duration(data_key="for", required=True, show_if={"by": "duration"}, label=names("等多久", "How long"))
    until = FieldRef(kinds=("date", "time"), required=True, show_if={"by": "until"}, label=names("等到", "Until"))
    at = TimeOfDay(load_default=540, show_if={"by": "until"},
                   label=names("只有日期时，几点算到", "Time of day, where only a date is known"))
    shift = Select(load_default="at", show_if={"by": "until"},
                   options={"at": names("到那时", "Then"), "before": names("提前", "Before it"),
                            "after": names("推后", "After it")},
                   label=names("提前或推后", "Earlier or later"))
    offset = Duration(required=True, show_if={"by": "until", "shift": ["before", "after"]},
                      label=names("提前或推后多久", "By how much"))
    calendar = CalendarRef(load_default="always", label=names("按工作日历计时", "Counted in the calendar"))


class Delay(NodeType):
    """A pause. A date that was moved later meanwhile is waited for too."""

    type = "timer.delay"
    label = names("等待一段时间", "Delay")
    group, icon = "timer", "hourglass"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"for": "P1D"}

    def summary(self, config: Any, say: Say) -> str:
        calendar = config.get("calendar", "always")
        hours = "" if calendar == "always" else say.words("按", "by ") + say.named("calendars", calendar)
        if config.get("by") != "until":
            length = say.length(config.get("for"))
            return say.parts(say.words(f"等 {length}", f"waits {length}") if length else "", hours)
        until, offset = say.ref(config.get("until")), say.length(config.get("offset"))
        when = {"before": say.words(f"前 {offset}", f"{offset} before "),
                "after": say.words(f"后 {offset}", f"{offset} after ")}
        shift = when.get(str(config.get("shift")), "") if offset else ""
        told = say.words(f"等到“{until}”{shift}", f"waits until {shift}“{until}”") if until else ""
        return say.parts(told, hours)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return self._until(ctx, config, 0)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return self._until(ctx, config, ctx.memo["armed"]) if config.by == "until" else Go("out")

    def _until(self, ctx: Ctx, config: Any, armed: int) -> Outcome:
        due = self._due(ctx, config)
        if due is None:
            return Go("out", do=(Note("problem", {"code": "flow_delay_empty", "params": {"node": ctx.node.id}}),))
        if due <= ctx.now:
            return Go("out")
        name = "out" if not armed else f"out{armed + 1}"  # a key is never used twice
        return Wait((Timer(name, due),), {"armed": armed + 1})

    def _due(self, ctx: Ctx, config: Any) -> int | None:
        """The moment to go on, None if nobody has filled it in."""
        calendar = ctx.world.calendar(config.calendar)
        if config.by == "duration":
            return calendar.add(ctx.now, config.for_)
        moment = self._moment(ctx, config)
        if moment is None or config.shift == "at":
            return moment
        return calendar.add(moment, config.offset) if config.shift == "after" else calendar.back(moment, config.offset)

    def _moment(self, ctx: Ctx, config: Any) -> int | None:
        value = ctx.value(config.until)
        if isinstance(value, int):
            return value  # ticket.opened
        if not isinstance(value, str):
            return None
        try:
            if "T" in value:
                return parse_moment(value)
            return moment_at(parse_day(value) * DAY_MS + config.at * MINUTE, ctx.env.tz)
        except Fail:
            return None
