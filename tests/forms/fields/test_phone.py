"""Telephone numbers as people type them."""
from __future__ import annotations

import pytest

from tests.forms.kit import codes, judged, small


@pytest.mark.parametrize(("raw", "stored"), [
    ("13800138000", "13800138000"), ("１３８００１３８０００", "13800138000"), ("138 0013 8000", "13800138000"),
    ("+86 138-0013-8000", "13800138000"), ("8613800138000", "13800138000"), ("0086 13800138000", "13800138000"),
    ("+852 9123 4567", "+85291234567"), ("0085291234567", "+85291234567"), ("(+1) 415.555.2671", "+14155552671"),
])
def test_written_in_many_ways(raw: str, stored: str) -> None:
    assert judged(small({"id": "f_p", "type": "phone"}), {"f_p": raw}).values == {"f_p": stored}


@pytest.mark.parametrize("raw", [
    "12", "12800138000", "1380013800", "138001380000", "057188888888", "abc", "+0123456789", 138])
def test_refused(raw: object) -> None:
    assert list(codes(judged(small({"id": "f_p", "type": "phone"}), {"f_p": raw}))) == ["f_p"]


def test_settings_narrow_and_widen() -> None:
    home = small({"id": "f_p", "type": "phone", "international": False, "landline": True})
    assert judged(home, {"f_p": "0571-8888 8888"}).values == {"f_p": "057188888888"}
    assert codes(judged(home, {"f_p": "+85291234567"})) == {"f_p": "answer_not_phone"}
