"""Processes by the dozen: `python -m tests.faults.mill` imports the application once and forks a child per order.

Orders are JSON lines on standard input, answers JSON lines on standard output. Each child is a process of its own with
its own database connections, dies for good where it is told to (`crash_at`: the n-th SQL statement from the beginning
of its work), and costs milliseconds instead of the seconds that importing everything takes.
"""
from __future__ import annotations

import gc
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from flask import Flask
from sqlalchemy import Select, select

from app import create_app
from app.definitions.models import Definition, DefinitionVersion
from app.demo.models import DemoRefund
from app.driver import crash_at, statements
from app.entries.models import Entry
from app.extensions import Parts, clock, db, parts
from app.notify.models import MessageRow
from app.runtime.effects.base import LANES
from app.runtime.history import events_in
from app.runtime.models import Outbox, OutboxAttempt, Task, Ticket, TicketHistory, Timer, Upload
from app.runtime.verify import verify
from app.worker.poller import Poller
from app.worker.process import run_relay, run_worker
from tests.faults.tale import Tale
from tests.people import Sent, in_process

LEASE_MS = 60_000
MOST_PULSES = 100
# name → the rows and columns that a test looks at
FACTS: dict[str, Select[Any]] = {
    "tickets": select(Ticket.id, Ticket.token, Ticket.status, Ticket.version, Ticket.seq, Ticket.owner_id),
    "events": select(TicketHistory.__table__).order_by(TicketHistory.ticket_id, TicketHistory.version),
    "tasks": select(Task.ticket_id, Task.key, Task.node, Task.status, Task.outcome, Task.assignee_id),
    "timers": select(Timer.ticket_id, Timer.key, Timer.state, Timer.due_at),
    "effects": select(Outbox.ticket_id, Outbox.key, Outbox.kind, Outbox.state, Outbox.attempts, Outbox.last_error),
    "attempts": select(OutboxAttempt.outbox_id, OutboxAttempt.attempt_no, OutboxAttempt.outcome),
    "messages": select(MessageRow.ticket_id, MessageRow.idem_key, MessageRow.via, MessageRow.to_id, MessageRow.status),
    "uploads": select(Upload.id, Upload.ticket_id),
    "versions": select(Definition.kind, Definition.key, DefinitionVersion.version).join(
        DefinitionVersion, DefinitionVersion.definition_id == Definition.id),
    "entries": select(Entry.type_key, Entry.trigger, Entry.token),
    "refunds": select(DemoRefund.idem_key, DemoRefund.amount),
}


def _told(name: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
    if name == "events":
        return [asdict(event) for event in events_in(rows)]
    return [dict(row._mapping) for row in rows]


def unwired(order: dict[str, Any]) -> Sent:
    """The request of an order."""
    return Sent(order["method"], order["path"], order["headers"], bytes.fromhex(order["body"]))


def parts_of(app: Flask) -> Parts:
    """The application's parts, outside of any context."""
    found: Parts = app.extensions["danflow"]
    return found


def web(app: Flask, order: dict[str, Any]) -> Any:
    """Serve one request: {"method", "path", "headers", "body" (hex)} → {"status", "headers", "text"}."""
    got = in_process(app)(unwired(order))
    return {"status": got.status, "headers": dict(got.headers), "text": got.text}


def work(app: Flask, _order: dict[str, Any]) -> Any:
    """What a worker does until nothing is due: how many pulses it took."""
    poller = Poller(app, LANES, threading.Event(), lease_ms=LEASE_MS, house=False)
    for pulse in range(MOST_PULSES):
        poller.tick()
        if not due(app):
            return pulse + 1
    raise RuntimeError(f"{MOST_PULSES} pulses, and something is still due")


def due(app: Flask) -> bool:
    """Whether an effect or a timer is due."""
    with app.app_context():
        now = clock.now_ms()
        effect = select(Outbox.id).where(Outbox.state == "ready", Outbox.run_at <= now).limit(1)
        timer = select(Timer.key).where(Timer.state == "armed", Timer.run_at <= now).limit(1)
        return db.session.scalar(effect) is not None or db.session.scalar(timer) is not None


def facts(app: Flask, order: dict[str, Any]) -> Any:
    """{table: rows} for the tables asked for, and what `flask doctor` finds."""
    with app.app_context():
        found = {name: _told(name, db.session.execute(FACTS[name]).all()) for name in order["tables"]}
        db.session.rollback()
        wrong = [f"{v.code} {v.detail}" for v in verify(clock.now_ms(), parts().settings.uploads, lease_ms=LEASE_MS)]
    return {**found, "violations": wrong}


def tell(app: Flask, order: dict[str, Any]) -> Any:
    """Go on with a tale (tests.faults.tale), people and workers all in this process."""
    send = in_process(app)
    tale = Tale.unpacked(send, order["tale"])
    if "again" in order:
        step, wired = order["again"]
        tale.answered(step, send(unwired(wired)))
    clock_file = parts_of(app).settings.clock_file

    def advance(ms: int) -> None:
        clock_file.write_text(str(parts_of(app).clock.offset_ms() + ms))

    tale.go_on(order["steps"], lambda: work(app, {}), advance)
    return {"facts": facts(app, order), "link": tale.customer.link, "cookie": tale.customer.cookie}


def worker(app: Flask, order: dict[str, Any]) -> Any:
    """Be a worker, as `flask worker` is, until killed or told to end."""
    return run_worker(app, lease_ms=order["lease_ms"])


def relay(app: Flask, order: dict[str, Any]) -> Any:
    """Be a relay, as `flask relay` is."""
    return run_relay(app, lease_ms=order["lease_ms"])


WORK: dict[str, Callable[[Flask, dict[str, Any]], Any]] = {
    "web": web, "work": work, "facts": facts, "tell": tell, "worker": worker, "relay": relay,
}


def child(app: Flask, order: dict[str, Any], out: int | None) -> None:
    """Carry out an order in a process of its own and write what came of it to `out`; never returns."""
    code = 1
    try:
        before = statements.count
        crash_at(order.get("crash_at", 0))
        result = WORK[order["do"]](app, order)
        crash_at(0)
        if out is not None:
            with os.fdopen(out, "w") as file:
                json.dump({"result": result, "statements": statements.count - before}, file)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # nothing of the parent's is ours to clean up


def one(app: Flask, order: dict[str, Any]) -> dict[str, Any]:
    """Fork, wait, tell: {"code" (negative: the signal that killed it), "result", "statements"}."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        child(app, order, write)
    os.close(write)
    with os.fdopen(read) as file:
        said = file.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"code": code, **(json.loads(said) if code == 0 else {})}


def start(app: Flask, order: dict[str, Any]) -> dict[str, Any]:
    """Fork a child that goes on; its id. `end` ends it."""
    pid = os.fork()
    if pid == 0:
        child(app, order, None)
    return {"pid": pid}


def end(order: dict[str, Any]) -> dict[str, Any]:
    """Signal a child that was started, wait for its end: {"code"}."""
    os.kill(order["pid"], order["signal"])
    return {"code": os.waitstatus_to_exitcode(os.waitpid(order["pid"], 0)[1])}


def warm(app: Flask, order: dict[str, Any]) -> dict[str, Any]:
    """Tell a tale here, so that children find statements and templates compiled and caches filled."""
    tell(app, order)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # no child may share a connection
    gc.collect()
    gc.freeze()  # a child's collector need not touch, and so copy, what is here
    return {}


def main() -> None:
    app = create_app()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "end":
            said = end(order)
        elif order["do"] == "warm":
            said = warm(app, order)
        elif order["do"] in ("worker", "relay"):
            said = start(app, order)
        else:
            said = one(app, order)
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
