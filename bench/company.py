"""What the benchmarks run on: a database with the demo company and a complaint flow without the five-ticket limit."""
from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.core.principal import RIGHTS, SYSTEM, Principal
from app.definitions import service as definitions
from app.demo.seed import LIBRARY, seed
from app.entries import intake
from app.extensions import clock, db
from app.org import people
from app.org import service as org
from app.org.directory import directory
from app.runtime import service
from app.runtime.models import Task
from app.runtime.ports import StaffPorts
from app.settings import Settings, load

MIGRATIONS = Path(__file__).parents[1] / "migrations"
SECRET = "a secret that only benchmarks know, 42 chars"
AGENT = "a1"
COLLEAGUE = "a2"
ANSWERS = {"f_phone": "13800138000", "f_store": "st_hz1", "f_order": "A1001", "f_kind": "o_svc", "f_item": "o_slow",
           "f_body": "上菜等了四十分钟", "f_ok": True}
REPLY = {"f_reply": "已致歉并补偿小菜", "f_rate": "0"}


@contextmanager
def company(folder: Path, database_url: str, redis_url: str = "") -> Iterator[Flask]:
    """An application on a fresh, migrated database with the demo company in it."""
    settings: Settings = load({}, env="test", instance_dir=folder, database_url=database_url, redis_url=redis_url,
                              secret_key=SECRET, rate_limits=False, log_level="WARNING")
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        seed(settings.base_url, clock.now_ms())
        _publish_without_limit()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _publish_without_limit() -> None:
    flow = json.loads((LIBRARY / "flow.json").read_text("utf-8")) | {"key": "bench"}
    for node in flow["nodes"]:
        node["config"].pop("max_open_per_person", None)
    kind = {"schema": "danflow/ticket_type/1", "key": "bench", "name": "Bench", "form": "complaint", "flow": "bench"}
    for name, content in (("flow", flow), ("ticket_type", kind)):
        definitions.save_draft(name, "bench", content, 0, actor=SYSTEM, now=clock.now_ms())
        definitions.publish(name, "bench", actor=SYSTEM, now=clock.now_ms(), known=org.known())


def agent() -> Principal:
    """The agent who claims and handles everything, through a token of their own."""
    people.save_role("bench", name="Bench", rights=sorted(RIGHTS), reads="all", actor=SYSTEM)
    people.grant_role(AGENT, "bench", actor=SYSTEM)
    principal = org.token_principal(token(), clock.now_ms())
    assert principal is not None
    return principal


def token() -> str:
    """A token of the agent."""
    return people.create_token(AGENT, name="bench", rights=sorted(RIGHTS), actor=SYSTEM, now=clock.now_ms())


def open_tickets(count: int, mark: str) -> float:
    """Open tickets through the one intake; seconds."""
    kind = definitions.current_type("bench")
    bundle = definitions.bundle(kind.id)
    started = time.perf_counter()
    for number in range(count):
        found = intake.open_ticket(
            bundle, kind.id, "t_menu", ANSWERS, ports=StaffPorts(directory(), "", None), channel="bench",
            command_id=f"bench:{mark}:{number:06}", now=clock.now_ms(),
        )
        assert found.token, found.problems
    return time.perf_counter() - started


def open_tasks(node: str, count: int, assignee: str | None = None) -> list[str]:
    """Ids of open tasks of a node, with this assignee."""
    rows = db.session.execute(
        select(Task.id).where(Task.status == "open", Task.node == node, Task.assignee_id == assignee).limit(count)
    )
    found = [row[0] for row in rows]
    db.session.rollback()
    return found


def act(tasks: list[str], action: str, form: dict[str, Any], actor: Principal) -> float:
    """One action on each task through the service; seconds."""
    started = time.perf_counter()
    for task in tasks:
        service.act(task, action, form, actor=actor, command_id=f"bench:{action}:{task}")
    return time.perf_counter() - started
