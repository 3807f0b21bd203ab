"""Tickets that begin by the clock: by a timetable of the company."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from app.flows import news
from app.flows.base import Say
from app.flows.config import (
    CalendarRef,
    Integer,
    Items,
    Property,
    Rows,
    Schema,
    Select,
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


class Fill(Schema):
    to = news.form_field()
    take = Select(required=True, label=names("填入", "What goes in"), options={
        "schedule.date": names("日期", "The date"),
        "schedule.month": names("月份，如 2026-11", "The month, like 2026-11"),
        "schedule.moment": names("日期和时间", "Date and time")})


class Config(Schema):
    channel = news.channel_of("schedule")
    by = Select(load_default="times", label=names("何时开单", "When"), options={
        "times": names("按时间表", "By a timetable"), "cron": names("按 cron 表达式", "By a cron expression")})
    times = Rows(Row, max=20, load_default=list, show_if={"by": "times"}, label=names("时间表", "Timetable"))
    cron = Cron(load_default=None, show_if={"by": "cron"}, label=names("cron 表达式", "Cron expression"),
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

    @ma.validates_schema
    def _says_when(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data[data["by"]]:
            raise ma.ValidationError({data["by"]: ["flow_missing"]})


class Schedule(news.Told):
    """Opens tickets by the clock."""

    type = "trigger.schedule"
    label = names("定时", "By the clock")
    icon = "calendar-clock"
    Config = Config

    def starter(self) -> Mapping[str, Any]:
        return {"times": [{"every": "workday", "at": "09:00"}]}

    def about(self, config: Any, say: Say) -> str:
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
