"""When timetables come round: by rows, by cron, over days off and clocks that jump."""
from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core.calendar import Calendar
from app.flows.config import reader
from app.flows.nodes.trigger_schedule import Config
from app.flows.timetable import cron_ok, following, latest, local

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
ALWAYS = Calendar.always()
# National day 2026: 1-7 October off, Saturday 10 October worked.
SHOP = Calendar.from_spec({"id": "shop", "days": "mon-fri", "hours": ["09:00-18:00"], "tz": SHANGHAI,
                           "holidays": [f"2026-10-0{day}" for day in range(1, 8)], "workdays": ["2026-10-10"]})


def ms(text: str, tz: str = SHANGHAI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).timestamp() * 1000)


def config(*times: dict[str, Any], **more: Any) -> Any:
    return reader(Config).load({"times": list(times), **more})


def runs(found: Any, calendar: Calendar, after: str, until: str, tz: str = SHANGHAI) -> list[str]:
    """Every moment of the timetable in between, found forwards; backwards must find the same."""
    forwards, at = [], ms(after, tz)
    while (due := following(found, calendar, tz, at)) is not None and due <= ms(until, tz):
        forwards.append(due)
        at = due
    backwards, end = [], ms(until, tz)
    while (due := latest(found, calendar, tz, ms(after, tz), end)) is not None:
        backwards.append(due)
        end = due - 1
    assert backwards[::-1] == forwards
    return [local(due, tz).strftime("%m-%d %H:%M") for due in forwards]


@pytest.mark.parametrize(("rows", "more", "calendar", "after", "until", "expected"), [
    ([{"every": "workday", "at": "09:00"}], {}, SHOP, "2026-09-29 12:00", "2026-10-12 08:59",
     ["09-30 09:00", "10-08 09:00", "10-09 09:00", "10-10 09:00"]),
    ([{"every": "workday", "at": "09:00"}], {}, ALWAYS, "2026-11-20 09:00", "2026-11-24 09:00",
     ["11-23 09:00", "11-24 09:00"]),
    ([{"every": "day", "at": "08:00"}, {"every": "day", "at": "20:30"}], {}, ALWAYS, "2026-11-20 08:00",
     "2026-11-21 08:00", ["11-20 20:30", "11-21 08:00"]),
    ([{"every": "day", "at": "08:00"}], {"off": "skip"}, SHOP, "2026-10-07 00:00", "2026-10-12 09:00",
     ["10-08 08:00", "10-09 08:00", "10-10 08:00", "10-12 08:00"]),
    ([{"every": "week", "days": ["mon", "sat"], "at": "10:00"}], {}, ALWAYS, "2026-11-20 00:00", "2026-11-28 12:00",
     ["11-21 10:00", "11-23 10:00", "11-28 10:00"]),
    ([{"every": "month", "day": 1, "at": "09:00"}], {"off": "next"}, SHOP, "2026-09-01 10:00", "2026-11-30 00:00",
     ["10-08 09:00", "11-02 09:00"]),
    ([{"every": "month", "day": 31, "at": "09:00"}], {}, ALWAYS, "2026-01-31 10:00", "2026-04-30 10:00",
     ["02-28 09:00", "03-31 09:00", "04-30 09:00"]),
    ([{"every": "year", "month": 2, "day": 29, "at": "00:00"}], {}, ALWAYS, "2026-01-01 00:00", "2028-03-01 00:00",
     ["02-28 00:00", "02-28 00:00", "02-29 00:00"]),
])
def test_rows(rows: list[dict[str, Any]], more: dict[str, Any], calendar: Calendar, after: str, until: str,
              expected: list[str]) -> None:
    assert runs(config(*rows, **more), calendar, after, until) == expected


def test_cron() -> None:
    found = config(by="cron", cron="30 9 * * 1-5")
    assert runs(found, ALWAYS, "2026-11-20 09:30", "2026-11-24 09:30") == ["11-23 09:30", "11-24 09:30"]
    assert latest(found, ALWAYS, SHANGHAI, ms("2026-11-20 09:30"), ms("2026-11-23 09:29")) is None


def test_an_hour_that_the_clock_skips_comes_when_it_has_skipped_it() -> None:
    found = config({"every": "day", "at": "02:30"})
    assert runs(found, ALWAYS, "2026-03-07 12:00", "2026-03-09 12:00", NEW_YORK) == ["03-08 03:30", "03-09 02:30"]
    assert len(runs(found, ALWAYS, "2026-10-31 12:00", "2026-11-02 12:00", NEW_YORK)) == 2, "an hour that comes twice"


@pytest.mark.parametrize("text", ["", "* * *", "61 * * * *", "0 0 30 2 *", "0 0 1 1 * 2026", "@daily", "a b c d e", 5,
                                  "*/0 * * * *", "0 9 * * *" + " " * 100])
def test_what_is_no_cron_expression(text: Any) -> None:
    assert not cron_ok(text)
