"""Call an outside system through a connector and go on with its answer."""
from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from app.flows.base import Answer, Go, Job, NodeType, Outcome, Port, Say
from app.flows.config import CHIP, Connector, Duration, Integer, Json, Part, RefText, Schema, Select, names, refuse
from app.flows.ctx import Ctx, words

LONGEST_MS = 30_000  # a call keeps a worker, and its lease on this effect, as long as it lasts
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Retry(Schema):
    max = Integer(min=0, max=20, load_default=3, label=names("最多重试", "Retries"))
    backoff = Duration(load_default=60_000, label=names("首次间隔", "First pause"))


class Path(RefText):
    """A path below the connector's address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        path = super()._deserialize(value, attr, data, **more)
        names_ = unquote(path.partition("?")[0]).split("/")
        if not path.startswith("/") or path.startswith("//") or not {".", ".."}.isdisjoint(names_):
            raise refuse("flow_bad_path", value=path[:60])
        return path


class Config(Schema):
    connector = Connector(required=True, label=names("连接", "Connector"))
    method = Select(load_default="POST", options={method: method for method in METHODS}, label=names("方法", "Method"))
    path = Path(load_default="/", max_length=500, label=names("路径", "Path"))
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
        # What somebody answered is one part of the path: it adds no level, no parameter, and leads nowhere else.
        path = CHIP.sub(lambda chip: quote(words(ctx.value(chip[1])), safe=""), config.path)
        args = {"connector": config.connector, "method": config.method, "path": path, "body": ctx.render(config.body)}
        return Job("webhook", args, {"max": config.retry.max, "backoff_ms": config.retry.backoff}, config.timeout)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        return Go("out" if answer.ok else "error")
