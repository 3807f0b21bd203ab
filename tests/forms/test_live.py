"""The browser's bundle: only what its reader may see, and enough to repeat what the server computes."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.core.expressions import as_stored, compile_ast
from app.forms.schema import load_form
from tests.forms.kit import CATALOG, ENV, complaint, drawn, judged, small

FORM = load_form(complaint(), CATALOG)
MENU = {"s_who": "edit", "s_what": "edit"}
HANDLE = {"*": "read", "f_rate": "required", "f_items": "edit"}
OPENED = judged(FORM, {
    "f_phone": "13600136000", "f_store": "st_1", "f_kind": "o_food", "f_ok": True, "f_photos": ["p1"],
    "f_items": [{"f_dish": "宴席", "f_price": "26000", "f_qty": 2}]}, spec=MENU).values


def live(values: Mapping[str, Any], spec: dict[str, str], **more: Any) -> dict[str, Any]:
    found = drawn(FORM, values, spec=spec, **more).live
    assert found is not None
    return dict(found)


def test_a_customer_gets_the_rules_of_the_customers_fields() -> None:
    bundle = live({}, MENU)
    assert [rule["id"] for rule in bundle["rules"]] == ["r_food", "r_photo"]
    assert bundle["rules"][0]["then"] == [{"do": "show", "target": "f_items"}]
    assert [entry["target"] for entry in bundle["computed"]] == ["f_sum"]
    assert bundle["options"]["f_item"]["groups"]["o_food"] == ["o_cold", "o_fb"]
    assert "f_comp" not in json.dumps(bundle) and "f_rate" not in json.dumps(bundle)


def test_the_agent_gets_the_formula_and_the_error_rule() -> None:
    bundle = live(OPENED, HANDLE)
    assert [rule["id"] for rule in bundle["rules"]] == ["r_food", "r_big"]
    assert bundle["rules"][1]["then"][0]["message"] == "超过 200 元须附照片"
    assert bundle["values"]["f_photos"] == ["p1"]
    assert bundle["values"]["f_kind"] == "o_food"


def test_the_bundle_alone_computes_what_the_server_stores() -> None:
    bundle = live(OPENED, HANDLE)
    form = {**bundle["values"], "f_items": [{"f_price": "26000.00", "f_qty": "2"}], "f_rate": "98"}
    for entry in bundle["computed"]:
        program = compile_ast(entry["ast"], bundle["types"])
        if entry["table"]:
            for row in form[entry["table"]]:
                row[entry["target"]] = as_stored(program.run({"form": form, "row": row}, ENV), entry["result"])
        else:
            form[entry["target"]] = as_stored(program.run({"form": form}, ENV), entry["result"])
    served = judged(FORM, {"f_rate": "98", "f_reply": "x"}, spec=HANDLE | {"f_reply": "edit"}, current=OPENED).values
    assert form["f_comp"] == served["f_comp"] == "50960.00"


def test_nothing_live_means_no_bundle() -> None:
    assert drawn(FORM, OPENED, spec={"f_score": "required"}).live is None
    assert drawn(small({"id": "f_a", "type": "text"}), {}).live is None


def test_rules_on_what_the_reader_may_not_see_stay_on_the_server() -> None:
    """Values, thresholds and the very rule: a masked or hidden field must not be guessed from the page's source."""
    fields = [{"id": "f_secret", "type": "number"}, {"id": "f_a", "type": "text"}, {"id": "f_b", "type": "text"}]
    rules = [{"id": "r_1", "when": {"ref": "form.f_secret", "op": "gt", "value": "777"},
              "then": [{"do": "show", "target": "f_a"}]},
             {"id": "r_2", "when": {"ref": "customer.level", "op": "eq", "value": "SVIP"},
              "then": [{"do": "require", "target": "f_b"}]},
             {"id": "r_3", "when": {"ref": "form.f_b", "op": "not_empty"}, "then": [{"do": "show", "target": "f_a"}]},
             {"id": "r_4", "when": {"ref": "form.f_b", "op": "empty"}, "then": [{"do": "require", "target": "f_b"}]}]
    form = small(*fields, rules=rules)
    for level in ("hidden", "masked"):
        found = drawn(form, {"f_secret": "778"}, spec={"*": "edit", "f_secret": level}).live
        words = json.dumps(found)
        assert found is not None
        assert "777" not in words and "778" not in words and "SVIP" not in words
        assert [rule["id"] for rule in found["rules"]] == ["r_4"], "r_1 may show f_a too: only the server can say"


def test_sensitive_values_are_not_in_the_bundle_of_a_reader() -> None:
    form = small({"id": "f_p", "type": "phone", "sensitive": {"mask": "phone"}}, {"id": "f_a", "type": "text"}, rules=[
        {"id": "r_1", "when": {"ref": "form.f_p", "op": "starts", "value": "138"},
         "then": [{"do": "show", "target": "f_a"}]}])
    values = {"f_p": "13800138000"}
    assert drawn(form, values, spec={"f_a": "edit", "f_p": "read"}).live is None
    assert drawn(form, values, spec={"f_a": "edit", "f_p": "edit"}).live is not None


def test_shown_sections_name_their_fields() -> None:
    form = small({"id": "f_a", "type": "text"}, {"id": "f_x", "type": "text", "section": "s_one"},
                 sections=[{"id": "s_one", "title": "一"}], rules=[
        {"id": "r_1", "when": {"ref": "form.f_a", "op": "not_empty"}, "then": [{"do": "show", "target": "s_one"}]}])
    found = drawn(form, {}).live
    assert found is not None
    assert found["sections"] == {"s_one": ["f_x"]}


def test_the_bundle_is_json() -> None:
    assert json.loads(json.dumps(live(OPENED, HANDLE))) == live(OPENED, HANDLE)
