"""Migrations: from empty to the models and back, on both databases, without a difference."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
Flask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def flask(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """Runs `flask …` on a database without a table."""
    env = {**os.environ, "INSTANCE_DIR": str(tmp_path), "DANFLOW_ENV": "test"}
    if backend == "postgresql":
        env["DATABASE_URL"] = request.getfixturevalue("postgres").create(f"m_{uuid.uuid4().hex[:12]}")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, env=env, capture_output=True,
                              text=True, check=False)

    return run


def test_there_and_back(flask: Flask) -> None:
    for command in (["upgrade"], ["check"], ["downgrade", "base"], ["upgrade"], ["check"]):
        done = flask("db", *command)
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr[-3000:]}"
    assert "No new upgrade operations detected" in done.stdout


def test_an_upgraded_database_runs_the_demo(flask: Flask) -> None:
    assert flask("db", "upgrade").returncode == 0
    for _twice in range(2):
        done = flask("demo", "seed")
        assert done.returncode == 0, done.stderr[-3000:]


def test_revisions_are_numbered_and_named() -> None:
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert names
    for number, name in enumerate(names, 1):
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+\.py", name)
