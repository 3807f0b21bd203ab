"""The page of tickets that stand still, and administrators' home: who sees them, and the buttons that send them on."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import clock, db
from app.runtime import parked
from app.runtime.models import Ticket
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, Persona

People = Callable[[Persona], Browser]
CAUSE = "pay:flow_nobody"
WHY = {"code": "flow_nobody", "params": {"node": "pay"}}


@pytest.fixture
def stopped(demo_app: Flask, complain: Callable[..., str]) -> Callable[[], str]:
    """`stopped()`: a complaint as the engine leaves one whose step cannot go on."""

    def made() -> str:
        ident = complain()
        with demo_app.app_context():
            row = db.session.scalars(select(Ticket).where(Ticket.id == ident)).one()
            tokens = {key: {**token, "node": "pay", "parked": WHY} for key, token in row.state["tokens"].items()}
            row.state = {**row.state, "tokens": tokens, "tasks": {}, "timers": {},
                         "parked": [{"node": "pay", **WHY}]}
            row.parked, row.parked_at = CAUSE, row.updated_at
            db.session.commit()
            db.session.remove()
        return ident

    return made


def test_home_and_page_say_what_stands_still(
    demo_app: Flask, browser_of: People, stopped: Callable[[], str], settle: Callable[[], None]
) -> None:
    admin = browser_of(ADMIN)
    assert "停住" not in admin.text("/") and "没有停住的工单" in admin.text("/parked")
    first, *others = [stopped() for _ in range(7)]
    home = admin.text("/")
    assert "有 7 张工单停住了" in home and "ERP 赔付" in home
    page = admin.text("/parked")
    assert "“ERP 赔付”找不到任何人" in page and "7 张全部再试" in page and others[-1] in page and first not in page
    assert first in admin.text(f"/parked?type=complaint&cause={CAUSE}")
    agent = browser_of(AGENT)
    assert "停住了" not in agent.text("/") and agent.get("/parked").status_code == 403
    assert agent.post(f"/parked/tickets/{first}").status_code == 403
    assert agent.post("/parked/all", type="complaint", cause=CAUSE).status_code == 403
    assert admin.client.post("/parked/all", data={"type": "complaint", "cause": CAUSE}).status_code == 400, "no token"

    done = admin.post(f"/parked/tickets/{first}")
    assert done.location == "/parked?said=retried" and "6 张全部再试" in admin.text("/parked")
    assert admin.post(f"/parked/tickets/{first}").status_code == 409
    begun = admin.post("/parked/all", type="complaint", cause=CAUSE)
    assert admin.post("/parked/all", type="complaint", cause=CAUSE).location == begun.location
    assert "正在进行" in admin.text(begun.location)
    settle()
    assert '<b class="num">6</b> 已继续' in admin.text(begun.location)
    assert "没有停住的工单" in admin.text("/parked") and "停住" not in admin.text("/")


def test_the_message_leads_to_the_page(
    demo_app: Flask, browser_of: People, stopped: Callable[[], str], settle: Callable[[], None]
) -> None:
    stopped()
    with demo_app.app_context():
        assert parked.alert(clock.now_ms()) == 1
        db.session.remove()
    settle()
    admin = browser_of(ADMIN)
    inbox = admin.text("/inbox")
    assert "有 1 张工单停住了" in inbox
    place = inbox.partition('class="what" method="post" action="/inbox/')[2].partition('"')[0]
    opened = admin.post(f"/inbox/{place}")
    assert opened.location.startswith("/parked?type=complaint") and "ERP 赔付" in admin.text(opened.location)
    assert browser_of(AGENT).post(f"/inbox/{place}").status_code == 404
