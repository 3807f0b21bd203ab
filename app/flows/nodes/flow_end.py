"""The ticket is over."""
from __future__ import annotations

from typing import Any

from app.flows.base import End, NodeType, Outcome, Say
from app.flows.config import Schema, Select, Text, names
from app.flows.ctx import Ctx


class Config(Schema):
    status = Select(load_default="closed",
                    options={"closed": names("已关闭", "Closed"), "rejected": names("不予受理", "Rejected"),
                             "cancelled": names("已取消", "Cancelled")},
                    label=names("结果", "Status"))
    reason = Text(load_default=None, max_length=80, label=names("原因", "Reason"))


class FlowEnd(NodeType):
    """Closes the ticket and everything still open on it."""

    type = "flow.end"
    label = names("结束", "End")
    group, icon = "flow", "circle-stop"
    Config = Config

    def summary(self, config: Any, say: Say) -> str:
        return say.choice(Config, "status", config)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return End(config.status, config.reason)
