"""Call an outside system through a connector and go on with its answer."""
from __future__ import annotations

from typing import Any

from app.flows.base import Answer, Go, NodeType, Outcome, Port, Say
from app.flows.calls import LONGEST_MS, Retry, call
from app.flows.config import Connector, Duration, Json, Part, Schema, Select, UrlPath, names
from app.flows.ctx import Ctx

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Config(Schema):
    connector = Connector(required=True, label=names("连接", "Connector"))
    method = Select(load_default="POST", options={method: method for method in METHODS}, label=names("方法", "Method"))
    path = UrlPath(load_default="/", max_length=500, label=names("路径", "Path"))
    body = Json(load_default=None, label=names("内容", "Body"))
    retry = Part(Retry, load_default=lambda: Retry().load({}), label=names("失败重试", "Retry"))
    timeout = Duration(load_default=10_000, min=1000, max=LONGEST_MS, label=names("超时", "Timeout"))


class Webhook(NodeType):
    """A call to another system."""

    type = "action.webhook"
    label = names("调用接口", "Call a system")
    group, icon, color = "action", "webhook", "#4338ca"
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
