"""Characters that are kept, removed or refused; masks."""
from __future__ import annotations

import pytest

from app.core.errors import Problem
from app.forms.text import MASKS, bad_characters, brief, clean_text, kind_ascii


@pytest.mark.parametrize(("raw", "stored"), [
    ("  张三 ", "张三"), ("a\x00b", "ab"), ("a\u202eb\u2066c", "abc"), ("\ufeffx", "x"), ("a\tb\nc", "a b c"),
    ("👨‍👩‍👧", "👨‍👩‍👧"), ("\x07", ""), ("<script>", "<script>"),
])
def test_one_line(raw: str, stored: str) -> None:
    assert clean_text(raw, max_length=20) == stored


def test_lines_are_kept_where_they_are_meant() -> None:
    assert clean_text("a\r\nb\rc\u2028d\te", max_length=20, lines=True) == "a\nb\nc\nd\te"


def test_length_counts_code_points_after_trimming() -> None:
    assert clean_text(" 😀😀 ", max_length=2) == "😀😀"
    with pytest.raises(Problem) as caught:
        clean_text("😀😀😀", max_length=2)
    assert caught.value.params == {"max": 2, "length": 3}


@pytest.mark.parametrize("raw", ["\ud800", "a\udfff", 5, None, [], b"x", "x" * 10_000_000])
def test_what_cannot_be_stored_is_refused(raw: object) -> None:
    with pytest.raises(Problem):
        clean_text(raw, max_length=100)


def test_full_width_is_read_kindly() -> None:
    assert kind_ascii("　１３８－００１３。８，０") == "138-0013.8,0"


@pytest.mark.parametrize(("mask", "value", "shown"), [
    ("phone", "13800138000", "138****8000"), ("phone", "+85291234567", "+85****4567"), ("phone", "110", "****"),
    ("name", "欧阳修", "欧**"), ("name", "李", "李*"), ("email", "anna@example.com", "a***@example.com"),
    ("email", "x", "****"), ("idcard", "110101199001011234", "1****************4"),
    ("tail4", "6222020200112233", "****2233"), ("all", "secret", "****"),
])
def test_masks(mask: str, value: str, shown: str) -> None:
    assert MASKS[mask](value) == shown


@pytest.mark.parametrize("mask", MASKS)
def test_no_mask_shows_a_short_value_or_fails(mask: str) -> None:
    for value in ("", "a", "ab", "1234567"):
        assert value == "" or MASKS[mask](value) != value


def test_definitions_may_not_hold_odd_characters() -> None:
    assert bad_characters("a\u202e") and bad_characters("\x00") and bad_characters("\ud800")
    assert not bad_characters("正常 text\n第二行")


def test_refused_values_are_told_briefly() -> None:
    assert brief("x" * 100) == "x" * 60
    assert brief("\ud800") == "?"
    assert (brief(10**5000), brief([1] * 10**6), brief(12), brief(True)) == ("int", "list", "12", "True")
