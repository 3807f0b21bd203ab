"""Somebody who draws forms, in a browser that speaks the editor's calls."""
from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.driver import statements
from app.extensions import clock
from app.org import people
from tests.definitions.conftest import RAW
from tests.desk.conftest import Browser, complain, settle  # noqa: F401 - fixtures
from tests.personas import ADMIN, AGENT, Persona

KEY, FLOW = "complaint", "restaurant_complaint"


def fresh() -> Any:
    """The complaint form, to be changed at will."""
    return copy.deepcopy(RAW["form"])


class Editor(Browser):
    """A browser with the editor of one form open."""

    home, of = "/designer/forms", KEY

    def __init__(self, app: Flask, who: Persona = ADMIN) -> None:
        super().__init__(app)
        assert self.sign_in(who.login).status_code == 303
        self.token = self.csrf
        self.sql = 0  # statements of the last call

    def boot(self, key: str = "") -> Any:
        """What the editor's page starts with."""
        page = self.get(f"{self.home}/{key or self.of}")
        assert page.status_code == 200, page.status_code
        found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.S)
        assert found
        return json.loads(found[1])

    def call(self, method: str, name: str, body: Any = None, *, key: str = "", **headers: str) -> TestResponse:
        """One of the editor's calls."""
        before = statements.executed
        answer = self.client.open(
            f"{self.home}/{key or self.of}/{name}", method=method, data=None if body is None else json.dumps(body),
            content_type="application/json", headers={"X-CSRFToken": self.token, **headers},
        )
        self.sql = statements.executed - before
        return answer

    def put(self, content: Any, rev: int, **more: Any) -> TestResponse:
        return self.call("PUT", "draft", {"rev": rev, "content": content}, **more)


class FlowEditor(Editor):
    """A browser with the editor of one flow open."""

    home, of = "/designer/flows", FLOW


@pytest.fixture
def flow_editor(demo_app: Flask) -> FlowEditor:
    """The administrator of the demo company, at the complaint's flow (revision 1, published)."""
    return FlowEditor(demo_app)


@pytest.fixture
def editor(demo_app: Flask) -> Editor:
    """The administrator of the demo company, at the complaint form (revision 1, published)."""
    return Editor(demo_app)


@pytest.fixture
def drawer(demo_app: Flask) -> Callable[..., Editor]:
    """`drawer("definitions.edit")`: a colleague with just these rights."""

    def made(*rights: str, kind: type[Editor] = Editor) -> Editor:
        with demo_app.app_context():
            people.save_role("drawer", name="Drawer", rights=rights, actor=SYSTEM)
            people.grant_role(AGENT.id, "drawer", actor=SYSTEM)
        return kind(demo_app, AGENT)

    return made


def stored(app: Flask, key: str = KEY, kind: str = "form") -> Any:
    """The draft as the database has it."""
    with app.app_context():
        return definitions.draft(kind, key)


def now(app: Flask) -> int:
    """The installation's clock."""
    with app.app_context():
        return clock.now_ms()


def words(page: TestResponse) -> str:
    """A page as its reader sees it."""
    return unescape(page.text)
