"""Call an outside system through a connector and go on with its answer."""
from __future__ import annotations

from typing import Any

from app.flows.base import Answer, Go, Job, NodeType, Outcome, Port
from app.flows.config import Connector, Duration, Integer, Json, Part, RefText, Schema, Select, names
from app.flows.ctx import Ctx

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Retry(Schema):
    max = Integer(min=0, max=20, load_default=3, label=names("最多重试", "Retries"))
    backoff = Duration(load_default=60_000, label=names("首次间隔", "First pause"))


class Config(Schema):
    connector = Connector(required=True, label=names("连接", "Connector"))
    method = Select(load_default="POST", options={method: method for method in METHODS}, label=names("方法", "Method"))
    path = RefText(load_default="", max_length=500, label=names("路径", "Path"))
    body = Json(load_default=None, label=names("内容", "Body"))
    retry = Part(Retry, load_default=lambda: Retry().load({}), label=names("失败重试", "Retry"))
    timeout = Duration(load_default=10_000, label=names("超时", "Timeout"))


class Webhook(NodeType):
    """A call to another system."""

    type = "action.webhook"
    label = names("调用接口", "Call a system")
    group, icon, color = "action", "webhook", "#4338ca"
    Config = Config
    outputs = (Port("out", names("成功", "Done")), Port("error", names("失败", "Failed")))
    waits = True

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        args = {"connector": config.connector, "method": config.method, "path": ctx.render(config.path),
                "body": ctx.render(config.body)}
        return Job("webhook", args, {"max": config.retry.max, "backoff_ms": config.retry.backoff}, config.timeout)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("out" if answer.ok else "error")
