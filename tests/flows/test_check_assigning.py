"""Publish checks of assignment: rows that never fit or are never reached, columns, skills; each at its place."""
from __future__ import annotations

from typing import Any

import pytest

from app.flows.check import FieldFact, FormFacts, check_flow
from tests.flows.kit import AGENTS, SOURCES, TYPES, catalog, definition, node

TO = [{"person": "ann"}]
FORM = FormFacts(TYPES, SOURCES, {
    "f_store": FieldFact("门店", source="stores"), "f_sum": FieldFact("金额"), "f_body": FieldFact("内容"),
    "f_who": FieldFact("行业", options=frozenset({"o_food", "o_hotel"})),
})
CELLS = {"stores": {"region": {"east", "west"}, "city": {"杭州"}}}
COLUMNS = [{"ref": "form.f_store", "attr": "region"}, {"ref": "form.f_who"}, {"ref": "form.f_sum"},
           {"ref": "vars.priority"}]


def found(rows: list[list[list[str]]], columns: Any = None, **more: Any) -> list[tuple[str, str]]:
    """(code, field) of the findings about ways."""
    table = {"columns": columns or COLUMNS, "rows": [{"is": row, "to": TO} for row in rows], **more}
    return told([{"strategy": "table", "table": table}])


def told(ways: Any, **known: Any) -> list[tuple[str, str]]:
    data = definition(
        node("auto", "assign.auto", {"candidates": AGENTS, "ways": ways}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges="t:out>auto auto:out>h h:done>end")
    findings = check_flow(data, catalog(), form=FORM, cells=CELLS, **{"skills": {"英语": 3}, **known})
    for finding in findings:
        assert finding.as_dict("zh")["message"] != finding.code != finding.as_dict("en")["message"]
    return [(one.code, one.field) for one in findings if "ways" in one.field]


ANY: list[str] = []


def test_a_sound_table_has_no_findings() -> None:
    rows = [[["east"], ["o_food"], [">=500"], ["red"]], [["east"], ["o_food"], ANY, ANY], [ANY, ANY, ANY, ANY]]
    assert found(rows) == []


@pytest.mark.parametrize(("row", "at"), [
    ([["south"], ANY, ANY, ANY], 0), ([ANY, ["o_bank"], ANY, ANY], 1), ([ANY, ANY, ANY, ["green", "blue"]], 3),
])
def test_a_row_whose_value_cannot_come(row: list[list[str]], at: int) -> None:
    assert found([row, [ANY] * 4]) == [("check_row_never", f"config.ways[0].table.rows[0].is[{at}]")]
    row[at].append({0: "east", 1: "o_food", 3: "red"}[at])
    assert found([row, [ANY] * 4]) == []


@pytest.mark.parametrize(("earlier", "later"), [
    ([["east"], ANY, ANY, ANY], [["east"], ["o_food"], ANY, ANY]),
    ([["east", "west"], ANY, [">=500"], ANY], [["west"], ANY, ["600~700", ">1000"], ANY]),
    ([ANY, ANY, ["<10"], ANY], [ANY, ANY, ["5"], ANY]),
    ([ANY, ANY, ANY, ANY], [["east"], ANY, ANY, ANY]),
])
def test_a_row_that_an_earlier_one_swallows(earlier: Any, later: Any) -> None:
    place = [("check_row_swallowed", "config.ways[0].table.rows[1].is")]
    assert found([earlier, later]) == place
    assert found([later, earlier]) == []
    assert found([earlier, later], match="best") == []
    assert found([later, later], match="best") == place


@pytest.mark.parametrize(("columns", "code", "field"), [
    ([{"ref": "form.f_store", "attr": "area"}], "check_table_column", "config.ways[0].table.columns[0].attr"),
    ([{"ref": "form.f_gone"}], "check_missing_field", "config.ways[0].table.columns[0].ref"),
    ([{"ref": "vars.gone"}], "check_undefined_var", "config.ways[0].table.columns[0].ref"),
    ([{"ref": "form.f_body", "attr": "region"}], "check_of_no_source", "config.ways[0].table.columns[0].attr"),
])
def test_a_dimension_that_does_not_exist(columns: Any, code: str, field: str) -> None:
    assert (code, field) in found([[ANY]], columns)


def test_a_skill_that_nobody_has_or_that_is_empty() -> None:
    def way(**need: Any) -> Any:
        return [{"strategy": "skill", "needs": [{"skill": "英语", **need}]}]

    place = "config.ways[0].needs[0].skill"
    assert told(way()) == told(way(level=3)) == told(way(skill="{{form.f_who}}")) == told(way(), skills=None) == []
    assert told(way(level=4)) == told(way(skill="法语")) == [("check_skill_nobody", place)]
    assert told(way(skill=" ")) == [("check_config", place)]
    assert told([{"strategy": "skill"}]) == [("check_config", "config.ways[0].needs")]


@pytest.mark.parametrize("table", [5, [], {}, {"columns": 5, "rows": [7, {"is": 1}, {"is": [[5]]}]},
                                   {"columns": [7, {"ref": []}], "rows": [{"is": [[], ["9~1"]]}], "match": []}])
def test_a_table_of_any_shape_is_a_finding_and_no_failure(table: Any) -> None:
    assert told([{"strategy": "table", "table": table}])
