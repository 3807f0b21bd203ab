"""Something happens to a customer's record (a tag, a stage, a new customer, a word from another system): a ticket."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows import news
from app.flows.base import Say
from app.flows.config import Items, Schema, Select, Text, names

HAPPENED = "happened"
EVENTS = {
    "tag_added": names("打上标签", "A tag was added"), "tag_removed": names("去掉标签", "A tag was removed"),
    "stage_changed": names("阶段改变", "The stage changed"), "created": names("新客户", "A new customer"),
    HAPPENED: names("其他系统告知的动态", "Another system told something"),
}
NAMED = [kind for kind in EVENTS if kind != "created"]


class Fill(Schema):
    to = news.form_field()
    take = Select(required=True, label=names("填入", "What goes in"), options={
        **news.CUSTOMER,
        "customer.stage": names("客户阶段", "Customer's stage"),
        "event.name": names("标签、阶段或动态的名称", "Name of the tag, stage or event"),
        "event.before": names("原来的阶段", "The stage before"), "event.date": names("发生的日期", "Date it happened"),
        "event.moment": names("发生的时间", "When it happened")})


class Config(Schema):
    channel = news.channel_of("crm")
    event = Select(options=EVENTS, load_default="tag_added", label=names("什么情况", "What happens"))
    which = Items(Text(max_length=80, label=names("名称", "Name")), max=50, load_default=list, show_if={"event": NAMED},
                  label=names("只限这些标签、阶段或动态", "Only these tags, stages or events"),
                  hint=names("不填：任何一个", "Left empty: any"))
    before = Items(Text(max_length=80, label=names("阶段", "Stage")), max=50, load_default=list,
                   show_if={"event": "stage_changed"}, label=names("原来是这些阶段", "Coming from these stages"),
                   hint=names("不填：任何阶段", "Left empty: any"))
    map = news.fills(Fill)
    defaults = news.defaults()
    may = news.may()
    dedupe = news.dedupe()


class CrmEvent(news.Told):
    """Opens a ticket for what happens to a customer's record."""

    type = "trigger.crm_event"
    label = names("客户动态", "Customer event")
    icon = "user-check"
    Config = Config

    def about(self, config: Any, say: Say) -> str:
        told = config.get("which")
        which = say.list(map(say.text, told)) if isinstance(told, list) else ""
        return say.parts(say.choice(Config, "event", config), which)

    def takes(self, config: Any, event: Mapping[str, Any]) -> bool:
        """Whether an event ({"kind", "name", "before"}) opens a ticket here."""
        return (event["kind"] == config.event and (not config.which or event["name"] in config.which)
                and (not config.before or event["before"] in config.before))
