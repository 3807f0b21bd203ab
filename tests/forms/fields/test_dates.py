"""Days, times and moments: as people write them, on the company's clock, within bounds that move with today."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.calendar import tz_table
from app.core.expressions import Env
from app.core.expressions.dates import parse_moment
from tests.forms.kit import ENV, NOW, codes, drawn, faults, judged, small

DATE = small({"id": "f_d", "type": "date"})
TIME = small({"id": "f_t", "type": "time"})
WHEN = small({"id": "f_w", "type": "datetime"})
RANGE = small({"id": "f_r", "type": "daterange"})
BERLIN = Env(NOW, tz_table("Europe/Berlin", NOW))  # type: ignore[arg-type]
DAYS = st.dates(date(1, 1, 2), date(9999, 12, 30))


def settled(field: dict[str, Any], raw: Any, **more: Any) -> Any:
    """The stored value, or the refusal's code."""
    found = judged(small({"id": "f_x", **field}), {"f_x": raw}, **more)
    return next(iter(codes(found).values()), None) or found.values.get("f_x")


# --- days


@pytest.mark.parametrize("raw", ["2026-9-1", "2026-09-01", "2026/9/1", "2026.9.1", "2026。9。1", "２０２６－０９－０１",
                                 "2026年9月1日", " 2026年09月01 ", "20260901", "2026-08-31T16:00:00Z"])
def test_a_day_in_many_writings(raw: str) -> None:
    assert judged(DATE, {"f_d": raw}).values == {"f_d": "2026-09-01"}


@pytest.mark.parametrize("raw", ["2026-02-30", "01/09/2026", "26-9-1", "9-1", "2026-13-01", "0000-01-01", "明天",
                                 20260901, "2026-09-01T", "2026-09-01 x", "1" * 1000, "2026-9", True, {"rel": "today"}])
def test_no_day(raw: object) -> None:
    assert codes(judged(DATE, {"f_d": raw})) == {"f_d": "answer_not_date"}


@given(DAYS)
def test_every_day_is_kept_and_survives_a_sheet(day: date) -> None:
    field = DATE.fields["f_d"]
    stored = judged(DATE, {"f_d": f"{day.year:04d}年{day.month}月{day.day}日"}).values["f_d"]
    assert stored == day.isoformat()
    assert field.type.cell_in(field, f"{stored} 00:00:00", None) == stored  # type: ignore[arg-type]


@pytest.mark.parametrize(("bounds", "raw", "code"), [
    ({"min": "2026-11-01"}, "2026-10-31", "answer_before"), ({"max": "2026-11-01"}, "2026-11-02", "answer_after"),
    ({"min": {"rel": "today"}}, "2026-11-01", "answer_before"),
    ({"min": {"rel": "today", "days": 3}}, "2026-11-04", "answer_before"),
    ({"max": {"rel": "today", "days": -1}}, "2026-11-02", "answer_after"),
])
def test_bounds_of_a_day(bounds: dict[str, Any], raw: str, code: str) -> None:
    assert settled({"type": "date", **bounds}, raw) == code


def test_today_is_the_companys_day() -> None:
    just_after = Env(parse_moment("2026-11-02T16:30:00Z"), [[0, 480]])  # 00:30 of the 3rd
    assert settled({"type": "date", "min": {"rel": "today"}}, "2026-11-02", env=just_after) == "answer_before"
    assert settled({"type": "date", "max": {"rel": "today"}}, "2026-11-03", env=just_after) == "2026-11-03"


def test_what_was_in_time_when_it_was_answered_stays_so() -> None:
    form = small({"id": "f_d", "type": "date", "min": {"rel": "today"}},
                 {"id": "f_t", "type": "subtable", "fields": [
                     {"id": "f_c", "type": "date", "label": "日", "min": {"rel": "today"}}]})
    answers = {"f_d": "2026-11-02", "f_t": [{"f_c": "2026-11-03"}]}
    before = judged(form, answers).values
    later = Env(NOW + 5 * 86_400_000, ENV.tz)
    assert judged(form, answers, current=before, env=later).problems == []
    assert codes(judged(form, {**answers, "f_d": "2026-11-01"}, current=before, env=later)) == {"f_d": "answer_before"}


@pytest.mark.parametrize(("key", "bound"), [
    ("min", "1.9.2026"), ("min", {"rel": "tomorrow"}), ("min", {"rel": "today", "weeks": 1}),
    ("max", {"rel": "today", "days": "3"}), ("max", {"rel": "now", "minutes": 5}), ("max", 5), ("min", "2026-02-30"),
    ("min", {"days": 3}), ("max", {"rel": "today", "days": True}), ("max", {"rel": ["today"]}),
])
def test_bounds_that_mean_nothing_are_refused_at_their_place(key: str, bound: Any) -> None:
    data = {"schema": "danflow/form/1", "key": "x", "title": "x",
            "fields": [{"id": "f_d", "type": "date", "label": "日", key: bound}]}
    assert faults(data) == {f"fields[0].{key}": "form_bound"}


@pytest.mark.parametrize(("kind", "low", "high"), [
    ("date", "2026-09-02", "2026-09-01"), ("date", {"rel": "today", "days": 2}, {"rel": "today", "days": 1}),
    ("datetime", {"rel": "now", "minutes": 5}, {"rel": "now", "minutes": -5}), ("time", "10:00", "09:00"),
    ("datetime", "2026-09-02", "2026-09-01T08:00"), ("daterange", "2026-09-02", "2026-09-01"),
])
def test_bounds_that_leave_nothing_are_refused(kind: str, low: Any, high: Any) -> None:
    data = {"schema": "danflow/form/1", "key": "x", "title": "x",
            "fields": [{"id": "f_d", "type": kind, "label": "日", "min": low, "max": high}]}
    assert faults(data) == {"fields[0].min": "form_min_above_max"}


def test_the_page_is_given_plain_bounds() -> None:
    rel = {"min": {"rel": "today"}, "max": {"rel": "today", "days": 3}}
    form = small({"id": "f_d", "type": "date", **rel}, {"id": "f_w", "type": "datetime", **rel},
                 {"id": "f_n", "type": "datetime", "min": {"rel": "now", "minutes": 90}})
    drawn_as = {field.id: (field.settings["min"], field.settings["max"]) for field in drawn(form, {}).fields()}
    assert drawn_as == {"f_d": ("2026-11-02", "2026-11-05"), "f_w": ("2026-11-02T00:00", "2026-11-05T23:59"),
                        "f_n": ("2026-11-02T10:30", "")}


# --- times of day


@pytest.mark.parametrize(("raw", "stored"), [
    ("9:30", "09:30"), ("09:30:15", "09:30"), ("０９：３０", "09:30"), ("9点30分", "09:30"), ("21时05分", "21:05"),
    ("9点", "09:00"), ("23:59", "23:59"), ("00:00", "00:00"),
])
def test_a_time_in_many_writings(raw: str, stored: str) -> None:
    assert judged(TIME, {"f_t": raw}).values == {"f_t": stored}


@pytest.mark.parametrize("raw", ["24:00", "9:60", "9", "9:", "9:3", "930", "am 9:30", 930, "-1:00", "9:30 Uhr",
                                 "1" * 500])
def test_no_time(raw: object) -> None:
    assert codes(judged(TIME, {"f_t": raw})) == {"f_t": "answer_not_time"}


def test_bounds_and_steps_of_a_time() -> None:
    open_ = {"type": "time", "min": "09:15", "max": "18:00", "step": 30}
    assert [settled(open_, raw) for raw in ("09:00", "18:15", "09:30", "09:45")] == [
        "answer_before", "answer_after", "answer_time_step", "09:45"]


# --- moments


@pytest.mark.parametrize("raw", ["2026-09-01T16:30", "2026-09-01 16:30", "2026/9/1 16:30:59", "2026年9月1日 16点30分",
                                 "2026-09-01T08:30:00Z", "2026-09-01T10:30+02:00", "2026-09-01T08:30:41.5Z"])
def test_a_moment_in_many_writings(raw: str) -> None:
    assert judged(WHEN, {"f_w": raw}).values == {"f_w": "2026-09-01T16:30+08:00"}


@pytest.mark.parametrize("raw", ["2026-09-01", "16:30", "2026-09-01T25:00", "2026-02-30 10:00", 1_793_581_200_000,
                                 "now", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00", "2026-09-01T16:30+99:00",
                                 {"a": 1}, "x" * 500])
def test_no_moment(raw: object) -> None:
    assert codes(judged(WHEN, {"f_w": raw})) == {"f_w": "answer_not_datetime"}


@settings(max_examples=200, deadline=None)
@given(st.integers(1_514_764_800, 2_051_222_399), st.sampled_from([ENV, BERLIN]))
def test_a_moment_keeps_its_instant_and_shows_the_local_clock(second: int, env: Env) -> None:
    sent = datetime.fromtimestamp(second, UTC).isoformat()
    stored = judged(WHEN, {"f_w": sent}, env=env).values["f_w"]
    assert parse_moment(stored) == second // 60 * 60_000
    field = WHEN.fields["f_w"]
    shown = field.shown(stored, "zh-CN", None)  # type: ignore[arg-type]
    local = datetime.fromisoformat(stored)
    assert shown == f"{local:%Y-%m-%d %H:%M}"
    # what the control sends back is the same moment, even in the hour that the clock shows twice
    again = judged(WHEN, {"f_w": stored[:16]}, current={"f_w": stored}, env=env).values["f_w"]
    assert again == stored and judged(WHEN, {"f_w": stored}, env=env).values["f_w"] == stored


def test_the_hours_that_a_clock_skips_and_repeats() -> None:
    assert settled({"type": "datetime"}, "2026-03-29T02:30", env=BERLIN) == "2026-03-29T03:30+02:00"
    assert settled({"type": "datetime"}, "2026-10-25T02:30", env=BERLIN) == "2026-10-25T02:30+02:00"
    assert settled({"type": "datetime"}, "2026-10-25T01:30:00Z", env=BERLIN) == "2026-10-25T02:30+01:00"


@pytest.mark.parametrize(("bounds", "raw", "found"), [
    ({"min": {"rel": "now", "minutes": 120}}, "2026-11-02T10:59", "answer_before"),
    ({"min": {"rel": "now", "minutes": 120}}, "2026-11-02T11:00", "2026-11-02T11:00+08:00"),
    ({"max": {"rel": "today"}}, "2026-11-02T23:59", "2026-11-02T23:59+08:00"),
    ({"max": {"rel": "today"}}, "2026-11-03T00:00", "answer_after"),
    ({"max": "2026-11-05"}, "2026-11-05T18:00", "2026-11-05T18:00+08:00"),
    ({"min": "2026-11-05T08:30"}, "2026-11-05T08:29", "answer_before"),
])
def test_bounds_of_a_moment(bounds: dict[str, Any], raw: str, found: str) -> None:
    assert settled({"type": "datetime", **bounds}, raw) == found


def test_rules_and_formulas_read_days_and_moments() -> None:
    form = small(
        {"id": "f_d", "type": "date"}, {"id": "f_w", "type": "datetime"}, {"id": "f_r", "type": "daterange"},
        {"id": "f_n", "type": "computed", "formula": 'DATEDIF({{form.f_d}}, {{form.f_w}}, "d")'},
        {"id": "f_days", "type": "computed", "formula": "{{form.f_r.to}} - {{form.f_r.from}} + 1"},
        {"id": "f_soon", "type": "text"}, {"id": "f_late", "type": "text"}, {"id": "f_set", "type": "datetime"},
        rules=[{"id": "r_1", "when": {"ref": "form.f_d", "op": "within_days", "value": 7},
                "then": [{"do": "show", "target": "f_soon"}]},
               {"id": "r_2", "when": {"ref": "form.f_w", "op": "gt", "value": {"rel": "today", "days": 2}},
                "then": [{"do": "show", "target": "f_late"}, {"do": "set", "target": "f_set", "formula": "NOW()"}]}])
    found = judged(form, {"f_d": "2026-11-05", "f_w": "2026-11-08T00:30", "f_soon": "x", "f_late": "y",
                          "f_r": {"from": "2026-11-01", "to": "2026-11-07"}})
    assert found.problems == []
    assert found.values == {"f_d": "2026-11-05", "f_w": "2026-11-08T00:30+08:00", "f_n": "3", "f_days": "7",
                            "f_r": {"from": "2026-11-01", "to": "2026-11-07"}, "f_soon": "x", "f_late": "y",
                            "f_set": "2026-11-02T09:00+08:00"}


# --- ranges


def test_a_range_runs_forward_and_has_both_ends() -> None:
    assert judged(RANGE, {"f_r": {"from": "2026/9/1", "to": "2026年9月3日"}}).values == {
        "f_r": {"from": "2026-09-01", "to": "2026-09-03"}}
    for raw, code in (({"from": "2026-09-02", "to": "2026-09-01"}, "answer_range_order"),
                      ({"from": "2026-09-02"}, "answer_half_range"), ({"to": "2026-09-02"}, "answer_half_range"),
                      ({"from": "x", "to": "2026-09-02"}, "answer_not_date"), ("2026-09-01", "answer_not_range"),
                      ({"from": "2026-09-01", "until": "x"}, "answer_key_unknown"),
                      (["2026-09-01"], "answer_not_range")):
        assert codes(judged(RANGE, {"f_r": raw})) == {"f_r": code}


def test_a_range_has_bounds_and_a_length() -> None:
    trip = {"type": "daterange", "min": {"rel": "today"}, "max": {"rel": "today", "days": 60}, "max_days": 3}
    assert settled(trip, {"from": "2026-11-01", "to": "2026-11-02"}) == "answer_before"
    assert settled(trip, {"from": "2026-12-31", "to": "2027-01-02"}) == "answer_after"
    assert settled(trip, {"from": "2026-11-02", "to": "2026-11-05"}) == "answer_range_long"
    assert settled(trip, {"from": "2026-11-02", "to": "2026-11-04"}) == {"from": "2026-11-02", "to": "2026-11-04"}


@given(DAYS, st.integers(0, 400))
def test_a_range_survives_a_sheet(first: date, days: int) -> None:
    last = min(first + timedelta(days=min(days, (date(9999, 12, 31) - first).days)), date(9999, 12, 31))
    field = RANGE.fields["f_r"]
    stored = judged(RANGE, {"f_r": {"from": first.isoformat(), "to": last.isoformat()}}).values["f_r"]
    cell = field.type.cell_out(field, stored, "zh-CN", None)  # type: ignore[arg-type]
    assert judged(RANGE, {"f_r": field.type.cell_in(field, cell, None)}).values["f_r"] == stored  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([DATE, TIME, WHEN]), st.text("0123456789-/:.T Z+年月日点分：。", max_size=24))
def test_whatever_is_taken_is_taken_again(form: Any, raw: str) -> None:
    found = judged(form, {next(iter(form.fields)): raw})
    if found.values:
        assert judged(form, found.values).values == found.values
