"""Another system opens a ticket: it sends what it has, in its own words, and the trigger knows what goes where."""
from __future__ import annotations

from typing import Any

from app.flows import news
from app.flows.base import Say
from app.flows.config import Access, Items, NewsPath, Schema, TokenName, names


class Fill(Schema):
    to = news.form_field()
    take = NewsPath(required=True, label=names("对方数据中的位置", "Place in what is sent"),
                    hint=names("用点连接各层名称，如 order.no；列表的第一项写 items.0.name",
                               "Names joined by dots, like order.no; the first entry of a list is items.0.name"))


class Config(Schema):
    channel = news.channel_of("api")
    tokens = Items(TokenName(max_length=80, label=names("令牌名称", "Name of a token")), max=20, load_default=list,
                   label=names("只接受这些令牌", "Only these tokens"),
                   hint=names("不填：有“新建工单”权限的令牌都可以", "Left empty: every token that may open tickets"))
    map = news.fills(Fill)
    access = Access(data_key="fields", load_default=dict,
                    label=names("也可按字段编号直接填写", "May also be filled in by field id"))
    defaults = news.defaults()
    may = news.may()
    key = NewsPath(load_default=None, label=names("唯一编号所在位置", "Place of the unique number"),
                   hint=names("同一编号再发来，不会再开工单，如 order.no",
                              "Sent again with the same number, no second ticket is opened, like order.no"))
    dedupe = news.dedupe()


class Api(news.Told):
    """Opens a ticket for another system."""

    type = "trigger.api"
    label = names("接口开单", "Opened by another system")
    icon = "webhook"
    Config = Config

    def about(self, config: Any, say: Say) -> str:
        tokens = config.get("tokens")
        return say.list(map(say.text, tokens)) if isinstance(tokens, list) else ""
