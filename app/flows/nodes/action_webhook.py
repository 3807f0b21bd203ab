"""Call an outside system through a connector and go on with its answer."""
from __future__ import annotations

from typing import Any

from app.flows.base import Answer, Go, NodeType, Outcome, Port, Say
from app.flows.calls import SystemCall, call
from app.flows.config import Json, Select, names
from app.flows.ctx import Ctx

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Config(SystemCall):
    method = Select(load_default="POST", options={method: method for method in METHODS}, label=names("方法", "Method"))
    body = Json(load_default=None, label=names("内容", "Body"))


class Webhook(NodeType):
    """A call to another system."""

    type = "action.webhook"
    label = names("调用接口", "Call a system")
    group, icon = "action", "webhook"
    Config = Config
    outputs = (Port("out", names("成功", "Done")), Port("error", names("失败", "Failed")))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        call = " ".join(say.text(config.get(key, usual)) for key, usual in (("method", "POST"), ("path", "/")))
        return say.parts(say.named("connectors", config.get("connector")), call.strip())

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        return call(ctx, config, config.method, config.body)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("out" if answer.ok else "error")
