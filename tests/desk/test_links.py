"""Links that carry values: made by those who may publish, believed by the form."""
from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app.entries import carried
from app.entries.models import Entry
from app.extensions import db
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, Persona

People = Callable[[Persona], Browser]


@pytest.fixture
def entry(demo_app: Flask) -> str:
    """Id of the door of the menu, whose form takes an order number from its link."""
    with demo_app.app_context():
        found = db.session.scalars(select(Entry.id).where(Entry.trigger == "t_menu")).one()
        db.session.rollback()
    return found


def signed(page: str) -> list[str]:
    """The addresses on the page that carry something."""
    found = re.findall(r'class="address"><a href="([^"]+)"', page)
    return [address for address in map(unescape, found) if "?" in address]


def test_an_address_with_an_order_number(demo_app: Flask, browser_of: People, entry: str) -> None:
    admin = browser_of(ADMIN)
    assert "order_no" in admin.text("/links") and signed(admin.text("/links")) == []
    page = admin.text("/links?" + urlencode({"entry": entry, "v.order_no": " A1001 ", "v.other": "x"}))
    (address,) = signed(page)
    assert 'value="A1001"' in page
    with demo_app.test_request_context():
        assert carried.read(entry, parse_qs(urlsplit(address).query)["with"][0]) == {"order_no": "A1001"}
    opened = demo_app.test_client().get(urlsplit(address)._replace(scheme="", netloc="").geturl())
    assert opened.status_code == 200 and 'value="A1001"' in opened.text


def test_what_is_too_long_is_refused_in_words(browser_of: People, entry: str) -> None:
    page = browser_of(ADMIN).text("/links?" + urlencode({"entry": entry, "v.order_no": "x" * 201}))
    assert "最多 200 个字" in page and signed(page) == []


def test_nobody_else_makes_them(browser_of: People, entry: str) -> None:
    page = browser_of(AGENT).text("/links?" + urlencode({"entry": entry, "v.order_no": "A1001"}))
    assert "order_no" not in page and signed(page) == []
