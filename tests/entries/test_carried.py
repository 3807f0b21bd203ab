"""What a link carries: believed when it is signed, left out and said when somebody changed it."""
from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.core.errors import Malformed, Problem
from app.entries import carried
from app.extensions import db
from app.runtime import seals
from app.runtime.models import Ticket
from app.settings import load
from tests.api.conftest import Program, token_for
from tests.entries.conftest import Guest
from tests.entries.kinds import KEY, publish
from tests.personas import ADMIN, QUALITY

FIELDS: list[dict[str, Any]] = [
    {"id": "f_no", "type": "hidden", "label": "订单号", "from": "link.order_no"},
    {"id": "f_door", "type": "hidden", "label": "来源", "from": "ticket.source"},
    {"id": "f_name", "type": "text", "label": "称呼", "prefill": "link.name"},
    {"id": "f_body", "type": "text", "label": "说明", "required": True},
]


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    """An application that never asks its database."""
    return create_app(load({}, env="test", instance_dir=tmp_path, secret_key="a secret for these tests, 42 characters"))


def test_signed_values_come_back_at_their_own_door_only(bare: Flask) -> None:
    with bare.test_request_context():
        values = {"order_no": "A1001", "name": "李 & 王"}
        text = carried.sign("door-1", values)
        assert carried.read("door-1", text) == values and carried.read("door-1", "") == {}
        with pytest.raises(Malformed):
            carried.read("door-2", text)


def test_nobody_else_can_make_or_change_one(bare: Flask, tmp_path: Path) -> None:
    with bare.test_request_context():
        text = carried.sign("door-1", {"order_no": "A1001"})
        payload, _, signature = text.rpartition(".")
        forged = urlsafe_b64encode(json.dumps({"order_no": "B2"}).encode()).decode().rstrip("=")
        for bad in (f"{forged}.{signature}", payload, text[:-1], text + "x", forged, ".", "x" * 5000, "\x00", "💥",
                    "a.b.c", text.replace(".", "..")):
            with pytest.raises(Malformed) as refused:
                carried.read("door-1", bad)
            assert refused.value.code == "link_values_bad"
    secret = "another secret, 42 characters long as well"
    other = create_app(load({}, env="test", instance_dir=tmp_path / "other", secret_key=secret))
    with other.test_request_context():
        stranger = carried.sign("door-1", {"order_no": "A1001"})
    with bare.test_request_context(), pytest.raises(Malformed):
        carried.read("door-1", stranger)


@pytest.mark.parametrize("values", [
    {"Order": "1"}, {"with space": "1"}, {"": "1"}, {"a": "x" * 201}, {f"a{n}": "1" for n in range(21)},
    {f"a{n}": "".join(chr(0x4E00 + place * 7919 * (n + 1) % 20_000) for place in range(190)) for n in range(15)},
])
def test_names_and_sizes_are_bounded(bare: Flask, values: dict[str, str]) -> None:
    with bare.test_request_context(), pytest.raises(Problem):
        carried.sign("door-1", values)


@pytest.fixture
def door(demo_app: Flask) -> str:
    """Address of a form with hidden fields."""
    return publish(demo_app, *FIELDS, locales=["zh-CN", "en"])


@pytest.fixture
def link(demo_app: Flask, door: str) -> Callable[..., str]:
    """An address as a program gets it."""
    def made(**values: str) -> str:
        program = Program(demo_app, token_for(demo_app, ADMIN))
        answer = program.post("/links", {"type": KEY, "values": values})
        assert answer.status_code == 201, answer.text
        parts = urlsplit(answer.json["address"])
        assert parts.path == door
        return f"?{parts.query}"

    return made


def answers(app: Flask) -> dict[str, Any]:
    with app.app_context():
        row = db.session.scalars(select(Ticket)).one()
        found = seals.unseal(row.id, row.data)
        db.session.rollback()
    return found


def action(page: str) -> str:
    """Where the page's form goes."""
    found = re.search(r'<form id="form" method="post" action="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_a_signed_link_fills_hidden_fields_to_the_end(demo_app: Flask, door: str, link: Callable[..., str]) -> None:
    guest = Guest(demo_app, door)
    assert guest.open(link(order_no="A1001", name="王女士")).status_code == 200
    assert guest.value("f_name") == "王女士" and "A1001" not in guest.page and "f_no" not in guest.page
    refused = guest.post({"f_name": "王女士"}, link=action(guest.page))  # drawn again, and still known
    assert refused.status_code == 422
    assert guest.post({"f_body": "坏了"}, link=action(guest.page)).status_code == 303
    assert answers(demo_app) == {"f_no": "A1001", "f_door": "start", "f_body": "坏了"}
    program = Program(demo_app, token_for(demo_app, ADMIN))  # colleagues see it among the answers
    ticket = program.get("/tickets").json["items"][0]["id"]
    assert program.get(f"/tickets/{ticket}").json["answers"]["f_no"]["display"] == "A1001"


def test_the_address_alone_fills_only_what_may_be_typed(demo_app: Flask, door: str) -> None:
    guest = Guest(demo_app, door)
    guest.open("?order_no=FORGED&name=Li&f_no=FORGED")
    assert guest.value("f_name") == "Li"
    guest.post({"f_body": "x"}, link=f"{door}?order_no=FORGED&f_no=FORGED")
    assert "f_no" not in answers(demo_app)


def test_a_forged_or_foreign_link_is_told_and_carries_nothing(
    demo_app: Flask, door: str, link: Callable[..., str]
) -> None:
    good = parse_qs(link(order_no="A1001")[1:])["with"][0]
    guest = Guest(demo_app, door)
    with demo_app.test_request_context():
        foreign = carried.sign("another-door", {"order_no": "B1"})
    for bad in (good[:-2], "x" + good, foreign):
        page = guest.open("?" + urlencode({"with": bad}))
        assert page.status_code == 400 and "被改动过" in page.text and action(page.text) == door
        assert guest.post({"f_body": "x"}, link=f"{door}?{urlencode({'with': bad})}").status_code == 400
    assert guest.post({"f_body": "x"}, link=door).status_code == 303  # as any other visitor
    assert answers(demo_app) == {"f_door": "start", "f_body": "x"}


def test_what_the_link_says_cannot_be_overruled(demo_app: Flask, door: str, link: Callable[..., str]) -> None:
    guest = Guest(demo_app, door)
    guest.open(link(order_no="A1001"))
    refused = guest.post({"f_body": "x", "f_no": "B2"}, link=action(guest.page))
    assert refused.status_code == 422 and "订单号" in refused.text


def test_other_language_same_link(demo_app: Flask, door: str, link: Callable[..., str]) -> None:
    guest = Guest(demo_app, door)
    page = guest.open(link(order_no="A1001")).text
    found = re.search(r'class="lang" href="([^"]+)"', page)
    assert found and set(parse_qs(unescape(found[1])[1:])) == {"with", "lang"}


def test_a_form_in_one_language_offers_no_other(demo_app: Flask) -> None:
    page = Guest(demo_app, publish(demo_app, *FIELDS)).open("").text
    assert 'class="lang"' not in page and "称呼" in page


def test_links_are_made_by_those_who_may_open_tickets(demo_app: Flask, door: str) -> None:
    admin = Program(demo_app, token_for(demo_app, ADMIN))
    for body, status, code in (
        ({"type": KEY, "values": {"Order": "1"}}, 422, "invalid"),
        ({"type": "nothing", "values": {"a": "1"}}, 404, "entry_unknown"),
        ({"type": "complaint", "values": {"a": "1"}}, 422, "entry_which"),
        ({"type": KEY, "values": {}}, 201, None),
        ({"type": KEY, "trigger": "x", "values": {"a": "1"}}, 404, "entry_unknown"),
    ):
        answer = admin.post("/links", body)
        assert (answer.status_code, answer.json.get("code")) == (status, code), answer.text
    stranger = Program(demo_app, token_for(demo_app, QUALITY))
    assert stranger.post("/links", {"type": KEY, "values": {"a": "1"}}).status_code == 403
