"""The page behind a ticket's link: how far it is, one question at a time, and nothing that is not the customer's."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.customers import service as customers
from app.entries.doors import ensure_entries
from app.extensions import clock, db
from app.runtime import service
from app.runtime.models import Ticket, Upload
from tests.entries.conftest import Guest, jpeg
from tests.runtime import company

Guests = Callable[..., Guest]
FIELDS = {"f_what": "换发票", "f_sum": "10", "f_phone": "13800001111"}


class Story:
    """A ticket of the small flow: claim → handle, which may ask the customer."""

    def __init__(self, app: Flask, guest: Guests) -> None:
        self.app = app
        with app.app_context():
            company.publish_small()
            ensure_entries("small", now=clock.now_ms())
        self.guest = guest("start")
        self.guest.open()
        answer = self.guest.post(FIELDS)
        assert answer.status_code == 303, self.guest.errors()
        self.place = answer.headers["Location"].partition("?")[0]
        with app.app_context():
            self.id = db.session.scalars(select(Ticket.id)).one()
            db.session.rollback()

    def act(self, node: str, action: str, form: dict[str, Any] | None = None, note: str = "") -> None:
        """Agent a1 does something."""
        with self.app.app_context():
            company.act("a1", company.open_task(self.id, node).id, action, form, note=note)

    def ask(self) -> None:
        """Up to the question."""
        self.act("pool", "claim")
        self.act("handle", "ask", {"f_reply": "内部：客户难缠"})

    def look(self, query: str = "") -> str:
        """The customer's page; its form's token is remembered."""
        answer = self.guest.client.get(self.place + query)
        assert answer.status_code == 200
        self.guest.page = answer.text
        return answer.text

    def answer(self, **fields: str) -> Any:
        return self.guest.post(fields, self.place)


@pytest.fixture
def story(demo_app: Flask, guest: Guests) -> Story:
    return Story(demo_app, guest)


def test_the_line_moves_with_the_ticket(story: Story) -> None:
    def now() -> str:
        return story.look().partition('aria-current="step"')[2].partition('step-name">')[2].partition("<")[0]

    assert now() == "等待接单"
    story.act("pool", "claim")
    assert now() == "处理中"
    story.act("handle", "submit", {"f_reply": "已寄出"})
    page = story.look()
    assert "已完成" in page and 'aria-current="step"' not in page and "<form" not in page


def test_the_page_is_told_to_nobody_and_shows_roles_not_people(story: Story) -> None:
    story.act("pool", "claim", note="内部备注")
    page = story.guest.client.get(story.place)
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "客服" in page.text
    assert not [
        name
        for name in ("安", "白", "内部备注", "抢单", "派给最闲")
        if name in unescape(page.text).partition("<main")[2]
    ]


def test_what_was_sent_is_shown_masked_and_nothing_else(story: Story) -> None:
    story.ask()
    stranger = story.app.test_client().get(story.place).text  # the link was forwarded
    assert "换发票" in stranger and "13800001111" not in stranger and "138****1111" in stranger
    assert "客户难缠" not in stranger and "答复" not in stranger


def test_what_the_company_knew_before_is_not_told_to_whoever_types_a_number(guest: Guests, demo_app: Flask) -> None:
    with demo_app.app_context():
        customers.find_or_create({"phone": "13655554444"}, now=clock.now_ms(), name="赵重要", level="VIP")
        db.session.commit()
    eve = guest()
    place = eve.send("f_name", f_phone="13655554444").headers["Location"]
    page = eve.client.get(place).text
    assert "赵重要" not in page and "VIP" not in page
    with demo_app.app_context():
        assert db.session.scalars(select(Ticket.data["f_name"].as_string())).one() == "赵重要"
        db.session.rollback()


def test_a_question_is_answered_once(story: Story) -> None:
    assert 'id="form"' not in story.look()
    story.ask()
    assert "想请您回答" in story.look() and 'name="f_more"' in story.guest.page
    stale = story.guest.token
    first = story.answer(f_more="蓝色的")
    assert first.status_code == 303 and first.headers["Location"].endswith("said=thanks")
    assert "感谢您的回答" in story.look("?said=thanks") and 'id="form"' not in story.guest.page
    again = story.guest.post({"_token": stale, "f_more": "红色的"}, story.place)
    assert again.status_code == 303 and again.headers["Location"].endswith("said=answered")
    assert "已经回答过了" in story.look("?said=answered")
    with story.app.app_context():
        assert company.ticket(story.id).data["f_more"] == "蓝色的"


def test_an_old_page_does_not_answer_a_new_question(story: Story) -> None:
    story.ask()
    story.look()
    old = story.guest.token
    assert story.answer(f_more="一").status_code == 303
    story.act("handle", "ask", {"f_reply": "再问"})
    story.look()
    assert story.answer(_token=old, f_more="二").headers["Location"].endswith("said=answered")
    with story.app.app_context():
        assert company.ticket(story.id).data["f_more"] == "一"
    assert story.answer(f_more="三").headers["Location"].endswith("said=thanks")
    with story.app.app_context():
        assert company.ticket(story.id).data["f_more"] == "三"


def test_an_empty_answer_keeps_the_question(story: Story) -> None:
    story.ask()
    story.look()
    answer = story.answer(f_more="")
    assert answer.status_code == 422 and "f_more" in story.guest.errors()
    assert "进度" in answer.text


@pytest.mark.parametrize("fields", [{"f_reply": "赔钱"}, {"f_sum": "99999"}, {"f_nothing": "1"}, {"role": "x"}])
def test_only_the_question_can_be_answered(story: Story, fields: dict[str, str]) -> None:
    story.ask()
    story.look()
    answer = story.answer(f_more="好", **fields)
    assert answer.status_code == 422 and next(iter(fields)) in answer.text
    with story.app.app_context():
        data = company.ticket(story.id).data
    assert "f_more" not in data and data["f_sum"] == "10.00"


def test_an_answer_without_its_page_is_refused_and_kept(story: Story) -> None:
    story.ask()
    story.look()
    eve = story.app.test_client()
    answer = eve.post(story.place, data={"_token": story.guest.token, "f_more": "我的话"})
    assert answer.status_code == 400 and "我的话" in answer.text


def test_files_are_seen_through_the_link_they_belong_to(guest: Guests, demo_app: Flask) -> None:
    anna, ben = guest(), guest()
    photo = anna.upload(jpeg()).get_json()["id"]
    place = anna.send(f_photos=photo).headers["Location"].partition("?")[0]
    other = ben.send().headers["Location"].partition("?")[0]
    assert f"{place}/u/{photo}" in anna.client.get(place).text
    assert ben.get(f"{place}/u/{photo}").status_code == 200  # the link is the key
    assert ben.get(f"{other}/u/{photo}").status_code == 404 and ben.get(f"/u/{photo}").status_code == 404


def test_a_withdrawn_ticket_says_so_and_asks_nothing(story: Story) -> None:
    story.ask()
    with story.app.app_context():
        ticket = company.ticket(story.id)
        service.withdraw_by_customer(ticket.token, "", command_id=company.command())
    page = story.look()
    assert "已撤回" in page and "<form" not in page


def test_the_customer_urges_and_withdraws_where_the_way_in_allows_it(story: Story) -> None:
    story.act("pool", "claim")
    story.look()
    urged = story.guest.client.post(f"{story.place}/urge", data={"_token": token_of(story, "urge")})
    assert urged.status_code == 303 and "已转达" in story.look("?said=urged")
    again = story.guest.client.post(f"{story.place}/urge", data={"_token": token_of(story, "urge")})
    assert again.status_code == 409 and "刚刚催过" in again.text
    forged = story.guest.client.post(f"{story.place}/withdraw", data={"_token": token_of(story, "urge")})
    assert forged.status_code == 400
    gone = story.guest.client.post(f"{story.place}/withdraw",
                                   data={"_token": token_of(story, "withdraw"), "note": "不用了"})
    assert gone.status_code == 303
    page = story.look("?said=withdrawn")
    assert "已撤回" in page and "<form" not in page
    with story.app.app_context():
        assert company.ticket(story.id).reason == "不用了"


def token_of(story: Story, what: str) -> str:
    """The form token that the page carries for this button."""
    return story.look().partition(f'/{what}">')[2].partition('value="')[2].partition('"')[0]


def test_english(story: Story) -> None:
    story.ask()
    page = story.look("?lang=en")
    assert '<html lang="en">' in page and "Progress" in page and "We have a question for you" in page


def test_files_of_colleagues_do_not_come_with_the_link(demo_app: Flask, guest: Guests) -> None:
    anna = guest()
    photo = anna.upload(jpeg()).get_json()["id"]
    page = anna.send(f_photos=photo).location
    path = f"{page.partition('?')[0]}/u/{photo}"
    assert anna.get(path).status_code == 200
    for field in ("f_reply", "f_gone"):  # a field of the handling step, and one that the form no longer has
        with demo_app.app_context():
            db.session.execute(update(Upload).where(Upload.id == photo).values(field=field, session_key="p:a1"))
            db.session.commit()
        assert anna.get(path).status_code == 404
