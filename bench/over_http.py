"""Tickets and steps per second through gunicorn, 50 and 500 clients, generator and servers sharing the machine."""
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

FEW, MANY = 50, 500
ROUNDS = 10


@contextmanager
def serving(folder: Path, database_url: str) -> Iterator[tuple[str, int]]:
    """gunicorn on that database: (host, port)."""
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
    """({"50 clients: create", …: (the fastest round, errors in all of them)}, the fastest floor of those in between).

    `count` tickets are opened, `count` claimed ones handled by few clients, and as many by many.
    """
    with company.company(folder, database_url) as app, app.app_context():
        actor = company.agent()
        token = company.token()
        company.open_tickets(2 * count, "run")
        company.act(company.open_tasks("pool", 2 * count), "claim", {}, actor)
        todo = company.open_tasks("handle", 2 * count, company.AGENT)
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    new = json.dumps({"type": "bench", "trigger": "t_menu", "form": company.ANSWERS}).encode()
    reply = json.dumps({"action": "submit", "form": company.REPLY}).encode()

    def post(path: str, body: bytes, mark: str) -> bytes:
        return load.request("POST", f"/api/v1{path}", body, {**head, "Idempotency-Key": mark})

    with serving(folder, database_url) as address:
        load.run(address, [post("/tickets", new, f"warm-{n}") for n in range(200)], FEW, 30)
        spells, fastest = [], {}
        acts = [post(f"/tasks/{task}/actions", reply, task) for task in todo]
        for name, requests, clients, times in (
            ("create", [post("/tickets", new, f"new-{n}") for n in range(count)], FEW, ROUNDS),
            ("act", acts[:count], FEW, ROUNDS),
            ("act", acts[count:], MANY, 1),
        ):
            rounds = []
            for number in range(times):
                spells.append(floor())
                rounds.append(load.run(address, requests[number::times], clients, 60))
            errors = sum(tally.errors for tally in rounds)
            fastest[f"{clients} clients: {name}"] = max(rounds, key=lambda tally: tally.per_second), errors
    return fastest, max(spells)
