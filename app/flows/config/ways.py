"""The ways in which a ticket can find its person, tried one after the other."""
from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.core.errors import Problem
from app.flows.config.assigning import DecisionTable, Need, Sourced
from app.flows.config.domain import Condition, FieldRef
from app.flows.config.numbers import Duration, Integer
from app.flows.config.plain import Rows, Schema, Select, Switch, names

KINDS = {
    "vip_manager": names("客户的专属顾问", "The customer's own manager"),
    "served_before": names("上次服务这位客户的人", "Who served this customer before"),
    "skill": names("按技能", "By skill"),
    "table": names("按派单表", "By a decision table"),
    "nearest": names("离现场最近的人", "The nearest"),
}
MONTH_MS = 30 * 86_400_000
_NEEDED = {"skill": "needs", "table": "table", "nearest": "place"}


def _only(strategy: str) -> dict[str, str]:
    return {"strategy": strategy}


class Way(Schema):
    strategy = Select(required=True, options=KINDS, label=names("先找谁", "Look for"))
    when = Condition(load_default=None, label=names("仅当", "Only if"))
    manager = FieldRef(load_default="customer.manager", show_if=_only("vip_manager"),
                       label=names("顾问记在哪里", "Where the manager stands"))
    within = Duration(min=60_000, load_default=MONTH_MS, show_if=_only("served_before"),
                      label=names("多久以内", "Within"))
    needs = Rows(Need, max=20, load_default=list, show_if=_only("skill"), label=names("需要的技能", "Skills needed"))
    best = Switch(load_default=False, show_if=_only("skill"), label=names("水平最高的优先", "The most skilled first"))
    table = DecisionTable(load_default=None, show_if=_only("table"), label=names("派单表", "Decision table"))
    place = Sourced(load_default=None, show_if=_only("nearest"), label=names("现场在哪里", "Where it is"))
    km = Integer(min=1, max=20_000, load_default=None, show_if=_only("nearest"),
                 label=names("最远几公里", "At most so many km"))

    @ma.validates_schema
    def _complete(self, data: Any, **_: Any) -> None:
        needed = _NEEDED.get(data.get("strategy"))
        if needed and not data.get(needed):
            raise ma.ValidationError({needed: [Problem("flow_missing")]})
