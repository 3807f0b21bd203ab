"""What publish checks say of the other ticket types that a step names."""
from __future__ import annotations

from typing import Any

from app.core.errors import Finding
from app.flows.check import FieldFact, FormFacts, apply_fix, check_flow
from tests.flows.kit import SOURCES, TYPES, catalog, definition, node

FORM = FormFacts(TYPES, SOURCES, {"f_store": FieldFact("门店", source="stores"), "f_body": FieldFact("内容")})
NEEDS = {"repair": {"f_store": "门店", "f_part": "配件"}}


def flow(*given: str, kind: Any = "repair") -> dict[str, Any]:
    rows = [{"field": field, "value": "x"} for field in given]
    return definition(node("s", "flow.subticket", {"ticket_type": kind, "values": rows}), edges="t:out>s s:done>end")


def lacking(data: Any) -> list[Finding]:
    found = check_flow(data, catalog(), form=FORM, ticket_types=["repair"], type_needs=NEEDS)
    return [finding for finding in found if finding.code == "check_other_field_needed"]


def test_a_sub_ticket_is_given_what_its_form_requires() -> None:
    store, part = lacking(flow())
    assert (store.level, store.node, store.field) == ("warning", "s", "config.values")
    assert (store.params["field_name"], part.params["field_name"]) == ("门店", "配件")
    assert part.fix is None  # this form has no field of that id to take it from
    mended = apply_fix(flow(), store.fix or {})
    assert mended["nodes"][1]["config"]["values"] == [{"field": "f_store", "value": "{{form.f_store}}"}]
    assert [finding.params["field_name"] for finding in lacking(mended)] == ["配件"]
    assert lacking(flow("f_store", "f_part")) == []


def test_a_type_that_nobody_knows_and_settings_that_are_none_are_left_to_other_checks() -> None:
    for kind in ("gone", None, ["repair"]):
        assert lacking(flow(kind=kind)) == []
    broken = flow()
    broken["nodes"][1]["config"]["values"] = "x"
    assert len(lacking(broken)) == 2
