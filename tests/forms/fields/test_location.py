"""Places: coordinates with their system, words, or both."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import codes, judged, small

FORM = small({"id": "f_w", "type": "location", "coord": "wgs84"})


@pytest.mark.parametrize(("raw", "stored"), [
    ({"lat": 30.25, "lng": "120.1600004"}, {"lat": "30.25", "lng": "120.16", "coord": "wgs84"}),
    ({"text": " 湖滨路 1 号 "}, {"text": "湖滨路 1 号"}),
    ({"lat": "-90", "lng": "180", "text": "x"}, {"lat": "-90", "lng": "180", "coord": "wgs84", "text": "x"}),
    ({"lat": "0", "lng": "-0"}, {"lat": "0", "lng": "0", "coord": "wgs84"}),
])
def test_stored(raw: Any, stored: Any) -> None:
    assert judged(FORM, {"f_w": raw}).values == {"f_w": stored}


@pytest.mark.parametrize(("raw", "code"), [
    ({"lat": "91", "lng": "0"}, "answer_not_location"), ({"lat": "1"}, "answer_half_location"),
    ({"lat": "1", "lng": "2", "coord": "gcj02"}, "answer_other_coordinates"), ({"where": "x"}, "answer_key_unknown"),
    ("30,120", "answer_not_location"), ({"lat": "x", "lng": "y"}, "answer_not_number"),
])
def test_refused(raw: Any, code: str) -> None:
    assert codes(judged(FORM, {"f_w": raw})) == {"f_w": code}


def test_nothing_in_it_is_no_answer() -> None:
    assert judged(FORM, {"f_w": {"text": " ", "lat": None}}).values == {}
