"""Differential fuzzing: 2,000 random expressions, the same ones every time. `flask expressions fuzz` runs more."""
from __future__ import annotations

import itertools
import json
from pathlib import Path

from click.testing import CliRunner

from app.cli import expression_fuzz
from app.cli.expression_fuzz import fuzz
from app.cli.expression_twin import Twin, in_python
from app.cli.expressions import cli
from app.core.expressions.errors import ARITY


class Recorder(Twin):
    """The real twin, remembering what was asked of it and what it answered."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[expression_fuzz.Case] = []
        self.answers: list[dict[str, object]] = []

    def run(self, cases):  # type: ignore[no-untyped-def]
        answers = super().run(cases)
        self.cases += cases
        self.answers += answers
        return answers


def test_two_thousand_random_expressions_mean_the_same_on_both_sides() -> None:
    twin = Recorder()
    assert list(fuzz(2_000, 20_260_901, twin)) == []
    assert len(twin.cases) == 2_000
    used = json.dumps([case[0] for case in twin.cases])
    assert [op for op in ARITY if f'["{op}"' not in used] == []
    codes = {str(answer.get("err")) for answer in twin.answers}
    assert {"E_DIV0", "E_NUM", "E_TYPE", "E_DATE", "E_LIMIT", "E_AST"} <= codes
    useful = sum(answer.get("ok") not in (None, False) for answer in twin.answers)
    assert useful > 400  # most of a random world is wrong; enough of it must be right to compare


def test_the_same_seed_gives_the_same_cases() -> None:
    first, second = Recorder(), Recorder()
    list(fuzz(50, 3, first))
    list(fuzz(50, 3, second))
    assert repr(first.cases) == repr(second.cases)


class Wrong(Twin):
    """A twin that thinks 0 is 1."""

    def run(self, cases):  # type: ignore[no-untyped-def]
        return [{"ok": "n:1"} if in_python(*case) == {"ok": "n:0"} else answer
                for case, answer in zip(cases, super().run(cases), strict=True)]


def test_a_difference_is_found_told_and_kept_as_a_vector(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found = list(itertools.islice(fuzz(2_000, 1, Wrong()), 1))
    assert found
    monkeypatch.setattr("app.cli.expressions.Twin", Wrong)
    kept = tmp_path / "kept.jsonl"
    result = CliRunner().invoke(cli, ["fuzz", "--cases", "400", "--seed", "1", "--save", str(kept)])
    assert result.exit_code == 1
    assert "differences in 400 cases (seed 1)" in result.output
    monkeypatch.undo()
    assert CliRunner().invoke(cli, ["vectors", str(kept)]).exit_code == 0


def test_the_command_ends_well_without_differences() -> None:
    result = CliRunner().invoke(cli, ["fuzz", "--cases", "100", "--seed", "2"])
    assert (result.exit_code, result.output) == (0, "0 differences in 100 cases (seed 2)\n")
