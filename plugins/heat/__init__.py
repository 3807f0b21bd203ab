"""热度: counts how often words stand in what a customer wrote, and tells the heated from the calm."""
from __future__ import annotations

from typing import Any

from app.sdk import Ctx, Go, NodeType, Note, Outcome, Port, Say, Schema, fields, names, words


class Config(Schema):
    look_in = fields.Items(fields.FieldRef(label=names("内容", "Text")), min=1, max=20, required=True,
                           label=names("在这些内容里数", "Count in"))
    words = fields.Items(fields.Text(max_length=40, label=names("词", "Word")), min=1, max=200, required=True,
                         label=names("热词", "Words"))
    hot = fields.Integer(min=1, max=1000, load_default=3, label=names("出现几次算热", "Hot from this many"))
    to = fields.WriteTo(load_default=None, label=names("次数存到", "Keep the count in"))


class Heat(NodeType):
    """How heated a request is, by its words."""

    type = "heat.count"
    label = names("关键词热度", "Heat of words")
    group, icon = "data", "tags"
    Config = Config
    outputs = (Port("hot", names("热", "Hot")), Port("calm", names("平静", "Calm")))

    def summary(self, config: Any, say: Say) -> str:
        listed = config.get("words")
        return say.list([word for word in listed if isinstance(word, str)] if isinstance(listed, list) else [])

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        text = "\n".join(words(ctx.value(ref)) for ref in config.look_in).casefold()
        found = {word: text.count(word.casefold()) for word in config.words if word.strip()}
        total = sum(found.values())
        note = Note("heat.counted", {"total": total, "words": {word: n for word, n in found.items() if n}})
        keep = {config.to.ref: config.to.fit(total)} if config.to else {}
        return Go("hot" if total >= config.hot else "calm", keep, (note,))


NODE_TYPES = (Heat,)
