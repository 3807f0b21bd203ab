"""What requests may cost in SQL statements (BEGIN and COMMIT not counted): nobody spends more unseen."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.principal import RIGHTS, SYSTEM
from app.driver import statements
from app.extensions import clock
from app.org import people
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, Persona

COMPLAINT = {"f_phone": "13800138000", "f_store": "st_hz1", "f_order": "A1001", "f_kind": "o_svc", "f_item": "o_slow",
             "f_body": "上菜等了四十分钟", "f_ok": True}


class Caller:
    """A program with a token that counts what its requests cost."""

    def __init__(self, app: Flask, who: Persona) -> None:
        with app.app_context():
            people.save_role("program", name="Program", rights=sorted(RIGHTS), reads="all", actor=SYSTEM)
            people.grant_role(who.id, "program", actor=SYSTEM)
            self.token = people.create_token(
                who.id, name="tests", rights=sorted(RIGHTS), actor=SYSTEM, now=clock.now_ms()
            )
        self.client, self.sent, self.sql = app.test_client(), 0, 0

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; `sql` says how many statements it took."""
        self.sent += 1
        before = statements.executed
        answer = self.client.open(
            f"/api/v1{path}", method=method, json=body,
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"request-{self.sent}"},
        )
        self.sql = statements.executed - before
        assert answer.status_code < 300, answer.text
        return answer.json


@pytest.fixture
def call(demo_app: Flask) -> Callable[[Persona], Caller]:
    return lambda who: Caller(demo_app, who)


def opened(admin: Caller, count: int) -> None:
    for number in range(count):
        admin("POST", "/tickets", {"type": "complaint", "trigger": "t_menu",
                                   "form": COMPLAINT | {"f_phone": f"1380013{number:04}"}})


def test_opening_a_ticket_takes_at_most_twelve(call: Callable[[Persona], Caller], backend: str) -> None:
    admin = call(ADMIN)
    opened(admin, 2)  # definitions are loaded once in a process
    new = {"type": "complaint", "trigger": "t_menu", "form": COMPLAINT}
    admin("POST", "/tickets", new)
    assert admin.sql <= 12, "a customer seen for the first time"
    admin("POST", "/tickets", new)
    assert admin.sql <= (10 if backend == "sqlite" else 5), "a customer who is known"


def test_acting_is_one_read_and_one_write(call: Callable[[Persona], Caller], backend: str) -> None:
    # Besides asking who calls. On SQLite the write is one statement for each table.
    admin, agent = call(ADMIN), call(AGENT)
    opened(admin, 2)
    for number, task in enumerate(agent("GET", "/tasks?view=pool")):
        agent("POST", f"/tasks/{task['id']}/actions", {"action": "claim"})
        if number:
            assert agent.sql <= (12 if backend == "sqlite" else 4), "one counts the open tasks, for the limit"
    for number, task in enumerate(agent("GET", "/tasks?view=todo")):
        reply = {"action": "submit", "form": {"f_reply": "已致歉", "f_rate": "0"}}
        agent("POST", f"/tasks/{task['id']}/actions", reply)
        if number:
            assert agent.sql <= (11 if backend == "sqlite" else 3)


def test_lists_and_a_ticket_take_as_many_however_much_they_show(call: Callable[[Persona], Caller]) -> None:
    admin = call(ADMIN)
    opened(admin, 1)
    costs: dict[str, list[int]] = {}
    for _ in range(2):
        for path in ("/tickets?limit=20", "/tasks?view=pool", "/tasks?view=todo"):
            admin("GET", path)
            costs.setdefault(path, []).append(admin.sql)
        opened(admin, 20)
    assert all(few == many <= 6 for few, many in costs.values()), costs
    ticket = admin("GET", "/tickets?limit=1")["items"][0]["id"]
    admin("GET", f"/tickets/{ticket}")
    assert admin.sql <= 6


def test_a_colleagues_pages(demo_app: Flask, call: Callable[[Persona], Caller]) -> None:
    admin = call(ADMIN)
    opened(admin, 20)
    ticket = admin("GET", "/tickets?limit=1")["items"][0]["id"]
    browser = Browser(demo_app)
    assert browser.sign_in(ADMIN.login).status_code == 303
    care = 3  # what an administrator looks after: stands still, was refused, lacks a step's type
    for path, most in (("/tickets", 6), ("/todo", 6 + care), ("/pool", 6), ("/inbox", 6), (f"/tickets/{ticket}", 12)):
        browser.get(path)
        before = statements.executed
        assert browser.get(path).status_code == 200, path
        assert statements.executed - before <= most, path
