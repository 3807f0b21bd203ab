"""What triggers share that open a ticket by themselves: from news (a message, a call, a date), with nobody asked."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from app.flows.base import Go, NodeType, Outcome, Port, Say
from app.flows.config import (
    Answers,
    Channel,
    DedupeKey,
    Duration,
    Fills,
    FormField,
    Items,
    Part,
    Schema,
    Select,
    customer_may,
    names,
    reader,
)
from app.flows.config import taken as taken_from
from app.flows.ctx import Ctx

CUSTOMER = {  # what every trigger that knows its customer can fill in
    "customer.id": names("客户", "The customer"), "customer.name": names("客户姓名", "Customer's name"),
    "customer.phone": names("客户电话", "Customer's phone"), "customer.email": names("客户邮箱", "Customer's e-mail"),
    "customer.level": names("客户等级", "Customer's level"),
}


class Dedupe(Schema):
    """When a request is the same as an earlier one, and what then."""

    by = Items(DedupeKey(label=names("依据", "Compare")), min=1, max=5, required=True,
               label=names("这些都相同视为重复", "A repeat when all of these are the same"))
    within = Duration(required=True, label=names("时间范围", "Within"))
    then = Select(load_default="append",
                  options={"append": names("并入原工单", "Add to the first ticket"),
                           "refuse": names("不再受理", "Refuse")},
                  label=names("重复时", "If it is a repeat"))


def channel_of(default: str) -> Channel:
    """Under which channel the tickets run that come in here."""
    return Channel(load_default=default, label=names("渠道", "Channel"))


def defaults() -> Answers:
    """Answers that are always the same."""
    return Answers(load_default=dict, label=names("固定填写", "Always filled in with"))


def fills(schema: type[Schema], required: bool = False) -> Fills:
    """Which fields take what of the news."""
    return Fills(schema, max=100, min=int(required), **({"required": True} if required else {"load_default": list}),
                 label=names("带入表单", "Fill in the form"))


def form_field() -> FormField:
    """The field that takes it."""
    return FormField(required=True, label=names("表单字段", "Form field"))


def may() -> Items:
    """What the customer may do on their page, where the ticket is somebody's."""
    return customer_may()


def dedupe(default: Mapping[str, Any] | None = None) -> Part:
    """What makes two requests the same; `default` as it is written."""
    kept = None if default is None else partial(reader(Dedupe).load, default)
    return Part(Dedupe, load_default=kept, label=names("重复提交", "Repeated requests"))


class Told(NodeType):
    """A trigger that fills in the form itself. Its config has `map` (Fills) and `defaults` (Answers)."""

    group = "trigger"
    outputs = (Port("out", names("开始", "Start")),)
    has_input = False
    cuts: ClassVar[bool] = False  # what people wrote freely is cut to what its field holds; the flow has all of it

    def rights(self, config: Any) -> Mapping[str, str]:
        """What it fills in may be filled in, and nothing else but what its own `fields` open."""
        rights = dict(super().rights(config))
        mapped = [row.to.partition(".")[2] for row in getattr(config, "map", ())]
        for field in (*mapped, *getattr(config, "defaults", ())):
            if rights.get(field) not in ("edit", "required"):
                rights[field] = "edit"
        return rights

    def answers(self, config: Any, news: Mapping[str, Any]) -> dict[str, Any]:
        """What the form is sent with: {field id: raw answer}."""
        return {**config.defaults, **taken_from(config.map, news)}

    def may(self, config: Any) -> Sequence[str]:
        return getattr(config, "may", ())

    def facts(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the flow may know of the news besides the form: parts of `ticket`."""
        return {}

    def summary(self, config: Any, say: Say) -> str:
        return say.parts(self.about(config, say), filled(config, say))

    def about(self, config: Any, say: Say) -> str:
        """What of its own a type says on its card, of a raw config."""
        return ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return Go("out")


def filled(config: Any, say: Say) -> str:
    """The fields that a raw config fills in, by name."""
    rows = config.get("map")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    names = say.list(say.ref(row.get("to")) for row in rows)
    return say.words(f"填写{names}", f"fills in {names}") if names else ""
