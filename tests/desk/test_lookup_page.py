"""Colleagues are chosen on the ticket page, and never at a public door."""
from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.extensions import clock, db
from app.org import people
from tests.desk.conftest import Browser, hidden, task_on
from tests.entries.conftest import Guest
from tests.entries.kinds import publish
from tests.personas import AGENT, AGENT_TWO, MANAGER, Persona

BrowserOf = Callable[[Persona], Browser]
FIELDS = ({"id": "f_t", "type": "text", "label": "事由"}, {"id": "f_p", "type": "person", "label": "负责人"},
          {"id": "f_m", "type": "person", "label": "店长", "roles": ["store_manager"], "default": "me"})


@pytest.fixture
def backend() -> str:
    """What is judged here does not depend on the database."""
    return "sqlite"


@pytest.fixture
def door(demo_app: Flask) -> str:
    return publish(demo_app, *FIELDS, ask={"*": "edit"}, work={"f_t": "read", "f_p": "required", "f_m": "edit"})


@pytest.fixture
def ticket(demo_app: Flask, door: str) -> str:
    """The path of a ticket that a customer opened."""
    anna = Guest(demo_app, door)
    anna.open()
    assert "负责人" not in anna.page and "店长" not in anna.page
    assert anna.post({"f_t": "漏水"}).status_code == 303
    with demo_app.app_context():
        found = db.session.connection().exec_driver_sql("SELECT id FROM ticket").scalar()
        db.session.remove()
    return f"/tickets/{found}"


def hire(app: Flask, count: int) -> None:
    """Many more colleagues."""
    with app.app_context():
        for number in range(count):
            people.create_person(login=f"n{number}", name=f"新员工{number:03}", id=f"n{number}", actor=SYSTEM,
                                 now=clock.now_ms())
        db.session.remove()


def claim(browser: Browser, ticket: str) -> str:
    """Claims it; returns the path where the task's form is sent."""
    assert browser.post(f"/tasks/{task_on(browser, ticket)}/claim").status_code == 303
    return f"{ticket}/tasks/{task_on(browser, ticket)}"


def send(browser: Browser, task: str, **data: Any) -> tuple[int, str]:
    page = browser.get(task.partition("/tasks")[0]).text
    answer = browser.post(task, _version=hidden(page, "_version"), _token="x", **data)
    return answer.status_code, unescape(answer.text)


def answers(app: Flask) -> dict[str, Any]:
    with app.app_context():
        data = db.session.connection().exec_driver_sql("SELECT data FROM ticket").scalar()
        db.session.remove()
    found: dict[str, Any] = app.json.loads(data)
    return found


def box(page: str, name: str) -> str:
    """What stands in a field's box. (Others, such as handing over, list everybody.)"""
    return page.partition(f'data-f="{name}"')[2].partition('data-f="')[0]


def chosen(page: str, name: str) -> list[str]:
    return re.findall(r'value="([^"]*)"(?: selected| checked)', box(page, name))


def test_a_visitor_cannot_name_anybody(demo_app: Flask, door: str) -> None:
    anna = Guest(demo_app, door)
    anna.open()
    for raw in ({"f_p": AGENT.id}, {"f_p.find": "安"}, {"f_p": "nobody"}):
        answer = anna.post({"f_t": "x", **raw})
        assert answer.status_code == 422 and AGENT.id not in anna.errors().get("f_p", "")


def test_a_colleague_is_chosen_from_a_list(demo_app: Flask, ticket: str, browser_of: BrowserOf) -> None:
    agent = browser_of(AGENT)
    task = claim(agent, ticket)
    page = agent.text(ticket)
    assert "<select" in page and chosen(page, "f_p") == [] and chosen(page, "f_m") == []  # an agent is no manager
    status, page = send(agent, task, f_p="nobody", _action="submit")
    assert status == 422 and "不能选这位同事" in page
    status, page = send(agent, task, f_p=AGENT_TWO.id, f_m=AGENT.id, _action="submit")
    assert status == 422 and "“店长”不能选这位同事" in page and chosen(page, "f_p") == [AGENT_TWO.id]
    assert send(agent, task, f_p=AGENT_TWO.id, f_m=MANAGER.id, _action="submit")[0] == 303
    assert answers(demo_app) == {"f_t": "漏水", "f_p": AGENT_TWO.id, "f_m": MANAGER.id}


def test_among_hundreds_they_are_searched_without_scripts(demo_app: Flask, ticket: str, browser_of: BrowserOf) -> None:
    hire(demo_app, 201)
    agent = browser_of(AGENT)
    task = claim(agent, ticket)
    page = agent.text(ticket)
    assert "新员工" not in box(page, "f_p") and 'name="f_p.find"' in page
    status, page = send(agent, task, **{"f_p.find": "新员工", "_do": "render"})
    found = box(page, "f_p")
    assert status == 200 and found.count('type="radio"') == 50 and "还有更多" in found and "新员工060" not in found
    status, page = send(agent, task, **{"f_p.find": "新员工", "f_p.was": "新员工", "f_p": "n142", "_do": "render"})
    assert chosen(page, "f_p") == ["n142"] and 'name="f_p.find" value=""' in page
    status, page = send(agent, task, **{"f_p.find": "没有这个人", "_do": "render"})
    assert "没有找到" in box(page, "f_p") and status == 200
    status, page = send(agent, task, **{"f_p.find": "新员工", "_action": "submit"})
    assert status == 422 and "201 项符合“新员工”" in page
    with demo_app.app_context():
        people.set_active("n7", False, actor=SYSTEM)
        db.session.remove()
    assert send(agent, task, f_p="n7", _action="submit")[0] == 422  # has left
    assert send(agent, task, **{"f_p.find": "新员工008", "_action": "submit"})[0] == 303
    assert answers(demo_app)["f_p"] == "n8"
