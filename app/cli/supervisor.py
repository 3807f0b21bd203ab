"""Keeps a handful of processes running: starts them, restarts what dies, stops them all, leaves no orphan."""
from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_S = 15.0  # how long a process may take to finish what it is doing
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)  # waits before the 1st, 2nd, … restart in a row
HEALTHY_S = 30.0  # a process that ran this long starts its back-off anew
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child, before exec: get SIGTERM should the supervisor vanish (even by SIGKILL). Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process to keep running."""

    name: str
    arguments: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0  # when to start it (again)

    def running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs children until told to stop. They start in the given order and stop in the opposite one."""

    def __init__(self, children: Sequence[Child], folder: Path, say: Callable[[str], None]) -> None:
        self.children = list(children)
        self._folder = folder
        self._say = say
        self.stopping = False

    def stop(self, *_signal: object) -> None:
        """Ask `run` to end everything; usable as a signal handler."""
        self.stopping = True

    def start(self, child: Child) -> None:
        """Start one child in a session of its own: Ctrl-C in the terminal reaches only us, and we decide the order."""
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            list(child.arguments), cwd=self._folder, env={**os.environ, **child.env}, stdin=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads here
        )
        child.started = time.monotonic()

    def watch(self, seconds: float | None = None) -> None:
        """Start what is due and restart what died, until told to stop (or for so many seconds)."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self.stopping and (end is None or time.monotonic() < end):
            for child in self.children:
                self._look_after(child)
            time.sleep(0.1)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.running():
            if child.failures and now - child.started > HEALTHY_S:
                child.failures = 0
            return
        if child.process is not None:
            code = child.process.returncode
            wait = BACKOFF_S[min(child.failures, len(BACKOFF_S) - 1)]
            child.failures += 1
            child.process = None
            child.due = now + wait
            self._say(f"{child.name} ended unexpectedly ({_how(code)}); starting it again in {wait:g} s")
        if child.due <= now:
            self.start(child)

    def stop_all(self) -> None:
        """End all children, last started first; kills what does not end within STOP_S."""
        for child in reversed(self.children):
            self._end(child)

    def _end(self, child: Child) -> None:
        process = child.process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._say(f"{child.name} did not end within {STOP_S:.0f} s; killing it")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
