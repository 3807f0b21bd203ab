"""Calls to other systems, as steps ask for them: where to, how often to try, and reading what came."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from app.core.errors import Problem
from app.flows.base import Job, Note
from app.flows.config import CHIP, Connector, Duration, Integer, JsonPath, Part, Schema, UrlPath, WriteTo, names
from app.flows.ctx import Ctx, words

LONGEST_MS = 30_000  # a call keeps a worker, and its lease on this effect, as long as it lasts
MISSING = object()


class Retry(Schema):
    """How often a call that failed is tried again."""

    max = Integer(min=0, max=20, load_default=3, label=names("最多重试几次", "Retries at most"))
    backoff = Duration(load_default=60_000, label=names("第一次重试前等多久", "Pause before the first retry"))


class SystemCall(Schema):
    """The settings that `call` reads; a step's own are added by a subclass."""

    connector = Connector(required=True, label=names("连接", "Connector"))
    path = UrlPath(load_default="/", max_length=500, label=names("路径", "Path"),
                   hint=names("可以用字段，例如 /orders/{{form.f_order}}", "May have fields: /orders/{{form.f_order}}"))
    retry = Part(Retry, load_default=lambda: Retry().load({}), label=names("失败重试", "Retry"),
                 last=True)
    timeout = Duration(load_default=10_000, min=1000, max=LONGEST_MS, label=names("超时", "Timeout"), last=True)


class Copy(Schema):
    """One part of what came, and where it goes."""

    from_ = JsonPath(required=True, data_key="from", label=names("取出", "Take"))
    to = WriteTo(required=True, label=names("存到", "Keep in"))


def call(ctx: Ctx, config: Any, method: str, body: Any = None) -> Job:
    """The job of a step with the settings of `SystemCall`."""
    # What somebody answered is one part of the path: it adds no level, no parameter, and leads nowhere else.
    path = CHIP.sub(lambda chip: quote(words(ctx.value(chip[1])), safe=""), config.path)
    args = {"connector": config.connector, "method": method, "path": path, "body": ctx.render(body)}
    return Job("webhook", args, {"max": config.retry.max, "backoff_ms": config.retry.backoff}, config.timeout)


def part(data: Any, path: str) -> Any:
    """What lies at a path (`items.0.price`), or MISSING. A call whose answer is a list is gone into by its numbers."""
    names_ = path.split(".") if path else []
    if isinstance(data, Mapping) and names_ and names_[0] not in data and "value" in data:
        data = data["value"]
    for name in names_:
        if isinstance(data, Mapping):
            data = data.get(name, MISSING)
        elif isinstance(data, list):
            data = data[int(name)] if name.isdecimal() and len(name) < 6 and int(name) < len(data) else MISSING
        else:
            return MISSING
    return data


def copied(rows: Sequence[Any], data: Any) -> tuple[dict[str, Any], list[Note]]:
    """(what to set, what to tell): a part that is missing or does not fit leaves what was there."""
    found, notes = dict[str, Any](), list[Note]()
    for row in rows:
        value = part(data, row.from_)
        try:
            if value is MISSING:
                raise Problem("flow_part_missing", part=row.from_, target=row.to.ref)
            found[row.to.ref] = row.to.fit(value)
        except Problem as problem:
            notes.append(Note("problem", {"code": problem.code, "params": problem.params}))
    return found, notes


def sample(rows: Sequence[Any], path: str = "") -> Any:
    """An answer from which every part can be taken, for a trial run."""
    whole: dict[str, Any] = {}
    for row in rows:
        _put(whole, row.from_.split("."), row.to.sample())
    for name in reversed(path.split(".") if path else []):
        whole = {name: whole}
    return whole


def _put(whole: dict[str, Any], names_: Sequence[str], value: Any) -> None:
    for name in names_[:-1]:
        below = whole.setdefault(name, {})
        whole = below if isinstance(below, dict) else whole
    whole[names_[-1]] = value
