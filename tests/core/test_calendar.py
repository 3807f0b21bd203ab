"""Working time: durations, calendars across holidays, midnight and summer time, and the zone table."""
import json
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.calendar import DAY, Calendar, duration_ms, tz_table
from app.core.errors import MESSAGES, Problem

HOUR = 3_600_000
STORES = {"id": "stores", "days": "mon-sun", "hours": ["09:00-21:00"], "tz": "Asia/Shanghai"}


def at(text: str, tz: str = "Asia/Shanghai") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).timestamp() * 1000)


def calendar(**changes):
    return Calendar.from_spec({**STORES, **changes})


@pytest.mark.parametrize(("text", "ms"), [
    ("PT24H", 24 * HOUR), ("P3D", 3 * DAY), ("PT30M", HOUR // 2), ("P1DT2H", 26 * HOUR), ("PT0M", 0), ("PT10S", 10_000),
    ("P1W", 7 * DAY), ("P1DT2H3M4S", 26 * HOUR + 184_000),
])
def test_durations(text, ms):
    assert duration_ms(text) == ms


@pytest.mark.parametrize(("value", "code"), [
    ("P1M", "duration_months"), ("P1Y", "duration_months"), ("P1Y2DT3H", "duration_months"),
    ("P", "duration_bad"), ("PT", "duration_bad"), ("P1DT", "duration_bad"), ("24h", "duration_bad"),
    ("", "duration_bad"),
    ("PT-1H", "duration_bad"), ("PT1.5H", "duration_bad"), ("pt1h", "duration_bad"), ("PT１H", "duration_bad"),
    (None, "duration_bad"), (30, "duration_bad"), ([], "duration_bad"), ("P" + "1" * 100 + "D", "duration_bad"),
    ("PT1H\n", "duration_bad"), ("P9999D", "duration_too_long"),
])
def test_durations_that_are_refused(value, code):
    with pytest.raises(Problem) as caught:
        duration_ms(value, "timeout")
    assert (caught.value.code, caught.value.where) == (code, "timeout")
    assert caught.value.message("zh") != code != caught.value.message("en")


@pytest.mark.parametrize(("changes", "start", "duration", "end"), [
    ({}, "2026-11-02T09:00", "PT12H", "2026-11-02T21:00"),  # ends at closing, not at the next opening
    ({}, "2026-11-02T09:00", "PT24H", "2026-11-03T21:00"),
    ({}, "2026-11-02T22:00", "PT1H", "2026-11-03T10:00"),
    ({"hours": ["09:00-12:00", "13:00-21:00"]}, "2026-11-02T11:30", "PT1H", "2026-11-02T13:30"),
    ({"days": "mon-fri"}, "2026-11-06T20:00", "PT2H", "2026-11-09T10:00"),
    ({"days": ["mon", "wed"]}, "2026-11-02T20:00", "PT2H", "2026-11-04T10:00"),
    ({"days": "sat-mon"}, "2026-11-02T20:00", "PT2H", "2026-11-07T10:00"),
    ({"holidays": ["2026-11-03", "2026-11-04"]}, "2026-11-02T20:00", "PT2H", "2026-11-05T10:00"),
    ({"days": "mon-fri", "workdays": ["2026-11-07"]}, "2026-11-06T20:00", "PT2H", "2026-11-07T10:00"),
    ({"hours": ["22:00-06:00"]}, "2026-11-02T23:00", "PT8H", "2026-11-03T23:00"),
    ({"days": ["mon"], "hours": ["22:00-06:00"]}, "2026-11-03T05:00", "PT2H", "2026-11-09T23:00"),
    ({"hours": ["22:00-06:00", "05:00-08:00"]}, "2026-11-02T22:00", "PT10H", "2026-11-03T08:00"),  # overlap counts once
    ({"days": ["mon"], "hours": ["22:00-06:00"], "holidays": ["2026-11-02"]},
     "2026-11-03T01:00", "PT1H", "2026-11-09T23:00"),
    ({"hours": ["00:00-24:00"]}, "2026-11-02T13:00", "P3D", "2026-11-05T13:00"),
])
def test_add(changes, start, duration, end):
    assert calendar(**changes).add(at(start), duration_ms(duration)) == at(end)


@pytest.mark.parametrize(("hours", "start", "duration", "end"), [
    (["22:00-06:00"], "2026-03-07T22:00", 7 * HOUR, "2026-03-08T06:00"),  # clocks go forward: a seven-hour night
    (["22:00-06:00"], "2026-10-31T22:00", 9 * HOUR, "2026-11-01T06:00"),  # and back: nine hours
    (["02:30-06:00"], "2026-03-08T00:00", 3 * HOUR, "2026-03-08T06:00"),  # 02:30 does not exist: opens at the jump
    (["00:00-02:30"], "2026-03-08T00:00", 2 * HOUR, "2026-03-08T03:00"),
    (["01:30-03:00"], "2026-11-01T00:00", 2 * HOUR + HOUR // 2, "2026-11-01T03:00"),  # 01:30 comes twice
])
def test_summer_time(hours, start, duration, end):
    shop = calendar(hours=hours, tz="America/New_York")
    assert shop.add(at(start, "America/New_York"), duration) == at(end, "America/New_York")


def test_is_open_includes_opening_but_not_closing():
    shop = calendar()
    moments = [at(f"2026-11-02T{text}") for text in ("08:59", "09:00", "20:59", "21:00")]
    assert [shop.is_open(moment) for moment in moments] == [False, True, True, False]


def test_always_is_plain_time():
    always = Calendar.always()
    assert always.id == "always"
    assert always.add(at("2026-11-02T23:59"), 3 * DAY) == at("2026-11-05T23:59")
    assert always.elapsed(5, 5 + 400 * DAY) == 400 * DAY
    assert always.is_open(at("2026-11-08T03:00"))


@pytest.mark.parametrize(("spec", "code", "where"), [
    (None, "calendar_bad", ""), ([], "calendar_bad", ""), ({"id": "x"}, "calendar_bad", ""),
    ({**STORES, "id": 3}, "calendar_bad", ""),
    ({**STORES, "open": 1}, "calendar_key", "open"),
    ({**STORES, "days": []}, "calendar_closed", ""), ({**STORES, "hours": []}, "calendar_closed", ""),
    ({**STORES, "days": "weekdays"}, "calendar_days", "days"), ({**STORES, "days": [1]}, "calendar_days", "days"),
    ({**STORES, "hours": "09:00-21:00"}, "calendar_hours", "hours"),
    ({**STORES, "hours": ["9-21"]}, "calendar_hours", "hours"),
    ({**STORES, "hours": ["09:00-09:00"]}, "calendar_hours", "hours"),
    ({**STORES, "hours": ["09:00-24:01"]}, "calendar_hours", "hours"),
    ({**STORES, "hours": ["24:00-24:00"]}, "calendar_hours", "hours"),
    ({**STORES, "hours": ["09:00-10:00"] * 25}, "calendar_hours", "hours"),
    ({**STORES, "tz": "Mars/Olympus"}, "calendar_tz", "tz"),
    ({**STORES, "tz": "../../etc/passwd"}, "calendar_tz", "tz"),
    ({**STORES, "tz": None}, "calendar_tz", "tz"),
    ({**STORES, "holidays": ["2026-02-30"]}, "calendar_dates", "holidays"),
    ({**STORES, "workdays": [20260101]}, "calendar_dates", "workdays"),
    ({**STORES, "holidays": ["2026-01-01"] * 1001}, "calendar_dates", "holidays"),
    ({**STORES, "holidays": ["2026-10-01"], "workdays": ["2026-10-01"]}, "calendar_both", "workdays"),
])
def test_specs_that_are_refused(spec, code, where):
    with pytest.raises(Problem) as caught:
        Calendar.from_spec(spec)
    assert (caught.value.code, caught.value.where) == (code, where)


def test_a_hardly_open_calendar_answers_with_a_refusal_instead_of_searching_for_ever():
    rare = calendar(days=["mon"], hours=["09:00-09:01"])
    with pytest.raises(Problem) as caught:
        rare.add(at("2026-11-02T09:00"), 365 * DAY)
    assert caught.value.code == "calendar_beyond"
    for ms in (-(10**17), 10**17):
        with pytest.raises(Problem):
            rare.is_open(ms)
    with pytest.raises(Problem):
        rare.elapsed(0, 200 * 365 * DAY)


SPECS = st.sampled_from([
    {},
    {"hours": ["09:00-12:00", "13:00-21:00"], "days": "mon-fri"},
    {"hours": ["22:00-06:00"], "tz": "America/New_York"},
    {"hours": ["00:30-02:30", "20:00-01:00"], "days": ["sun", "mon"], "tz": "Europe/Berlin"},
    {"hours": ["01:00-03:00"], "tz": "Australia/Lord_Howe", "holidays": ["2026-10-04"]},
    {"hours": ["00:00-24:00"], "tz": "Africa/Casablanca"},
]).map(lambda changes: calendar(**changes))
MOMENT = st.integers(at("2025-01-01T00:00"), at("2028-01-01T00:00"))
SPAN = st.integers(0, 60 * DAY)


@settings(max_examples=300, deadline=None)
@given(SPECS, MOMENT, SPAN, SPAN)
def test_add_and_elapsed_are_inverse_and_monotone(shop, start, span, more):
    end = shop.add(start, span)
    assert shop.elapsed(start, end) == span
    assert end >= start + span
    assert shop.add(start, span + more) >= end
    assert shop.add(end, more) == shop.add(start, span + more) or span == 0  # a pause and a resume lose nothing
    assert shop.add(start + more, span) >= end
    if span:  # earliest: one ms before, less time has passed
        assert shop.elapsed(start, end - 1) == span - 1


@settings(max_examples=200, deadline=None)
@given(SPECS, MOMENT, st.integers(0, 4 * DAY))
def test_elapsed_agrees_with_counting_open_minutes(shop, start, span):
    start -= start % 60_000
    minutes = span // 60_000
    counted = sum(shop.is_open(start + n * 60_000) for n in range(minutes))
    assert shop.elapsed(start, start + minutes * 60_000) == counted * 60_000


@pytest.mark.parametrize("tz", [
    "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"])
def test_zone_table_agrees_with_the_zone(tz):
    table = tz_table(tz, at("2026-06-01T00:00"))
    assert table == sorted(table)
    zone, moment, end = ZoneInfo(tz), datetime(2018, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
    while moment < end:
        ms = round(moment.timestamp() * 1000)
        expected = moment.astimezone(zone).utcoffset() / timedelta(minutes=1)
        assert [offset for since, offset in table if since <= ms][-1] == expected, moment
        moment += timedelta(hours=31)


def test_zone_table_of_a_zone_without_changes_is_one_row_and_unknown_zones_are_refused():
    assert [offset for _, offset in tz_table("Asia/Shanghai", 0)][-1] == 480
    assert len(tz_table("Asia/Shanghai", at("2026-01-01T00:00"))) == 1
    assert tz_table("Asia/Shanghai", 10**18) and tz_table("Asia/Shanghai", -(10**18))
    with pytest.raises(Problem):
        tz_table("Nowhere", 0)


def test_every_refusal_is_worded_with_its_own_parameters_in_both_languages():
    refused = [
        (duration_ms, "x"), (duration_ms, "P1M"), (duration_ms, "P9999D"), (Calendar.from_spec, None),
        *((Calendar.from_spec, {**STORES, **changes}) for changes in (
            {"open": 1}, {"also": 1}, {"public": "x"},
            {"days": "x"}, {"hours": ["x"]}, {"hours": []}, {"tz": "x"}, {"holidays": ["x"]},
            {"holidays": ["2026-10-01"], "workdays": ["2026-10-01"]})),
        (calendar().is_open, 10**18),
    ]
    seen = set()
    for function, argument in refused:
        with pytest.raises(Problem) as caught:
            function(argument)
        seen.add(caught.value.code)
        for locale in ("zh", "en"):
            message = caught.value.message(locale)
            assert message != caught.value.code and not re.search(r"\{[a-z]+\}|\{\{", message), message
    assert seen == set(json.loads((MESSAGES / "calendar.json").read_text(encoding="utf-8")))


def test_spans_are_the_open_hours_between_two_instants():
    lunch = calendar(hours=["09:00-12:00", "13:00-18:00"], days="mon-fri")
    friday, monday = at("2026-01-09T10:00"), at("2026-01-12T12:00")
    assert lunch.spans(friday, monday) == [
        (friday, at("2026-01-09T12:00")), (at("2026-01-09T13:00"), at("2026-01-09T18:00")),
        (at("2026-01-12T09:00"), monday)]
    assert Calendar.always().spans(friday, monday + 90 * DAY) == [(friday, monday + 90 * DAY)]
    assert lunch.spans(friday, friday) == []


@given(st.integers(0, 40 * 24), st.integers(0, 60 * 24))
def test_spans_hold_the_working_time_between_them(start, length):
    begins = at("2026-01-01T00:00") + start * HOUR
    spans = calendar().spans(begins, begins + length * HOUR)
    assert sum(closes - opens for opens, closes in spans) == calendar().elapsed(begins, begins + length * HOUR)
    assert all(one[1] < other[0] for one, other in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(("start", "count", "found"), [
    ("2026-11-05", 0, "2026-11-05"), ("2026-11-07", 0, "2026-11-07"), ("2026-11-05", 1, "2026-11-06"),
    ("2026-11-06", 1, "2026-11-09"), ("2026-11-07", 1, "2026-11-09"), ("2026-11-05", 3, "2026-11-12"),
    ("2026-11-09", -1, "2026-11-06"), ("2026-11-12", -2, "2026-11-06"),
])
def test_the_working_day_so_many_days_on(start, count, found):
    office = calendar(days="mon-fri", holidays=["2026-11-10", "2026-11-11"])
    assert office.working_day(date.fromisoformat(start), count) == date.fromisoformat(found)


@pytest.mark.parametrize(("day", "count"), [(date(2026, 1, 1), 20_000), (date(2026, 1, 1), -20_000), (date.max, 1),
                                            (date.min, -1)])
def test_a_working_day_too_far_away_is_refused(day, count):
    with pytest.raises(Problem, match="calendar_beyond"):
        calendar().working_day(day, count)
