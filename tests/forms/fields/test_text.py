"""Texts: lengths, named patterns, lines."""
from __future__ import annotations

import time

import pytest

from app.forms.fields.text import PATTERNS, SAMPLES
from tests.forms.kit import codes, drawn, judged, small


def test_lengths() -> None:
    form = small({"id": "f_t", "type": "text", "min_length": 2, "max_length": 4})
    assert judged(form, {"f_t": " 汉字 "}).values == {"f_t": "汉字"}
    assert codes(judged(form, {"f_t": "汉"})) == {"f_t": "answer_too_short"}
    assert codes(judged(form, {"f_t": "x" * 5})) == {"f_t": "answer_too_long"}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_named_patterns(pattern: str) -> None:
    form = small({"id": "f_t", "type": "text", "pattern": pattern})
    assert judged(form, {"f_t": SAMPLES[pattern]}).values == {"f_t": SAMPLES[pattern]}
    assert codes(judged(form, {"f_t": "!!"})) == {"f_t": f"answer_pattern_{pattern}"}


def test_long_input_is_judged_in_no_time() -> None:
    """Abuse cases 5 and 9: ten megabytes, and text made to confuse a pattern."""
    form = small({"id": "f_t", "type": "text", "pattern": "code"})
    began = time.process_time()
    for raw in ("a" * 10_000_000, "a" * 1_900 + "!", "\u202e" * 10_000_000):
        assert codes(judged(form, {"f_t": raw}))
    assert time.process_time() - began < 0.5


def test_lines_stay_in_a_textarea_only() -> None:
    form = small({"id": "f_t", "type": "text"}, {"id": "f_a", "type": "textarea"})
    found = judged(form, {"f_t": "a\r\nb", "f_a": "a\r\nb"})
    assert found.values == {"f_t": "a b", "f_a": "a\nb"}
    assert drawn(form, found.values).fields()[1].display == "a b"


def test_markup_is_text() -> None:
    form = small({"id": "f_t", "type": "text", "label": "<img onerror=1>"})
    raw = "<img src=x onerror=alert(1)>{{7*7}}"
    assert judged(form, {"f_t": raw}).values == {"f_t": raw}
