"""Keywords decide priority and tags: the first rule that finds one of its words wins."""
from __future__ import annotations

from typing import Any

from app.core.expressions.operators import fold
from app.flows.base import Go, NodeType, Note, Outcome, Port, Say
from app.flows.config import Assignments, FieldRef, Items, Rows, Schema, Text, names
from app.flows.ctx import Ctx, words


class Rule(Schema):
    any_of = Items(Text(label=names("关键词", "Word"), max_length=50), min=1, max=200, required=True,
                   label=names("出现任一关键词", "Any of these words"))
    set = Assignments(required=True, label=names("则设为", "Then set"))


class Config(Schema):
    source = Items(FieldRef(label=names("内容", "Text")), min=1, max=20, required=True,
                   label=names("在这些内容里找", "Look in"))
    rules = Rows(Rule, max=100, required=True, label=names("规则（从上到下，先中先用）", "Rules, first hit wins"))
    else_ = Assignments(data_key="else", load_default=dict, label=names("都没有时设为", "Otherwise set"))


class Classify(NodeType):
    """Sets variables by the words a customer used."""

    type = "data.classify"
    label = names("关键词分类", "Classify by words")
    group, icon = "data", "tags"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)

    def summary(self, config: Any, say: Say) -> str:
        count = len(config["rules"])
        return say.words(f"{count} 条关键词规则", f"{count} rule{'' if count == 1 else 's'}")

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        text = fold("\n".join(words(ctx.value(ref)) for ref in config.source))
        for number, rule in enumerate(config.rules):
            for word in rule.any_of:
                if word and fold(word) in text:
                    return Go("out", rule.set, (Note("classified", {"rule": number, "word": word}),))
        return Go("out", config.else_, (Note("classified", {"rule": None}),))
