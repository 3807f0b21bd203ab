"""Tickets and steps per second through the service layer, one thread; statements and CPU of web requests."""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.driver import statements
from app.runtime import outbox
from app.wire import Wire
from bench import company
from bench.company import AGENT

ROUNDS = 10
Floor = Callable[[], float]


@dataclass
class Services:
    """Per second, one thread, in the fastest round; `floors` likewise, in the order given."""

    opened: float
    steps: float
    drained: float
    floors: list[float]


@dataclass
class Cost:
    """Of one request, the middle of several: SQL statements (BEGIN and COMMIT not counted) and CPU milliseconds."""

    sql: int
    cpu_ms: float


def services(folder: Path, database_url: str, count: int, floors: Sequence[Floor]) -> Services:
    """Open `count` tickets, claim each, handle each, in rounds with the floors, then claim and end the outbox."""
    each = count // ROUNDS
    opened, steps = [], []
    spells: list[list[float]] = []
    with company.company(folder, database_url) as app, app.app_context():
        actor = company.agent()
        company.open_tickets(20, "warm")
        for number in range(ROUNDS):
            spells.append([floor() for floor in floors])
            opened.append(each / company.open_tickets(each, f"run{number}"))
            claims = company.open_tasks("pool", each)
            spent = company.act(claims, "claim", {}, actor)
            answers = company.open_tasks("handle", each, AGENT)
            spent += company.act(answers, "submit", company.REPLY, actor)
            steps.append((len(claims) + len(answers)) / spent)
        fastest = [max(spell) for spell in zip(*spells, strict=True)]
        return Services(max(opened), max(steps), _drain("webhook"), fastest)


def _drain(lane: str) -> float:
    """Rows per second of the outbox claimed and ended in its usual batches, nothing being sent."""
    done, began = 0, time.perf_counter()
    while True:
        with Wire() as wire:
            rows = outbox.claim(wire, "bench", lane, outbox.BATCH, outbox.LEASE_MS)
            if not rows:
                return done / (time.perf_counter() - began)
            done += outbox.end(wire, "bench", [outbox.Ending(row, "done", row.now) for row in rows])


def requests(folder: Path, database_url: str) -> dict[str, Cost]:
    """What a request costs the web process, through the real WSGI stack."""
    with company.company(folder, database_url) as app:
        with app.app_context():
            company.agent()
            token = company.token()
            company.open_tickets(40, "run")
        client = app.test_client()
        headers = {"Authorization": f"Bearer {token}"}

        def call(method: str, path: str, body: Any, mark: str) -> Any:
            sent = {**headers, "Idempotency-Key": mark}
            answer = client.open(f"/api/v1{path}", method=method, json=body, headers=sent)
            assert answer.status_code < 300, answer.text
            return answer.json

        def measure(name: str, method: str, path: Any, body: Any, times: int = 15) -> Cost:
            seen = []
            for number in range(times):
                address = path(number) if callable(path) else path
                before, cpu = statements.executed, time.process_time()
                call(method, address, body, f"bench-{name}-{number}")
                seen.append((statements.executed - before, (time.process_time() - cpu) * 1000))
            middle = len(seen) // 2
            return Cost(sorted(sql for sql, _ in seen)[middle], sorted(cpu for _, cpu in seen)[middle])

        pool = [task["id"] for task in call("GET", "/tasks?view=pool&limit=30", None, "pool")]
        new = {"type": "bench", "trigger": "t_menu", "form": company.ANSWERS}
        return {
            "create": measure("create", "POST", "/tickets", new),
            "list of 20": measure("list", "GET", "/tickets?limit=20", None),
            "act (claim)": measure("act", "POST", lambda number: f"/tasks/{pool[number]}/actions", {"action": "claim"}),
        }
