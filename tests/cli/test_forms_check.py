"""`flask forms check`: the same findings as in the designer, with an exit code for scripts."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.forms import cli
from tests.forms.kit import complaint, definition

BODY = {"id": "f_body", "type": "textarea", "label": "经过"}


def run(folder: Path, content: object, *more: str) -> tuple[int, list[dict[str, str]]]:
    file = folder / "form.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    done = CliRunner().invoke(cli, ["check", str(file), *more])
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_form_that_may_be_published(tmp_path: Path) -> None:
    code, found = run(tmp_path, complaint())
    assert code == 0 and {one["level"] for one in found} <= {"advice"}
    assert run(tmp_path, definition(BODY)) == (0, [])


def test_a_form_that_may_not(tmp_path: Path) -> None:
    code, (found,) = run(tmp_path, definition({**BODY, "type": "nothing"}), "--locale", "en")
    assert code == 1
    assert (found["code"], found["where"], found["field"]) == ("form_type_unknown", "fields[0].type", "f_body")
    assert "There is no field type" in found["message"]


def test_what_is_in_force_locks_types(tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps(definition({**BODY, "type": "number"})), encoding="utf-8")
    code, found = run(tmp_path, definition(BODY), "--published", str(before))
    assert code == 1 and found[0]["code"] == "field_type_locked"


@pytest.mark.parametrize("content", ["", "{", "[" * 100 + "]" * 100])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    assert run(tmp_path, content)[0] == 2


def test_a_published_file_that_is_no_form_is_refused(tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    for content in ("3", "{}", '{"fields": [3, {"id": 1}]}'):
        before.write_text(content, encoding="utf-8")
        assert run(tmp_path, definition(BODY), "--published", str(before))[0] == 2
