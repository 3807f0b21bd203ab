"""The promise to people on a slow connection: the whole form, scripts and styles included, in 30 KB."""
from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.assets import LEAST
from tests.entries.conftest import Guest
from tests.entries.first_load import BUDGET, Fetch, door, transferred

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"])


def phone(client: FlaskClient) -> Fetch:
    """A browser's visits."""
    def fetch(path: str) -> tuple[str | None, bytes]:
        answer = client.get(path, headers=GZIP, buffered=True)
        assert answer.status_code == 200, path
        return answer.headers.get("Content-Encoding"), answer.data
    return fetch


@ONLY_SQLITE
def test_the_first_load_of_the_complaint_form_stays_within_its_budget(guest: Callable[..., Guest]) -> None:
    one = guest()
    weights = transferred(phone(one.client), one.link)
    assert weights.keys() == {"page", "phone.css", "mobile.js", "live.js"}
    assert sum(weights.values()) <= BUDGET, weights


@ONLY_SQLITE
def test_twenty_fields_with_rules_stay_within_it_too(demo_app: Flask) -> None:
    weights = transferred(phone(demo_app.test_client()), door(demo_app))
    assert weights.keys() == {"page", "phone.css", "mobile.js", "live.js"}
    assert sum(weights.values()) <= BUDGET, weights


@ONLY_SQLITE
def test_what_travels_compressed_is_what_travels_plain(guest: Callable[..., Guest]) -> None:
    one = guest()
    page = one.client.get(one.link).data
    style = one.client.get("/static/dist/phone.css?v=1", buffered=True)
    small = one.client.get("/static/dist/phone.css?v=1", headers=GZIP, buffered=True)
    assert gzip.decompress(small.data) == style.data and len(small.data) < len(style.data) / 2
    assert small.headers["Content-Length"] == str(len(small.data))
    assert small.headers["Cache-Control"] == style.headers["Cache-Control"]
    for answer in (style, small, one.client.get(one.link), one.client.get(one.link, headers=GZIP)):
        assert "Accept-Encoding" in answer.headers["Vary"]
    again = one.client.get("/static/dist/phone.css?v=1", headers={**GZIP, "If-None-Match": small.headers["ETag"]},
                           buffered=True)
    assert (again.status_code, again.data) == (304, b"")
    sent = one.client.get(one.link, headers=GZIP)
    assert gzip.decompress(sent.data).startswith(page[:200]) and sent.headers["Content-Encoding"] == "gzip"


@ONLY_SQLITE
def test_what_is_not_compressed(demo_app: Flask, guest: Callable[..., Guest]) -> None:
    one = guest()
    for refused in ("identity", "gzip;q=0", "br", ""):
        answer = one.client.get(one.link, headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers and b"<form" in answer.data
    # a page behind a session shows the same secret each time: its size must not tell of it
    page = demo_app.test_client().get("/sign-in", headers=GZIP)
    assert len(page.data) > LEAST and "Content-Encoding" not in page.headers
    part = one.client.get("/static/dist/phone.css", headers={**GZIP, "Range": "bytes=0-9"}, buffered=True)
    assert (part.status_code, len(part.data)) == (206, 10) and "Content-Encoding" not in part.headers
    assert one.client.get("/static/dist/nothing.css", headers=GZIP).status_code == 404
