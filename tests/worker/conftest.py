"""Fixtures of the worker: the company of the runtime's tests, and real processes beside the test's own."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.runtime.conftest import Erp, advance, complaint, desk, erp, small
from tests.servers import PYTHON, Process

__all__ = ["Erp", "advance", "complaint", "desk", "erp", "small"]
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def spawn(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts `flask worker` or `flask relay` on the test's database."""
    started: list[Process] = []

    def start(*command: str, **env: str) -> Process:
        log = tmp_path / f"process-{len(started)}.log"
        full = {
            "DANFLOW_ENV": "test", "DATABASE_URL": settings.database_url, "INSTANCE_DIR": str(settings.instance_dir),
            "SECRET_KEY": settings.secret_key, "CLOCK_FILE": str(settings.clock_file), "LOG_JSON": "true",
            "REDIS_URL": "", "PYTHONPATH": str(ROOT), **env,
        }
        process = Process([PYTHON, "-m", "flask", "--app", "wsgi", *command], full, log, ROOT)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.running():
            process.kill()
