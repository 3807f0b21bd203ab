"""Tickets that begin by the clock: by a timetable of the company, or some time after something happened."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from app.flows import news
from app.flows.base import Say
from app.flows.config import (
    CalendarRef,
    Duration,
    FieldOf,
    Integer,
    Items,
    Part,
    Property,
    Rows,
    Schema,
    Select,
    Text,
    TicketType,
    TimeOfDay,
    names,
    refuse,
    shown,
)
from app.flows.timetable import cron_ok

DAYS = {"mon": names("周一", "Monday"), "tue": names("周二", "Tuesday"), "wed": names("周三", "Wednesday"),
        "thu": names("周四", "Thursday"), "fri": names("周五", "Friday"), "sat": names("周六", "Saturday"),
        "sun": names("周日", "Sunday")}
EVERY = {"workday": names("每个工作日", "Every working day"), "day": names("每天", "Every day"),
         "week": names("每周", "Every week"), "month": names("每月", "Every month"),
         "year": names("每年", "Every year")}


class Cron(Property):
    """A cron expression of five parts: minute, hour, day, month, weekday."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not cron_ok(value):
            raise refuse("news_bad_cron", value=shown(value))
        return value


class Row(Schema):
    every = Select(options=EVERY, required=True, label=names("多久一次", "How often"))
    days = Items(Select(options=DAYS, label=names("星期", "Weekday")), max=7, load_default=list,
                 show_if={"every": "week"}, label=names("星期几", "On these days"))
    month = Integer(min=1, max=12, load_default=1, show_if={"every": ["year"]}, label=names("几月", "Month"))
    day = Integer(min=1, max=31, load_default=1, show_if={"every": ["month", "year"]}, label=names("几号", "Day"),
                  hint=names("当月没有这一天时，用最后一天", "In a shorter month, its last day"))
    at = TimeOfDay(required=True, label=names("几点", "At"))

    @ma.validates_schema
    def _has_days(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["every"] == "week" and not data["days"]:
            raise ma.ValidationError({"days": ["flow_missing"]})


WITH_TICKET = ["opened", "closed", "field"]
FIRST_FIELD = "first.field"


class Moment(Schema):
    length = Duration(required=True, min=60_000, label=names("多久", "How long"))
    side = Select(load_default="after", label=names("前后", "Before or after"), options={
        "after": names("之后", "After"), "before": names("之前", "Before")})


class Unless(Schema):
    what = Select(required=True, label=names("情况", "What"), options={
        "ticket": names("客户有了这类工单", "The customer has a ticket of this type"),
        "event": names("客户有了这个动态", "This happened to the customer"),
        "stage": names("客户到了这个阶段", "The customer is at this stage"),
        "tag": names("客户有这个标签", "The customer has this tag"),
        "closed": names("原工单已经结束", "The first ticket is over"),
        "open": names("原工单还没结束", "The first ticket is still open")})
    type = TicketType(required=True, show_if={"what": "ticket"}, label=names("工单类型", "Ticket type"))
    name = Text(required=True, max_length=80, show_if={"what": ["event", "stage", "tag"]}, label=names("名称", "Name"))


class After(Schema):
    of = Select(load_default="field", label=names("从什么时候算起", "Counted from"), options={
        "field": names("工单上的日期", "A date on a ticket"), "opened": names("工单提交", "When a ticket was opened"),
        "closed": names("工单结束", "When a ticket was closed"),
        "event": names("客户的一个动态", "Something that happened to a customer")})
    type = TicketType(required=True, show_if={"of": WITH_TICKET}, label=names("工单类型", "Ticket type"))
    field = FieldOf(required=True, type_at="after.type", dates=True, show_if={"of": "field"},
                    label=names("日期字段的编号", "Id of the date field"))
    event = Text(required=True, max_length=80, show_if={"of": "event"}, label=names("动态名称", "Name of the event"))
    moments = Rows(Moment, min=1, max=20, required=True, label=names("到这些时候开单", "A ticket is opened"),
                   hint=names("可以有几个，如术后第 1、3、7 天", "Several if need be: one, three and seven days after"))
    unless = Rows(Unless, max=10, load_default=list, label=names("出现这些情况就不用开了", "Not if by then"),
                  hint=names("从原工单提交（或那个动态发生）起看", "Since that ticket was opened, or that event came"))


class Fill(Schema):
    to = news.form_field()
    take = Select(required=True, label=names("填入", "What goes in"), options={
        **news.CUSTOMER,
        FIRST_FIELD: names("原工单的字段", "A field of the first ticket"),
        "first.no": names("原工单号", "Number of the first ticket"),
        "first.title": names("原工单标题", "Title of the first ticket"),
        "schedule.date": names("日期", "The date"),
        "schedule.month": names("月份，如 2026-11", "The month, like 2026-11"),
        "schedule.moment": names("日期和时间", "Date and time")})
    field = FieldOf(required=True, type_at="after.type", show_if={"take": FIRST_FIELD},
                    label=names("原工单字段的编号", "Id of that field"))


class Config(Schema):
    channel = news.channel_of("schedule")
    by = Select(load_default="times", label=names("何时开单", "When"), options={
        "times": names("按时间表", "By a timetable"), "cron": names("按 cron 表达式", "By a cron expression"),
        "after": names("某件事之后多久", "Some time after something")})
    after = Part(After, required=True, show_if={"by": "after"}, label=names("某件事之后", "After something"))
    times = Rows(Row, max=20, load_default=list, show_if={"by": "times"}, label=names("时间表", "Timetable"))
    cron = Cron(required=True, show_if={"by": "cron"}, label=names("cron 表达式", "Cron expression"),
                hint=names("五段：分 时 日 月 周，如 0 9 * * 1-5",
                           "Minute, hour, day, month, weekday, like 0 9 * * 1-5"))
    calendar = CalendarRef(load_default="always", label=names("工作日历", "Calendar"),
                           hint=names("决定哪天是工作日；全天候的日历就是周一到周五",
                                      "Which days are working days; with one round the clock, Monday to Friday"))
    off = Select(load_default="same", show_if={"by": "times"}, label=names("碰上休息日", "On a day off"), options={
        "same": names("照常开单", "All the same"), "next": names("顺延到下一个工作日", "On the next working day"),
        "skip": names("这次不开", "Not this time")})
    map = news.fills(Fill)
    defaults = news.defaults()
    may = news.may()

    @ma.validates_schema
    def _says_when(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["by"] == "times" and not data["times"]:
            raise ma.ValidationError({"times": ["flow_missing"]})


class Schedule(news.Told):
    """Opens tickets by the clock."""

    type = "trigger.schedule"
    label = names("定时", "By the clock")
    icon = "calendar"
    Config = Config

    def starter(self) -> Mapping[str, Any]:
        return {"times": [{"every": "workday", "at": "09:00"}]}

    def answers(self, config: Any, news: Mapping[str, Any]) -> dict[str, Any]:
        firsts = {row.to.partition(".")[2]: row.field for row in config.map if row.take == FIRST_FIELD}
        kept = (news.get("first") or {}).get("form") or {}
        found = {field: kept[of] for field, of in firsts.items() if kept.get(of) is not None}
        return {**super().answers(config, news), **found}

    def about(self, config: Any, say: Say) -> str:
        if config.get("by") == "after":
            return _after(config.get("after"), say)
        if config.get("by") == "cron":
            return say.text(config.get("cron"))
        rows = config.get("times")
        return say.list(_told(row, say) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ""


def _told(row: Mapping[str, Any], say: Say) -> str:
    every, days = row.get("every"), row.get("days")
    when = say.choice(Row, "every", row)
    if every == "week" and isinstance(days, list):
        when = say.list(say.text(DAYS.get(day)) for day in days if isinstance(day, str))
    elif every == "month":
        when += say.words(f" {row.get('day', 1)} 日", f" on day {row.get('day', 1)}")
    elif every == "year":
        month, day = row.get("month", 1), row.get("day", 1)
        when += say.words(f" {month} 月 {day} 日", f" on {month}/{day}")
    return f"{when} {say.text(row.get('at'))}".strip()


def _after(after: Any, say: Say) -> str:
    if not isinstance(after, dict):
        return ""
    moments, unless = after.get("moments"), after.get("unless")
    rows = [row for row in moments if isinstance(row, dict)] if isinstance(moments, list) else []
    lengths = say.list(say.length(row.get("length")) + say.choice(Moment, "side", row) if say.zh else
                       f"{say.length(row.get('length'))} {say.choice(Moment, 'side', row).lower()}" for row in rows)
    rows = [row for row in unless if isinstance(row, dict)] if isinstance(unless, list) else []
    without = say.list(" ".join(filter(None, (say.choice(Unless, "what", row), say.text(row.get("name")),
                                              say.named("ticket_types", row.get("type"))))) for row in rows)
    first = say.named("ticket_types", after.get("type")) or say.text(after.get("event"))
    of = say.choice(After, "of", after)
    told = " ".join(filter(None, (first, of, lengths)))
    return say.parts(told if say.zh else ", ".join(filter(None, (f"{first}: {of.lower()}" if first else of, lengths))),
                     say.words(f"除非{without}", f"unless {without}") if without else "")
