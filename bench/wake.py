"""How soon a worker holds what a step asked for: rung by its bell, and by the clock alone."""
from __future__ import annotations

import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from app.extensions import db
from app.runtime import service
from app.runtime.models import Outbox, OutboxAttempt, Worker
from bench import company
from tests.servers import Process, wait_for

ROOT = Path(__file__).parents[1]
PAUSE_S = 0.083  # between two steps: no multiple of anything that the worker counts by


def latencies(folder: Path, database_url: str, redis_url: str, count: int) -> list[int]:
    """Milliseconds from the begin of a step to a worker's claim of its effect, ascending: `count` steps, one by one.

    Both moments are the database's, as the rows keep them; the step itself is in it.
    """
    with company.company(folder, database_url, redis_url) as app, app.app_context():
        actor = company.agent()
        company.open_tickets(count, "wake")
        company.act(company.open_tasks("pool", count), "claim", {}, actor)
        tasks = company.open_tasks("handle", count, company.AGENT)
        env = {"DANFLOW_ENV": "test", "SECRET_KEY": company.SECRET, "INSTANCE_DIR": str(folder), "LOG_LEVEL": "WARNING",
               "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        worker = Process([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], env, folder / "worker.log", ROOT)
        try:
            wait_for(lambda: _number(Worker.id), 30, "the worker to live")
            wait_for(lambda: _number(Outbox.id, Outbox.state == "ready") == 0, 30, "the worker to have nothing to do")
            before = _number(OutboxAttempt.outbox_id)
            for task in tasks:
                service.act(task, "cc", {}, actor=actor, command_id=f"bench:cc:{task}", to=company.COLLEAGUE)
                time.sleep(PAUSE_S)
            wait_for(lambda: _number(OutboxAttempt.outbox_id) == before + count, 30, "the last effect to be done")
        finally:
            worker.stop()
        newest = select(OutboxAttempt.started_at - Outbox.created_at).join(Outbox, Outbox.id == OutboxAttempt.outbox_id)
        found = sorted(db.session.scalars(newest.order_by(Outbox.id.desc()).limit(count)))
        db.session.rollback()
        return found


def _number(column: object, *where: object) -> int:
    found = db.session.scalar(select(func.count(column)).where(*where)) or 0
    db.session.rollback()
    return found
