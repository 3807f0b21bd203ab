"""The inbox and the record of what went out."""
from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.runtime.models import Ticket
from tests.desk.conftest import Browser
from tests.personas import AGENT, LEAD, MANAGER, SUPERVISOR, Persona

People = Callable[[Persona], Browser]


@pytest.fixture
def alarmed(complain: Callable[..., str], settle: Callable[[], None]) -> str:
    """A complaint so bad that three colleagues are told at once."""
    ticket = complain(f_body="吃出异物，要报警")
    settle()
    return ticket


def read_at(app: Flask, ticket: str) -> list[str]:
    """Keys of the ticket's messages that the flow knows as read."""
    with app.app_context():
        state = db.session.scalars(select(Ticket).where(Ticket.id == ticket)).one().state
        db.session.remove()
    return [key for key, message in state["messages"].items() if message["read"] is not None]


def test_a_message_leads_to_its_ticket_and_stops_its_ladder(
    demo_app: Flask, browser_of: People, alarmed: str
) -> None:
    manager = browser_of(SUPERVISOR)
    page = manager.get("/inbox").text
    assert "重大投诉" in page and "1 条未读" in page and "unread" in page
    menu = manager.get("/").text.partition("<nav")[2].partition("</nav>")[0]
    assert "1 条待处理" in menu
    place = re.search(r'action="(/inbox/[0-9a-f-]+)"', page)
    assert place and read_at(demo_app, alarmed) == []
    answer = manager.post(place[1], ticket=alarmed)
    assert (answer.status_code, answer.location) == (303, f"/tickets/{alarmed}")
    # They were told, so they may read it; they have no step in it, so there is nothing to press.
    seen = manager.text(f"/tickets/{alarmed}")
    assert "吃出异物，要报警" in seen and "13800138000" not in seen and "/tasks/" not in seen
    assert read_at(demo_app, alarmed) != []
    assert "条未读" not in manager.text("/inbox") and "已读" in manager.text("/inbox")


def test_who_may_see_the_ticket_goes_there(
    browser_of: People, claimed: Callable[..., tuple[str, str]], settle: Callable[[], None]
) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    agent.post(f"/tickets/{ticket}/tasks/{task}/cc", to=LEAD.id, note="看看")
    settle()
    lead = browser_of(LEAD)
    place = re.search(r'action="(/inbox/[0-9a-f-]+)"', lead.get("/inbox").text)
    assert place
    assert lead.post(place[1], ticket=ticket).location == f"/tickets/{ticket}"


def test_everything_is_read_at_once(demo_app: Flask, browser_of: People, alarmed: str) -> None:
    manager = browser_of(MANAGER)
    assert manager.post("/inbox/read").location == "/inbox?said=read"
    assert "已全部标为已读" in manager.text("/inbox?said=read")
    assert read_at(demo_app, alarmed) != []
    assert "1 条未读" in browser_of(SUPERVISOR).text("/inbox")


def test_a_message_of_somebody_else_stays_unread(demo_app: Flask, browser_of: People, alarmed: str) -> None:
    place = re.search(r'action="(/inbox/[0-9a-f-]+)"', browser_of(MANAGER).get("/inbox").text)
    assert place
    agent = browser_of(AGENT)
    for to in ("//evil.example", "https://evil.example", "", "../sign-out"):
        assert agent.post(place[1], ticket=to).status_code == 404
    assert read_at(demo_app, alarmed) == []
    assert "1 条未读" in browser_of(MANAGER).text("/inbox")


def test_what_went_out_and_to_whom(browser_of: People, alarmed: str) -> None:
    lead = browser_of(LEAD)
    page = lead.text("/sent")
    assert "重大投诉" in page and "发给 马店长" in page and "企业微信" in page and "仅记录" in page
    assert "13700000002" not in page
    assert "重大投诉" in lead.text("/sent?via=wecom")
    assert "还没有发出消息" in lead.text("/sent?via=sms")
    assert "重大投诉" in lead.text("/sent?via=nonsense")
    assert browser_of(AGENT).get("/sent").status_code == 403


def test_long_lists_have_pages(
    browser_of: People, complain: Callable[..., str], settle: Callable[[], None]
) -> None:
    for number in range(8):
        complain(f_body="吃出异物，要报警", f_order=f"A{number}")
    settle()
    lead = browser_of(LEAD)
    page = lead.get("/sent").text
    following = re.search(r'href="(/sent\?[^"]+)" rel="next"', page)
    assert following
    assert "回到第一页" in lead.text(following[1].replace("&amp;", "&"))
