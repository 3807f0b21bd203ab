"""Chinese public holidays and make-up days in business calendars; what is beyond the years that are known."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.core import public_holidays
from app.core.calendar import Calendar, duration_ms
from app.core.errors import Problem
from tests.core.test_calendar import HOUR, at

OFFICE: dict[str, Any] = {"id": "office", "days": "mon-fri", "hours": ["09:00-12:00", "13:00-18:00"],
                          "tz": "Asia/Shanghai", "public": "CN"}


def office(**changes: Any) -> Calendar:
    return Calendar.from_spec({**OFFICE, **changes})


@pytest.mark.parametrize(("day", "works"), [
    ("2026-09-30", True),  # the Wednesday before National Day
    *((f"2026-10-0{number}", False) for number in range(1, 8)),
    ("2026-10-08", True),
    ("2026-09-20", True), ("2026-10-10", True),  # Sunday and Saturday that make up for it
    ("2026-09-19", False), ("2026-10-11", False),  # ordinary ones beside them
    ("2025-10-06", False), ("2025-10-08", False), ("2025-09-28", True), ("2025-10-11", True),
    ("2026-02-14", True), ("2026-02-23", False), ("2026-02-28", True),  # Spring Festival
    ("2026-05-09", True), ("2026-06-19", False), ("2026-01-04", True),
])
def test_known_days(day: str, works: bool) -> None:
    assert office().is_open(at(f"{day}T10:00")) is works
    assert not office().is_open(at(f"{day}T12:30"))
    without = office(public="")
    assert without.is_open(at(f"{day}T10:00")) is (date.fromisoformat(day).weekday() < 5)


def test_a_day_before_the_holiday_ends_eight_days_later() -> None:
    assert office().add(at("2026-09-30T17:00"), duration_ms("PT2H")) == at("2026-10-08T10:00")
    assert office().elapsed(at("2026-09-30T18:00"), at("2026-10-12T00:00")) == 3 * 8 * HOUR  # 8, 9 and Saturday 10


def test_what_the_company_says_comes_before_what_the_state_says() -> None:
    own = office(holidays=["2026-10-10"], workdays=["2026-10-03"])
    assert not own.is_open(at("2026-10-10T10:00"))
    assert own.is_open(at("2026-10-03T10:00"))


def test_a_weekday_may_have_hours_of_its_own_and_a_make_up_day_has_ordinary_ones() -> None:
    half = office(also=[{"days": "sat", "hours": ["09:00-12:00"]}])
    assert half.hours_on(date(2026, 11, 21)) == [("09:00", "12:00")]  # a Saturday
    assert half.hours_on(date(2026, 10, 10)) == [("09:00", "12:00"), ("13:00", "18:00")]
    assert half.hours_on(date(2026, 10, 3)) == half.hours_on(date(2026, 11, 22)) == []
    assert office(hours=["22:00-06:00"]).hours_on(date(2026, 11, 23)) == [("22:00", "06:00")]
    assert office(hours=["00:00-24:00"]).hours_on(date(2026, 11, 23)) == [("00:00", "24:00")]


def test_beyond_the_known_years_only_weekends_are_free_and_it_says_so() -> None:
    known = public_holidays.known_until("CN")
    assert known >= date(2026, 12, 31)
    assert office().unknown_from() == date(known.year + 1, 1, 1)
    assert office(public="").unknown_from() is None
    assert office().is_open(at("2099-10-01T10:00"))  # a Thursday
    assert not office().is_open(at("2099-10-03T10:00"))


@pytest.mark.parametrize(("changes", "code", "where"), [
    ({"public": "FR"}, "calendar_public", "public"), ({"public": 5}, "calendar_public", "public"),
    ({"also": "sat"}, "calendar_also", "also"), ({"also": [{"days": "sat"}]}, "calendar_also", "also"),
    ({"also": [{"days": "sat", "hours": []}]}, "calendar_also", "also"),
    ({"also": [{"days": "sat-sun", "hours": ["09:00-12:00"]}, {"days": "sun", "hours": ["09:00-10:00"]}]},
     "calendar_also", "also"),
])
def test_what_cannot_be_read_is_refused(changes: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(Problem) as caught:
        office(**changes)
    assert (caught.value.code, caught.value.where) == (code, where)
