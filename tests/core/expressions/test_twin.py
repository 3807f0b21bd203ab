"""The browser's other exports: stored values, tagged values and the words for an error."""
from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.cli.expression_twin import BUNDLE
from app.cli.javascript import JavaScript
from app.core.errors import text
from app.core.expressions import Day, Err, Moment, as_stored, from_json, to_json

KINDS = ("number", "money", "date", "time", "text", "bool", "list", "any")
VALUES = [
    Decimal("29.985"), Decimal("-0.004"), Decimal(0), Decimal("999999999999999999.999"), Day(20_697), Moment(-1), "a",
    "n:5", "s:", "", True, False, None, [Decimal(1), "d:x", None, Day(0)],
]


@pytest.fixture(scope="module")
def browser() -> JavaScript:
    return JavaScript(BUNDLE)


def call(browser: JavaScript, code: str) -> Any:
    return browser.eval(f"({code})")


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_values_survive_the_tagged_form_and_are_stored_alike(browser: JavaScript, value: Any) -> None:
    tagged = json.dumps(to_json(value))
    again = call(browser, f"expressions.toTagged(expressions.fromTagged({tagged}))")
    assert again == to_json(from_json(to_json(value)))
    for kind in KINDS:
        kept = as_stored(from_json(to_json(value)), kind)
        expected = None if isinstance(kept, Err) else kept
        assert call(browser, f'expressions.asStored(expressions.fromTagged({tagged}), "{kind}")') == expected


def test_an_error_is_stored_as_nothing_and_worded_alike(browser: JavaScript) -> None:
    assert call(browser, 'expressions.asStored({err: "E_DIV0"}, "money")') is None
    for code in ("E_DIV0", "E_NUM", "E_TYPE", "E_DATE", "E_LIMIT", "E_AST"):
        for locale in ("zh-CN", "en"):
            assert call(browser, f'expressions.message("{code}", "{locale}")') == text(code, locale)


def test_a_compiled_program_is_used_again_and_again(browser: JavaScript) -> None:
    browser.eval('var program = expressions.compile(["*", ["f", "form.a"], ["n", "2"]], {"form.a": "number"});')
    assert call(browser, '[1, "2.5", "x"].map(function (a) { var v = program({form: {a: a}}, {now_ms: 0, tz: []});'
                         'return v.err || expressions.toTagged(v); })') == ["n:2", "n:5", "E_NUM"]


def test_nothing_inherited_is_read(browser: JavaScript) -> None:
    browser.eval('Object.prototype.sneaky = "5";')
    assert call(browser, 'expressions.evaluate(["f", "form.sneaky"], {}, {form: {}}, {})') is None
    assert call(browser, 'expressions.evaluate(["sneaky", ["n", "1"]], {}, {}, {})') == {"err": "E_AST"}
    browser.eval('delete Object.prototype.sneaky;')
