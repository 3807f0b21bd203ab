"""The stand-in for a node type that is not installed: its config survives, tickets that arrive park visibly."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.flows.base import Answer, Ask, NodeType, Note, Outcome, Park
from app.flows.config import names
from app.flows.ctx import Ctx


class Unavailable(NodeType):
    """One instance per missing type; never registered."""

    label = names("未安装", "Not installed")
    icon = "unplug"

    def __init__(self, type: str, version: int) -> None:
        self.type = type  # type: ignore[misc]
        self.version = version  # type: ignore[misc]

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return Park("flow_type_missing", {"type": self.type, "version": self.version})

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        """What it waited for came after it was taken away."""
        return self.enter(ctx, config)

    def aside(self, ctx: Ctx, config: Any, name: str) -> Sequence[Ask]:
        """There is no token that could park."""
        return (Note("problem", {"code": "flow_type_missing", "params": {"type": self.type, "version": self.version}}),)
