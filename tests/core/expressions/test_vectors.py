"""The vectors, through Python and through the JavaScript bundle; and the command that runs such a file."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.expression_twin import Twin
from app.cli.expression_vectors import read_vector
from app.cli.expressions import cli, judge
from app.core.expressions import FUNCTIONS
from app.core.expressions.errors import ARITY

FILE = Path(__file__).parents[2] / "vectors" / "expr_vectors.jsonl"
VECTORS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
ENV = {"tz": [[0, 480]], "now": "2026-09-01T16:30:00Z"}


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin()


def test_every_vector_is_right_on_both_sides(twin: Twin) -> None:
    wrong = {line["name"]: found for line in VECTORS if (found := judge(read_vector(line), twin))}
    assert wrong == {}


def test_vectors_cover_every_operator_and_every_function_name() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(VECTORS) >= 300
    assert len({line["name"] for line in VECTORS}) == len(VECTORS)
    missing = [op for op in ARITY if f'["{op}"' not in text]
    assert missing == []
    assert [entry["names"][0] for entry in FUNCTIONS if f'{entry["names"][0]}(' not in text] == []


def run(tmp_path: Path, *lines: Any) -> tuple[int, list[str]]:
    """Exit code and printed lines of `vectors` over a file of these lines (objects, or raw text)."""
    file = tmp_path / "some.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    result = CliRunner().invoke(cli, ["vectors", str(file)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output.splitlines()


def test_command_on_the_project_s_own_file() -> None:
    result = CliRunner().invoke(cli, ["vectors", str(FILE)])
    assert result.exit_code == 0
    assert result.output == f"{len(VECTORS)} of {len(VECTORS)} agree and are right\n"


def test_command_names_what_is_wrong(tmp_path: Path) -> None:
    code, lines = run(tmp_path, {"name": "two", "expr": "1+1", "env": ENV, "expected": {"ok": "n:3"}},
                      {"name": "three", "expr": "1+2", "env": ENV, "expected": {"ok": "n:3"}})
    assert code == 1
    assert lines[:2] == ['line 1 two: expr in Python gives {"ok": "n:2"}, expected {"ok": "n:3"}',
                         'line 1 two: expr in JavaScript gives {"ok": "n:2"}, expected {"ok": "n:3"}']
    assert lines[-1] == "1 of 2 agree and are right"


def test_both_ways_of_writing_must_be_right(tmp_path: Path) -> None:
    code, lines = run(tmp_path, {"expr": "1+1", "ast": ["n", "3"], "expected": {"ok": "n:2"}})
    assert code == 1
    assert [line.partition(":")[2].split()[0] for line in lines[:-1]] == ["ast", "ast"]


@pytest.mark.parametrize(("line", "said"), [
    ("{", "Expecting"),
    ("[1]", "a vector is a JSON object"),
    ('{"name":"x","expected":{"ok":1}}', "neither expr nor cond nor ast"),
    ('{"expr":"1"}', "expected is"),
    ('{"expr":5,"expected":{"ok":1}}', "expr is not a text"),
    ('{"expr":"1","types":[1],"expected":{"ok":1}}', "types is not a JSON object"),
    ('{"expr":"1","types":{"a":5},"expected":{"ok":1}}', "the type of form.a is not a text"),
    ('{"expr":"1","env":{"now":"today"},"expected":{"ok":1}}', "env needs now"),
    ('{"ast":' + "[" * 5000 + "]" * 5000 + ',"expected":{"ok":1}}', "nested too deeply"),
])
def test_a_broken_line_is_told_by_its_number(tmp_path: Path, line: str, said: str) -> None:
    code, lines = run(tmp_path, {"expr": "1", "expected": {"ok": "n:1"}}, line)
    assert code == 1
    assert lines[0].startswith("line 2: cannot be read: ")
    assert said in lines[0]
    assert lines[-1] == "1 of 2 agree and are right"


def test_an_empty_file_and_a_binary_one_are_refused(tmp_path: Path) -> None:
    assert run(tmp_path, "")[0] == 1
    file = tmp_path / "binary.jsonl"
    file.write_bytes(b"\xff\xfe{}")
    result = CliRunner().invoke(cli, ["vectors", str(file)])
    assert result.exit_code == 1
    assert "not UTF-8" in result.output


ROWS = [{"q": 2, "p": 10}, {"q": 1, "p": "5.5"}]


@pytest.mark.parametrize("vector", [
    {"expr": "{{price}}*2", "types": {"price": "number"}, "ctx": {"price": "1.5"}, "expected": {"ok": "n:3"}},
    {"expr": "{{form.price}}*2", "types": {"form.price": "money"}, "ctx": {"form.price": "1.5"}, "expected": {"ok": 3}},
    {"ast": ["ROUND", ["f", "form.price"], ["n", 0]], "types": {"form.price": "number"},
     "ctx": {"form": {"price": "1.5"}}, "expected": {"ok": "n:2.0"}},
    {"expr": "SUM(MAPROWS({{items}},{{items.p}}*{{items.q}}))", "types": {"items": "rows", "items.p": "number",
     "items.q": "number"}, "ctx": {"items": ROWS}, "expected": {"ok": "n:25.5"}},
    {"expr": "COUNTROWS({{form.items}},{{row.q}}>1)", "types": {"form.items": "rows", "form.items.q": "number"},
     "ctx": {"form": {"items": ROWS}}, "expected": {"ok": "n:1"}},
    {"ast": ["any", ["f", "form.items"], [">", ["c", "row.q", "number"], ["n", "1"]]],
     "types": {"form.items": "rows"}, "ctx": {"form.items": ROWS}, "expected": {"ok": True}},
    {"cond": {"field": "price", "op": ">=", "value": {"lit": "1", "type": "number"}}, "types": {"price": "number"},
     "ctx": {"price": 1}, "expected": {"ok": True}},
    {"cond": {"ref": "form.price", "op": "eq", "value": {"lit": "1", "type": "text"}},
     "types": {"form.price": "number"}, "ctx": {"form": {"price": 1}}, "expected": {"ok": False}},
    {"cond": {"ref": "form.name", "op": "eq", "value": None}, "types": {"form.name": "text"}, "ctx": {},
     "expected": {"ok": True}},
    {"cond": {"field": "items", "op": "row_any", "where": {"col": "q", "type": "number", "op": "gt",
     "value": {"lit": "1", "type": "number"}}}, "types": {"items": "rows"}, "ctx": {"items": ROWS},
     "expected": {"ok": True}},
    {"cond": {"ref": "form.items", "op": "row_all", "where": {"ref": "q", "op": "gt", "value": "0"}},
     "types": {"form.items": {"type": "rows", "columns": {"q": "number"}}}, "ctx": {"form": {"items": ROWS}},
     "expected": {"ok": True}},
    {"cond": {"ref": "form.due", "op": "lt", "value": {"rel": "today", "days": 1}}, "types": {"form.due": "date"},
     "ctx": {"form": {"due": "2026-09-02"}}, "env": ENV, "expected": {"ok": True}},
    {"cond": {"ref": "form.due", "op": "lt", "value": "2026-02-30"}, "types": {"form.due": "date"},
     "ctx": {"form": {"due": "2026-09-02"}}, "expected": {"err": "E_DATE"}},
    {"cond": {"ref": "form.at", "op": "eq", "value": {"rel": "today"}}, "types": {"form.at": "datetime"},
     "ctx": {"form": {"at": "2026-09-01T17:00:00Z"}}, "env": ENV, "expected": {"ok": True}},
    {"expr": "NOW()", "env": {"tz": 480, "now_ms": 0}, "expected": {"ok": "t:1970-01-01T00:00:00.000Z"}},
    {"expr": "1/0", "expected": {"error": "E_DIV0"}},
    {"expr": "1<\"a\"", "ok": None, "expected": {"err": "E_TYPE"}},
], ids=lambda vector: json.dumps(vector)[:60])
def test_every_way_of_writing_a_vector_is_understood(tmp_path: Path, vector: dict[str, Any]) -> None:
    assert run(tmp_path, vector) == (0, ["1 of 1 agree and are right"])
