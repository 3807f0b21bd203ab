"""The same request twice: a ticket that is open already takes this one's answers over, and this one ends as merged."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Go, Job, Joined, Mark, NodeType, Note, Outcome, Port, Say, Wait
from app.flows.config import DedupeKey, Duration, Items, Schema, names
from app.flows.ctx import Ctx

CUSTOMER = "customer"


class Config(Schema):
    by = Items(DedupeKey(label=names("依据", "Compare")), min=1, max=5, required=True,
               label=names("这些都相同视为重复", "A repeat when all of these are the same"))
    within = Duration(required=True, label=names("时间范围", "Within"))


class Dedupe(NodeType):
    """Looks for an open ticket about the same thing. Whoever works on that one hears of it."""

    type = "data.dedupe"
    label = names("合并重复工单", "Merge repeats")
    group, icon = "data", "merge"
    Config = Config
    outputs = (Port("new", names("新工单", "New")), Port("merged", names("已并入原工单", "Merged")))
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"by": [CUSTOMER], "within": "P1D"}

    def summary(self, config: Any, say: Say) -> str:
        by, within = config.get("by"), say.length(config.get("within"))
        keys = say.list(say.words("同一客户", "customer") if key == CUSTOMER else say.ref(key)
                        for key in by) if isinstance(by, list) else ""
        return say.parts(keys, say.words(f"{within}内", f"within {within}") if within else "")

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        values = [ctx.state["customer"].get("id") if key == CUSTOMER else ctx.value(key) for key in config.by]
        if any(value in (None, "", [], {}) for value in values):
            return Go("new")  # what is not known is not the same
        args = {"values": values, "within": config.within}
        return Wait((Mark(values), Job("merge", args, {"max": 5, "backoff_ms": 2_000})))

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if not answer.ok:
            params = {"node": ctx.node.id, "error": answer.error}
            return Go("new", do=(Note("problem", {"code": "flow_dedupe_failed", "params": params}),))
        found = answer.result if isinstance(answer.result, Mapping) else {}
        if not found.get("ticket"):
            return Go("new")
        return Go("merged", do=(Joined(str(found["ticket"]), int(found["no"])),))

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        return {"ok": True, "result": {"ticket": "earlier", "no": 1} if port == "merged" else {}}
