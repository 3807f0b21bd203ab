"""`flask flows check`: findings as JSON lines, and an exit status that a script can use."""
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.flows_check import check

DATA = Path(__file__).parents[1] / "data"
FLOW, FORM = str(DATA / "complaint.flow.json"), str(DATA / "complaint.form.json")


def run(*args):
    return CliRunner().invoke(check, [str(arg) for arg in args])


@pytest.fixture
def broken(tmp_path):
    flow = json.loads(Path(FLOW).read_text(encoding="utf-8"))
    flow["edges"] = [edge for edge in flow["edges"] if edge["from"] != "lt3:else"]
    flow["nodes"][12]["config"]["fields"]["f_gone"] = "read"
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(flow), encoding="utf-8")
    return path


def test_warnings_alone_do_not_forbid_publishing():
    result = run(FLOW, "--form", FORM)
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["level"], line["node"]) for line in lines] == [("warning", "review"), ("warning", "esc_hq")]
    assert "质检复盘任务" in lines[0]["message"]


def test_errors_are_printed_with_their_repair_in_the_language_asked_for(broken):
    result = run(broken, "--form", FORM, "--locale", "en")
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[0]["code"] == "check_missing_field" and lines[0]["field"] == "config.fields.f_gone"
    assert lines[1] == {
        "level": "error", "code": "check_no_else", "node": "lt3", "port": "else", "message": lines[1]["message"],
        "fix": {"do": "add_edge", "from": "lt3:else", "to": "end_ok:in"}}
    assert "leads nowhere" in lines[1]["message"]


def test_without_a_form_the_drawing_is_checked_all_the_same(broken):
    result = run(broken)
    assert result.exit_code == 1
    assert [json.loads(line)["code"] for line in result.stdout.splitlines()][0] == "check_no_else"


@pytest.mark.parametrize(("content", "words"), [
    (b"{", "JSON"), (b"\xff", "UTF-8"), (b"[" * 5000, "JSON"), (b'{"a":1,"a":2}', "a"), (b" " * 4_000_001, "KB"),
    (json.dumps({"nodes": [{}] * 1001}).encode(), "1001"),
])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, words):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    result = run(path)
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr.startswith(f"{path}: ") and words in result.stderr


def test_a_form_that_is_refused_is_said_with_its_faults(tmp_path):
    path = tmp_path / "form.json"
    path.write_text('{"schema": "danflow/form/1"}')
    result = run(FLOW, "--form", path)
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr.startswith(f"{path}: ") and len(result.stderr.splitlines()) > 1


def test_no_file_at_all():
    assert run("/nowhere.json").exit_code == 2
