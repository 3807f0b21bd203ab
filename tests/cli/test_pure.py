"""Commands that read files need neither a database nor Redis, and start quickly."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
FLOW = ["--flow", str(DATA / "complaint.flow.json"), "--form", str(DATA / "complaint.form.json")]


def flask(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1",
           "INSTANCE_DIR": str(folder)}
    return subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, env=env, capture_output=True, text=True,
                          check=False)


def test_the_catalogue_as_json(tmp_path: Path) -> None:
    done = flask(tmp_path, "catalog", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"text", "subtable", "consent"} <= {field["type"] for field in found["fields"]}
    claim = next(node for node in found["nodes"] if node["type"] == "task.claim")
    assert (claim["version"], claim["ports"]) == (1, ["claimed", "timeout"])
    assert {"inbox", "sms"} <= {channel["name"] for channel in found["channels"]}
    assert {"message", "webhook"} <= {effect["name"] for effect in found["effects"]}


def test_the_catalogue_to_read(tmp_path: Path) -> None:
    assert "  task.claim 1 -> claimed, timeout\n" in flask(tmp_path, "catalog").stdout


@pytest.mark.parametrize(
    ("command", "last"),
    [
        (["flows", "simulate", str(DATA / "complaint.scenarios.json"), *FLOW], "5 of 5 passed"),
        (["expressions", "vectors", str(ROOT / "tests" / "vectors" / "expr_vectors.jsonl")], "agree and are right"),
    ],
)
def test_definitions_are_played_and_checked_from_files(tmp_path: Path, command: list[str], last: str) -> None:
    done = flask(tmp_path, *command)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].endswith(last)


def test_settings_that_do_not_fit_are_told_in_words(tmp_path: Path) -> None:
    env = {**os.environ, "DANFLOW_ENV": "production", "SECRET_KEY": "", "INSTANCE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "flask", "catalog"], cwd=ROOT, env=env, capture_output=True, text=True,
                          check=False)
    assert done.returncode != 0
    assert "SECRET_KEY is missing" in done.stderr
    assert "Traceback" not in done.stderr
