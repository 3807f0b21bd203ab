"""The first case that holds is the way on; otherwise 否则."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Go, NodeType, Note, Outcome, Port, Say
from app.flows.config import Condition, LocalText, PortId, Rows, Schema, names
from app.flows.ctx import Ctx


class Case(Schema):
    port = PortId(required=True, label=names("出口", "Port"))
    label = LocalText(load_default="", label=names("名称", "Label"))
    when = Condition(required=True, label=names("条件", "Condition"))


class Config(Schema):
    cases = Rows(Case, min=1, max=50, unique="port", required=True, label=names("情况（从上到下）", "Cases, in order"))
    else_label = LocalText(load_default="", label=names("否则的名称", "Label of otherwise"))


class ConditionBranch(NodeType):
    """One way on, by conditions."""

    type = "branch.condition"
    label = names("条件分支", "Condition")
    group, icon = "branch", "split"
    Config = Config
    outputs = (Port("else", names("否则", "Otherwise")),)
    ports_from = "cases[].port"

    def starter(self) -> Mapping[str, Any]:
        return {"cases": [{"port": "c1", "label": names("情况 1", "Case 1")}]}

    def summary(self, config: Any, say: Say) -> str:
        otherwise = say.text(config.get("else_label")) or say.text(self.outputs[0].label)
        return say.parts(say.labels(config.get("cases")), say.words(f"否则{otherwise}", f"else {otherwise}")
                         if config.get("else_label") else otherwise)

    def ports(self, config: Any) -> list[Port]:
        """The cases, and otherwise under the name that the drawer gave it."""
        *cases, otherwise = super().ports(config)
        named = config.get("else_label") if isinstance(config, dict) else None
        return [*cases, Port("else", named) if named and isinstance(named, (str, dict)) else otherwise]

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        notes = []
        for case in config.cases:
            holds, error = ctx.holds(case.when)
            notes.append(Note("condition.checked", {"case": case.port, "holds": holds}))
            if error:
                # What cannot be judged must not stop a customer's request: the default way, and somebody is told.
                notes.append(Note("problem", {"code": "flow_condition_failed",
                                              "params": {"case": case.port, "error": error}}))
                return Go("else", do=notes)
            if holds:
                return Go(case.port, do=notes)
        return Go("else", do=notes)
