"""A clock beside the flow: it covers the steps it is attached to and escalates level by level (see `sla`)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import NodeType, Say
from app.flows.config import CalendarRef, Duration, Items, LocalText, PortId, Rows, Schema, Share, StepType, names


class Level(Schema):
    port = PortId(required=True, label=names("出口", "Port"))
    at = Share(required=True, label=names("用到时限的", "At"))
    label = LocalText(load_default="", label=names("名称", "Label"))


class Config(Schema):
    due = Duration(required=True, label=names("时限", "Due"))
    calendar = CalendarRef(load_default="always", label=names("工作日历", "Calendar"))
    pause_on = Items(StepType(label=names("节点类型", "Step type")), max=30, load_default=list,
                     label=names("遇到这些步骤时暂停", "Stands still during"))
    levels = Rows(Level, min=1, max=10, unique="port", required=True, label=names("级别", "Levels"))


class Sla(NodeType):
    """Service level: due time and levels of escalation."""

    type = "timer.sla"
    label = names("时效 SLA", "SLA")
    group, icon = "timer", "alarm-clock"
    Config = Config
    ports_from = "levels[].port"
    has_input = False
    attaches = True

    def starter(self) -> Mapping[str, Any]:
        levels = (("l1", "50%", names("时限过半", "Half the time is gone")), ("l2", "100%", names("已超时", "Overdue")))
        return {"due": "PT24H", "levels": [{"port": port, "at": at, "label": label} for port, at, label in levels]}

    def summary(self, config: Any, say: Say) -> str:
        levels = len(config.get("levels") or ())
        calendar = config.get("calendar", "always")
        hours = "" if calendar == "always" else say.named("calendars", calendar)
        return say.parts(say.length(config.get("due")), hours,
                         say.words(f"{levels} 级", f"{levels} level{'' if levels == 1 else 's'}"))
