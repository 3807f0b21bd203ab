"""`flask up`, which is `make run` after setup: everything starts, heals, ends and keeps its data."""
from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live import ROOT
from tests.servers import Process, free_port, wait_for

UP = [sys.executable, "-m", "flask", "--app", "wsgi", "up"]


class Installation:
    """A folder in which `flask up` runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        instance = str(folder / "instance")
        self.env = {"INSTANCE_DIR": instance, "PORT": str(self.port), "REDIS_URL": "", "DATABASE_URL": ""}
        self.runs: list[Process] = []

    def start(self) -> Process:
        process = Process(UP, self.env, self.folder / f"up{len(self.runs) + 1}.log", ROOT)
        self.runs.append(process)
        wait_for(lambda: "Demo password" in process.text() or not process.running(), 60, "the product to start")
        assert process.running(), process.text()
        return process

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def again(self, **env: str) -> str:
        """What a second `flask up` beside the first says."""
        done = subprocess.run(UP, cwd=ROOT, env={**os.environ, **self.env, **env}, capture_output=True, text=True,
                              check=False, timeout=60)
        assert done.returncode == 1
        return done.stderr


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    found = Installation(tmp_path)
    yield found
    for process in found.runs:
        if process.running():  # the test failed; it must not live on
            process.stop(seconds=40)


def family(process: Process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def living(people: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in people if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def is_worker(one: psutil.Process) -> bool:
    """Whether it is one; not (yet, or any more) if it is just being born or has just died."""
    try:
        return one.cmdline()[-1:] == ["worker"]
    except psutil.NoSuchProcess:
        return False


def test_it_runs_heals_stops_and_keeps_its_data(installation: Installation) -> None:
    first = installation.start()
    links = re.findall(r"/f/[\w-]+", first.text())
    assert links
    assert "<form" in installation.get(links[0])
    assert json.loads(installation.get("/readyz"))["checks"]["redis"] == {"status": "ok", "used": True}

    assert "already runs" in installation.again()
    elsewhere = installation.again(INSTANCE_DIR=str(installation.folder / "other"))
    assert f"Port {installation.port}" in elsewhere
    assert "PORT=" in elsewhere

    worker = next(one for one in family(first) if is_worker(one))
    worker.kill()
    wait_for(lambda: "worker ended unexpectedly (killed by SIGKILL)" in first.text(), 10, "the supervisor to notice")
    wait_for(lambda: any(is_worker(one) for one in living(family(first))), 10, "a new worker")

    everybody = family(first)
    assert "valkey-server" in {one.name() for one in everybody}
    assert first.stop(seconds=40) == 0
    assert living(everybody) == []

    second = installation.start()
    assert re.findall(r"/f/[\w-]+", second.text()) == links
    everybody = family(second)
    os.kill(second.pid, signal.SIGKILL)
    wait_for(lambda: living(everybody) == [], 30, "all processes to end with their supervisor")
    second.kill()
