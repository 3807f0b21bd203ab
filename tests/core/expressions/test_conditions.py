"""Conditions as the editor stores them: their AST, their references, their refusals and their explanation."""
from __future__ import annotations

from typing import Any

import pytest

from app.core.expressions import OPERATORS, Env, ExprError, cond_refs, evaluate, lower_condition, trace_condition

TYPES = {
    "form.f_amount": "number", "form.f_body": "text", "form.f_due": "date", "form.f_at": "time", "form.f_vip": "bool",
    "form.f_tags": "list", "form.f_items": "rows", "form.f_items.f_qty": "number", "form.f_items.f_dish": "text",
    "customer.level": "text",
}
ENV = Env(1_788_280_200_000, [[0, 480]])  # 2026-09-01T16:30:00Z, the 2nd in Shanghai
FROM_THE_DESIGN: dict[str, Any] = {"all": [
    {"ref": "customer.level", "op": "in", "value": ["VIP", "SVIP"]},
    {"any": [
        {"ref": "form.f_amount", "op": "gte", "value": "5000"},
        {"ref": "form.f_body", "op": "has_any", "value": ["退款", "质量问题"]},
        {"ref": "form.f_items", "op": "row_any", "where": {"ref": "row.f_qty", "op": "gt", "value": "3"}},
    ]},
]}


def test_a_condition_becomes_an_ast() -> None:
    assert lower_condition(FROM_THE_DESIGN, TYPES) == [
        "and",
        ["in", ["f", "customer.level"], ["l", ["s", "VIP"], ["s", "SVIP"]]],
        ["or",
         [">=", ["f", "form.f_amount"], ["n", "5000"]],
         ["has_any", ["f", "form.f_body"], ["l", ["s", "退款"], ["s", "质量问题"]]],
         ["any", ["f", "form.f_items"], [">", ["c", "f_qty", "number"], ["n", "3"]]]],
    ]


def test_its_references_include_columns_other_sides_and_formulas() -> None:
    assert cond_refs(FROM_THE_DESIGN) == ["customer.level", "form.f_amount", "form.f_body", "form.f_items",
                                          "form.f_items.f_qty"]
    assert cond_refs({"not": {"ref": "form.f_amount", "op": "between", "value": [
        {"ref": "form.f_min"}, {"formula": "{{form.f_max}} * 2 & \"{{form.no}}\""}]}}) == [
        "form.f_amount", "form.f_min", "form.f_max"]
    assert cond_refs({"ref": "form.f_items", "op": "row_any", "where": {
        "ref": "row.f_qty", "op": "gt", "value": {"formula": "{{row.f_min}}"}}}) == [
        "form.f_items", "form.f_items.f_qty", "form.f_items.f_min"]


@pytest.mark.parametrize(("cond", "code", "where"), [
    ([], "E_KEY", ""), ({}, "E_KEY", ""), ({"all": [], "any": []}, "E_KEY", ""), ({"all": {}}, "E_KEY", "all"),
    ({"xor": []}, "E_KEY", ""), ({"all": ["x"]}, "E_KEY", "all[0]"),
    ({"ref": "form.f_amount", "op": "eq", "valu": "1"}, "E_KEY", "valu"),
    ({"all": [{"any": [{"ref": "form.f_amount", "op": "eq"}]}]}, "E_VALUE", "all[0].any[0].value"),
    ({"ref": "form.f_amount", "op": "eq", "value": []}, "E_VALUE", "value"),
    ({"ref": "form.f_no", "op": "eq", "value": "1"}, "E_REF", "ref"),
    ({"ref": 5, "op": "eq", "value": "1"}, "E_REF", "ref"), ({"op": "eq", "value": "1"}, "E_REF", "ref"),
    ({"ref": "form..x", "op": "empty"}, "E_REF", "ref"),
    ({"ref": "form.f_amount", "op": "eq", "value": {"ref": "form.f_no"}}, "E_REF", "value.ref"),
    ({"ref": "form.f_amount", "op": "like", "value": "1"}, "E_OP", "op"),
    ({"ref": "form.f_amount", "op": ["eq"], "value": "1"}, "E_OP", "op"),
    ({"ref": "form.f_amount", "op": "has_any", "value": "1"}, "E_OP", "op"),
    ({"ref": "form.f_body", "op": "gt", "value": "1"}, "E_OP", "op"),
    ({"ref": "form.f_items", "op": "eq", "value": "1"}, "E_OP", "op"),
    ({"ref": "form.f_tags", "op": "in", "value": ["a"]}, "E_OP", "op"),
    ({"ref": "form.f_amount", "op": "eq", "value": "x"}, "E_VALUE", "value"),
    ({"ref": "form.f_amount", "op": "eq", "value": True}, "E_VALUE", "value"),
    ({"ref": "form.f_body", "op": "eq", "value": 5}, "E_VALUE", "value"),
    ({"ref": "form.f_vip", "op": "eq", "value": "true"}, "E_VALUE", "value"),
    ({"ref": "form.f_due", "op": "eq", "value": "2026-02-30"}, "E_VALUE", "value"),
    ({"ref": "form.f_at", "op": "eq", "value": "2026-02-01T25:00:00Z"}, "E_VALUE", "value"),
    ({"ref": "form.f_amount", "op": "between", "value": ["1"]}, "E_VALUE", "value"),
    ({"ref": "form.f_amount", "op": "between", "value": ["1", "x"]}, "E_VALUE", "value[1]"),
    ({"ref": "form.f_body", "op": "has_any", "value": ["a", 5]}, "E_VALUE", "value[1]"),
    ({"ref": "form.f_amount", "op": "gt", "value": {"ref": "form.f_body"}}, "E_VALUE", "value"),
    ({"ref": "form.f_amount", "op": "gt", "value": {"rel": "today"}}, "E_VALUE", "value"),
    ({"ref": "form.f_due", "op": "gt", "value": {"rel": "now"}}, "E_VALUE", "value"),
    ({"ref": "form.f_due", "op": "gt", "value": {"rel": "today", "weeks": 1}}, "E_VALUE", "value"),
    ({"ref": "form.f_due", "op": "gt", "value": {"rel": "today", "days": 1.5}}, "E_VALUE", "value.days"),
    ({"ref": "form.f_due", "op": "within_days", "value": -1}, "E_VALUE", "value"),
    ({"ref": "form.f_due", "op": "within_days", "value": "x"}, "E_VALUE", "value"),
    ({"ref": "form.f_amount", "op": "gt", "value": {"formula": "1+"}}, "E_SYNTAX", "value.formula"),
    ({"ref": "form.f_amount", "op": "gt", "value": {"formula": 5}}, "E_LIMIT", "value.formula"),
    ({"ref": "form.f_amount", "op": "gt", "value": {"ref": "form.f_amount", "formula": "1"}}, "E_KEY", "value"),
    ({"ref": "form.f_amount", "op": "empty", "value": "1"}, "E_VALUE", "value"),
    ({"ref": "form.f_amount", "op": "eq", "value": "1", "where": {}}, "E_VALUE", "where"),
    ({"ref": "form.f_items", "op": "row_any", "value": "1"}, "E_VALUE", "value"),
    ({"ref": "form.f_items", "op": "row_any"}, "E_KEY", "where"),
    ({"ref": "form.f_items", "op": "row_any", "where": {"ref": "row.f_no", "op": "empty"}}, "E_REF", "where.ref"),
    ({"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}, "E_LIMIT", "not.not.not.not.not"),
    ({"ref": "form.f_body", "op": "in", "value": ["a"] * 600}, "E_LIMIT", ""),
])
def test_a_bad_condition_is_refused_with_its_place(cond: Any, code: str, where: str) -> None:
    with pytest.raises(ExprError) as caught:
        lower_condition(cond, TYPES)
    assert (caught.value.code, caught.value.where) == (code, where)
    for locale in ("zh", "en"):
        assert "{name}" not in caught.value.message(locale)


def test_nesting_has_an_end_however_it_is_built() -> None:
    groups: Any = {"all": []}
    rows: Any = {"ref": "row.f_qty", "op": "empty"}
    for _ in range(500):
        groups = {"all": [groups]}
        rows = {"ref": "form.f_items", "op": "row_any", "where": rows}
    for deep in (groups, rows):
        with pytest.raises(ExprError) as caught:
            lower_condition(deep, TYPES)
        assert caught.value.code == "E_LIMIT"


def test_every_operator_offered_for_a_type_can_be_lowered() -> None:
    refs = {kind: path for path, kind in TYPES.items() if path.count(".") == 1}
    values = {"number": "1", "text": "a", "bool": True, "date": "2026-09-01", "list": "a",
              "time": "2026-09-01T00:00:00Z"}
    for kind, ops in OPERATORS.items():
        for op in ops:
            cond: dict[str, Any] = {"ref": refs[kind], "op": op}
            if op in ("row_any", "row_all"):
                cond["where"] = {"ref": "row.f_qty", "op": "empty"}
            elif op == "between":
                cond["value"] = [values[kind], values[kind]]
            elif op == "within_days":
                cond["value"] = 7
            elif op not in ("empty", "not_empty"):
                cond["value"] = values[kind]
            assert evaluate(lower_condition(cond, TYPES), TYPES, {"form": {}}, ENV) in (True, False)


def test_each_clause_is_explained_with_what_it_saw() -> None:
    ctx = {"customer": {"level": "VIP"}, "form": {"f_amount": "19.990", "f_items": [{"f_qty": 4}]}}
    lines = trace_condition(FROM_THE_DESIGN, TYPES, ctx, ENV)
    assert [(line["ref"], line["op"], line["actual"], line["ok"]) for line in lines] == [
        ("customer.level", "in", "VIP", True), ("form.f_amount", "gte", "n:19.99", False),
        ("form.f_body", "has_any", None, False), ("form.f_items", "row_any", None, True)]
    assert lines[0]["value"] == ["VIP", "SVIP"]
    assert "err" not in lines[0]


def test_a_clause_that_fails_says_why() -> None:
    cond = {"not": {"ref": "form.f_amount", "op": "gt", "value": {"formula": "1/0"}}}
    assert trace_condition(cond, TYPES, {"form": {"f_amount": 1}}, ENV) == [{
        "ref": "form.f_amount", "op": "gt", "value": {"formula": "1/0"}, "actual": "n:1", "ok": False, "err": "E_DIV0"}]
