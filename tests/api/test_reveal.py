"""Masked answers through the API: the same service, the same rules."""
from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.org import people
from app.runtime import reveals
from tests.api.conftest import Program
from tests.personas import LEAD, Persona

PHONE = "13800138000"


def test_a_program_reveals_as_its_person_may(
    admin: Program, agent: Program, program: Callable[[Persona], Program], demo_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reveals, "MOST", 1)
    with demo_app.app_context():  # a token reads every ticket only with the right to
        people.save_role("all_tickets", name="All", reads="all", rights=["tickets.all", "api.use"], actor=SYSTEM)
        people.grant_role(LEAD.id, "all_tickets", actor=SYSTEM)
    ticket, lead = admin.complain().json["id"], program(LEAD)
    path = f"/tickets/{ticket}/answers/f_phone/reveal"
    assert admin.post(path).status_code == 403, "whoever may do everything else is not named either"
    assert agent.post(path).status_code == 404
    assert lead.get(path).status_code == 405
    shown = lead.post(path)
    assert shown.status_code == 200, shown.text
    assert shown.json == {"field": "f_phone", "label": "手机号", "display": PHONE, "value": PHONE}
    assert shown.headers["Cache-Control"] == "no-store"
    again = lead.post(path)
    assert (again.status_code, again.json["code"]) == (429, "reveal_too_many")
    events = lead.get(f"/tickets/{ticket}/events").json
    told = [(event["actor_id"], event["body"]["delta"]) for event in events if event["kind"] == "answer.revealed"]
    assert told == [(LEAD.id, {"fields": ["f_phone"]})]
    assert PHONE not in json.dumps([events, lead.get(f"/tickets/{ticket}").json])
    assert lead.post(f"/tickets/{ticket}/answers/f_x/reveal").status_code == 404
