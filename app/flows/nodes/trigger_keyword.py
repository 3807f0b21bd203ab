"""Words in what a customer writes open a ticket; more messages of the same customer join it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.expressions.operators import fold
from app.flows import news
from app.flows.base import Say
from app.flows.config import Integer, Items, Key, Schema, Select, Text, names


class Fill(Schema):
    to = news.form_field()
    take = Select(required=True, label=names("填入", "What goes in"), options={
        "message.text": names("消息内容", "The message"), "message.channel": names("消息渠道", "Its channel"),
        "customer.id": names("客户", "The customer"), "customer.name": names("客户姓名", "Customer's name"),
        "customer.phone": names("客户电话", "Customer's phone"),
        "customer.email": names("客户邮箱", "Customer's e-mail")})


class Config(Schema):
    channel = news.channel_of("chat")
    words = Items(Text(max_length=50, label=names("关键词", "Word")), min=1, max=200, required=True,
                  label=names("出现任一关键词", "Any of these words"),
                  hint=names("不分大小写和全角半角", "Small and capital letters count the same"))
    unless = Items(Text(max_length=50, label=names("关键词", "Word")), max=200, load_default=list,
                   label=names("但出现这些词时不算", "But none of these"))
    only_from = Items(Key(label=names("消息渠道", "Channel of the message")), max=20, load_default=list,
                      label=names("只看这些渠道的消息", "Only messages from these channels"),
                      hint=names("不填：所有渠道", "Left empty: from every channel"))
    order = Integer(min=1, max=999, load_default=100, label=names("先后次序", "Order"),
                    hint=names("几个流程都对得上时，数字小的先用", "Where several match, the smallest number wins"))
    map = news.fills(Fill, required=True)
    defaults = news.defaults()
    may = news.may()
    dedupe = news.dedupe({"by": ["customer"], "within": "PT30M", "then": "append"})


class Keyword(news.Told):
    """Opens a ticket from a customer's message."""

    type = "trigger.keyword"
    label = names("消息关键词", "Words in a message")
    icon = "message-square"
    cuts = True
    Config = Config

    def starter(self) -> Mapping[str, Any]:
        return {"words": [{"zh": "投诉", "en": "complaint"}]}

    def about(self, config: Any, say: Say) -> str:
        words = config.get("words")
        told = say.list(map(say.text, words)) if isinstance(words, list) else ""
        return say.words(f"提到“{told}”", f"mentions “{told}”") if told else ""

    def takes(self, config: Any, text: str, channel: str) -> str | None:
        """The word for which a message opens a ticket here, or None."""
        if config.only_from and channel not in config.only_from:
            return None
        folded = fold(text)
        if any(word and fold(word) in folded for word in config.unless):
            return None
        return next((word for word in config.words if word.strip() and fold(word) in folded), None)

    def facts(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"chat_log": told["message"]["text"]}
