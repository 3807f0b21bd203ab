"""The supervisor of `make run`: real processes, started, restarted, stopped, never left behind."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from app.cli.supervisor import Child, Supervisor
from tests.servers import wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def supervise(tmp_path: Path, *children: Child) -> tuple[Supervisor, list[str]]:
    said: list[str] = []
    return Supervisor(children, tmp_path, said.append), said


def test_restarts_what_dies_with_growing_waits(tmp_path: Path) -> None:
    child = Child("web", SLEEP)
    supervisor, said = supervise(tmp_path, child)
    supervisor.watch(0.3)
    assert child.process is not None
    first = child.process.pid
    child.process.kill()
    supervisor.watch(1.2)
    assert child.running()
    assert child.process.pid != first
    assert said == ["web ended unexpectedly (killed by SIGKILL); starting it again in 0.5 s"]
    child.process.kill()
    supervisor.watch(0.3)
    assert said[-1].endswith("starting it again in 1 s")
    supervisor.stop_all()


def test_says_the_exit_code(tmp_path: Path) -> None:
    supervisor, said = supervise(tmp_path, Child("relay", [sys.executable, "-c", "raise SystemExit(3)"]))
    supervisor.watch(0.4)
    assert "relay ended unexpectedly (exit code 3)" in said[0]


def test_stops_in_reverse_order(tmp_path: Path) -> None:
    script = "import signal, sys, time, pathlib\n" \
        "def end(*_):\n    f = open('order', 'a'); f.write(sys.argv[1]); f.close(); sys.exit()\n" \
        "signal.signal(signal.SIGTERM, end)\npathlib.Path('up-' + sys.argv[1]).touch()\ntime.sleep(60)"
    children = [Child(name, [sys.executable, "-c", script, name]) for name in "abc"]
    supervisor, _said = supervise(tmp_path, *children)
    supervisor.watch(0.2)
    wait_for(lambda: all((tmp_path / f"up-{name}").exists() for name in "abc"), 10, "three children")
    supervisor.stop_all()
    assert (tmp_path / "order").read_text() == "cba"
    assert not any(child.running() for child in children)


def test_kills_what_does_not_stop(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("app.cli.supervisor.STOP_S", 0.5)
    child = Child("deaf", DEAF)
    supervisor, said = supervise(tmp_path, child)
    supervisor.watch(0.2)
    time.sleep(0.5)
    supervisor.stop_all()
    assert not child.running()
    assert said == ["deaf did not end within 0 s; killing it"]


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        from pathlib import Path
        from app.cli.supervisor import Child, Supervisor
        child = Child("x", {SLEEP!r})
        supervisor = Supervisor([child], Path("."), print)
        supervisor.watch(0.3)
        print(child.process.pid, flush=True)
        supervisor.watch()
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=tmp_path,
                              env={**os.environ, "PYTHONPATH": os.getcwd()})
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not alive(pid), 5, "the child to end with its parent")
