"""Where the branches of a fork meet: all of them, any one, or n; the others are cancelled."""
from __future__ import annotations

from typing import Any

from app.flows.base import Merge, NodeType, Outcome, Port, Say
from app.flows.config import Integer, NodeRef, Schema, Select, names
from app.flows.ctx import Ctx


class Config(Schema):
    fork = NodeRef(required=True, label=names("对应的并行", "Of the fork"))
    mode = Select(load_default="all",
                  options={"all": names("全部到齐", "All"), "any": names("任一到达", "Any one"),
                           "n": names("到达 N 个", "N of them")},
                  label=names("何时继续", "Go on when"))
    n = Integer(min=1, max=20, load_default=1, show_if={"mode": "n"}, label=names("个数", "How many"))


class Join(NodeType):
    """The end of a parallel block."""

    type = "branch.join"
    label = names("汇合", "Join")
    group, icon = "branch", "git-merge"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)
    pairs = "branch.parallel"
    gathers = True

    def summary(self, config: Any, say: Say) -> str:
        if config.get("mode") == "n":
            return say.words(f"到达 {config.get('n', 1)} 个就继续", f"goes on with {config.get('n', 1)} of them")
        return say.choice(Config, "mode", config)

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return Merge(config.fork, {"all": None, "any": 1, "n": config.n}[config.mode])
