"""`flask flows gaps`: a JSON line for each gap, and an exit status that a script can use."""
from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from app.cli.flows import cli
from tests.flows.kit import LIBRARY

FILES = ["gaps", str(LIBRARY / "flow.json"), "--form", str(LIBRARY / "form.json"), "--scenarios"]


def test_the_example_s_company_lets_no_ticket_stand_still() -> None:
    result = CliRunner().invoke(cli, [*FILES, str(LIBRARY / "scenarios.json")])
    assert result.exit_code == 0


def test_who_left_is_a_gap_with_what_to_do(tmp_path: Path) -> None:
    story = json.loads((LIBRARY / "scenarios.json").read_text("utf-8"))
    next(person for person in story["org"]["people"] if person["id"] == "qa")["active"] = False
    file = tmp_path / "s.json"
    file.write_text(json.dumps(story), encoding="utf-8")
    result = CliRunner().invoke(cli, [*FILES, str(file), "--locale", "en"])
    assert result.exit_code == 1
    (gap,) = [line for line in map(json.loads, result.stdout.splitlines()) if line["level"] == "error"]
    assert (gap["node"], gap["code"], gap["field"]) == ("review", "gap_left", "config.assignee")
    assert "邱质检" in gap["message"] and gap["todo"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text("{", encoding="utf-8")
    result = CliRunner().invoke(cli, [*FILES, str(file)])
    assert result.exit_code == 2
    assert str(file) in result.stderr
