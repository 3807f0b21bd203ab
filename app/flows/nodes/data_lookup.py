"""Looks something up, in a table of the company or in another system, and keeps parts of what it finds."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.flows.base import Answer, Go, Job, NodeType, Outcome, Port, Say
from app.flows.calls import LONGEST_MS, MISSING, Copy, Retry, call, copied, part, sample
from app.flows.config import (
    ColumnOf,
    Connector,
    Duration,
    JsonPath,
    Part,
    RefText,
    Rows,
    Schema,
    Select,
    SourceRef,
    UrlPath,
    names,
)
from app.flows.ctx import Ctx, words

NOTHING = ("none", "http_404")  # how tables, and systems, say that there is no such thing


class Config(Schema):
    in_ = Select(data_key="in", load_default="table",
                 options={"table": names("公司的表", "A table of the company"),
                          "system": names("其他系统", "Another system")},
                 label=names("到哪里查", "Look in"))
    source = SourceRef(required=True, show_if={"in": "table"}, label=names("表", "Table"))
    by = ColumnOf(load_default="id", source_at="source", show_if={"in": "table"},
                  label=names("按哪一列", "By the column"))
    key = RefText(required=True, max_length=200, chosen=True, show_if={"in": "table"},
                  label=names("等于", "That equals"))
    connector = Connector(required=True, show_if={"in": "system"}, label=names("连接", "Connector"))
    path = UrlPath(load_default="/", max_length=500, show_if={"in": "system"}, label=names("路径", "Path"))
    at = JsonPath(load_default="", show_if={"in": "system"}, label=names("结果在回复里的位置", "Where in the answer"))
    mapping = Rows(Copy, max=50, load_default=list, label=names("取出并保存", "Take and keep"))
    retry = Part(Retry, load_default=lambda: Retry().load({}), label=names("失败重试", "Retry"))
    timeout = Duration(load_default=10_000, min=1000, max=LONGEST_MS, label=names("超时", "Timeout"))


class Lookup(NodeType):
    """A question to a table or another system."""

    type = "data.lookup"
    label = names("查找数据", "Look up")
    group, icon = "data", "search"
    Config = Config
    outputs = (Port("found", names("找到", "Found")), Port("none", names("没有", "None")),
               Port("error", names("查询失败", "Failed")))
    waits = True

    def summary(self, config: Any, say: Say) -> str:
        if config.get("in") == "system":
            return say.parts(say.named("connectors", config.get("connector")), say.filled(config.get("path", "/")))
        key, table = say.filled(config.get("key")), say.named("sources", config.get("source"))
        return say.parts(table, say.words(f"查 {key}", f"looks for {key}") if key else "")

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        if config.in_ == "system":
            return call(ctx, config, "GET")
        key = words(ctx.render(config.key)).strip()
        if not key:
            return Go("none")
        args = {"source": config.source, "by": config.by, "key": key[:200]}
        return Job("lookup", args, {"max": config.retry.max, "backoff_ms": config.retry.backoff}, config.timeout)

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        if not answer.ok:
            return Go("none" if answer.error in NOTHING else "error")
        found = part(answer.result, config.at or "")
        if found is MISSING or found in (None, "", [], {}):
            return Go("none")
        values, notes = copied(config.mapping, found)
        return Go("found", values, notes)

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        if port != "found":
            return {"ok": False, "error": "none" if port == "none" else "simulated"}
        return {"ok": True, "result": {"id": "1", **sample(config.mapping, config.at or "")}}
