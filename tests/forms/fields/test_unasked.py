"""What asks nothing: words, lines, and values that come from elsewhere."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from app.forms.access import resolve
from app.forms.base import Asking
from app.forms.initial import initial
from app.forms.schema import Form
from tests.forms.kit import ENV, PORTS, codes, drawn, faults, judged, small

ORDER = {"id": "f_no", "type": "hidden", "from": "link.order_no"}
FORM = small(ORDER, {"id": "f_body", "type": "text"}, {"id": "f_vip", "type": "text"},
             rules=[{"id": "r_1", "when": {"ref": "form.f_no", "op": "starts", "value": "V"},
                     "then": [{"do": "show", "target": "f_vip"}]}])
SIGNED = {"link": {"order_no": "V77"}}


def opened(form: Form, scope: Mapping[str, Any], link: Mapping[str, Any]) -> dict[str, Any]:
    return initial(form, access=resolve(form, {"*": "edit"}), scope=scope, env=ENV, ports=PORTS, link=link)


def test_a_hidden_value_comes_from_a_signed_link_only() -> None:
    assert judged(FORM, {"f_body": "x", "f_vip": "y"}, scope=SIGNED).values == {
        "f_no": "V77", "f_body": "x", "f_vip": "y"}
    assert judged(FORM, {"f_body": "x"}).values == {"f_body": "x"}
    assert opened(FORM, {}, {"order_no": "V77"}) == {}, "the bare address fills nothing hidden"
    assert opened(FORM, SIGNED, {}) == {"f_no": "V77"}


def test_nobody_sends_it_or_changes_it() -> None:
    found = judged(FORM, {"f_no": "V1", "f_body": "x"}, scope=SIGNED)
    assert codes(found) == {"f_no": "field_readonly"} and found.values["f_no"] == "V77"
    later = judged(FORM, {"f_body": "z"}, current={"f_no": "V77", "f_body": "x"}, scope={"link": {"order_no": "V99"}})
    assert later.values["f_no"] == "V77", "taken once"


@pytest.mark.parametrize("level", ["hidden", "read", "edit", "required"])
def test_it_is_taken_whatever_the_step_shows(level: str) -> None:
    assert judged(FORM, {"f_body": "x"}, spec={"*": "edit", "f_no": level}, scope=SIGNED).values["f_no"] == "V77"


@pytest.mark.parametrize(("path", "scope", "value"), [
    ("ticket.source", {"ticket": {"source": "t_menu"}}, "t_menu"), ("vars.score", {"vars": {"score": 7}}, "7"),
    ("ctx.channel", {"ctx": {"channel": "wecom"}}, "wecom"), ("customer.level", {"customer": {"level": "VIP"}}, "VIP"),
    ("vars.flag", {"vars": {"flag": True}}, None), ("vars.row", {"vars": {"row": {"a": 1}}}, None),
    ("vars.long", {"vars": {"long": "x" * 201}}, None), ("link.a", {"link": {"a": "\ud800"}}, None),
])
def test_where_it_may_come_from(path: str, scope: Mapping[str, Any], value: str | None) -> None:
    form = small({"id": "f_h", "type": "hidden", "from": path}, {"id": "f_b", "type": "text"})
    assert judged(form, {"f_b": "x"}, scope=scope).values.get("f_h") == value


def test_a_hidden_field_names_its_source() -> None:
    for given, where in (({}, "from"), ({"from": "form.f_b"}, "from"), ({"from": "link"}, "from")):
        data = {"schema": "danflow/form/1", "key": "x", "title": "x",
                "fields": [{"id": "f_h", "type": "hidden", "label": "来源", **given}]}
        assert list(faults(data)) == [f"fields[0].{where}"]


def test_the_person_who_fills_in_does_not_see_it_and_readers_do() -> None:
    filling = drawn(FORM, {"f_body": "x"}, scope=SIGNED)
    assert [field.id for field in filling.fields()] == ["f_body", "f_vip"]
    assert filling.live is not None and filling.live["values"] == {"f_no": "V77"}
    reading = drawn(FORM, {"f_no": "V77", "f_body": "x"}, spec={"*": "read"})
    assert [(field.id, field.display) for field in reading.fields()][:2] == [("f_no", "V77"), ("f_body", "x")]
    empty = drawn(FORM, {"f_body": "x"}, spec={"*": "read"}, scope=SIGNED).fields()[0]
    assert (empty.id, empty.display) == ("f_no", ""), "nothing is made up"


def test_words_and_lines_stand_in_the_form_and_hold_nothing() -> None:
    form = small({"id": "f_n", "type": "notice", "text": {"zh-CN": "请先\n阅读", "en": "Read first"}, "tone": "warn"},
                 {"id": "f_line", "type": "divider", "titled": False}, {"id": "f_a", "type": "text"},
                 rules=[{"id": "r_1", "when": {"ref": "form.f_a", "op": "not_empty"},
                         "then": [{"do": "show", "target": "f_n"}]}])
    page = drawn(form, {}, locale="en")
    notice, line, _ = page.fields()
    assert (notice.stands, notice.editable, notice.settings["text"]) == (True, False, "Read first")
    assert notice.condition_text == "Applies only if “f_a” is filled in" and line.stands
    assert page.live is not None and page.live["rules"][0]["then"] == [{"do": "show", "target": "f_n"}]
    assert codes(judged(form, {"f_n": "x", "f_line": ""})) == {"f_n": "field_readonly", "f_line": "field_readonly"}
    assert judged(form, {"f_a": "x"}).values == {"f_a": "x"} and "form.f_n" not in form.types()


def test_notices_say_something_in_a_tone_that_exists() -> None:
    data = {"schema": "danflow/form/1", "key": "x", "title": "x", "fields": [
        {"id": "f_a", "type": "notice", "label": "一"}, {"id": "f_b", "type": "notice", "label": "二", "text": " "},
        {"id": "f_c", "type": "notice", "label": "三", "text": "x", "tone": "loud"}]}
    assert faults(data) == {"fields[0].text": "form_key_required", "fields[1].text": "form_key_required",
                            "fields[2].tone": "form_key_choice"}


def test_asking_knows_what_was_there_before() -> None:
    assert Asking(ENV, PORTS, "a").had("a") and Asking(ENV, PORTS, None, known=["b"]).had("b")
    assert not Asking(ENV, PORTS, "a").had("c")
