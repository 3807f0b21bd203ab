"""What the fault tests are made of: an installation that can be put back to an earlier moment, processes that die when
told to, and an ERP that remembers every call."""
from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.databases import REMEMBER, RESET
from tests.live import ROOT, SECRET
from tests.people import Got, Send, Sent, Unanswered
from tests.servers import PYTHON, Postgres


class Erp:
    """Another company's system on a real socket: accepts every refund, and notes each call with its key and body."""

    def __init__(self, delay_s: float = 0.0) -> None:
        calls: list[tuple[str, str]] = []
        self.calls = calls

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                time.sleep(delay_s)
                calls.append((self.headers["Idempotency-Key"], body))
                answer = b'{"refund_no": "R1"}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def per_key(self) -> dict[str, Counter[str]]:
        """key → the bodies that came with it, counted."""
        found: dict[str, Counter[str]] = {}
        for key, body in list(self.calls):
            found.setdefault(key, Counter())[body] += 1
        return found

    def __enter__(self) -> Erp:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the socket."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Mill:
    """A process that forks others (tests.faults.mill)."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [PYTHON, "-m", "tests.faults.mill"], env=dict(env), cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._log, start_new_session=True,
        )
        self._guard = threading.Lock()
        self._started: set[int] = set()
        assert json.loads(self._out.readline()) == {"ready": True}

    @property
    def _out(self) -> Any:
        return self._process.stdout

    def order(self, do: str, **order: Any) -> dict[str, Any]:
        """Let the mill do something; its answer."""
        assert self._process.stdin is not None
        with self._guard:
            self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
            self._process.stdin.flush()
            line = self._out.readline()
        assert line, f"the mill broke; see {self._log.name}"
        said: dict[str, Any] = json.loads(line)
        return said

    def done(self, do: str, **order: Any) -> Any:
        """Let a child do something that must succeed; its result."""
        said = self.order(do, **order)
        assert said["code"] == 0, (do, said["code"], Path(self._log.name).read_text()[-3000:])
        return said["result"]

    def killed(self, do: str, crash_at: int, **order: Any) -> bool:
        """Let a child die at its n-th statement; False if it came to its end before."""
        said = self.order(do, crash_at=crash_at, **order)
        assert said["code"] in (0, -signal.SIGKILL), (do, said, Path(self._log.name).read_text()[-3000:])
        return bool(said["code"])

    def send(self, sent: Sent) -> Got:
        """A `Send` whose requests are each served by a new process."""
        said = self.order("web", **wired(sent))
        if said["code"]:
            raise Unanswered(str(said))
        return Got(**said["result"])

    def start(self, do: str, **order: Any) -> int:
        """Start a worker or relay; its process id."""
        pid = int(self.order(do, **order)["pid"])
        self._started.add(pid)
        return pid

    def end(self, pid: int, number: int = signal.SIGTERM) -> int:
        """Signal one that was started and wait for its end; its exit code."""
        self._started.discard(pid)
        return int(self.order("end", pid=pid, signal=int(number))["code"])

    def __enter__(self) -> Mill:
        return self

    def __exit__(self, *_: object) -> None:
        """End everything that it started, then itself."""
        for pid in list(self._started):
            self.end(pid, signal.SIGKILL)
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
        self._out.close()
        self._log.close()


def wired(sent: Sent) -> dict[str, Any]:
    """A request as the mill takes it."""
    return {"method": sent.method, "path": sent.path, "headers": dict(sent.headers), "body": sent.body.hex()}


class Stage:
    """An installation - database, files, clock - that `keep` remembers and `back` puts back as it was."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.clock_file = folder / "clock"
        self.env = {
            "DANFLOW_ENV": "test", "SECRET_KEY": SECRET, "INSTANCE_DIR": str(folder), "DATABASE_URL": database_url,
            "CLOCK_FILE": str(self.clock_file), "RATE_LIMITS": "false", "LOG_JSON": "true", "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
        self._kept = folder / "kept"

    def advance(self, ms: int) -> None:
        """Move the clock of all processes ahead."""
        self.clock_file.write_text(str(self._offset() + ms))

    def _offset(self) -> int:
        return int(self.clock_file.read_text()) if self.clock_file.exists() else 0

    def keep(self) -> None:
        """Remember this moment. Nobody may be using the database."""
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        (self._kept / "clock").write_text(str(self._offset()))
        if self._uploads.exists():
            shutil.copytree(self._uploads, self._kept / "uploads")
        if self._sqlite is None:
            with psycopg.connect(self.database_url, autocommit=True) as connection:
                connection.execute("DROP SCHEMA IF EXISTS pristine CASCADE")
                connection.execute(REMEMBER)
            return
        connection = sqlite3.connect(self._sqlite)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(self._sqlite, self._kept / "db")

    def back(self) -> None:
        """Return to the moment that was kept."""
        shutil.copy(self._kept / "clock", self.clock_file)
        shutil.rmtree(self._uploads, ignore_errors=True)
        if (self._kept / "uploads").exists():
            shutil.copytree(self._kept / "uploads", self._uploads)
        if self._sqlite is None:
            with psycopg.connect(self.database_url, autocommit=True) as connection:
                connection.execute(RESET)
            return
        for suffix in ("-wal", "-shm"):
            Path(f"{self._sqlite}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._kept / "db", self._sqlite)

    @property
    def _uploads(self) -> Path:
        return self.folder / "uploads"

    @property
    def _sqlite(self) -> Path | None:
        return Path(self.database_url.removeprefix("sqlite:///")) if self.database_url.startswith("sqlite") else None


@contextmanager
def new_stage(backend: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Stage]:
    """An installation of the demo company on a database of its own."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_demo"), folder / "danflow.db")
        yield Stage(folder, f"sqlite:///{folder / 'danflow.db'}")
        return
    request.getfixturevalue("postgres_demo")
    server: Postgres = request.getfixturevalue("postgres")
    name = f"stage_{uuid.uuid4().hex[:12]}"
    yield Stage(folder, server.create(name, "danflow_demo"))


__all__ = ["Erp", "Mill", "Send", "Stage", "new_stage", "wired"]
