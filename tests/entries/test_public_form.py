"""The public form without JavaScript: what it takes, and what it refuses without losing a word."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.runtime.models import Ticket
from app.runtime.queries import events_of
from tests.desk.conftest import Browser
from tests.entries.conftest import COMPLAINT, Guest, jpeg
from tests.personas import ADMIN

Guests = Callable[..., Guest]
Tickets = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def backend() -> str:
    """What is judged here does not depend on the database."""
    return "sqlite"


def test_the_form_is_whole_without_scripts_and_tells_nobody_its_address(guest: Guests) -> None:
    answer = guest().open()
    assert answer.status_code == 200
    for field in ("f_phone", "f_name", "f_store", "f_kind", "f_item", "f_body", "f_hurt", "f_star", "f_photos", "f_ok"):
        assert f'id="{field}"' in answer.text
    assert "仅当“投诉类型”" in answer.text and "<noscript>" in answer.text  # conditional, and still there
    assert '<optgroup label="菜品"' in answer.text  # dependent choices
    assert "f_cust" not in answer.text and "f_level" not in answer.text  # look-ups are not for strangers
    assert "f_reply" not in answer.text and "根本原因" not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*(src=|application/json))|\son\w+=|\sstyle=", answer.text)


def test_a_complaint_becomes_a_ticket_and_its_sender_sees_it(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    answer = anna.send()
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("?said=received")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = anna.client.get(answer.headers["Location"])
    assert page.status_code == 200 and "已收到您的提交" in page.text and "等待接单" in page.text
    (stored,) = tickets()
    assert stored["f_body"] == "等了四十分钟" and stored["f_phone"] == "13800001111"
    assert stored["f_ok"]["accepted"] is True


def test_a_link_prefills_what_its_reader_could_type(guest: Guests) -> None:
    anna = guest()
    anna.open("?order_no=A20260923&f_body=no&lang=zh")
    assert anna.value("f_order") == "A20260923"
    assert ">no<" not in anna.page


def test_english_is_one_tap_away(guest: Guests) -> None:
    anna = guest()
    anna.open("?lang=en")
    assert '<html lang="en">' in anna.page and "Restaurant complaint" in anna.page and "Please choose" in anna.page
    assert "Please fill in" in anna.send("f_phone").text or "phone" in anna.page


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"f_nowhere": "1"}, "f_nowhere"),
        ({"role": "admin"}, "role"),
        ({"f_items.0.f_evil": "1"}, "f_items"),
        ({"f_reply": "赔十万"}, "f_reply"),
        ({"f_rate": "300"}, "f_rate"),
        ({"f_score": "5"}, "f_score"),
        ({"f_level": "VIP"}, "f_level"),
        ({"f_comp": "99999"}, "f_comp"),
        ({"f_cust": "c1"}, "f_cust"),
        ({"__proto__": "x"}, ""),
    ],
)
def test_keys_that_were_not_asked_for_are_refused_by_name(
    guest: Guests, tickets: Tickets, fields: dict[str, str], named: str
) -> None:
    answer = guest().send(**fields)
    if named in ("", "f_items"):
        # Controls that begin with "_" are the page's own; a column nobody has is never read.
        assert answer.status_code == 303 and "f_evil" not in str(tickets()) and "__proto__" not in str(tickets())
        return
    assert answer.status_code == 422 and named in answer.text
    assert tickets() == []


def test_an_answer_behind_a_closed_rule_is_dropped(guest: Guests, tickets: Tickets) -> None:
    assert guest().send(**{"f_items.0.f_dish": "鱼", "f_items.0.f_price": "38"}).status_code == 303
    assert "f_items" not in tickets()[0]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"f_kind": "o_nothing"}, "f_kind"),
        ({"f_kind": "o_env"}, "f_kind"),
        ({"f_item": "o_cold"}, "f_item"),
        ({"f_hurt": ["o_sick", "o_x"]}, "f_hurt"),
        ({"f_store": "st_moon"}, "f_store"),
        ({"f_star": "6"}, "f_star"),
        ({"f_phone": "12"}, "f_phone"),
        ({"f_body": "x" * 501}, "f_body"),
        ({"f_photos": "not-mine"}, "f_photos"),
        ({"f_where.lat": "91", "f_where.lng": "0"}, "f_where"),
        (
            {"f_kind": "o_food", "f_item": "", "f_items.0.f_dish": "鱼", "f_items.0.f_price": "1e400"},
            "f_items.0.f_price",
        ),
        ({"f_kind": "o_food", "f_item": "", "f_items.0.f_dish": "鱼", "f_items.0.f_qty": "0"}, "f_items.0.f_qty"),
        ({"f_kind": "o_food", "f_item": "", "f_items.0.f_price": "3"}, "f_items.0.f_dish"),
    ],
)
def test_a_wrong_answer_is_named_where_it_stands(
    guest: Guests, tickets: Tickets, fields: dict[str, Any], where: str
) -> None:
    anna = guest()
    answer = anna.send(**fields)
    assert answer.status_code == 422
    assert where in anna.errors()
    assert f'id="{where}"' in anna.page  # the summary's link leads somewhere
    assert tickets() == []


@pytest.mark.parametrize(("left_out", "where"), [("f_phone", "f_phone"), ("f_kind", "f_kind"), ("f_ok", "f_ok")])
def test_what_is_missing_is_asked_for(guest: Guests, left_out: str, where: str) -> None:
    anna = guest()
    assert anna.send(left_out).status_code == 422
    assert where in anna.errors()


def test_a_refusal_keeps_every_value_and_every_file(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    answer = anna.send(
        f_phone="12",
        f_name="<b>王</b>",
        f_kind="o_food",
        f_item="o_fb",
        f_hurt=["o_sick", "o_late"],
        f_star="3",
        **{"f_items.0.f_dish": "宫保鸡丁", "f_items.0.f_price": "3 8", "f_where.text": "湖滨"},
        **{"f_photos.files": (BytesIO(jpeg()), "现场.jpg")},
    )
    assert answer.status_code == 422 and set(anna.errors()) == {"f_phone", "f_items.0.f_price"}
    assert anna.value("f_phone") == "12" and anna.value("f_name") == "<b>王</b>" and "<b>王</b>" not in anna.page
    assert anna.value("f_items.0.f_dish") == "宫保鸡丁" and anna.value("f_items.0.f_price") == "3 8"
    assert anna.value("f_where.text") == "湖滨" and "等了四十分钟</textarea>" in anna.page
    assert re.search(r'value="o_fb" selected', anna.page) and re.search(r'value="o_late" checked', anna.page)
    assert "现场.jpg" in anna.page
    photo = re.search(r'name="f_photos" value="([0-9a-f-]{36})"', anna.page)
    assert photo and anna.get(f"/u/{photo[1]}").status_code == 200
    dish = {"f_items.0.f_dish": "鱼", "f_items.0.f_price": "38", "f_items.0.f_qty": "2"}
    assert anna.send(f_photos=photo[1], f_kind="o_food", f_item="o_fb", **dish).status_code == 303
    assert tickets()[0]["f_photos"] == [photo[1]] and tickets()[0]["f_items"][0]["f_sum"] == "76.00"


def test_strange_letters_are_cleaned_or_refused_and_never_break_the_page(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    answer = anna.send(f_name="\u202egnp.exe")
    assert answer.status_code == 422 or "\u202e" not in str(tickets())
    anna.open()
    answer = anna.send(f_body="a\x00b")
    assert answer.status_code == 422 or "\x00" not in tickets()[-1]["f_body"]
    body = f"_token={anna.token}&f_name=%ED%A0%80&f_body=%FF%FE".encode()
    answer = anna.client.post(anna.link, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "script", ['"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "{{7*7}}", "</textarea>"]
)
def test_what_is_typed_is_never_markup(guest: Guests, script: str) -> None:
    anna = guest()
    answer = anna.send("f_phone", f_name=script[:20], f_body=script, f_order=script[:30], f_kind=script)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text and "<img src=x" not in answer.text
    assert unescape(answer.text).count(script) >= 2  # kept, word for word
    assert answer.text.count("</textarea>") == 1


# ---- buttons that only redraw ---------------------------------------------------------------------------------------


def test_rows_come_and_go_without_scripts(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    food = {"f_kind": "o_food", "f_item": ""}
    answer = anna.send(**food, _do="row+:f_items")
    assert answer.status_code == 200 and 'name="f_items.0.f_dish"' in anna.page and anna.errors() == {}
    assert anna.value("f_items.0.f_qty") == "1"  # the column's default
    anna.send(**food, **{"f_items.0": "", "f_items.0.f_dish": "鱼", "_do": "row+:f_items"})
    assert anna.value("f_items.0.f_dish") == "鱼" and anna.value("f_items.1.f_dish") == ""
    rows = {"f_items.0": "", "f_items.0.f_dish": "鱼", "f_items.1": "", "f_items.1.f_dish": "虾"}
    anna.send(**food, **rows, _do="row-:f_items:0")
    assert anna.value("f_items.0.f_dish") == "虾" and "f_items.1." not in anna.page
    assert tickets() == []
    assert (
        anna.send(**food, **{"f_items.0": "", "f_items.0.f_dish": "虾", "f_items.0.f_price": "48.5"}).status_code == 303
    )
    assert tickets()[0]["f_items"][0]["f_dish"] == "虾"


def test_no_more_rows_than_the_form_allows(guest: Guests) -> None:
    anna = guest()
    ten = {f"f_items.{row}.f_dish": "鱼" for row in range(10)}
    anna.send(f_kind="o_food", f_item="", **ten, _do="row+:f_items")
    assert "f_items.9." in anna.page and "f_items.10." not in anna.page


def test_a_redraw_stores_nothing_and_shows_what_follows_from_the_answers(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    answer = anna.send(f_kind="o_food", f_item="", f_hurt="o_sick", _do="render")
    assert answer.status_code == 200 and tickets() == []
    photos = anna.page.partition('data-f="f_photos"')[2].partition("</legend>")[0]
    assert "data-req>" in photos  # wanted now: somebody was sick


def test_a_file_can_be_taken_back(guest: Guests) -> None:
    anna = guest()
    kept, gone = (anna.upload(jpeg()).get_json()["id"] for _ in range(2))
    anna.send(f_photos=[kept, gone], _do=f"file-:f_photos:{gone}")
    assert kept in anna.page and gone not in anna.page


def test_buttons_for_things_that_are_not_there_change_nothing(guest: Guests, tickets: Tickets) -> None:
    for press in (
        "row+:f_reply",
        "row-:f_items:99",
        "row-:f_items:x",
        "file-:f_phone:1",
        "row+:nothing",
        "render:x:y:z",
    ):
        anna = guest()
        assert anna.send(_do=press).status_code == 200
    assert tickets() == []


# ---- one form, one ticket -------------------------------------------------------------------------------------------


def test_the_same_form_again_leads_to_the_same_ticket(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    photo = anna.upload(jpeg()).get_json()["id"]
    first = anna.send(f_photos=photo)
    again = anna.send(f_photos=photo)
    edited = anna.send(f_photos=photo, f_body="还要补充")
    places = [answer.headers["Location"].partition("?")[0] for answer in (first, again, edited)]
    assert len(set(places)) == 1 and len(tickets()) == 1
    assert again.headers["Location"].endswith("said=again")
    assert "已经提交过" in anna.client.get(again.headers["Location"]).text
    assert tickets()[0]["f_body"] == COMPLAINT["f_body"]


def test_two_forms_of_one_browser_are_two_tickets(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    assert anna.send().status_code == 303
    anna.open()
    assert anna.send().status_code == 303
    assert len(tickets()) == 2


def test_a_form_belongs_to_the_browser_it_was_drawn_for(guest: Guests, tickets: Tickets) -> None:
    anna, eve = guest(), guest()
    anna.open()
    stolen = anna.token
    eve.open()
    for token in (stolen, "", "x", stolen[:-3] + "abc"):
        answer = eve.send(_token=token, f_body="我的话还在")
        assert answer.status_code == 400 and "我的话还在" in answer.text and "再点一次提交" in answer.text
    assert tickets() == []
    assert eve.send().status_code == 303  # the page it was given instead works


def test_no_other_page_can_send_our_form(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    anna.open()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert anna.post(dict(COMPLAINT), headers=headers).status_code == 400
    plain = anna.client.post(anna.link, data='{"f_body": "x"}', content_type="text/plain")
    assert plain.status_code == 400
    assert tickets() == []


# ---- sizes ----------------------------------------------------------------------------------------------------------


def test_ten_megabytes_of_text_are_refused(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    anna.open()
    assert anna.raw([("_token", anna.token), ("f_body", "x" * 10_000_000)]).status_code == 413
    body = f"_token={anna.token}&f_body=".encode() + b"x" * 10_000_000
    assert anna.client.post(anna.link, data=body, content_type="application/x-www-form-urlencoded").status_code == 413
    assert tickets() == []


def test_a_hundred_thousand_rows_are_refused(guest: Guests, tickets: Tickets) -> None:
    anna = guest()
    anna.open()
    rows = [(f"f_items.{row}.f_dish", "鱼") for row in range(5000)]
    assert anna.raw([("_token", anna.token), *rows]).status_code == 413
    short = "&".join(f"f_items.{row}.f_dish=a" for row in range(100_000)).encode()
    answer = anna.client.post(anna.link, data=short, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    some = anna.send(f_kind="o_food", f_item="", **{f"f_items.{row}.f_dish": "鱼" for row in range(11)})
    assert some.status_code == 422 and tickets() == []


def test_other_methods_and_bodies_are_refused(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    anna.open()
    assert anna.client.put(anna.link).status_code == 405
    assert anna.client.get(f"{anna.link}/uploads").status_code == 405
    cut = anna.client.post(
        anna.link, data=b"--x\r\nContent-Disposition: form-data", content_type="multipart/form-data; boundary=x"
    )
    assert cut.status_code == 400


@pytest.mark.parametrize("name", [
    "f_items.0.", "f_items.00.f_dish", "f_items.99999.f_dish", "f_items.٣.x", "f_items.", "f_items",
])
@pytest.mark.parametrize("do", [
    "row-:f_items:0", "row+:f_items", "row-:f_items:0.f_dish", "file-:f_items:0", "row-:f_photos:0",
])
def test_no_name_of_a_control_is_a_failure_of_ours(guest: Guests, name: str, do: str) -> None:
    anna = guest()
    answer = anna.send(**{"f_items.1.f_dish": "鱼", name: "x", "_do": do})
    assert answer.status_code == 200
    assert "鱼" in anna.page


def test_a_removed_row_takes_nothing_else_along(guest: Guests) -> None:
    anna = guest()
    rows = {f"f_items.{number}.f_dish": f"菜{number}" for number in (1, 2, 12)}
    anna.send(f_kind="o_food", f_item="o_taste", **rows, _do="row-:f_items:1")
    assert "菜2" in anna.page and "菜12" in anna.page and anna.value("f_items.0.f_dish") == "菜2"
    assert '"菜1"' not in anna.page


def test_what_was_not_asked_is_not_kept_and_the_history_says_so(guest: Guests, demo_app: Flask) -> None:
    """Dishes belong to complaints about food; this one is about service."""
    anna = guest()
    answer = anna.send(**{"f_items.0": "", "f_items.0.f_dish": "鱼香肉丝", "f_items.0.f_price": "38"})
    assert answer.status_code == 303, anna.errors()
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert "f_items" not in ticket.data or not ticket.data["f_items"]
        told = [event for event in events_of(ticket.id) if event.kind == "form.dropped"]
        assert [event.body["delta"] for event in told] == [{"fields": ["f_items"]}]
        page = f"/tickets/{ticket.id}"
        db.session.rollback()
    admin = Browser(demo_app)
    admin.sign_in(ADMIN.login)
    assert "未保存（当时不需要填写）" in admin.text(page)
