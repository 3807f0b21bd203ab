"""The whole product as real processes, for browser and fault tests, on a database of their own."""
from __future__ import annotations

import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from tests.servers import PYTHON, Process, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a secret that only tests know, 42 characters"


class Live:
    """Processes of one installation. Nothing runs until `start`; `stop` ends all and fails if one did not end well."""

    def __init__(self, folder: Path, database_url: str, redis_url: str = "") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock_file = folder / "clock"
        self.env = {
            "DANFLOW_ENV": "test", "SECRET_KEY": SECRET, "INSTANCE_DIR": str(folder), "DATABASE_URL": database_url,
            "REDIS_URL": redis_url, "PORT": str(self.port), "BASE_URL": self.url, "CLOCK_FILE": str(self.clock_file),
            "RATE_LIMITS": "false", "LOG_JSON": "true", "PYTHONPATH": str(ROOT),
        }
        self.processes: dict[str, Process] = {}

    def advance(self, ms: int) -> None:
        """Move the clock of all processes ahead by `ms` more milliseconds."""
        now = int(self.clock_file.read_text()) if self.clock_file.exists() else 0
        aside = self.clock_file.with_suffix(".new")
        aside.write_text(str(now + ms))
        aside.replace(self.clock_file)

    def flask(self, *command: str, **env: str) -> str:
        """Run a `flask` command to its end; returns what it printed."""
        process = self.spawn("command", [PYTHON, "-m", "flask", "--app", "wsgi", *command], **env)
        process.popen.wait(120)
        code = process.stop()  # closes its log
        assert code == 0, process.text()
        return process.text()

    def spawn(self, name: str, arguments: list[str], **env: str) -> Process:
        """Start a process of this installation; `env` comes on top (CRASH_AT_SQL, say)."""
        log = self.folder / f"{name}.log"
        if name == "command":
            log.unlink(missing_ok=True)
        self.processes[name] = Process(arguments, {**self.env, **env}, log, ROOT)
        return self.processes[name]

    def web(self, wait: bool = True, **env: str) -> Process:
        """Start the web server; returns when it answers (unless it is expected to die first: `wait=False`)."""
        process = self.spawn("web", [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"], **env)
        if wait:
            wait_for(lambda: self.answers() or not process.running(), 30, "the web server to answer")
            assert process.running(), process.text()[-3000:]
        return process

    def worker(self, name: str = "worker", *options: str, **env: str) -> Process:
        """Start a worker."""
        return self.spawn(name, [PYTHON, "-m", "flask", "--app", "wsgi", "worker", *options], **env)

    def relay(self, **env: str) -> Process:
        """Start the relay."""
        return self.spawn("relay", [PYTHON, "-m", "flask", "--app", "wsgi", "relay"], **env)

    def start(self) -> None:
        """Start web, one worker and the relay."""
        self.worker()
        self.relay()
        self.web()

    def answers(self) -> bool:
        """Whether the web server serves."""
        try:
            with urllib.request.urlopen(f"{self.url}/livez", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """End everything that still runs."""
        running = [process for process in self.processes.values() if process.running()]
        for process in running:
            process.popen.terminate()  # all at once: each takes its time
        with ExitStack() as stack:  # whatever becomes of one, the others end
            for process in running:
                stack.callback(process.stop)
