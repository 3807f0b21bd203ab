"""What forms make of a field type that a plugin brings, by the one that comes with the product: an appointment."""
from __future__ import annotations

from pathlib import Path

from tests.forms.kit import CATALOG, PLUGINS, drawn, judged, small

ROOT = Path(__file__).parents[3]
FIELD = {"id": "f_visit", "type": "timeslot", "label": "试驾时间", "slots": ["14:00-15:30", "9：00～10:30"],
         "closed": ["sun", "mon"], "min_days": 1, "max_days": 10}
TUESDAY = {"date": "2026-11-03", "slot": "09:00-10:30"}  # the clock of ENV stands on Monday, 2 November, 09:00


def test_it_comes_from_its_plugin_and_the_product_does_not_know_it() -> None:
    assert CATALOG.fields.owner("timeslot") == "timeslot"
    assert [(plugin.name, plugin.state) for plugin in PLUGINS if "timeslot" in plugin.types] == [
        ("timeslot", "installed")]
    named = [path for path in (ROOT / "app").rglob("*")
             if path.suffix in (".py", ".html", ".js", ".jsx", ".json", ".css", ".po") and "dist" not in path.parts
             and "timeslot" in path.read_text(encoding="utf-8")]
    assert named == []


def test_rules_and_formulas_may_ask_for_its_parts() -> None:
    form = small(FIELD, {"id": "f_early", "type": "text"}, {
        "id": "f_days", "type": "computed", "formula": "{{form.f_visit.date}} - TODAY()", "result": "number"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_visit.slot", "op": "eq", "value": "09:00-10:30"},
         "then": [{"do": "show", "target": "f_early"}]}])
    sent = {"f_visit": TUESDAY, "f_early": "门口见"}
    assert judged(form, sent).values == {**sent, "f_days": "1"}
    later = judged(form, {**sent, "f_visit": {**TUESDAY, "slot": "14:00-15:30"}})
    assert later.dropped == ["f_early"]


def test_settings_are_prepared_and_the_page_gets_plain_days() -> None:
    (view,) = drawn(small(FIELD), {}).fields()
    assert view.settings["slots"] == ["09:00-10:30", "14:00-15:30"]
    assert (view.settings["first"], view.settings["last"]) == ("2026-11-03", "2026-11-12")
