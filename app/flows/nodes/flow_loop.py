"""Back to an earlier step, a limited number of times."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Ask, Avoid, Go, NodeType, Outcome, Owner, Port, Say
from app.flows.config import Integer, Schema, Switch, names
from app.flows.ctx import Ctx


class Config(Schema):
    max = Integer(min=1, max=100, load_default=None, label=names("最多几次", "At most"))
    avoid_previous_owner = Switch(load_default=False, label=names("换人处理", "Somebody else next time"))


class Loop(NodeType):
    """Counts how often a ticket has come back."""

    type = "flow.loop"
    label = names("重复", "Loop")
    group, icon = "flow", "repeat"
    Config = Config
    outputs = (Port("again", names("再来一次", "Again")), Port("exhausted", names("次数用完", "No more")))

    def starter(self) -> Mapping[str, Any]:
        return {"max": 3}

    def summary(self, config: Any, say: Say) -> str:
        most = config.get("max")
        return say.parts(say.words(f"最多 {most} 次", f"{most} times at most") if isinstance(most, int) else "",
                         say.words("换人处理", "somebody else") if config.get("avoid_previous_owner") else "")

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        if config.max is not None and ctx.visit > config.max:
            return Go("exhausted")
        asks: list[Ask] = []
        if config.avoid_previous_owner and ctx.owner is not None:
            asks = [Avoid([ctx.owner]), Owner(None)]
        return Go("again", do=asks)
