"""Business calendars: read, told day by day, and a warning before the known public holidays end."""
from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.core.calendar import Calendar
from app.core.errors import NotFound
from app.org import calendars, masterdata
from app.org.access import SYSTEM

OFFICE = {"days": "mon-fri", "hours": ["09:00-18:00"], "tz": "Asia/Shanghai"}


def ms(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)


def test_a_calendar_that_keeps_public_holidays_warns_before_they_are_unknown(company: Flask) -> None:
    masterdata.save_calendar("plain", OFFICE, actor=SYSTEM)
    masterdata.save_calendar("office", {**OFFICE, "public": "CN"}, actor=SYSTEM)
    end = Calendar.from_spec({**OFFICE, "id": "x", "public": "CN"}).unknown_from()
    assert end is not None
    assert calendars.running_out(ms(date(end.year - 1, 6, 1))) == []
    (warning,) = calendars.running_out(ms(date(end.year - 1, 11, 20)))
    assert warning.where == "office"
    assert end.isoformat() in warning.message("zh") and end.isoformat() in warning.message("en")
    result = company.test_cli_runner().invoke(args=["doctor"])
    lines = [json.loads(line) for line in result.output.splitlines() if line.startswith("{")]
    assert result.exit_code == 0 and lines[-1] == {"violations": 0}


def test_the_days_ahead_are_told_in_the_calendars_own_zone(company: Flask) -> None:
    masterdata.save_calendar("office", {**OFFICE, "public": "CN"}, actor=SYSTEM)
    calendar = Calendar.from_spec({**calendars.spec_of("office"), "id": "office"})
    days = calendars.preview(calendar, ms(date(2026, 9, 30)), 12)
    assert [day.date.isoformat() for day in days if day.spans] == [
        "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10"]
    with pytest.raises(NotFound):
        calendars.spec_of("no such")
