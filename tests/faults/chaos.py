"""What the chaos test runs: a small ticket type without people, a crowd that submits, and a killer of processes."""
from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.extensions import clock, db, parts
from app.notify.models import MessageRow
from app.org.service import known
from app.runtime.models import Outbox, OutboxAttempt, Ticket, TicketHistory
from app.runtime.verify import verify
from tests.faults.kit import Erp, Mill
from tests.people import Colleague, Unanswered

TYPE = "chaos"
FORM = {
    "schema": "danflow/form/1", "key": TYPE, "title": "退款", "locale": "zh-CN", "locales": ["zh-CN"],
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [{"id": "f_order", "type": "text", "section": "s_a", "label": "订单号", "required": True}],
}
# A timer, a call to another system, a message; nobody needs to do anything.
NODES: list[tuple[str, str, dict[str, Any]]] = [
    ("start", "trigger.public_form", {"channel": "web", "fields": {"f_order": "required"}}),
    ("pool", "task.claim", {"candidates": [{"role": "cs_agent"}], "timeout": "PT1S"}),
    ("pay", "action.webhook", {"connector": "erp", "method": "POST", "path": "/refunds", "timeout": "PT5S",
                               "body": {"order_no": "{{form.f_order}}"}, "retry": {"max": 20, "backoff": "PT1S"}}),
    ("tell", "notify.staff", {"to": [{"role": "cs_lead"}], "template": "task_new"}),
    ("end", "flow.end", {"status": "closed"}),
    ("failed", "flow.end", {"status": "closed", "reason": "failed"}),
]
EDGES = [("start:out", "pool"), ("pool:claimed", "pay"), ("pool:timeout", "pay"), ("pay:out", "tell"),
         ("pay:error", "failed"), ("tell:out", "end")]


def publish() -> None:
    """Publish the ticket type. In an application context."""
    flow = {
        "schema": "danflow/flow/1", "key": TYPE, "name": "退款", "form": TYPE, "vars": [],
        "nodes": [{"id": id, "type": kind, "tv": 1, "name": id, "config": config} for id, kind, config in NODES],
        "edges": [{"id": f"e{n}", "from": source, "to": f"{to}:in"} for n, (source, to) in enumerate(EDGES)],
    }
    kind = {"schema": "danflow/ticket_type/1", "key": TYPE, "name": "退款", "form": TYPE, "flow": TYPE}
    for name, content in (("form", FORM), ("flow", flow), ("ticket_type", kind)):
        definitions.save_draft(name, TYPE, content, 0, actor=SYSTEM, now=clock.now_ms())
        definitions.publish(name, TYPE, actor=SYSTEM, now=clock.now_ms(), known=known())


class Crowd:
    """Programs that open tickets, each again and again with the same key until it is answered."""

    def __init__(self, who: Colleague, tickets: int, seconds: float, threads: int = 3) -> None:
        self.tickets = tickets
        self.accepted: dict[str, str] = {}  # order number → ticket id
        self.retried = 0
        self.refused: list[str] = []
        self._who, self._pause = who, seconds * threads / tickets
        self._orders = iter([f"N{number}" for number in range(tickets)])
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._submit) for _ in range(threads)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until everybody was answered."""
        for thread in self._threads:
            thread.join()

    def _next(self) -> str | None:
        with self._guard:
            return next(self._orders, None)

    def _submit(self) -> None:
        while (order := self._next()) is not None:
            request = self._who.request("POST", "/tickets", {"type": TYPE, "form": {"f_order": order}})
            end = time.monotonic() + 30
            while time.monotonic() < end:
                try:
                    got = self._who.send(request)
                except Unanswered:
                    self.retried += 1
                    time.sleep(0.1)
                    continue
                if got.status >= 500:
                    self.retried += 1
                    time.sleep(0.1)
                    continue
                if got.status == 201:
                    self.accepted[order] = got.json["id"]
                else:
                    self.refused.append(f"{got.status} {got.text}")
                break
            time.sleep(self._pause)


class Killer:
    """Kills workers, when it can while one is at something, and starts others in their place."""

    def __init__(self, mill: Mill, workers: int, chance: random.Random, lease_ms: int) -> None:
        self.mill, self.chance, self.lease_ms = mill, chance, lease_ms
        self.workers = [self._born() for _ in range(workers)]
        self.kills = self.at_work = 0

    def _born(self) -> int:
        return self.mill.start("worker", lease_ms=self.lease_ms)

    def strike(self, busy: Callable[[], bool]) -> None:
        """Kill one."""
        end = time.monotonic() + 0.5
        while time.monotonic() < end and not busy():
            time.sleep(0.003)
        self.at_work += busy()
        victim = self.chance.randrange(len(self.workers))
        assert self.mill.end(self.workers[victim], signal.SIGKILL) == -signal.SIGKILL
        self.workers[victim] = self._born()
        self.kills += 1


def leased() -> bool:
    """Whether a worker holds something. In an application context."""
    found = db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state == "leased"))
    db.session.rollback()
    return bool(found)


def unfinished() -> int:
    """How many tickets are open, and effects not done. In an application context."""
    found = db.session.scalar(select(func.count()).select_from(Ticket).where(Ticket.status == "open")) or 0
    going = db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state.in_(("ready", "leased"))))
    db.session.rollback()
    return found + (going or 0)


def all_is_well(erp: Erp, crowd: Crowd, lease_ms: int, most_again: int) -> int:
    """Every ticket that was accepted is there, ended, and everything about it happened once; how many leases were lost.

    `most_again`: how many calls to the ERP may have been made a second time. In an application context.
    """
    count = len(crowd.accepted)
    assert set(db.session.scalars(select(Ticket.id))) == set(crowd.accepted.values())
    assert len(set(crowd.accepted.values())) == count == crowd.tickets
    assert list(verify(clock.now_ms(), parts().settings.uploads, lease_ms=lease_ms)) == []
    assert Counter(db.session.scalars(select(Ticket.reason))) == {None: count}
    happened = Counter(
        (row.ticket_id, kind) for row in db.session.execute(select(TicketHistory.ticket_id, TicketHistory.marks))
        for kind, _ in row.marks if kind in ("timer.fired", "job.done", "ticket.closed", "message.queued"))
    assert len(happened) == 4 * count and set(happened.values()) == {1}
    sent = Counter(db.session.scalars(select(MessageRow.ticket_id).where(MessageRow.status == "sent")))
    assert len(sent) == count and set(sent.values()) == {1}
    calls = erp.per_key()
    assert set(calls) == {f"{row}:pay:1" for row in sent}
    assert all(len(bodies) == 1 for bodies in calls.values()), "one key, two different calls"
    again = sum(bodies.total() - 1 for bodies in calls.values())
    lost = db.session.scalar(select(func.count()).where(OutboxAttempt.outcome == "lost")) or 0
    db.session.rollback()
    print(f"{again} calls made twice, {lost} leases lost")
    assert again <= most_again, "a fault interrupts one call, no more"
    return lost
