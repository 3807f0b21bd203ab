"""What a manager may set for a load rehearsal, and what is known from the past. Everything has a default.

`staff` is keyed by team: "role:cs_agent", "department:sales", "ref:form.f_who" (whoever a form names).
"""
from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import marshmallow as ma

from app.core.calendar import Calendar
from app.core.errors import Invalid, Problem
from app.flows.config import (
    CalendarRef,
    Duration,
    Integer,
    Items,
    Part,
    Property,
    Schema,
    Text,
    problems_of,
    reader,
    refuse,
    shown,
)
from app.flows.rehearse.shape import Spread

MAX_TICKETS, MAX_DAYS, MAX_SEEDS, MAX_PEOPLE = 20_000, 31, 20, 1_000
MAX_WORK = 200_000  # tickets × seeds of one rehearsal
TIME_ZONE = "Asia/Shanghai"
_NAME = re.compile(r"[a-z]+:[A-Za-z0-9_.\-]{1,80}|[a-z][a-z0-9_]{0,39}")


class _Map(Property):
    """{name: what `inner` reads}, at most 1,000 of them."""

    def __init__(self, inner: Property, **more: Any) -> None:
        self.inner = inner
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict) or len(value) > 1_000:
            raise refuse("flow_not_object")
        out: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, entry in value.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                errors[shown(name)] = [Problem("flow_bad_id", value=shown(name))]
                continue
            try:
                out[name] = self.inner.deserialize(entry)
            except ma.ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ma.ValidationError(errors)
        return out


class _Day(Property):
    """A date, `2026-11-11`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise refuse("load_bad_day", value=shown(value)) from None


class _Takes(Schema):
    """How long a step takes: `mean` (exponential), or `likely` with `least` and `most`; `answered`: percent."""

    mean = Duration(load_default=None, label={})
    least = Duration(load_default=None, label={})
    likely = Duration(load_default=None, label={})
    most = Duration(load_default=None, label={})
    answered = Integer(min=0, max=100, load_default=None, label={})

    @ma.post_load
    def _namespace(self, data: dict[str, Any], **more: Any) -> SimpleNamespace:
        given = {key: data.get(key) for key in self.fields}
        takes = None
        if given["mean"] is not None:
            takes = Spread("mean", (given["mean"],))
        elif given["likely"] is not None:
            least = given["likely"] if given["least"] is None else given["least"]
            most = given["likely"] if given["most"] is None else given["most"]
            if not least <= given["likely"] <= most:
                raise refuse("load_bad_range")
            takes = Spread("range", (least, given["likely"], most))
        elif given["least"] is not None or given["most"] is not None:
            raise refuse("load_bad_range")
        return SimpleNamespace(takes=takes, answered=given["answered"])


class _Staff(Schema):
    """A team: `people` of them, at work in a `calendar` or in `hours` on `days`."""

    people = Integer(min=0, max=MAX_PEOPLE, load_default=None, label={})
    calendar = CalendarRef(load_default=None, label={})
    hours = Items(Text(max_length=11, label={}), min=1, max=8, load_default=None, label={})
    days = Text(max_length=40, load_default="mon-sun", label={})

    @ma.post_load
    def _namespace(self, data: dict[str, Any], **more: Any) -> SimpleNamespace:
        staff = SimpleNamespace(**{key: data.get(key) for key in self.fields})
        staff.own = None
        if staff.hours:
            try:
                spec = {"id": ", ".join(staff.hours), "days": staff.days, "hours": staff.hours, "tz": TIME_ZONE}
                staff.own = Calendar.from_spec(spec)
            except Problem as problem:
                raise ma.ValidationError({"hours": [problem]}) from None
        return staff


class _Peak(Schema):
    """From this hour until that one `times` as many tickets come as otherwise."""

    from_ = Integer(data_key="from", min=0, max=23, required=True, label={})
    to = Integer(min=1, max=24, required=True, label={})
    times = Integer(min=1, max=50, required=True, label={})

    @ma.validates_schema
    def _in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["from_"] >= data["to"]:
            raise refuse("load_bad_peak")


def _weights() -> _Map:
    return _Map(Integer(min=0, max=1_000_000, label={}), load_default=dict, label={})


class Plan(Schema):
    """The settings of one rehearsal."""

    tickets = Integer(min=1, max=MAX_TICKETS, load_default=500, label={})
    days = Integer(min=1, max=MAX_DAYS, load_default=1, label={})
    start = _Day(load_default=None, label={})
    curve = Items(Integer(min=0, max=1_000_000, label={}), min=24, max=24, load_default=None, label={})
    peak = Part(_Peak, load_default=None, label={})
    staff = _Map(Part(_Staff, label={}), load_default=dict, label={})
    steps = _Map(Part(_Takes, label={}), load_default=dict, label={})
    ports = _Map(_weights(), load_default=dict, label={})
    starts = _weights()
    seeds = Integer(min=1, max=MAX_SEEDS, load_default=MAX_SEEDS, label={})

    @ma.validates_schema
    def _bounded(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("tickets", 0) * data.get("seeds", 0) > MAX_WORK:
            raise refuse("load_too_much", most=MAX_WORK)
        if data.get("curve") and not any(data["curve"]):
            raise ma.ValidationError({"curve": [Problem("load_empty_curve")]})


def load_plan(data: Any) -> Any:
    """The settings from their JSON; Invalid names what cannot be read with its path."""
    try:
        return reader(Plan).load(data)
    except ma.ValidationError as error:
        raise Invalid(problems_of(error.messages)) from None


@dataclass(frozen=True, slots=True)
class Past:
    """What really happened with this flow, and what its form lets tickets say.

    `ports`: step → port → how often, in real tickets or in saved scenarios (`source`: "history" | "scenarios");
    `takes`: step → lengths in ms at evenly spaced shares of the cases; `curve`: tickets by hour of the day; `tickets`
    in `days`. `values`: reference → what scenarios say there; `options`: → what may be chosen; `labels`: → its name.
    """

    source: str = "history"
    ports: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    takes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    curve: Sequence[int] | None = None
    tickets: int = 0
    days: int = 0
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    options: Mapping[str, Collection[str]] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)


def with_more(plan: Any, people: Mapping[str, int]) -> Any:
    """The same plan with as many people in these teams."""
    staff = dict(plan.staff)
    for team, count in people.items():
        known = staff.get(team)
        staff[team] = SimpleNamespace(**{**(vars(known) if known else vars(_nobody())), "people": count})
    return SimpleNamespace(**{**vars(plan), "staff": staff})


def _nobody() -> Any:
    return reader(_Staff).load({})


__all__ = ["MAX_PEOPLE", "MAX_SEEDS", "MAX_TICKETS", "TIME_ZONE", "Past", "Plan", "load_plan", "with_more"]
