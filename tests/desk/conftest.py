"""Colleagues without JavaScript, each in a browser of their own, at the demo company."""
from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.definitions import service as definitions
from app.entries import intake
from app.extensions import clock, db
from app.org.directory import directory
from app.runtime.ports import StaffPorts
from tests.live_stories.company import Company
from tests.personas import PASSWORD, Persona

COMPLAINT: dict[str, Any] = {
    "f_phone": "13912345678", "f_name": "王女士", "f_store": "st_hz1", "f_order": "A1001", "f_kind": "o_svc",
    "f_item": "o_slow", "f_body": "等了四十分钟", "f_ok": True,
}


class Browser:
    """One browser; `sign_in` makes it somebody's."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self._seen: tuple[str, str] = ("", "")  # a session, and the token of the pages that were opened in it

    @property
    def csrf(self) -> str:
        """The token that this browser's pages carry now."""
        page = self.client.get("/me", follow_redirects=True).text
        token = hidden(page, "csrf_token")
        self._seen = (self._session, token)
        return token

    @property
    def _session(self) -> str:
        cookie = self.client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        return cookie.value if cookie else ""

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers, buffered=True)

    def text(self, path: str) -> str:
        """A page that must be there, as its reader sees it."""
        answer = self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
        return unescape(answer.text)

    def post(self, path: str, /, **data: Any) -> TestResponse:
        """Send a form as a page of ours would: with its token and a key of its own."""
        session, seen = self._seen
        token = seen if session and session == self._session else self.csrf
        sent = {"csrf_token": token, "_key": uuid.uuid4().hex, **data}
        return self.client.post(path, data={key: value for key, value in sent.items() if value is not None})

    def sign_in(self, login: str, password: str = PASSWORD, **data: Any) -> TestResponse:
        return self.post("/sign-in", login=login, password=password, **data)


def hidden(page: str, name: str) -> str:
    """The value of a page's first hidden control of this name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, page[:400]
    return unescape(found[1])


@pytest.fixture
def browser_of(demo_app: Flask) -> Callable[[Persona], Browser]:
    """`browser_of(AGENT)`: a browser in which they are signed in."""

    def opened(who: Persona) -> Browser:
        browser = Browser(demo_app)
        answer = browser.sign_in(who.login)
        assert answer.status_code == 303, answer.text
        return browser

    return opened


@pytest.fixture
def complain(demo_app: Flask) -> Callable[..., str]:
    """`complain(f_body=…)`: a customer's complaint; returns the ticket's id."""

    def sent(**changes: Any) -> str:
        with demo_app.app_context():
            kind = definitions.current_type("complaint")
            received = intake.open_ticket(
                definitions.bundle(kind.id), kind.id, "t_menu", {**COMPLAINT, **changes},
                ports=StaffPorts(directory(), "", None), channel="mp_menu", command_id=uuid.uuid4().hex,
                now=clock.now_ms(),
            )
            db.session.remove()
        assert received.ticket_id, [problem.code for problem in received.problems]
        return received.ticket_id

    return sent


@pytest.fixture
def settle(demo_app: Flask) -> Callable[[], None]:
    """Let the workers do what is due."""

    def settled() -> None:
        with demo_app.app_context():
            Company(demo_app, demo_app.extensions["danflow"].settings.clock_file).settle()
            db.session.remove()

    return settled


def task_on(browser: Browser, path: str) -> str:
    """The id of the first task that a page offers."""
    found = re.search(r"/tasks/([0-9a-f-]{36})", browser.get(path).text)
    assert found, "the page offers no task"
    return found[1]


@pytest.fixture
def claimed(complain: Callable[..., str]) -> Callable[..., tuple[str, str]]:
    """`claimed(browser)`: they claim a new complaint; returns (ticket id, id of the handling task)."""

    def taken(browser: Browser, **changes: Any) -> tuple[str, str]:
        ticket = complain(**changes)
        answer = browser.post(f"/tasks/{task_on(browser, f'/tickets/{ticket}')}/claim")
        assert answer.status_code == 303, answer.text
        return ticket, task_on(browser, f"/tickets/{ticket}")

    return taken
