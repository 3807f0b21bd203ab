"""A clock beside the flow: it covers the steps it is attached to and escalates level by level (see `sla`)."""
from __future__ import annotations

from app.flows.base import NodeType
from app.flows.config import CalendarRef, Duration, Items, Key, LocalText, PortId, Rows, Schema, Share, names


class Level(Schema):
    port = PortId(required=True, label=names("出口", "Port"))
    at = Share(required=True, label=names("用到时限的", "At"))
    label = LocalText(load_default="", label=names("名称", "Label"))


class Config(Schema):
    due = Duration(required=True, label=names("时限", "Due"))
    calendar = CalendarRef(load_default="always", label=names("工作日历", "Calendar"))
    pause_on = Items(Key(label=names("节点类型", "Step type")), max=30, load_default=list,
                     label=names("遇到这些步骤时暂停", "Stands still during"))
    levels = Rows(Level, min=1, max=10, unique="port", required=True, label=names("级别", "Levels"))


class Sla(NodeType):
    """Service level: due time and levels of escalation."""

    type = "timer.sla"
    label = names("时效 SLA", "SLA")
    group, icon, color = "timer", "alarm-clock", "#b91c1c"
    Config = Config
    ports_from = "levels[].port"
    has_input = False
    attaches = True
