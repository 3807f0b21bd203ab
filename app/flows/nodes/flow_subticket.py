"""Opens a ticket of another type; the flow goes on at once, or when that ticket is over."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Ask, Child, Go, Job, Listen, NodeType, Outcome, Park, Port, Say, Timer, Wait
from app.flows.calls import Copy, copied, sample
from app.flows.config import Duration, FieldOf, FillsOther, RefText, Rows, Schema, Select, Switch, TicketType, names
from app.flows.ctx import Ctx
from app.flows.work import CHILD_ENDED

RETRY = {"max": 8, "backoff_ms": 2_000}


class Given(Schema):
    field = FieldOf(type_at="ticket_type", required=True, label=names("子工单的字段", "Field of the sub-ticket"))
    value = RefText(required=True, max_length=2000, label=names("填入", "Filled in with"))


class Config(Schema):
    ticket_type = TicketType(required=True, label=names("工单类型", "Ticket type"))
    values = FillsOther(Given, type_at="ticket_type", max=100, unique="field", load_default=list,
                        label=names("带到子工单", "What it is given"))
    wait = Switch(load_default=True, label=names("等子工单办完再往下走", "Wait until it is over"))
    timeout = Duration(load_default=None, show_if={"wait": True}, label=names("最多等待", "Wait at most"))
    mapping = Rows(Copy, max=50, load_default=list, show_if={"wait": True},
                   label=names("取回并保存", "Take back and keep"),
                   hint=names("status 是结果，reason 是原因，vars.变量 和 form.字段 是子工单里的",
                              "status, reason, vars.name and form.field are the sub-ticket's"))
    cascade = Select(load_default="ask",
                     options={"cancel": names("一起撤回", "Withdraw it too"),
                              "ask": names("撤回时让人选", "Ask whoever withdraws"),
                              "keep": names("不受影响", "Leave it alone")},
                     label=names("本工单撤回时，子工单", "If this ticket is withdrawn"))


class Subticket(NodeType):
    """A ticket for somebody else's flow."""

    type = "flow.subticket"
    label = names("子工单", "Sub-ticket")
    group, icon = "flow", "git-pull-request"
    Config = Config
    outputs = (Port("done", names("已办完", "Done")),
               Port("timeout", names("超时未办完", "Not over in time"), optional=True))
    waits = True

    def starter(self) -> Mapping[str, Any]:
        return {"wait": True, "timeout": "P3D"}

    def summary(self, config: Any, say: Say) -> str:
        within = say.length(config.get("timeout")) if config.get("wait", True) else ""
        waits = say.words("不等待", "does not wait") if config.get("wait") is False else ""
        return say.parts(say.named("ticket_types", config.get("ticket_type")), waits,
                         say.words(f"最多等 {within}", f"waits {within} at most") if within else "")

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        key = f"{ctx.node.id}:{ctx.visit}"
        args = {"type": config.ticket_type, "key": key, "cascade": config.cascade,
                "values": {row.field: ctx.render(row.value) for row in config.values},
                "customer": ctx.state["customer"], "want": [row.from_ for row in config.mapping]}
        asks: list[Ask] = [Job("subticket", args, RETRY)]
        if config.wait:
            asks.append(Listen(CHILD_ENDED, key))
            if config.timeout is not None:
                asks.append(Timer("timeout", ctx.now + config.timeout))
        return Wait(asks)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if answer.kind == "timer":
            return Go("timeout")
        told = answer.result if isinstance(answer.result, Mapping) else {}
        if not answer.ok:
            return Park("subticket_refused", {"type": config.ticket_type, "field": told.get("field") or "",
                                              "why": told.get("why") or answer.error})
        ended = told if answer.kind == "event" else told.get("ended")
        child = Child(str(told.get("id")), told.get("no") or 0, config.cascade,
                      ended.get("status") or "closed" if ended else "open")
        if not config.wait:
            return Go("done", do=(child,))
        if not ended:
            return Wait((child,))
        values, notes = copied(config.mapping, ended)
        return Go("done", values, (child, *notes))

    def goes_on(self, before: Any, after: Any) -> bool:
        return bool(before.wait == after.wait)

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        """The sub-ticket opens; for `done` it is over at once."""
        opened: dict[str, Any] = {"id": "sub-ticket", "no": 0}
        if port == "done":
            opened["ended"] = {"reason": None, **sample(config.mapping), "status": "closed"}
        return {"ok": True, "result": opened}
