"""Masked answers on the ticket page: who may have one shown, what is told of it, and how much is too much."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.entries import intake
from app.extensions import clock, db
from app.org import people
from app.org.directory import directory
from app.org.service import known
from app.runtime import reveals
from app.runtime.models import Reveal, TicketHistory
from app.runtime.ports import StaffPorts
from app.runtime.verify import verify
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, LEAD, MANAGER, QUALITY, Persona

People = Callable[[Persona], Browser]
Complain = Callable[..., str]
PHONE, MASKED = "13912345678", "139****5678"


def looks(app: Flask) -> list[tuple[str, str, bool]]:
    """(person, field, given) of the record, oldest first."""
    with app.app_context():
        rows = db.session.scalars(select(Reveal).order_by(Reveal.id))
        found = [(row.person_id, row.field, row.given) for row in rows]
        db.session.remove()
    return found


def test_a_role_that_the_field_names_has_it_shown_once(
    browser_of: People, complain: Complain, demo_app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    ticket, lead = complain(), browser_of(LEAD)
    page = lead.text(f"/tickets/{ticket}")
    assert MASKED in page and PHONE not in page
    assert re.search(r'data-reveal>.*name="_reveal" value="f_phone"', page)
    shown = lead.post(f"/tickets/{ticket}", _reveal="f_phone")
    assert shown.status_code == 200 and PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "林主管 查看了 手机号" in shown.text
    after = lead.text(f"/tickets/{ticket}")
    assert PHONE not in after and "林主管 查看了 手机号" in after, "shown for that one page only"
    assert "查看了" in lead.text(f"/tickets/{ticket}?show=people")
    assert looks(demo_app) == [(LEAD.id, "f_phone", True)]
    with demo_app.app_context():
        rows = db.session.scalars(select(TicketHistory).where(TicketHistory.ticket_id == ticket)).all()
        told = json.dumps([[row.marks, row.bodies] for row in rows])
        assert "answer.revealed" in told and PHONE not in told
        assert list(verify(clock.now_ms(), demo_app.extensions["danflow"].settings.uploads)) == []
        db.session.remove()
    out = capfd.readouterr()
    assert PHONE not in out.out + out.err


def test_nobody_else(browser_of: People, complain: Complain, demo_app: Flask) -> None:
    ticket = complain()
    for who in (AGENT, QUALITY, ADMIN):
        browser = browser_of(who)
        page = browser.text(f"/tickets/{ticket}")
        assert "data-reveal>" not in page
        refused = browser.post(f"/tickets/{ticket}", _reveal="f_phone")
        assert PHONE not in refused.text
        # An agent who has not claimed it does not even know what it holds.
        assert refused.status_code == (404 if who is AGENT else 403), refused.text
    lead, stranger = browser_of(LEAD), browser_of(MANAGER)
    assert stranger.post(f"/tickets/{ticket}", _reveal="f_phone").status_code == 404, "a ticket that is not theirs"
    for field in ("f_nothing", "", "__proto__"):
        assert lead.post(f"/tickets/{ticket}", _reveal=field).status_code == 404
    assert lead.post(f"/tickets/{ticket}", _reveal="f_body").status_code == 403, "nothing is masked there"
    assert looks(demo_app) == []


def test_it_needs_the_pages_token(browser_of: People, complain: Complain, demo_app: Flask) -> None:
    ticket, lead = complain(), browser_of(LEAD)
    answer = lead.post(f"/tickets/{ticket}", _reveal="f_phone", csrf_token=None)
    assert answer.status_code == 400 and PHONE not in answer.text
    assert looks(demo_app) == []


def test_the_role_counts_as_it_is_now(browser_of: People, complain: Complain, demo_app: Flask) -> None:
    ticket, lead = complain(), browser_of(LEAD)
    with demo_app.app_context():
        people.grant_role(LEAD.id, "quality", actor=SYSTEM)  # still reads every ticket
        people.revoke_role(LEAD.id, "cs_lead", actor=SYSTEM)
    assert lead.post(f"/tickets/{ticket}", _reveal="f_phone").status_code == 403


def test_too_many_are_refused_and_seen(
    browser_of: People, complain: Complain, demo_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveals, "MOST", 2)
    ticket, lead, admin = complain(), browser_of(LEAD), browser_of(ADMIN)
    for _ in range(2):
        assert lead.post(f"/tickets/{ticket}", _reveal="f_phone").status_code == 200
    for _ in range(3):
        refused = lead.post(f"/tickets/{ticket}", _reveal="f_phone")
        assert refused.status_code == 429 and PHONE not in refused.text
        assert "一小时内查看的敏感信息已有 2 条" in refused.text
    assert looks(demo_app) == [(LEAD.id, "f_phone", True)] * 2 + [(LEAD.id, "f_phone", False)]
    seen = admin.text("/reveals")
    assert "林主管 想查看 手机号" in seen and "已拒绝：一小时内查看过多" in seen
    assert seen.count("林主管 查看了 手机号") == 2
    assert lead.get("/reveals").status_code == 403
    demo_app.extensions["danflow"].settings.clock_file.write_text(str(reveals.WINDOW_MS + 1000), "ascii")
    assert lead.post(f"/tickets/{ticket}", _reveal="f_phone").status_code == 200, "an hour later"


def test_the_record_has_pages(
    browser_of: People, complain: Complain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveals, "PAGE", 2)
    ticket, lead, admin = complain(), browser_of(LEAD), browser_of(ADMIN)
    assert "还没有人查看过" in admin.text("/reveals")
    for _ in range(3):
        lead.post(f"/tickets/{ticket}", _reveal="f_phone")
    first = admin.text("/reveals")
    following = re.search(r'href="(/reveals\?before=\d+)"', first)
    assert following and first.count("林主管 查看了") == 2
    assert admin.text(following[1]).count("林主管 查看了") == 1
    assert admin.get("/reveals?before=x").status_code == 422


FORM: dict[str, Any] = {
    "schema": "danflow/form/1", "key": "secrets", "title": "登记", "locale": "zh-CN", "locales": ["zh-CN"],
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [
        {"id": "f_what", "type": "text", "section": "s_a", "label": "事项", "required": True},
        {"id": "f_none", "type": "text", "section": "s_a", "label": "无人可看", "sensitive": {"mask": "all"}},
        {"id": "f_rows", "type": "subtable", "section": "s_a", "label": "家庭成员",
         "sensitive": {"mask": "all", "reveal": ["cs_lead"]},
         "fields": [{"id": "f_who", "type": "text", "label": "姓名"}]},
    ],
}
FLOW: dict[str, Any] = {
    "schema": "danflow/flow/1", "key": "secrets", "name": "登记", "form": "secrets", "vars": [],
    "nodes": [
        {"id": "t_a", "type": "trigger.public_form", "tv": 1, "name": "登记",
         "config": {"channel": "web", "fields": {"*": "edit"}}},
        {"id": "do", "type": "task.handle", "tv": 1, "name": "处理", "config": {
            "assignee": [{"role": "quality"}], "fields": {"*": "read"},
            "actions": [{"port": "submit", "label": "好"}]}},
        {"id": "end", "type": "flow.end", "tv": 1, "name": "结束", "config": {"status": "closed"}},
    ],
    "edges": [{"id": "e1", "from": "t_a:out", "to": "do:in"}, {"id": "e2", "from": "do:submit", "to": "end:in"}],
}


def registered(app: Flask) -> str:
    """A ticket with a table of personal data; its id."""
    kind = {"schema": "danflow/ticket_type/1", "key": "secrets", "name": "登记", "form": "secrets", "flow": "secrets"}
    with app.app_context():
        for name, content in (("form", FORM), ("flow", FLOW), ("ticket_type", kind)):
            definitions.save_draft(name, "secrets", content, 0, actor=SYSTEM, now=clock.now_ms())
            definitions.publish(name, "secrets", actor=SYSTEM, now=clock.now_ms(), known=known())
        version = definitions.current_type("secrets").id
        received = intake.open_ticket(
            definitions.bundle(version), version, "t_a",
            {"f_what": "登记", "f_none": "绝密", "f_rows": [{"f_who": "张小明"}]},
            ports=StaffPorts(directory(), "", None), channel="web", command_id="secrets-1", now=clock.now_ms(),
        )
        db.session.remove()
    assert received.ticket_id, received.problems
    return received.ticket_id


def test_a_table_is_shown_whole_and_a_field_that_names_nobody_to_nobody(browser_of: People, demo_app: Flask) -> None:
    ticket, lead = registered(demo_app), browser_of(LEAD)
    page = lead.text(f"/tickets/{ticket}")
    assert "张小明" not in page and page.count("data-reveal>") == 1, "a field without roles has no button"
    assert lead.post(f"/tickets/{ticket}", _reveal="f_none").status_code == 403
    shown = lead.post(f"/tickets/{ticket}", _reveal="f_rows")
    assert "张小明" in shown.text and "绝密" not in shown.text
    assert lead.post(f"/tickets/{ticket}", _reveal="f_who").status_code == 404, "a column is seen with its table"
