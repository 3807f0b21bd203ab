"""Links, defaults and known customers before the first answer."""
from __future__ import annotations

from typing import Any

from app.forms.access import resolve
from app.forms.initial import initial
from app.forms.schema import load_form
from tests.forms.kit import CATALOG, ENV, PORTS, complaint

FORM = load_form(complaint(), CATALOG)


def opened(spec: dict[str, str], link: dict[str, Any], scope: dict[str, Any] | None = None) -> dict[str, Any]:
    return initial(FORM, access=resolve(FORM, spec), scope=scope or {}, env=ENV, ports=PORTS, link=link)


def test_a_link_fills_what_may_be_edited() -> None:
    assert opened({"*": "edit"}, {"order_no": "A1001"})["f_order"] == "A1001"
    assert "f_order" not in opened({"*": "read"}, {"order_no": "A1001"})


def test_a_link_that_does_not_fit_is_left_out() -> None:
    for bad in ("x" * 33, {"a": 1}, 5, ["A1"], "\ud800"):
        assert "f_order" not in opened({"*": "edit"}, {"order_no": bad})


def test_defaults_of_the_step() -> None:
    assert opened({"f_rate": "edit"}, {}) == {"f_rate": "100", "f_comp": "0.00"}


def test_a_known_customer_is_named_and_fills() -> None:
    known = {"customer": {"id": "c_1", "name": "张三", "level": "VIP"}}
    found = opened({"*": "edit"}, {}, known)
    assert (found["f_cust"], found["f_name"], found["f_level"]) == ("c_1", "张三", "VIP")


def test_what_is_known_comes_before_the_link_and_the_way_in_before_the_fields_own() -> None:
    def first(**more: Any) -> Any:
        return initial(FORM, access=resolve(FORM, {"*": "edit"}), scope={}, env=ENV, ports=PORTS, **more)

    assert first(link={"order_no": "A1"}, given={"f_order": "B2"}, defaults={"f_order": "C3"})["f_order"] == "B2"
    assert first(link={"order_no": "A1"}, defaults={"f_order": "C3"})["f_order"] == "A1"
    assert first(link={}, defaults={"f_order": "C3", "f_rate": "50"}) | {} == first(link={}) | {
        "f_order": "C3", "f_rate": "50"}
    assert first(link={}, defaults={"f_order": 5, "f_none": "x"}) == first(link={})
