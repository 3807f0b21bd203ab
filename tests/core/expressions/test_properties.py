"""What holds for any input: nothing but `ExprError` leaves the parser, nothing at all leaves an evaluation, and what is
too large is refused after few calls (counted, whatever the machine's pace)."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.expressions import (
    Day,
    Env,
    Err,
    ExprError,
    Moment,
    as_stored,
    compile_ast,
    evaluate,
    from_json,
    lower_condition,
    parse_formula,
    to_json,
)
from app.core.expressions.dates import civil, day_number, day_text, midnight, moment_text, parse_day, parse_moment
from app.core.expressions.errors import ARITY, Fail
from app.core.expressions.numbers import CTX, parse_number, plain
from app.core.expressions.typing import BY_NAME

TYPES = {
    "form.n": "number", "form.s": "text", "form.d": "date", "form.l": "list", "form.r": "rows", "form.r.n": "number",
}
ENV = Env(1_788_280_200_000, [[0, 480]])



@contextmanager
def at_most(most: int) -> Iterator[None]:
    """Fails if more function calls are made inside, Python's own and built-in ones."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
    assert calls <= most, calls


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
pieces = st.sampled_from([
    *BY_NAME, "{{form.n}}", "{{row.n}}", "{{form.r}}", "(", ")", ",", "+", "-", "*", "/", "&", "%", "=", "<", ">", "，",
    "（", "）", '"a"', "“", "1", "0.5", "TRUE", " ", "{{", "}}", "form",
])
sources = st.text(max_size=60) | st.lists(pieces, max_size=25).map("".join)
paths = st.sampled_from([*TYPES, "row.n", "form.none", "a.b.c", "form.__proto__"])
asts = st.recursive(
    st.tuples(st.sampled_from("nsdtb"), json_values).map(list) | paths.map(lambda path: ["f", path]) | json_values,
    lambda inner: st.tuples(st.sampled_from(sorted(ARITY)), st.lists(inner, max_size=3)).map(lambda n: [n[0], *n[1]]),
    max_leaves=25,
)
values = json_values | st.fixed_dictionaries(
    {}, optional={"formula": sources, "rel": st.just("today"), "days": json_values, "ref": paths})
ops = st.sampled_from(["eq", "in", "between", "row_any", "within_days", "starts", "empty"]) | json_values
conditions = st.recursive(
    st.fixed_dictionaries({}, optional={"ref": paths | json_values, "op": ops, "value": values, "where": json_values}),
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any", "not", "where"]), inner | st.lists(inner, max_size=3), max_size=2),
    max_leaves=12,
)
fields = {path[5:]: json_values for path in TYPES if path.count(".") == 1}
contexts = st.fixed_dictionaries(
    {}, optional={"form": st.fixed_dictionaries({}, optional=fields) | json_values, "row": json_values})


@settings(max_examples=400, deadline=None)
@given(sources, st.booleans())
def test_parsing_raises_nothing_but_its_own_error(src: str, strict: bool) -> None:
    try:
        formula = parse_formula(src, TYPES, strict=strict)
    except ExprError as error:
        assert error.message("zh")
        assert error.message("en")
        assert error.pos is None or 0 <= error.pos <= len(src)
    else:
        compile_ast(formula.ast, TYPES).run({"form": {}}, ENV)


@settings(max_examples=300, deadline=None)
@given(conditions)
def test_lowering_raises_nothing_but_its_own_error(cond: Any) -> None:
    try:
        ast = lower_condition(cond, TYPES)
    except ExprError as error:
        assert error.message("zh")
        assert error.message("en")
    else:
        assert isinstance(evaluate(ast, TYPES, {"form": {}}, ENV), bool | Err)


@settings(max_examples=400, deadline=None)
@given(asts, contexts)
def test_evaluating_raises_nothing(ast: Any, ctx: dict[str, Any]) -> None:
    value = evaluate(ast, TYPES, ctx, ENV)
    if not isinstance(value, Err):
        assert to_json(from_json(to_json(value))) == to_json(value)
        for kind in ("number", "money", "text", "bool", "date", "time", "list", "any"):
            as_stored(value, kind)


numbers = st.decimals(min_value=-10**17, max_value=10**17, allow_nan=False, allow_infinity=False, places=4)


@given(numbers)
def test_a_number_s_text_reads_back_and_has_one_form(x: Decimal) -> None:
    text = plain(CTX.plus(x))
    assert plain(parse_number(text)) == text
    assert "e" not in text.lower()


@given(numbers, numbers)
def test_a_remainder_has_its_divisor_s_sign(x: Decimal, y: Decimal) -> None:
    result = evaluate(["mod", ["n", plain(x)], ["n", plain(y)]], {}, {}, ENV)
    if not y:
        assert result == Err("E_DIV0")
    else:
        assert isinstance(result, Decimal)
        assert result == 0 or (result < 0) == (y < 0)
        assert abs(result) < abs(y)


@given(st.dates())
def test_days_agree_with_the_calendar(date: Any) -> None:
    day = parse_day(date.isoformat())
    assert day == date.toordinal() - 719_163
    assert civil(day) == (date.year, date.month, date.day)
    assert day_number(date.year, date.month, date.day) == day
    assert day_text(day) == date.isoformat()
    assert evaluate(["weekday", ["d", date.isoformat()]], {}, {}, ENV) == date.isoweekday()


@given(st.datetimes(timezones=st.timezones()))
def test_moments_agree_with_the_library(moment: Any) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    text = whole.isoformat()
    if len(text) not in (25, 29, 32):  # an offset with seconds, of old local times: not a form that we read
        return
    try:
        ms = parse_moment(text)
    except Fail:
        assert whole.year in (1, 9999)
        return
    assert ms == round(whole.timestamp() * 1000)
    assert parse_moment(moment_text(ms)) == ms


@given(st.integers(-700_000, 2_900_000), st.integers(-720, 840))
def test_midnight_is_where_the_day_begins(day: int, offset: int) -> None:
    assert midnight(day, [[0, offset]]) == day * 86_400_000 - offset * 60_000


def nested(depth: int, wrap: Callable[[Any], Any], core: Any) -> Any:
    for _ in range(depth):
        core = wrap(core)
    return core


@pytest.mark.parametrize("work", [
    lambda: parse_formula("(" * 2000, TYPES),
    lambda: parse_formula("-" * 2000, TYPES),
    lambda: parse_formula("ABS(" * 500, TYPES),
    lambda: parse_formula("+".join(["1"] * 1000), TYPES),
    lambda: parse_formula("SUM(" + ",".join(["1"] * 990) + ")", TYPES),
    lambda: parse_formula("x" * 10_000_000, TYPES),
    lambda: compile_ast(nested(900, lambda ast: ["neg", ast], ["n", "1"]), TYPES),
    lambda: compile_ast(["sum", *[["n", "1"]] * 100_000], TYPES),
    lambda: compile_ast(["s", "x" * 10_000_001], TYPES),
    lambda: lower_condition(nested(900, lambda cond: {"all": [cond]}, {"all": []}), TYPES),
], ids=range(10))
def test_what_is_too_large_is_refused_at_little_cost(work: Callable[[], Any]) -> None:
    with pytest.raises(ExprError) as caught, at_most(50_000):
        work()
    assert caught.value.code in ("E_LIMIT", "E_AST")


@pytest.mark.parametrize("src", [
    "SUM(MAPROWS({{form.r}},{{row.n}}+{{row.n}}+{{row.n}}+{{row.n}}+{{row.n}}+1))",
    "COUNTROWS({{form.r}},IN({{row.n}},{{form.r.n}}))",
    "ANYROW({{form.r}},ANYROW({{form.r}},ANYROW({{form.r}},{{row.n}}>5)))",
    "MAPROWS({{form.r}},LEN({{form.s}}&{{form.s}}&{{form.s}})+LEN({{form.s}}&{{form.s}}&{{form.s}}))",
])
def test_too_many_steps_end_at_little_cost(src: str) -> None:
    ctx = {"form": {"r": [{"n": "1"}] * 1000, "s": "好" * 3000}}
    program = compile_ast(parse_formula(src, {**TYPES, "row.n": "number"}).ast, TYPES)
    with at_most(200_000):
        assert program.run(ctx, ENV) == Err("E_LIMIT")


def test_two_long_lists_are_compared_at_little_cost() -> None:
    types = {"form.l": "list", "form.m": "list"}
    ctx = {"form": {"l": [str(n) for n in range(1000)], "m": [f"x{n}" for n in range(999)] + [{"lat": "1"}]}}
    for op, found in (("has_any", False), ("has_all", False)):
        with at_most(20_000):
            assert evaluate([op, ["f", "form.l"], ["f", "form.m"]], types, ctx, ENV) is found
    mixed = {"form": {"l": ["1", True, 1, {"a": 1}], "m": ["1", True, 1]}}
    assert evaluate(["has_all", ["f", "form.l"], ["f", "form.m"]], types, mixed, ENV) is True
    for wanted in ([False], ["True"], [1.5], [{"a": 1}]):
        mixed["form"]["m"] = wanted
        assert evaluate(["has_any", ["f", "form.l"], ["f", "form.m"]], types, mixed, ENV) is False


@pytest.mark.parametrize(("value", "kind", "stored"), [
    (Decimal("29.985"), "money", "29.99"), (Decimal("-0.004"), "money", "0.00"), (Decimal("29.50"), "number", "29.5"),
    (Decimal(3), "money", "3.00"), (Day(0), "date", "1970-01-01"), (Moment(0), "time", "1970-01-01T00:00:00Z"),
    ("a", "text", "a"), (True, "bool", True), (None, "money", None),
    ([Decimal(1), None, "a"], "list", ["1", None, "a"]),
    (Decimal(3), "text", Err("E_TYPE")), ("3", "number", Err("E_TYPE")), (Err("E_DIV0"), "money", Err("E_DIV0")),
    (Decimal("999999999999999999.999"), "money", Err("E_NUM")), (Day(0), "any", "1970-01-01"),
])
def test_what_a_computed_field_keeps(value: Any, kind: str, stored: Any) -> None:
    assert as_stored(value, kind) == stored
