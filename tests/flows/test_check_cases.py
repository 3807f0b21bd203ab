"""When a case is called unreachable, it is: judged against the evaluator that takes the branch."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.expressions import Env, compile_ast, lower_condition
from app.flows.checks.cases import implies

TYPES = {"form.n": "number", "form.t": "text", "form.l": "list", "form.d": "date"}
ENV = Env(1_793_581_200_000, ((0, 480),))


def row(ref, op, value=None):
    return {"ref": f"form.{ref}", "op": op, **({} if value is None else {"value": value})}


@pytest.mark.parametrize(("later", "earlier", "expected"), [
    (row("n", "gt", "10"), row("n", "gt", "5"), True),
    (row("n", "gt", "5"), row("n", "gt", "10"), False),
    (row("n", "gte", "5"), row("n", "gt", "5"), False),
    (row("n", "gt", "5"), row("n", "gte", "5"), True),
    (row("n", "between", ["6", "9.5"]), row("n", "lt", "10"), True),
    (row("n", "eq", "7"), row("n", "between", ["7", "8"]), True),
    (row("t", "eq", "a"), row("t", "in", ["b", "a"]), True),
    (row("t", "in", ["a", "c"]), row("t", "in", ["b", "a"]), False),
    (row("t", "eq", "a"), row("t", "ne", "b"), True),
    (row("t", "not_in", ["a", "b"]), row("t", "ne", "a"), True),
    (row("t", "starts", "abc"), row("t", "starts", "ab"), True),
    (row("t", "eq", "a"), row("t", "not_empty"), True),
    (row("t", "ne", "a"), row("t", "not_empty"), False),
    (row("n", "eq", "2"), row("n", "ne", "2.0"), False),
    (row("n", "in", ["0", "2"]), row("n", "not_in", ["0.0"]), False),
    (row("l", "has_all", ["a", "b"]), row("l", "has_any", ["b", "z"]), True),
    (row("l", "has_none", ["a", "b"]), row("l", "has_none", ["a"]), True),
    (row("d", "gt", "2026-10-01"), row("d", "gte", "2026-09-01"), True),
    (row("n", "gt", "5"), row("t", "eq", "a"), False),
    ({"all": [row("n", "gt", "10"), row("t", "eq", "a")]}, row("n", "gt", "5"), True),
    (row("n", "gt", "10"), {"any": [row("t", "eq", "a"), row("n", "gt", "5")]}, True),
    ({"any": [row("n", "gt", "10"), row("t", "eq", "a")]}, row("n", "gt", "5"), False),
    ({"any": [row("n", "gt", "10"), row("n", "gt", "20")]}, row("n", "gt", "5"), True),
    (row("n", "gt", "10"), {"all": [row("n", "gt", "5"), row("t", "eq", "a")]}, False),
    (row("t", "eq", "a"), {"all": []}, True),
    ({"not": row("n", "gt", "1")}, {"not": row("n", "gt", "1")}, True),
    ({"any": []}, row("n", "gt", "5"), False),
    (None, row("n", "gt", "5"), False), ("x", 3, False), ({"ref": 3, "op": "eq", "value": "a"}, {"ref": 3}, False),
])
def test_implication(later, earlier, expected):
    assert implies(later, earlier) is expected


NUMBERS, WORDS = st.sampled_from(["-1", "0", "0.0", "1", "2", "2.0"]), st.sampled_from(["a", "ab", "b", "1", "2"])
DAYS = st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"])
ROWS = st.one_of(
    st.builds(row, st.just("n"), st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), NUMBERS),
    st.builds(row, st.just("n"), st.sampled_from(["in", "not_in"]), st.lists(NUMBERS, min_size=1, max_size=3)),
    st.builds(row, st.just("n"), st.just("between"), st.lists(NUMBERS, min_size=2, max_size=2)),
    st.builds(row, st.just("t"), st.sampled_from(["eq", "ne", "starts"]), WORDS),
    st.builds(row, st.just("t"), st.sampled_from(["in", "not_in", "has_any", "has_all", "has_none"]),
              st.lists(WORDS, min_size=1, max_size=3)),
    st.builds(row, st.just("l"), st.sampled_from(["has_any", "has_all", "has_none"]),
              st.lists(WORDS, min_size=1, max_size=3)),
    st.builds(row, st.just("d"), st.sampled_from(["eq", "gt", "lte", "ne"]), DAYS),
    st.builds(row, st.sampled_from("ntld"), st.sampled_from(["empty", "not_empty"])),
)
CONDITIONS = st.recursive(ROWS, lambda inner: st.one_of(
    st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
    st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
    st.builds(lambda part: {"not": part}, inner)), max_leaves=5)
ANSWERS = st.fixed_dictionaries({"n": st.none() | NUMBERS, "t": st.none() | WORDS, "d": st.none() | DAYS,
                                 "l": st.lists(WORDS, max_size=3)})


@st.composite
def pairs(draw):
    """Two conditions that are likely to have to do with each other."""
    earlier = draw(CONDITIONS)
    parts = [earlier] if "op" in earlier else earlier.get("all", earlier.get("any", []))
    rows = [part for part in parts if "op" in part]
    near = [draw(ROWS.filter(lambda found: found["ref"] == rows[0]["ref"]))] if rows else []
    kin = st.sampled_from([*near, *rows, {"all": [*near, *rows]}, {"any": [*near, earlier]}])
    return draw(kin | CONDITIONS), earlier


@settings(max_examples=600, deadline=None)
@given(pairs(), st.lists(ANSWERS, min_size=6, max_size=6))
def test_what_is_called_implied_holds_for_every_ticket(pair, tickets):
    later, earlier = pair
    if implies(later, earlier):
        first, second = (compile_ast(lower_condition(condition, TYPES), TYPES) for condition in (earlier, later))
        for form in tickets:
            assert second.run({"form": form}, ENV) is not True or first.run({"form": form}, ENV) is True
