"""`flask flows rehearse`: sentences for people, one JSON line for programs, refusals with their place."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.flows import cli
from app.core.errors import has_text
from tests.flows.kit import LIBRARY

FILES = [str(LIBRARY / "flow.json"), "--form", str(LIBRARY / "form.json"),
         "--scenarios", str(LIBRARY / "scenarios.json")]
SMALL = ["--tickets", "60", "--seeds", "2", "--people", "cs_agent=4"]


def run(*args: str) -> Any:
    return CliRunner().invoke(cli, ["rehearse", *FILES, *args])


def test_sentences_come_first_then_the_table_then_what_was_assumed() -> None:
    result = run(*SMALL)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("最堵的是“")
    assert "加 1 人" in lines[0]
    table = next(at for at, line in enumerate(lines) if "visits" in line)
    assumed = next(at for at, line in enumerate(lines) if line.startswith("- "))
    assert 0 < table < assumed
    assert any("客服处理" in line for line in lines[table:assumed])
    assert "load_" not in result.stdout and "{" not in result.stdout


def test_the_whole_report_is_one_json_line_and_the_same_each_time() -> None:
    first, again = (json.loads(run(*SMALL, "--json", "--peak", "20-22x3").stdout) for _ in range(2))
    assert first == again
    assert first["tickets"] == 60
    assert {step["id"] for step in first["steps"]} >= {"pool", "handle", "rate"}
    assert first["other"] is None


def test_two_settings_are_compared_with_the_same_chance() -> None:
    report = json.loads(run(*SMALL, "--plus", "cs_agent=3", "--json").stdout)
    people = [next(team for team in each["teams"] if team["key"] == "role:cs_agent")
              for each in (report, report["other"])]
    assert [team["people"] for team in people] == [4, 7]
    assert people[1]["wait95"]["mean"] < people[0]["wait95"]["mean"]


@pytest.mark.parametrize(("args", "words"), [
    (["--tickets", "0"], "settings: "), (["--peak", "soon"], "高峰"), (["--people", "cs_agent"], "角色=人数"),
    (["--plus", "moon=1"], "没有“role:moon”这个团队"), (["--seeds", "21"], "seeds"),
])
def test_a_setting_that_cannot_be_read_is_refused(args: list[str], words: str) -> None:
    result = run("--seeds", "1", "--tickets", "5", *args)
    assert result.exit_code == 2
    assert words in result.stderr


def test_every_sentence_of_a_rehearsal_has_its_text() -> None:
    """Their codes are put together from parts, where no other test would find them."""
    folder = Path(__file__).parents[2] / "app" / "core" / "messages" / "load.json"
    codes = json.loads(folder.read_text("utf-8"))
    ways = [f"load_{what}_{source}" for what, sources in {
        "curve": ("plan", "history", "default"), "takes": ("plan", "history", "usual"),
        "ways": ("plan", "history", "scenarios", "equal", "usual"),
        "answered": ("plan", "history", "scenarios", "usual")}.items() for source in sources]
    assert all(has_text(code) for code in ways)
    assert set(ways) <= set(codes)
