"""Single and multiple choice: order, counts, spreadsheets, rating."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import PORTS, codes, drawn, judged, small

OPTIONS = [
    {"id": "o_a", "label": {"zh-CN": "甲", "en": "A"}}, {"id": "o_b", "label": "乙"}, {"id": "o_c", "label": "丙"}]
FORM = small({"id": "f_m", "type": "checkbox", "options": OPTIONS, "min_choices": 1, "max_choices": 2},
             {"id": "f_s", "type": "select", "option_set": "set"}, option_sets={"set": OPTIONS})


def test_choices_are_kept_once_and_in_the_forms_order() -> None:
    assert judged(FORM, {"f_m": ["o_b", "o_a", "o_b"]}).values == {"f_m": ["o_a", "o_b"]}


@pytest.mark.parametrize(("raw", "code"), [
    (["o_a", "o_b", "o_c"], "answer_many_choices"), (["o_z"], "answer_not_option"), ("o_a", "answer_not_list"),
    ([["o_a"]], "answer_not_option"), ([None], "answer_not_option")])
def test_refused(raw: Any, code: str) -> None:
    assert codes(judged(FORM, {"f_m": raw})) == {"f_m": code}


def test_words_and_cells_in_the_readers_language() -> None:
    field = FORM.fields["f_m"]
    assert field.shown(["o_a", "o_b"], "zh-CN", PORTS) == "甲、乙"
    assert field.shown(["o_a", "o_b"], "en", PORTS) == "A, 乙"
    assert field.type.cell_in(field, "A\n乙", PORTS) == ["o_a", "o_b"]
    assert FORM.fields["f_s"].type.cell_in(FORM.fields["f_s"], "甲", PORTS) == "o_a"


def test_an_option_set_serves_several_fields() -> None:
    assert [option.label for option in drawn(FORM, {}).fields()[1].options] == ["甲", "乙", "丙"]


@pytest.mark.parametrize(("raw", "stored"), [(5, "5"), ("3", "3"), ("４", "4"), (1.0, "1")])
def test_ratings(raw: Any, stored: str) -> None:
    assert judged(small({"id": "f_r", "type": "rating"}), {"f_r": raw}).values == {"f_r": stored}


@pytest.mark.parametrize("raw", [0, 6, 2.5, "x", True])
def test_ratings_outside_are_refused(raw: Any) -> None:
    assert list(codes(judged(small({"id": "f_r", "type": "rating"}), {"f_r": raw}))) == ["f_r"]
