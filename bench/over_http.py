"""Tickets and steps per second through gunicorn, 50 clients, generator and servers sharing the machine."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import company, load
from tests.servers import free_port

CLIENTS = 50
ROUNDS = 10


@contextmanager
def _serving(folder: Path, database_url: str) -> Iterator[tuple[str, int]]:
    port = free_port()
    env = {**os.environ, "DANFLOW_ENV": "test", "SECRET_KEY": company.SECRET, "INSTANCE_DIR": str(folder),
           "DATABASE_URL": database_url, "PORT": str(port), "RATE_LIMITS": "false", "LOG_LEVEL": "WARNING",
           "WEB_PROCESSES": "2", "WEB_THREADS": "4"}
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"], env=env)
    try:
        for _attempt in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        server.wait(20)


def run(
    folder: Path, database_url: str, count: int, floor: Callable[[], float]
) -> tuple[dict[str, tuple[load.Tally, int]], float]:
    """({"create", "act"}: (the fastest of ROUNDS, errors in all of them)}, the fastest floor of those in between).

    `count` tickets are opened, `count` claimed ones handled.
    """
    with company.company(folder, database_url) as app, app.app_context():
        actor = company.agent()
        token = company.token()
        company.open_tickets(count, "run")
        company.act(company.open_tasks("pool", count), "claim", {}, actor)
        todo = company.open_tasks("handle", count, company.AGENT)
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    new = json.dumps({"type": "bench", "trigger": "t_menu", "form": company.ANSWERS}).encode()
    reply = json.dumps({"action": "submit", "form": company.REPLY}).encode()

    def post(path: str, body: bytes, mark: str) -> bytes:
        return load.request("POST", f"/api/v1{path}", body, {**head, "Idempotency-Key": mark})

    with _serving(folder, database_url) as address:
        load.run(address, [post("/tickets", new, f"warm-{n}") for n in range(200)], CLIENTS, 30)
        spells, fastest = [], {}
        for name, requests in (
            ("create", [post("/tickets", new, f"new-{n}") for n in range(count)]),
            ("act", [post(f"/tasks/{task}/actions", reply, task) for task in todo]),
        ):
            rounds = []
            for number in range(ROUNDS):
                spells.append(floor())
                rounds.append(load.run(address, requests[number::ROUNDS], CLIENTS, 60))
            errors = sum(tally.errors for tally in rounds)
            fastest[name] = max(rounds, key=lambda tally: tally.per_second), errors
    return fastest, max(spells)
