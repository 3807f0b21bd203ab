"""The same request in another form: it joins the first ticket, or is refused, as the door says."""
from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.definitions import service as definitions
from app.entries.models import Entry
from app.extensions import clock, db
from app.notify.models import MessageRow
from app.org.access import SYSTEM
from app.org.service import known
from app.runtime.history import events_in
from app.runtime.models import Outbox, Ticket, TicketHistory, Upload
from tests.desk.conftest import Browser, task_on
from tests.entries.conftest import Guest, jpeg
from tests.live_stories.company import Company
from tests.personas import AGENT, LEAD

Guests = Callable[..., Guest]
MINUTE = 60_000


def advance(app: Flask, ms: int) -> None:
    file = app.extensions["danflow"].settings.clock_file
    file.write_text(str((int(file.read_text()) if file.exists() else 0) + ms))


def tickets(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Ticket)) or 0


def repeats(app: Flask) -> list[dict[str, Any]]:
    """What the repeated requests left in the tickets' histories."""
    with app.app_context():
        rows = db.session.execute(select(TicketHistory.__table__).order_by(TicketHistory.version))
        return [event.body["delta"] for event in events_in(rows) if event.kind == "customer.repeated"]


def opened(answer: TestResponse) -> bool:
    assert answer.status_code == 303, answer.text
    return "/t/" in answer.headers["Location"]


def send(guest: Guests, **fields: Any) -> TestResponse:
    """A new browser, a new form."""
    return guest().send(**{"f_order": "A1001", **fields})


def test_what_is_new_joins_the_first_ticket(guest: Guests, demo_app: Flask) -> None:
    assert opened(send(guest, f_body="等了四十分钟"))
    again = guest()
    photo = again.upload(jpeg()).json["id"]
    answer = again.send(f_order="A1001", f_body="还是没有人来", f_photos=photo)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{again.link}/joined")
    assert tickets(demo_app) == 1
    (delta,) = repeats(demo_app)
    assert delta == {"fields": ["f_body", "f_photos"], "answers": {"f_body": "还是没有人来", "f_photos": [photo]}}
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert db.session.get_one(Upload, photo).ticket_id == ticket.id
        assert ticket.data["f_body"] == "等了四十分钟"  # what was said first stays what was said first
        token = ticket.token
    page = again.get(answer.headers["Location"])
    assert page.status_code == 200 and token not in page.text and token not in str(answer.headers)
    assert "已并入" in page.text and 'data-sent="complaint"' in page.text


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [({"f_order": "A2002"}, 0), ({"f_order": ""}, 0), ({"f_phone": "13800002222"}, 0), ({}, 31)],
    ids=["another order", "no order", "another customer", "later"],
)
def test_what_is_not_the_same_makes_a_ticket(
    guest: Guests, demo_app: Flask, changes: dict[str, str], minutes: int
) -> None:
    assert opened(send(guest))
    advance(demo_app, minutes * MINUTE)
    assert opened(send(guest, **changes))
    assert tickets(demo_app) == 2


def test_without_an_order_nothing_is_compared(guest: Guests, demo_app: Flask) -> None:
    assert opened(send(guest, f_order="")) and opened(send(guest, f_order=""))
    assert tickets(demo_app) == 2


def test_a_door_that_does_not_look_makes_two(guest: Guests, demo_app: Flask) -> None:
    for _ in range(2):
        assert opened(guest("t_mini").send("f_name"))
    assert tickets(demo_app) == 2


def test_after_the_first_ticket_is_over_there_is_a_new_one(guest: Guests, demo_app: Flask) -> None:
    assert opened(send(guest))
    lead = Browser(demo_app)
    lead.sign_in(LEAD.login)
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket.id)).one()
        db.session.rollback()
    agent = Browser(demo_app)
    agent.sign_in(AGENT.login)
    assert agent.post(f"/tasks/{task_on(agent, f'/tickets/{ticket}')}/claim").status_code == 303
    assert agent.post(f"/tickets/{ticket}/withdraw", note="撤回").status_code == 303
    assert opened(send(guest))
    assert tickets(demo_app) == 2


def test_each_form_counts_once_however_often_it_comes(guest: Guests, demo_app: Flask) -> None:
    first = guest()
    link = first.send(f_order="A1001").headers["Location"].partition("?")[0]
    assert first.send(f_order="A1001").headers["Location"] == f"{link}?said=again"
    second = guest()
    for _ in range(3):
        assert second.send(f_order="A1001", f_body="快点").headers["Location"] == f"{second.link}/joined"
    # The first form's second tap still leads to its own ticket, though a repeat has come since.
    assert first.send(f_order="A1001").headers["Location"] == f"{link}?said=again"
    assert tickets(demo_app) == 1 and len(repeats(demo_app)) == 1


def test_nothing_new_is_said_to_be_nothing_new(guest: Guests, demo_app: Flask) -> None:
    send(guest)
    send(guest)
    assert repeats(demo_app) == [{"fields": [], "answers": {}}]
    agent = Browser(demo_app)
    agent.sign_in(AGENT.login)
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket.id)).one()
        db.session.rollback()
    page = agent.text(f"/tickets/{ticket}?show=customer")
    assert "客户又提交了一次同样的请求" in page and "没有新内容" in page


def test_who_handles_it_hears_of_it_once_until_they_look(guest: Guests, demo_app: Flask) -> None:
    send(guest)
    agent = Browser(demo_app)
    agent.sign_in(AGENT.login)
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket.id)).one()
        db.session.rollback()
    assert agent.post(f"/tasks/{task_on(agent, f'/tickets/{ticket}')}/claim").status_code == 303
    photo = guest()
    shown = photo.upload(jpeg()).json["id"]
    photo.send(f_order="A1001", f_body="菜里有头发", f_name="王小姐", f_photos=shown)
    send(guest, f_body="菜里有一根头发")

    def told() -> int:
        with demo_app.app_context():
            Company(demo_app, demo_app.extensions["danflow"].settings.clock_file).settle()
            rows = db.session.scalars(select(MessageRow).where(MessageRow.template == "request_again")).all()
            db.session.rollback()
            assert {row.to_id for row in rows} <= {AGENT.id}
            return len(rows)

    assert told() == 1
    page = agent.text(f"/tickets/{ticket}")
    assert "菜里有头发" in page and f"/tickets/{ticket}/files/{shown}" in page
    assert agent.get(f"/tickets/{ticket}/files/{shown}").status_code == 200
    assert agent.post(f"/tickets/{ticket}/seen").status_code == 200
    send(guest, f_body="还没处理？")
    assert told() == 2


def test_sensitive_answers_stay_sealed_and_masked(guest: Guests, demo_app: Flask) -> None:
    """By order alone: then another person's number may come with it."""
    change_dedupe(demo_app, {"by": ["form.f_order"], "within": "PT30M", "then": "append"})
    send(guest)
    send(guest, f_phone="13911112222", f_name="李先生")
    (delta,) = repeats(demo_app)
    assert "13911112222" not in str(delta) and set(delta["answers"]["f_phone"]) == {"$sealed"}
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket.id)).one()
        assert all("13911112222" not in str(row) for row in db.session.scalars(select(Outbox.payload)))
        db.session.rollback()
    lead = Browser(demo_app)
    lead.sign_in(AGENT.login)
    lead.post(f"/tasks/{task_on(lead, f'/tickets/{ticket}')}/claim")
    page = lead.text(f"/tickets/{ticket}")
    assert "139****2222" in page and "13911112222" not in page


def change_dedupe(app: Flask, dedupe: dict[str, Any]) -> None:
    """Publish the complaint flow with another rule for repeated requests."""
    with app.app_context():
        draft = definitions.draft("flow", "restaurant_complaint")
        content = draft["content"]
        next(node for node in content["nodes"] if node["id"] == "t_menu")["config"]["dedupe"] = dedupe
        definitions.save_draft("flow", "restaurant_complaint", content, draft["rev"], actor=SYSTEM, now=clock.now_ms())
        for kind, key in (("flow", "restaurant_complaint"), ("ticket_type", "complaint")):
            definitions.publish(kind, key, actor=SYSTEM, now=clock.now_ms(), known=known())
        assert db.session.scalar(select(Entry.active).where(Entry.trigger == "t_menu"))
        db.session.rollback()


def test_a_door_may_refuse_instead(guest: Guests, demo_app: Flask) -> None:
    change_dedupe(demo_app, {"by": ["customer", "form.f_order"], "within": "PT30M", "then": "refuse"})
    first = guest()
    link = first.send(f_order="A1001").headers["Location"].partition("?")[0]
    second = guest()
    answer = second.send(f_order="A1001", f_body="我写了很多字")
    assert answer.status_code == 422 and "不用再交一次" in unescape(answer.text)
    assert "我写了很多字" in second.page  # nothing typed is lost
    assert first.send(f_order="A1001").headers["Location"] == f"{link}?said=again"
    assert tickets(demo_app) == 1 and repeats(demo_app) == []
