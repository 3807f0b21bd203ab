"""Several ways at once, until they meet in a join."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import NodeType, Outcome, Say, Split
from app.flows.config import LocalText, NodeRef, PortId, Rows, Schema, names
from app.flows.ctx import Ctx


class Branch(Schema):
    port = PortId(required=True, label=names("出口", "Port"))
    label = LocalText(load_default="", label=names("名称", "Label"))


class Config(Schema):
    branches = Rows(Branch, min=2, max=20, unique="port", required=True, label=names("分支", "Branches"))
    join = NodeRef(required=True, label=names("汇合于", "Meets at"))


class Parallel(NodeType):
    """The fork of a parallel block."""

    type = "branch.parallel"
    label = names("并行", "Parallel")
    group, icon = "branch", "git-fork"
    Config = Config
    ports_from = "branches[].port"
    pairs = "branch.join"

    def starter(self) -> Mapping[str, Any]:
        return {"branches": [{"port": f"b{number}", "label": names(f"分支 {number}", f"Branch {number}")}
                             for number in (1, 2)]}

    def summary(self, config: Any, say: Say) -> str:
        told = say.labels(config.get("branches"))
        return say.words(f"{told} 同时进行", f"{told} at the same time") if told else ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return Split([branch.port for branch in config.branches])
