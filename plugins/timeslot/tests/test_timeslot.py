"""What an appointment may be. What forms make of its parts: tests/forms/fields/test_of_plugins.py."""
from __future__ import annotations

from typing import Any

import pytest

from app.testing import assert_contract, fill, load_plugin

plugin = load_plugin(__file__)
SETTINGS = {"label": "试驾时间", "slots": ["14:00-15:30", "9：00～10:30", "9点-10点30"],
            "closed": ["sun", "mon"], "min_days": 1, "max_days": 10}
TUESDAY = {"date": "2026-11-03", "slot": "09:00-10:30"}
MONDAY_NINE = 1_793_581_200_000  # 2 November 2026, 09:00 in Shanghai


def told(raw: Any, settings: Any = SETTINGS, **more: Any) -> Any:
    return fill(plugin.Timeslot, settings, raw, now=MONDAY_NINE, **more)


def test_it_keeps_the_contract() -> None:
    assert_contract(plugin.Timeslot, SETTINGS)


def test_times_are_read_as_people_write_them() -> None:
    for raw in ("9:00-10:30", "9：00 ～ 10：30", "9点至10点30"):
        assert told({"date": "2026/11/3", "slot": raw}).value == TUESDAY


@pytest.mark.parametrize(("raw", "code"), [
    ({**TUESDAY, "date": "2026-11-02"}, "too_early"), ({**TUESDAY, "date": "2026-11-13"}, "too_late"),
    ({**TUESDAY, "date": "2026-11-08"}, "closed"), ({**TUESDAY, "date": "2026-11-09"}, "closed"),
    ({**TUESDAY, "slot": "10:30-12:00"}, "other_slot"), ({**TUESDAY, "slot": "soon"}, "not_slot"),
    ({**TUESDAY, "slot": "10:30-09:00"}, "slot_order"), ({"date": "2026-11-03"}, "no_slot"),
    ({"slot": "09:00-10:30"}, "no_date"), ("2026-11-03", "not_appointment"),
    ({**TUESDAY, "seat": "1"}, "not_appointment"),
])
def test_what_cannot_be_booked_is_refused_in_both_languages(raw: Any, code: str) -> None:
    refused = told(raw)
    assert (refused.value, refused.refused) == (None, f"timeslot_{code}")
    chinese, english = refused.words["zh"], refused.words["en"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese) and "{" not in chinese + english
    assert english.replace("试驾时间", "").replace("“", "").replace("”", "").isascii()


def test_what_was_booked_stays_booked() -> None:
    old = {"date": "2026-10-01", "slot": "18:00-19:00"}  # long ago, on a Thursday, at a time that is gone
    assert told(old).refused == "timeslot_too_early"
    assert told(old, before=old).value == old


def test_a_time_that_has_begun_is_over() -> None:
    slots = ["08:00-09:00", "09:00-10:00", "09:01-10:00"]
    today = {**SETTINGS, "closed": [], "min_days": 0, "slots": slots}
    assert [told({"date": "2026-11-02", "slot": slot}, today).refused for slot in slots] == [
        "timeslot_begun", "timeslot_begun", ""]


@pytest.mark.parametrize(("change", "where"), [
    ({"slots": []}, r"settings\.slots: "), ({"slots": ["soon"]}, r"settings\.slots\[0\]: .*is no time"),
    ({"closed": ["someday"]}, r"settings\.closed\[0\]: "), ({"closed": 7}, r"settings\.closed: "),
    ({"min_days": 11}, r"settings\.max_days: .*less than at least 11"), ({"min_days": -1}, r"settings\.min_days: "),
])
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(AssertionError, match=where):
        told(TUESDAY, {**SETTINGS, **change})


def test_it_reads_in_both_languages_and_survives_a_sheet() -> None:
    assert dict(told(TUESDAY).words) == {"zh": "2026-11-03 周二 09:00-10:30", "en": "2026-11-03 Tuesday 09:00-10:30"}
    for cell in (told(TUESDAY).cell, "2026-11-03 09:00-10:30", "2026/11/3 9:00~10:30"):
        assert told(None, cell=cell).value == TUESDAY


def test_the_page_has_two_controls() -> None:
    assert told(None, posted={".date": "2026-11-03", ".slot": "09:00-10:30"}).value == TUESDAY
    assert told(None, posted={".date": "2026-11-03"}).refused == "timeslot_no_slot"
