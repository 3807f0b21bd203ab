"""天气: outdoor work waits for weather that allows it, and looks again from time to time."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sdk import (
    MISSING,
    Answer,
    Ctx,
    Go,
    NodeType,
    Note,
    Outcome,
    Port,
    Say,
    SystemCall,
    Timer,
    Wait,
    call_system,
    fields,
    names,
    part,
    words,
)


class Config(SystemCall):
    at = fields.JsonPath(required=True, label=names("天气在回复里的位置", "Where the weather stands in the answer"))
    bad = fields.Items(fields.Text(max_length=20, label=names("天气", "Weather")), min=1, max=50, required=True,
                       label=names("这些天气要等", "Wait in this weather"))
    again = fields.Duration(load_default=3 * 3_600_000, min=60_000, max=7 * 86_400_000,
                            label=names("隔多久再看", "Look again after"))
    most = fields.Integer(min=1, max=100, load_default=8, label=names("最多等几次", "Wait at most so often"))


class WeatherDelay(NodeType):
    """Asks for the weather, waits while it is bad, asks again."""

    type = "weather.delay"
    label = names("等天气", "Wait for the weather")
    group, icon = "wait", "alarm-clock"
    Config = Config
    outputs = (Port("clear", names("可以出工", "Good to go")), Port("late", names("一直不好", "Bad all along")),
               Port("error", names("查不到天气", "No forecast")))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        listed = config.get("bad")
        return say.list([word for word in listed if isinstance(word, str)] if isinstance(listed, list) else [])

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return call_system(ctx, config, "GET")

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        asked = ctx.memo.get("asked", 0)
        if answer.kind == "timer":
            return Wait((call_system(ctx, config, "GET"),), {"asked": asked})
        found = part(answer.result, config.at)
        if not answer.ok or found is MISSING:
            return Go("error")
        weather = words(found)
        note = Note("weather.seen", {"weather": weather[:80]})
        if not any(word and word in weather for word in config.bad):
            return Go("clear", do=(note,))
        if asked >= config.most:
            return Go("late", do=(note,))
        return Wait((note, Timer("again", ctx.now + config.again)), {"asked": asked + 1})

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        """Bad weather for "late", good weather otherwise."""
        found: Any = config.bad[0] if port == "late" else "晴"
        for name in reversed(config.at.split(".")):
            found = {name: found}
        return {"ok": port != "error", "result": found, "error": "http_503" if port == "error" else ""}


NODE_TYPES = (WeatherDelay,)
