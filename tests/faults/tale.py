"""The complaint as a list of steps that can each be interrupted, repeated and finished, and what must be true after."""
from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from app.extensions import db
from tests.conftest import close
from tests.faults.kit import Erp, Mill, Stage, wired
from tests.live_stories.company import connect_erp
from tests.people import Colleague, Customer, Got, Send, Sent, colleagues, doors

HOUR, DAY = 3_600_000, 86_400_000
PATIENCE_MS = 61_000  # the lease of a worker that died has run out
TABLES = ["tickets", "events", "tasks", "timers", "effects", "attempts", "messages", "uploads"]

BANQUET: dict[str, Any] = {
    "f_phone": "13600136000", "f_store": "st_hz1", "f_order": "B7", "f_kind": "o_food", "f_item": "o_cold",
    "f_items": [{"f_dish": "宴席", "f_price": "26000", "f_qty": 2}], "f_photos": ["table"], "f_body": "整桌菜凉",
    "f_ok": True,
}
BANQUET_STEPS = ["submit", "claim", "handle", "approve", "work", "rate"]
REFUND: dict[str, Any] = {
    "f_phone": "13700137000", "f_store": "st_hz1", "f_order": "B8", "f_kind": "o_svc", "f_body": "要求退款",
    "f_ok": True,
}
REPLY: dict[str, Any] = {"f_reply": "全额赔付", "f_rate": 100}
PRAISE: dict[str, Any] = {"f_score": 5, "f_solved": "o_yes"}
# step → who may do it, where they find it, its node, the action, what they write
ACTIONS: dict[str, tuple[tuple[str, ...], str, str, str, dict[str, Any]]] = {
    "claim": (("a1",), "pool", "pool", "claim", {}),
    "handle": (("a1", "a2"), "todo", "handle", "submit", REPLY),
    "approve": (("rm",), "todo", "approve", "approve", {}),
}


class Tale:
    """One complaint. What its people know (link, cookie) lives here; everything else is in the installation."""

    def __init__(self, send: Send, door: str, form: Mapping[str, Any], staff: Mapping[str, Colleague]) -> None:
        self.customer, self.door, self.form, self.staff = Customer(send), door, form, staff

    def packed(self) -> dict[str, Any]:
        """Everything that somebody in another process needs to go on with it."""
        return {"door": self.door, "form": self.form, "cookie": self.customer.cookie, "link": self.customer.link,
                "staff": {who.id: who.token for who in self.staff.values()}}

    @classmethod
    def unpacked(cls, send: Send, packed: Mapping[str, Any]) -> Tale:
        """The same tale, its requests going another way."""
        staff = {id: Colleague(send, id, token) for id, token in packed["staff"].items()}
        tale = cls(send, packed["door"], packed["form"], staff)
        tale.customer.cookie, tale.customer.link = packed["cookie"], packed["link"]
        return tale

    def request(self, name: str) -> Sent:
        """The request that a person's step sends; it can be sent any number of times."""
        if name == "submit":
            return self.customer.form(self.door, self.form)
        if name == "rate":
            return self.customer.form(self.customer.link, PRAISE)
        people, view, node, action, form = ACTIONS[name]
        for who in people:
            for task in self.staff[who].view(view):
                if task["node"] == node:
                    return self.staff[who].action(task["id"], action, form)
        raise AssertionError(f"nobody of {people} has a task at {node}")

    def answered(self, name: str, got: Got) -> None:
        """The step's answer must be what the person hopes for."""
        if name == "submit":
            self.customer.received(got)
        else:
            assert got.status == (303 if name == "rate" else 200), (name, got.status, got.text)

    def go_on(self, steps: Sequence[str], work: Callable[[], Any], advance: Callable[[int], None]) -> None:
        """Tell some steps: "wait 5" (days), "patience", "work", or what a person does."""
        for step in steps:
            if step.startswith("wait"):
                advance(int(step.split()[1]) * DAY)
            elif step == "patience":
                advance(PATIENCE_MS)
            elif step == "work":
                work()
            else:
                self.answered(step, self.customer.send(self.request(step)))


@dataclass
class Scene:
    """Where tales are told: an installation, its processes and its ERP."""

    stage: Stage
    mill: Mill
    erp: Erp
    staff: dict[str, Colleague]
    doors: dict[str, str]
    calls: list[tuple[str, str]] = field(default_factory=list)

    def keep(self) -> None:
        """Remember this moment."""
        self.stage.keep()
        self.calls = list(self.erp.calls)

    def back(self) -> None:
        """Return to it."""
        self.stage.back()
        self.erp.calls[:] = self.calls

    def tell(self, tale: Tale, steps: Sequence[str], again: tuple[str, Sent] | None = None) -> dict[str, Any]:
        """Let a process go on with a tale (after sending a request `again`); all rows that count at its end."""
        order = {"tale": tale.packed(), "steps": list(steps)}
        if again is not None:
            order["again"] = [again[0], wired(again[1])]
        told = self.mill.done("tell", tables=TABLES, **order)
        tale.customer.link, tale.customer.cookie = told["link"], told["cookie"]
        facts: dict[str, Any] = told["facts"]
        return facts


def set_scene(stage: Stage, mill: Mill, erp: Erp, app: Flask) -> Scene:
    """Give people their tokens and the connector its address; warm the mill with a tale that never happened."""
    with app.app_context():
        connect_erp(erp.url)
        staff = colleagues(mill.send, "a1", "a2", "rm", "admin")
        entries = doors()
        db.session.remove()
    close(app)
    scene = Scene(stage, mill, erp, staff, entries)
    scene.keep()
    tale = Tale(mill.send, entries["t_menu"], BANQUET, staff)
    mill.order("warm", tables=TABLES, tale=tale.packed(), steps=BANQUET_STEPS)
    scene.back()
    return scene


# ---- what must be true at the end -----------------------------------------------------------------------------------

AGENTS = re.compile(r'"a[12]"')


def outline(facts: Mapping[str, Any], calls: Mapping[str, Counter[str]]) -> dict[str, Any]:
    """What happened, without what differs from one telling to the next: ids, moments, which of two agents it was."""
    [ticket] = facts["tickets"]
    text = json.dumps({
        "ticket": [ticket["status"], ticket["version"], ticket["seq"], ticket["owner_id"]],
        "events": [[row["kind"], row["node"], row["body"].get("port"), row["body"].get("token")]
                   for row in sorted(facts["events"], key=lambda row: row["seq"])],
        "tasks": sorted([row["key"], row["status"], str(row["outcome"]), str(row["assignee_id"])]
                        for row in facts["tasks"]),
        "timers": sorted([row["key"], row["state"]] for row in facts["timers"]),
        "effects": sorted([row["key"], row["kind"], row["state"]] for row in facts["effects"]),
        "messages": sorted([row["idem_key"], row["via"], row["status"]] for row in facts["messages"]),
        "uploads": [row["ticket_id"] for row in facts["uploads"] if row["ticket_id"]],
        "calls": sorted([key, list(bodies)] for key, bodies in calls.items()),
    }, ensure_ascii=False)
    plain: dict[str, Any] = json.loads(AGENTS.sub('"agent"', text.replace(ticket["id"], "T")))
    return plain


def once(facts: Mapping[str, Any], calls: Mapping[str, Counter[str]]) -> None:
    """Nothing twice: one ticket, each step, timer and job once; calls to others may be repeated, as the same call. And
    `flask doctor` finds nothing."""
    assert facts["violations"] == []
    assert len(facts["tickets"]) == 1
    happened = Counter((row["kind"], json.dumps(row["body"].get("delta", {}).get(what)))
                       for row in facts["events"]
                       for kind, what in (("task.done", "task"), ("job.done", "job"), ("timer.fired", "timer"),
                                          ("ticket.created", "-"), ("ticket.closed", "-"))
                       if row["kind"] == kind)
    assert set(happened.values()) == {1}, happened
    jobs = {f"{row['ticket_id']}:{row['key']}" for row in facts["effects"] if row["kind"] == "webhook"}
    assert set(calls) == jobs
    for key, bodies in calls.items():
        assert len(bodies) == 1 and bodies.total() <= 2, (key, bodies)
    keys = [row["idem_key"] for row in facts["messages"]]
    assert len(keys) == len(set(keys))
    assert {row["status"] for row in facts["messages"]} == {"sent"}
    assert {row["state"] for row in facts["effects"]} == {"done"}
    assert not [row for row in facts["timers"] if row["state"] == "armed"]
