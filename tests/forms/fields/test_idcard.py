"""Identity numbers: every digit counts, and nobody sees them by accident."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms.fields.idcard import check_digit
from tests.forms.kit import codes, drawn, faults, judged, small

FORM = small({"id": "f_id", "type": "idcard"})
GOOD = "11010519491231002X"
DAYS = st.dates(date(1900, 1, 1), date(2026, 11, 1))


@pytest.mark.parametrize("raw", [GOOD, GOOD.lower(), "１１０１０５19491231００２ｘ", "110105 19491231 002X",
                                 "110105-19491231-002x"])
def test_written_in_many_ways(raw: str) -> None:
    assert judged(FORM, {"f_id": raw}).values == {"f_id": GOOD}


@pytest.mark.parametrize(("raw", "code"), [
    ("110105194912310021", "answer_idcard_wrong"), ("110105194902300022", "answer_idcard_wrong"),
    ("1101051949123100", "answer_not_idcard"), ("110105491231002", "answer_not_idcard"),
    ("X10105194912310021", "answer_not_idcard"), (110105194912310021, "answer_not_text"),
])
def test_refused(raw: object, code: str) -> None:
    assert codes(judged(FORM, {"f_id": raw})) == {"f_id": code}


@given(DAYS, st.integers(0, 999), st.sampled_from(["110105", "440305", "650102"]))
def test_a_right_number_is_taken_and_one_wrong_digit_is_not(born: date, serial: int, region: str) -> None:
    body = f"{region}{born:%Y%m%d}{serial:03d}"
    number = body + check_digit(body)
    assert judged(FORM, {"f_id": number}).values == {"f_id": number}
    for place in range(17):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1:]
        assert judged(FORM, {"f_id": wrong}).problems, wrong


def test_nobody_is_born_tomorrow() -> None:
    for day, refused in ((date(2026, 11, 2), False), (date(2026, 11, 2) + timedelta(days=1), True)):
        body = f"110105{day:%Y%m%d}001"
        assert bool(judged(FORM, {"f_id": body + check_digit(body)}).problems) is refused


def test_it_is_personal_without_being_told_so() -> None:
    field = FORM.fields["f_id"]
    assert field.sensitive is not None and field.sensitive.encrypt
    (seen,) = drawn(FORM, {"f_id": GOOD}, spec={"*": "read"}).fields()
    assert (seen.value, seen.display, seen.sensitive) == (None, "1****************X", True)
    typed = small({"id": "f_id", "type": "idcard", "sensitive": {"mask": "all", "reveal": ["lead"]}}).fields["f_id"]
    assert typed.sensitive is not None and (typed.sensitive.mask, typed.sensitive.reveal) == ("all", ("lead",))


def test_it_is_no_column_because_cells_are_not_sealed() -> None:
    table = {"id": "f_t", "type": "subtable", "fields": [{"id": "f_id", "type": "idcard", "label": "证件"}]}
    with pytest.raises(Exception, match="form_invalid"):
        small(table)
    assert faults({"schema": "danflow/form/1", "key": "x", "title": "x", "fields": [{**table, "label": "表"}]}) == {
        "fields[0].fields[0].type": "form_type_not_in_rows"}
