"""An appointment: a day, and one of the times that are offered on it (预约时段) - a test drive, a visit at home.

The manager lists the times, the days of the week without any, and how far ahead may be booked.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from app import sdk
from app.sdk import Asking, Each, Env, Field, FieldType, FormPorts, Int, Posted, Problem, Str, names, ui

PARTS = ("date", "slot")
_SLOT = re.compile(r"([0-9]{1,2}[:点][0-9]{0,2}) ?(?:-|~|–|—|至|到) ?([0-9]{1,2}[:点][0-9]{0,2})")
_CELL = re.compile(r"([^ ]+) (.+)")
DAYS = {
    "mon": names("周一", "Monday"), "tue": names("周二", "Tuesday"), "wed": names("周三", "Wednesday"),
    "thu": names("周四", "Thursday"), "fri": names("周五", "Friday"), "sat": names("周六", "Saturday"),
    "sun": names("周日", "Sunday"),
}


class Settings(sdk.Settings):
    slots = Each(Str(max_length=30), least=1, most=48, required=True,
                 metadata=ui("可约时段", "Times", "tokens",
                             hint=names("例如 09:00-10:30，写好一个按回车", "Such as 09:00-10:30; Enter after each")))
    closed = Each(Str(choices=DAYS), most=6, load_default=list,
                  metadata=ui("每周休息日", "Days without times", "multiselect", options=DAYS))
    min_days = Int(min=0, max=365, load_default=None, allow_none=True,
                   metadata=ui("至少提前几天（0 为当天可约）", "Days ahead at least (0: today)", "number"))
    max_days = Int(min=0, max=365, load_default=None, allow_none=True,
                   metadata=ui("最多提前几天", "Days ahead at most", "number"))


def refuse(code: str, zh: str, en: str, where: str = "", **params: Any) -> Problem:
    """A refusal that brings its words along."""
    return Problem(f"timeslot_{code}", where, texts=names(zh, en), **params)


def read_slot(raw: Any) -> str:
    """`09:00-10:30` of a time as people write it: 9:00~10:30, 9点-10点30. Raises Problem."""
    words = sdk.kind_ascii(raw) if isinstance(raw, str) and len(raw) <= 60 else ""
    found = _SLOT.fullmatch(words)
    if found is None:
        raise refuse("not_slot", "“{value}”不是时段，请写成 09:00-10:30 这样。",
                     "“{value}” is no time; write it like 09:00-10:30.", value=sdk.brief(raw))
    first, last = (sdk.read_clock(clock) for clock in found.groups())
    if first >= last:
        raise refuse("slot_order", "时段“{value}”的结束要晚于开始。", "“{value}” ends before it begins.", value=words)
    return f"{first}-{last}"


def weekday(day: str) -> str:
    """The key in DAYS of `YYYY-MM-DD`."""
    return list(DAYS)[date.fromisoformat(day).weekday()]


class Timeslot(FieldType):
    type = "timeslot"
    label = names("预约时段", "Appointment")
    icon = "datetime"
    value_type = "any"
    parts: ClassVar[Mapping[str, str]] = {"date": "date", "slot": "text"}
    part_names: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "date": names("日期", "day"), "slot": names("时段", "time")}
    Settings = Settings

    def starter(self) -> dict[str, Any]:
        return {"slots": ["09:00-10:30", "10:30-12:00", "14:00-15:30", "15:30-17:00"], "min_days": 1, "max_days": 30}

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        slots = []
        for index, raw in enumerate(settings["slots"]):
            try:
                slots.append(read_slot(raw))
            except Problem as problem:
                problem.where = f"slots[{index}]"
                raise
        low, high = settings["min_days"], settings["max_days"]
        if low is not None and high is not None and low > high:
            raise refuse("days_order", "最多提前 {max} 天，比至少提前的 {min} 天还少。",
                         "At most {max} days ahead is less than at least {min}.", "max_days", min=low, max=high)
        closed = [day for day in DAYS if day in settings["closed"]]
        return {**settings, "slots": sorted(set(slots)), "closed": closed, "resting": names(
            "、".join(DAYS[day]["zh"] for day in closed), ", ".join(DAYS[day]["en"] for day in closed))}

    def settings_now(self, field: Field, env: Env) -> Mapping[str, Any]:
        low, high = field.settings["min_days"], field.settings["max_days"]
        return {**field.settings, "first": "" if low is None else sdk.today(env, low),
                "last": "" if high is None else sdk.today(env, high)}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, dict) or not raw.keys() <= set(PARTS):
            raise refuse("not_appointment", "“{label}”要有日期和时段。", "“{label}” takes a day and a time.")
        if not any(raw.values()):
            return None
        if not raw.get("date"):
            raise refuse("no_date", "请为“{label}”选择日期。", "Choose a day for “{label}”.")
        if not raw.get("slot"):
            raise refuse("no_slot", "请为“{label}”选择时段。", "Choose a time for “{label}”.")
        stored = {"date": sdk.read_day(raw["date"]), "slot": read_slot(raw["slot"])}
        if not asking.had(stored):  # what could be booked when it was booked stays so
            self.offered(field, stored["date"], stored["slot"], asking.env)
        return stored

    def offered(self, field: Field, day: str, slot: str, env: Env) -> None:
        """Refuse a day or a time that cannot be booked now."""
        now = self.settings_now(field, env)
        if now["first"] and day < now["first"]:
            raise refuse("too_early", "“{label}”最早可约 {day}。", "The first day for “{label}” is {day}.",
                         day=now["first"])
        if now["last"] and day > now["last"]:
            raise refuse("too_late", "“{label}”最晚可约 {day}。", "The last day for “{label}” is {day}.",
                         day=now["last"])
        if weekday(day) in now["closed"]:
            raise refuse("closed", "{day} 是{weekday}，休息，请选其他日期。",
                         "{day} is a {weekday}, without any times. Choose another day.",
                         day=day, weekday=DAYS[weekday(day)])
        if slot not in now["slots"]:
            raise refuse("other_slot", "“{value}”不在可约时段里，请重新选择。",
                         "“{value}” is not one of the times. Choose again.", value=slot)
        if now["first"] and day == sdk.today(env) and slot[:5] <= sdk.clock_now(env):
            raise refuse("begun", "今天 {value} 已经开始了，请选晚一点的时段。",
                         "Today's {value} has begun. Choose a later time.", value=slot)

    def is_stored(self, field: Field, value: Any) -> bool:
        return isinstance(value, dict) and all(isinstance(value.get(part), str) for part in PARTS)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        name = sdk.localized(DAYS[weekday(value["date"])], locale)
        return f"{value['date']} {name} {value['slot']}"

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return f"{value['date']} {value['slot']}"

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        found = _CELL.fullmatch(sdk.kind_ascii(cell[:200]))
        return dict(zip(PARTS, found.groups(), strict=True)) if found else cell

    def sample(self, field: Field) -> Any:
        week = (date(2026, 11, 2) + timedelta(days=ahead) for ahead in range(7))
        day = next(day for day in map(str, week) if weekday(day) not in field.settings["closed"])
        return {"date": day, "slot": field.settings["slots"][0]}

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        parts = {part: (posted.getlist(f"{name}.{part}") or [""])[0] for part in PARTS}
        return {part: value for part, value in parts.items() if value} or None


FIELD_TYPES = (Timeslot,)
