"""What an appointment may be; every other rule of field types is tested in tests/forms, over this one too."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.sdk import Asking
from tests.forms.kit import CATALOG, ENV, PLUGINS, PORTS, Posted, codes, definition, drawn, faults, judged, small

ROOT = Path(__file__).parents[3]
FIELD = {"id": "f_visit", "type": "timeslot", "label": "试驾时间",
         "slots": ["14:00-15:30", "9：00～10:30", "9点-10点30"],
         "closed": ["sun", "mon"], "min_days": 1, "max_days": 10}
FORM = small(FIELD)
TUESDAY = {"date": "2026-11-03", "slot": "09:00-10:30"}  # the clock of ENV stands on Monday, 2 November, 09:00


def told(raw: Any, form: Any = FORM, **more: Any) -> dict[str, str]:
    return codes(judged(form, {"f_visit": raw}, **more))


def test_it_comes_from_its_plugin_and_the_product_does_not_know_it() -> None:
    assert CATALOG.fields.owner("timeslot") == "timeslot"
    assert [(plugin.name, plugin.state) for plugin in PLUGINS if "timeslot" in plugin.types] == [
        ("timeslot", "installed")]
    named = [path for path in (ROOT / "app").rglob("*")
             if path.suffix in (".py", ".html", ".js", ".jsx", ".json", ".css", ".po") and "dist" not in path.parts
             and "timeslot" in path.read_text(encoding="utf-8")]
    assert named == []


def test_times_are_read_as_people_write_them_and_stand_in_order() -> None:
    assert FORM.fields["f_visit"].settings["slots"] == ["09:00-10:30", "14:00-15:30"]
    for raw in ("9:00-10:30", "9：00 ～ 10：30", "9点至10点30"):
        assert judged(FORM, {"f_visit": {"date": "2026/11/3", "slot": raw}}).values == {"f_visit": TUESDAY}


@pytest.mark.parametrize(("raw", "code"), [
    ({**TUESDAY, "date": "2026-11-02"}, "too_early"), ({**TUESDAY, "date": "2026-11-13"}, "too_late"),
    ({**TUESDAY, "date": "2026-11-08"}, "closed"), ({**TUESDAY, "date": "2026-11-09"}, "closed"),
    ({**TUESDAY, "slot": "10:30-12:00"}, "other_slot"), ({**TUESDAY, "slot": "soon"}, "not_slot"),
    ({**TUESDAY, "slot": "10:30-09:00"}, "slot_order"), ({"date": "2026-11-03"}, "no_slot"),
    ({"slot": "09:00-10:30"}, "no_date"), ("2026-11-03", "not_appointment"),
    ({**TUESDAY, "seat": "1"}, "not_appointment"),
])
def test_what_cannot_be_booked_is_refused_in_both_languages(raw: Any, code: str) -> None:
    assert told(raw) == {"f_visit": f"timeslot_{code}"}
    (problem,) = judged(FORM, {"f_visit": raw}).problems
    chinese, english = problem.message("zh-CN"), problem.message("en")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese) and "{" not in chinese + english
    assert english.replace("试驾时间", "").replace("“", "").replace("”", "").isascii()


def test_what_was_booked_stays_booked() -> None:
    old = {"date": "2026-10-01", "slot": "18:00-19:00"}  # long ago, on a Thursday, at a time that is gone
    assert told(old) == {"f_visit": "timeslot_too_early"}
    assert judged(FORM, {"f_visit": old}, current={"f_visit": old}).values == {"f_visit": old}


def test_a_time_that_has_begun_is_over() -> None:
    form = small({**FIELD, "closed": [], "min_days": 0, "slots": ["08:00-09:00", "09:00-10:00", "09:01-10:00"]})
    now = {slot: told({"date": "2026-11-02", "slot": slot}, form) for slot in form.fields["f_visit"].settings["slots"]}
    begun = {"f_visit": "timeslot_begun"}
    assert now == {"08:00-09:00": begun, "09:00-10:00": begun, "09:01-10:00": {}}


@pytest.mark.parametrize(("change", "where", "code"), [
    ({"slots": []}, "slots", "form_key_count"), ({"slots": ["soon"]}, "slots[0]", "timeslot_not_slot"),
    ({"closed": ["someday"]}, "closed[0]", "form_key_choice"), ({"closed": 7}, "closed", "form_key_list"),
    ({"min_days": 11}, "max_days", "timeslot_days_order"), ({"min_days": -1}, "min_days", "form_key_range"),
])
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any], where: str, code: str) -> None:
    assert faults(definition({**FIELD, **change})) == {f"fields[0].{where}": code}


def test_rules_and_formulas_may_ask_for_its_parts() -> None:
    form = small(FIELD, {"id": "f_early", "type": "text"}, {
        "id": "f_days", "type": "computed", "formula": "{{form.f_visit.date}} - TODAY()", "result": "number"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_visit.slot", "op": "eq", "value": "09:00-10:30"},
         "then": [{"do": "show", "target": "f_early"}]}])
    sent = {"f_visit": TUESDAY, "f_early": "门口见"}
    assert judged(form, sent).values == {**sent, "f_days": "1"}
    later = judged(form, {**sent, "f_visit": {**TUESDAY, "slot": "14:00-15:30"}})
    assert later.dropped == ["f_early"]


def test_it_reads_in_both_languages_and_survives_a_sheet() -> None:
    field = FORM.fields["f_visit"]
    assert field.shown(TUESDAY, "zh-CN", PORTS) == "2026-11-03 周二 09:00-10:30"
    assert field.shown(TUESDAY, "en", PORTS) == "2026-11-03 Tuesday 09:00-10:30"
    for cell in ("2026-11-03 09:00-10:30", "2026/11/3 9:00~10:30"):
        assert field.type.clean(field, field.type.cell_in(field, cell, PORTS), Asking(ENV, PORTS)) == TUESDAY


def test_the_page_gets_plain_days_and_reads_its_two_controls() -> None:
    (view,) = drawn(FORM, {}).fields()
    assert (view.settings["first"], view.settings["last"]) == ("2026-11-03", "2026-11-12")
    posted = Posted({"f_visit.date": ["2026-11-03"], "f_visit.slot": ["09:00-10:30"]})
    assert FORM.fields["f_visit"].type.from_form(FORM.fields["f_visit"], posted, "f_visit") == TUESDAY
