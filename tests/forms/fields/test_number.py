"""Numbers and money: read kindly, checked strictly, stored canonically."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import codes, drawn, judged, small

FORM = small({"id": "f_n", "type": "number"}, {"id": "f_m", "type": "money"})


@pytest.mark.parametrize(("raw", "stored"), [
    ("12.50", "12.5"), (12, "12"), (1.5, "1.5"), ("-0", "0"), ("1e3", "1000"), ("１２．５", "12.5"), (" 7 ", "7"),
    ("1,234,567.8", "1234567.8"), ("－5", "-5"), ("007", "7"), (0, "0"), ("0.1", "0.1"),
])
def test_numbers_are_stored_in_one_form(raw: Any, stored: str) -> None:
    assert judged(FORM, {"f_n": raw}).values == {"f_n": stored}


@pytest.mark.parametrize(("raw", "code"), [
    ("abc", "answer_not_number"), ("1,2", "answer_not_number"), ("1 2", "answer_not_number"),
    (True, "answer_not_number"),
    ("1e400", "answer_number_size"), (10**400, "answer_number_size"), ("1" * 19, "answer_number_size"),
    (float("nan"), "answer_number_size"), ("NaN", "answer_not_number"), ("Infinity", "answer_not_number"),
    ("1_000", "answer_not_number"), ("٣", "answer_not_number"),
    ([1], "answer_not_number"), ("0x10", "answer_not_number"),
    ("9" * 300, "answer_not_number"),
])
def test_what_is_no_number_is_refused(raw: Any, code: str) -> None:
    """Abuse case 8."""
    assert codes(judged(FORM, {"f_n": raw})) == {"f_n": code}


@pytest.mark.parametrize(("raw", "stored"), [
    ("26000", "26000.00"), (0.1, "0.10"), ("-0", "0.00"), ("1,000.5", "1000.50")])
def test_money_has_two_places(raw: Any, stored: str) -> None:
    assert judged(FORM, {"f_m": raw}).values == {"f_m": stored}


def test_money_is_not_rounded_behind_anyones_back() -> None:
    assert codes(judged(FORM, {"f_m": "1.005"})) == {"f_m": "answer_places"}


def test_bounds_steps_and_places() -> None:
    form = small({"id": "f_n", "type": "number", "min": "0.5", "max": 10, "step": "0.5", "places": 1})
    assert judged(form, {"f_n": "1.50"}).values == {"f_n": "1.5"}
    refused = {"0": "answer_below", "10.5": "answer_above", "1.25": "answer_places", "1.3": "answer_step"}
    for raw, code in refused.items():
        assert codes(judged(form, {"f_n": raw})) == {"f_n": code}


@pytest.mark.parametrize(("value", "currency", "shown"), [
    ("1234567.8", "CNY", "¥1,234,567.80"), ("-5.00", "CNY", "-¥5.00"), ("0.05", "USD", "US$0.05")])
def test_money_in_words(value: str, currency: str, shown: str) -> None:
    form = small({"id": "f_m", "type": "money", "currency": currency})
    assert drawn(form, {"f_m": value}).fields()[0].display == shown
