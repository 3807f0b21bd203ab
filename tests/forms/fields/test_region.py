"""Regions and addresses: codes that exist, as precise as asked, and what old pages and forgers send."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import PORTS, Posted, codes, definition, drawn, faults, judged, small

COUNTY = small({"id": "f_r", "type": "region"})
CITY = small({"id": "f_r", "type": "region", "level": 2, "provinces": ["330000", "310000"]})
ADDRESS = small({"id": "f_a", "type": "address", "max_length": 20})


@pytest.mark.parametrize("code", ["330106", "110101", "441900", "810000", "710000", "469023", "429004"])
def test_an_area_without_parts_is_a_whole_answer(code: str) -> None:
    assert judged(COUNTY, {"f_r": code}).values == {"f_r": code}


@pytest.mark.parametrize(("raw", "code"), [
    ("330000", "answer_region_above"), ("330100", "answer_region_above"), ("330199", "answer_not_region"),
    ("３３０１０６", "answer_not_region"), ("330106 ", "answer_not_region"), (330106, "answer_not_region"),
    ({"code": "330106"}, "answer_not_region"), (["330106"], "answer_not_region"), ("9" * 5000, "answer_not_region"),
    ("constructor", "answer_not_region"),
])
def test_refused(raw: Any, code: str) -> None:
    assert codes(judged(COUNTY, {"f_r": raw})) == {"f_r": code}


def test_a_field_may_ask_for_cities_of_some_provinces() -> None:
    assert judged(CITY, {"f_r": "330100"}).values == {"f_r": "330100"}
    assert codes(judged(CITY, {"f_r": "330106"})) == {"f_r": "answer_not_region"}  # more precise than asked
    assert codes(judged(CITY, {"f_r": "320100"})) == {"f_r": "answer_region_elsewhere"}
    view = drawn(CITY, {"f_r": "330000"}).fields()[0]
    assert [row.id for row in view.options if not row.parent] == ["330000", "310000"]
    assert {row.parent for row in view.options} == {"", "330000"}


def test_what_was_stored_stays_though_the_county_was_abolished() -> None:
    old = {"f_r": "500105"}
    assert codes(judged(COUNTY, old)) == {"f_r": "answer_not_region"}
    assert judged(COUNTY, old, current=old).values == old
    assert drawn(COUNTY, old, spec={"*": "read"}).fields()[0].display == "重庆市 500105"


def test_a_draft_may_stop_half_way() -> None:
    assert judged(COUNTY, {"f_r": "330000"}, require=False).values == {"f_r": "330000"}
    assert judged(ADDRESS, {"f_a": {"text": "文三路"}}, require=False).values == {"f_a": {"text": "文三路"}}


@pytest.mark.parametrize(("sent", "raw"), [
    ({"p": "330000", "c": "330100", "d": "330106"}, "330106"),
    ({"p": "330000", "c": "330100", "d": ""}, "330100"),
    ({"p": "320000", "c": "330100", "d": "330106"}, "320000"),  # the province was changed without scripts
    ({"p": "", "c": "330100", "d": "330106"}, None),
    ({"p": "330000", "c": "330106"}, "330000"),
    ({"p": "999999", "c": "330100"}, "999999"),  # forged: passed on, for the judge to refuse
    ({"p": "330000", "c": "<b>"}, "<b>"),
    ({}, None),
])
def test_what_the_lists_mean(sent: dict[str, str], raw: str | None) -> None:
    posted = Posted({f"f_r.{part}": [code] for part, code in sent.items()})
    assert COUNTY.fields["f_r"].type.from_form(COUNTY.fields["f_r"], posted, "f_r") == raw


def test_the_lists_open_as_far_as_was_chosen() -> None:
    def open_at(value: Any) -> list[tuple[str, str]]:
        view = drawn(COUNTY, {"f_r": value}).fields()[0]
        return [(row.id, row.parent) for row in view.options if row.selected]

    assert open_at(None) == []
    assert open_at("330100") == [("330000", ""), ("330100", "330000")]
    assert open_at("330106") == [("330000", ""), ("330100", "330000"), ("330106", "330100")]
    assert open_at({"x": 1}) == [] and open_at("nonsense") == []


def test_rules_may_ask_where_it_is() -> None:
    form = small({"id": "f_r", "type": "region"}, {"id": "f_t", "type": "text"}, rules=[
        {"id": "r_hz", "when": {"ref": "form.f_r", "op": "starts", "value": ["3301"]},
         "then": [{"do": "require", "target": "f_t"}]}])
    assert codes(judged(form, {"f_r": "330106"})) == {"f_t": "field_required"}
    assert not judged(form, {"f_r": "330203"}).problems
    form = small({"id": "f_r", "type": "region"}, {"id": "f_t", "type": "text"}, rules=[
        {"id": "r_hz", "when": {"ref": "form.f_r", "op": "eq", "value": "330106"},
         "then": [{"do": "show", "target": "f_t"}]}])
    assert "浙江省 杭州市 西湖区" in drawn(form, {}).fields()[1].condition_text


def test_a_sheet_may_hold_the_names() -> None:
    field = COUNTY.fields["f_r"]
    assert field.type.cell_in(field, " 浙江省 杭州市 西湖区 ", PORTS) == "330106"
    assert field.type.cell_in(field, "浙江省杭州市西湖区", PORTS) == "330106"
    assert field.type.cell_in(field, "浙江省 杭洲市", PORTS) == "浙江省 杭洲市"  # refused by name, not guessed


def test_settings_name_real_provinces_and_levels() -> None:
    assert faults(definition({"id": "f_r", "type": "region", "level": 4, "provinces": ["33"]})) == {
        "fields[0].level": "form_key_range", "fields[0].provinces[0]": "form_key_choice"}


# ---- addresses -----------------------------------------------------------------------------------------------------


def test_an_address_has_both_parts() -> None:
    stored = {"region": "330106", "text": "文三路 1 号"}
    assert judged(ADDRESS, {"f_a": {"region": "330106", "text": " 文三路 1 号\u202e "}}).values == {"f_a": stored}
    field = ADDRESS.fields["f_a"]
    assert field.shown(stored, "zh-CN", PORTS) == "浙江省 杭州市 西湖区 文三路 1 号"
    assert field.masked(stored, "zh-CN", PORTS) == "浙江省 ****"
    assert judged(ADDRESS, {"f_a": {"text": " ", "region": ""}}).values == {}


@pytest.mark.parametrize(("raw", "code"), [
    ({"region": "330106"}, "answer_half_address"), ({"text": "文三路"}, "answer_region_missing"),
    ({"region": "330100", "text": "x"}, "answer_region_above"),
    ({"region": ["330106"], "text": "x"}, "answer_not_region"),
    ({"region": "330106", "text": "x" * 21}, "answer_too_long"), ({"region": "330106", "text": 1}, "answer_not_text"),
    ({"region": "330106", "text": "x", "more": 1}, "answer_key_unknown"), ("330106 x", "answer_not_address"),
])
def test_addresses_refused(raw: Any, code: str) -> None:
    assert codes(judged(ADDRESS, {"f_a": raw})) == {"f_a": code}


def test_what_was_typed_comes_back_after_a_refusal() -> None:
    found = judged(ADDRESS, raw := {"f_a": {"region": "330100", "text": "文三路"}})
    view = drawn(ADDRESS, raw, problems=found.problems).fields()[0]
    assert view.value == raw["f_a"] and view.errors
    assert [row.id for row in view.options if row.selected] == ["330000", "330100"]
