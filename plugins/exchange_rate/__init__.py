"""汇率: asks a rate from an outside system through a connector, and turns an amount into another currency."""
from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from app.sdk import (
    MISSING,
    Answer,
    Ctx,
    Go,
    NodeType,
    Note,
    Outcome,
    Port,
    Problem,
    Say,
    SystemCall,
    call_system,
    fields,
    names,
    part,
)

CENT = Decimal("0.01")


class Config(SystemCall):
    at = fields.JsonPath(required=True, label=names("汇率在回复里的位置", "Where the rate stands in the answer"),
                         hint=names("例如 rates.CNY", "For instance rates.CNY"))
    amount = fields.FieldRef(required=True, label=names("要换算的金额", "Amount to convert"))
    to = fields.WriteTo(required=True, label=names("换算后存到", "Keep the result in"))


class Convert(NodeType):
    """An amount in another currency, at the rate of the moment."""

    type = "exchange.convert"
    label = names("换算汇率", "Convert a currency")
    group, icon = "data", "search"
    Config = Config
    outputs = (Port("out", names("已换算", "Converted")), Port("error", names("查不到汇率", "No rate")))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        return say.named("connectors", config.get("connector"))

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return call_system(ctx, config, "GET")

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        rate, amount = _number(part(answer.result, config.at)), _number(ctx.value(config.amount))
        if not answer.ok or rate is None or rate <= 0 or amount is None:
            return Go("error", do=(Note("exchange.failed", {"error": answer.error or "no number"}),))
        converted = (amount * rate).quantize(CENT, ROUND_HALF_UP)
        try:
            value = config.to.fit(str(converted))
        except Problem:
            return Go("error", do=(Note("exchange.failed", {"error": "does not fit"}),))
        return Go("out", {config.to.ref: value}, (Note("exchange.converted", {"rate": str(rate)}),))

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        """An answer with a rate of 7.1 where the settings look for one."""
        found: Any = "7.1"
        for name in reversed(config.at.split(".")):
            found = {name: found}
        return {"ok": port == "out", "result": found, "error": "" if port == "out" else "http_503"}


def _number(value: Any) -> Decimal | None:
    if value is MISSING or value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e15") else None


NODE_TYPES = (Convert,)
