"""A program that talks to the API for one of the demo company's people."""
from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.principal import RIGHTS, SYSTEM
from app.extensions import clock
from app.org import people
from tests.personas import ADMIN, AGENT, Persona

LIBRARY = Path(__file__).parents[2] / "app/definitions/library/restaurant_complaint"
COMPLAINT = {"f_phone": "13800138000", "f_store": "st_hz1", "f_order": "A1001", "f_kind": "o_svc", "f_item": "o_slow",
             "f_body": "上菜等了四十分钟", "f_ok": True}


class Program:
    """Sends JSON with a token; every POST gets its own Idempotency-Key unless one is given."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client, self.token = app.test_client(), token

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or uuid.uuid4().hex, **headers}
        data = None if body is None else body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.client.open(f"/api/v1{path}", method=method, data=data, headers=sent,
                                content_type=sent.pop("Content-Type", "application/json" if data is not None else None))

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, {} if body is None else body, **options)

    def complain(self, **changes: Any) -> TestResponse:
        """Open a complaint ticket."""
        return self.post("/tickets", {"type": "complaint", "trigger": "t_menu", "form": COMPLAINT | changes})


def token_for(app: Flask, who: Persona) -> str:
    """A token with every right that this person has."""
    with app.app_context():
        held = people._rights_of(who.id)
        if "api.use" not in held:
            people.save_role("api_user", name="API", rights=["api.use"], actor=SYSTEM)
            people.grant_role(who.id, "api_user", actor=SYSTEM)
            held = people._rights_of(who.id)
        return people.create_token(who.id, name="tests", rights=held & set(RIGHTS), actor=SYSTEM, now=clock.now_ms())


@pytest.fixture
def program(demo_app: Flask) -> Callable[[Persona], Program]:
    """`program(AGENT)`: a program acting for that person."""
    return lambda who: Program(demo_app, token_for(demo_app, who))


@pytest.fixture
def admin(program: Callable[[Persona], Program]) -> Program:
    return program(ADMIN)


@pytest.fixture
def agent(program: Callable[[Persona], Program]) -> Program:
    return program(AGENT)
