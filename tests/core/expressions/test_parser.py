"""Formulas as managers type them: what is stored, and how a mistake is told."""
from __future__ import annotations

from pathlib import Path

import pytest

from app.core.expressions import ExprError, check_ast, parse_formula
from app.core.expressions.typing import BY_NAME, FUNCTIONS

TYPES = {
    "form.f_price": "number", "form.f_qty": "number", "form.f_body": "text", "form.f_due": "date", "form.f_at": "time",
    "form.f_vip": "bool", "form.f_tags": "list", "form.f_items": "rows", "form.f_items.f_sum": "number",
    "form.f_items.f_dish": "text", "customer.level": "text", "row.f_price": "number", "vars.any": "any",
}


def refused(src: str, **options: object) -> ExprError:
    with pytest.raises(ExprError) as caught:
        parse_formula(src, TYPES, **options)  # type: ignore[arg-type]
    return caught.value


def test_a_formula_is_frozen_with_its_ast_references_and_type() -> None:
    formula = parse_formula("ROUND(SUM({{form.f_items.f_sum}}) * {{form.f_price}} / 100, 2)", TYPES)
    assert formula.ast == ["round", ["/", ["*", ["sum", ["f", "form.f_items.f_sum"]], ["f", "form.f_price"]],
                                     ["n", "100"]], ["n", "2"]]
    assert formula.refs == ["form.f_items.f_sum", "form.f_price"]
    assert formula.type == "number"
    check_ast(formula.ast)


def test_a_row_s_cell_is_referenced_by_its_column() -> None:
    formula = parse_formula("ANYROW({{form.f_items}}, {{row.f_sum}} > {{form.f_price}})", TYPES)
    assert formula.refs == ["form.f_items", "form.f_items.f_sum", "form.f_price"]
    assert formula.ast == ["any", ["f", "form.f_items"], [">", ["c", "f_sum", "number"], ["f", "form.f_price"]]]
    own = parse_formula("{{row.f_price}} * 2", TYPES)
    assert (own.refs, own.type) == (["row.f_price"], "number")


@pytest.mark.parametrize(("src", "kind"), [
    ("1+1", "number"), ('"a"&1', "text"), ("{{form.f_due}}+1", "date"), ("{{form.f_due}}-{{form.f_due}}", "number"),
    ("{{form.f_at}}+1", "time"), ("1=2", "bool"), ("IF({{form.f_vip}},1,2)", "number"),
    ('IF({{form.f_vip}},1,"")', "number"),
    ('IF({{form.f_vip}},1,"a")', "any"), ("MAX({{form.f_due}},TODAY())", "date"), ("{{form.f_items.f_sum}}", "list"),
    ("MAPROWS({{form.f_items}},{{row.f_sum}}*2)", "list"), ("{{vars.any}}", "any"), ('""', "any"), ("TODAY()", "date"),
    ("COALESCE({{form.f_qty}},0)", "number"), ("SUM({{form.f_items.f_sum}})", "number"), ("{{form.f_tags}}", "list"),
])
def test_the_type_of_the_result_is_known(src: str, kind: str) -> None:
    assert parse_formula(src, TYPES).type == kind


def test_every_name_of_a_function_is_the_same_function() -> None:
    for entry in FUNCTIONS:
        for name in (*entry["names"], entry["names"][0].lower()):
            assert BY_NAME[name.upper()]["op"] == entry["op"]


@pytest.mark.parametrize(("plain", "typed"), [
    ("ROUND({{form.f_price}}*3,1)", "四舍五入（{{form.f_price}}×3，1）"),
    ("1-2/3", "１－２÷３"), ("1>=2", "1≥2"), ("1<=2", "1≤2"), ("1<>2", "1≠2"), ("1=2", "1＝2"),
    ('"a"&"b"', "“a”＆“b”"), ("50%", "50％"), ("1+1", " 1\n+\t1\u3000"), ("{{form.f_qty}}", "{{ form.f_qty }}"),
])
def test_full_width_and_chinese_typing_mean_the_same(plain: str, typed: str) -> None:
    assert parse_formula(plain, TYPES).ast == parse_formula(typed, TYPES).ast


@pytest.mark.parametrize(("src", "code", "pos", "zh", "en"), [
    ("SUMM(1)", "E_NAME", 0, "没有名为“SUMM”的函数，您是不是想用“SUM”？",
     "There is no function named “SUMM”; did you mean “SUM”?"),
    ("1 + 四舍五人(1)", "E_NAME", 4, "没有名为“四舍五人”的函数，您是不是想用“四舍五入”？",
     "There is no function named “四舍五人”; did you mean “四舍五入”?"),
    ("1+{{form.f_prise}}", "E_REF", 2, "没有“form.f_prise”这个字段，您是不是想用“form.f_price”？",
     "There is no field “form.f_prise”; did you mean “form.f_price”?"),
    ("{{form.f_body}} + 1", "E_TYPE", 0, "“情况说明”是文本，这里需要数字；文本拼接请用 &",
     "“情况说明” is a text; a number is needed here. To join texts, use &"),
    ("1 + (2 * 3", "E_SYNTAX", 10, "公式没有写完", "The formula stops too early"),
    ("ABS(1 2)", "E_SYNTAX", 6, "“2”之前缺少右括号“)”", "A closing “)” is missing before “2”"),
    ('"a" & "b', "E_SYNTAX", 6, "文本缺少结尾的引号", "A text lacks its closing quotation mark"),
    ("2^3", "E_SYNTAX", 1, "这里不能用“^”，请删除", "“^” cannot be used here; remove it"),
    ("ABS()", "E_ARITY", 0, "ABS 需要 1 项，这里有 0 项", "ABS takes 1, but has 0"),
    ("ROUND(1,2,3)", "E_ARITY", 0, "ROUND 需要 1 到 2 项，这里有 3 项", "ROUND takes 1 to 2, but has 3"),
    ("IN(1)", "E_ARITY", 0, "IN 需要 2 到 … 项，这里有 1 项", "IN takes 2 to …, but has 1"),
    ("9999999999999999999", "E_NUM", 0, "数字“9999999999999999999”太大，应小于 1000000000000000000",
     "The number 9999999999999999999 is too large; it must be below 1000000000000000000"),
    ("f_price * 2", "E_SYNTAX", 0,
     "“f_price”后面缺少括号，也不是字段；字段请写成 {{form.字段}}，文本请加引号，您是不是想用“{{row.f_price}}”？",
     "“f_price” is neither a function call nor a field; write fields as {{form.field}} and put texts in quotation "
     "marks; did you mean “{{row.f_price}}”?"),
])
def test_a_mistake_is_told_with_its_place_and_a_way_out(src: str, code: str, pos: int, zh: str, en: str) -> None:
    error = refused(src, labels={"form.f_body": "情况说明"})
    assert (error.code, error.pos, error.message("zh"), error.message("en")) == (code, pos, zh, en)


@pytest.mark.parametrize(("src", "pos"), [
    ("{{form.f_due}}-{{form.f_body}}", 15), ('1<"a"', 2), ("IF(1,2,3)", 3), ("MAPROWS({{form.f_tags}},1)", 8),
    ("{{form.f_items}}", 0), ("SUM({{form.f_items.f_dish}})", 4), ("{{form.f_due}}<{{form.f_at}}", 15),
    ("{{form.f_tags}}&1", 0), ("YEAR({{form.f_body}})", 5), ("MAX({{form.f_due}},{{form.f_vip}})", 19),
    ("-{{form.f_body}}", 1), ("1-{{form.f_due}}", 2), ("LEFT(1,2)", 5), ("ANYROW({{form.f_items}},1)", 24),
    ("ANYROW(IF(TRUE,{{form.f_items}}),TRUE)", 7), ("IFS(TRUE,1,2,3)", 11), ("CONTAINS(1,2)", 9),
])
def test_types_are_checked_before_anything_runs(src: str, pos: int) -> None:
    error = refused(src)
    assert (error.code, error.pos) == ("E_TYPE", pos)
    assert error.message("zh") != error.message("en")
    assert "{got}" not in error.message("zh")


def test_a_large_formula_is_refused_at_once() -> None:
    assert refused("1" * 2001).code == "E_LIMIT"
    assert refused("(" * 1999).code == "E_LIMIT"
    assert refused("-" * 1999 + "1").code == "E_LIMIT"
    assert refused("1" + "%" * 100).code == "E_LIMIT"
    assert refused("+".join("1" * 34)).code == "E_LIMIT"
    assert refused("SUM(" + ",".join("1" * 600) + ")").code == "E_LIMIT"


def test_empty_values_may_count_as_zero() -> None:
    formula = parse_formula("{{form.f_price}}*{{row.f_price}}", TYPES, nulls_as_zero=True)
    assert formula.ast == ["*", ["coalesce", ["f", "form.f_price"], ["n", "0"]],
                           ["coalesce", ["c", "f_price", "number"], ["n", "0"]]]
    assert parse_formula("ISEMPTY({{form.f_price}})", TYPES, nulls_as_zero=True).ast == ["empty", ["f", "form.f_price"]]
    assert parse_formula('{{form.f_body}}&"a"', TYPES, nulls_as_zero=True).ast[1] == ["f", "form.f_body"]


def test_the_api_shape_of_a_refusal() -> None:
    assert refused("SUMM(1)").as_dict("en") == {
        "code": "E_NAME", "message": "There is no function named “SUMM”; did you mean “SUM”?", "where": "", "pos": 0,
        "suggestion": "SUM"}


def test_the_manual_lists_every_function_in_both_languages() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")
    for entry in FUNCTIONS:
        name, *chinese = entry["names"]
        assert f"| `{name}` | {'、'.join(chinese)} | {entry['help']['en']} | {entry['help']['zh']} |" in manual
