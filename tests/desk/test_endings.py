"""However a flow ends a ticket, everybody who sees it reads how."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.entries.doors import ensure_entries
from app.extensions import clock, db
from app.runtime.models import Ticket
from app.runtime.queries import STATUSES
from tests.desk.conftest import Browser
from tests.entries.conftest import Guest
from tests.personas import ADMIN, Persona

FORM = {
    "schema": "danflow/form/1", "key": "wish", "title": "心愿",
    "fields": [{"id": "f_what", "type": "text", "label": "想要什么", "required": True}],
}


def flow(status: str) -> dict[str, Any]:
    return {
        "schema": "danflow/flow/1", "key": "wish_flow", "name": "心愿", "form": "wish",
        "nodes": [
            {"id": "door", "type": "trigger.public_form", "name": "许愿", "config": {"fields": {"*": "edit"}}},
            {"id": "stop", "type": "flow.end", "name": "结果", "config": {"status": status}},
        ],
        "edges": [{"id": "e1", "from": "door:out", "to": "stop:in"}],
    }


@pytest.fixture
def ended(demo_app: Flask) -> Callable[[str], tuple[str, str]]:
    """`ended("rejected")`: (id, link's token) of a ticket that ended so at once."""

    def make(status: str) -> tuple[str, str]:
        kind = {"schema": "danflow/ticket_type/1", "key": "wish", "name": "心愿", "form": "wish", "flow": "wish_flow"}
        with demo_app.app_context():
            now = clock.now_ms()
            for what, key, content in (("form", "wish", FORM), ("flow", "wish_flow", flow(status)),
                                       ("ticket_type", "wish", kind)):
                definitions.save_draft(what, key, content, 0, actor=SYSTEM, now=now)
                definitions.publish(what, key, actor=SYSTEM, now=now)
            link = ensure_entries("wish", now=now)[0].token
        guest = Guest(demo_app, f"/f/{link}")
        guest.open()
        assert guest.post({"f_what": "一只猫"}).status_code == 303
        with demo_app.app_context():
            row = db.session.execute(select(Ticket.id, Ticket.token, Ticket.status)).one()
            db.session.rollback()
        assert row.status == status
        return row.id, row.token

    return make


@pytest.mark.parametrize(("status", "words"), [
    ("closed", "已完成"), ("rejected", "不予受理"), ("cancelled", "已取消"),
])
def test_every_ending_reads_well(
    demo_app: Flask, ended: Callable[[str], tuple[str, str]], browser_of: Callable[[Persona], Browser], status: str,
    words: str,
) -> None:
    ticket, token = ended(status)
    admin = browser_of(ADMIN)
    assert words in admin.text(f"/tickets/{ticket}")
    assert ticket in admin.text("/tickets")
    assert ticket in admin.text(f"/tickets?status={status}")
    others = [other for other in STATUSES if other != status]
    assert len(others) == len(STATUSES) - 1
    assert all(ticket not in admin.text(f"/tickets?status={other}") for other in others)
    assert words in Browser(demo_app).text(f"/t/{token}")
