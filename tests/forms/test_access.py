"""Levels of a step: the most specific name wins, what nobody names is hidden."""
from __future__ import annotations

from app.forms.access import at_least, check, resolve
from tests.forms.kit import small

FORM = small(
    {"id": "f_a", "type": "text", "section": "s_one", "required": True},
    {"id": "f_b", "type": "text", "section": "s_one"},
    {"id": "f_c", "type": "text"}, {"id": "f_r", "type": "text", "readonly": True},
    {"id": "f_q", "type": "computed", "formula": "1"}, sections=[{"id": "s_one", "title": "一"}])


def test_nothing_named_is_hidden() -> None:
    assert set(resolve(FORM, {}).values()) == {"hidden"}


def test_field_beats_section_beats_star() -> None:
    found = resolve(FORM, {"*": "read", "s_one": "edit", "f_b": "masked"})
    assert found == {"f_a": "required", "f_b": "masked", "f_c": "read", "f_r": "read", "f_q": "read"}


def test_nobody_edits_what_is_read_only_or_computed() -> None:
    found = resolve(FORM, {"*": "required"})
    assert (found["f_r"], found["f_q"], found["f_c"]) == ("read", "read", "required")


def test_unknown_levels_grant_nothing() -> None:
    assert resolve(FORM, {"*": "root"})["f_c"] == "hidden"


def test_check_names_what_is_wrong() -> None:
    found = {problem.where: problem.code for problem in check(FORM, {"*": "read", "s_one": "edit", "f_zz": "read",
                                                                    "f_a": "write"})}
    assert found == {"f_zz": "access_unknown_key", "f_a": "access_unknown_level"}


def test_order_of_levels() -> None:
    assert at_least("required", "edit")
    assert not at_least("masked", "read")
