"""A customer without JavaScript, at the doors of the demo company."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.entries.models import Entry
from app.extensions import db
from app.runtime import seals
from app.runtime.models import Ticket, Upload

COMPLAINT: dict[str, Any] = {
    "f_phone": "13800001111",
    "f_name": "王女士",
    "f_store": "st_hz1",
    "f_kind": "o_svc",
    "f_item": "o_slow",
    "f_body": "等了四十分钟",
    "f_ok": "true",
}

JSON = {"Accept": "application/json"}  # as the page's script asks


def jpeg(size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    """A real photograph, if a dull one."""
    out = BytesIO()
    Image.new("RGB", size, (200, 120, 60)).save(out, "JPEG", **more)
    return out.getvalue()


class Guest:
    """One browser at one public link."""

    def __init__(self, app: Flask, link: str) -> None:
        self.app, self.link = app, link
        self.client = app.test_client()
        self.page = ""

    def open(self, query: str = "") -> TestResponse:
        """Look at the form; remembers its token."""
        return self._seen(self.client.get(self.link + query))

    def send(self, *drop: str, link: str = "", **fields: Any) -> TestResponse:
        """Post a complaint with some answers changed, and those named in `drop` left out."""
        if not self.page:
            self.open()
        data = {key: value for key, value in (COMPLAINT | fields).items() if key not in drop}
        return self.post(data, link)

    def post(self, data: dict[str, Any], link: str = "", **options: Any) -> TestResponse:
        """Post exactly this and the form's token."""
        given = {"_token": self.token, **data}
        return self._seen(
            self.client.post(link or self.link, data=given, content_type="multipart/form-data", **options)
        )

    def get(self, path: str) -> TestResponse:
        """Fetch something else, all of it."""
        response = self.client.get(path)
        response.get_data()
        response.close()
        return response

    def raw(self, fields: list[tuple[str, str]]) -> TestResponse:
        """Post so many or so large fields that the test client would spill them to disk."""
        parts = (f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields)
        body = "".join([*parts, "--x--\r\n"]).encode()
        return self.client.post(self.link, data=body, content_type="multipart/form-data; boundary=x")

    def upload(self, data: bytes, name: str = "a.jpg", field: str = "f_photos") -> TestResponse:
        """What the page's script does with a chosen file."""
        if not self.page:
            self.open()
        body = {"_token": self.token, "field": field, "file": (BytesIO(data), name)}
        return self.client.post(f"{self.link}/uploads", data=body, headers=JSON)

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.status_code not in (303, 404):
            self.page = response.text
        return response

    @property
    def token(self) -> str:
        found = re.search(r'name="_token" value="([^"]+)"', self.page)
        return found[1] if found else ""

    def errors(self) -> dict[str, str]:
        """The error summary: anchor → message."""
        summary = self.page.partition('id="problems"')[2].partition("</div></div>")[0]
        return {anchor: unescape(words) for anchor, words in re.findall(r'<a href="#([^"]+)">([^<]*)</a>', summary)}

    def value(self, name: str) -> str | None:
        """What a text control of the page holds."""
        found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', self.page)
        return unescape(found[1]) if found else None


@pytest.fixture
def guest(demo_app: Flask) -> Callable[..., Guest]:
    """`guest()`: a new browser at the complaint form of the menu; `guest("t_mini")` at another door."""

    def arrive(trigger: str = "t_menu", app: Flask = demo_app) -> Guest:
        with demo_app.app_context():
            token = db.session.scalars(select(Entry.token).where(Entry.trigger == trigger)).one()
            db.session.rollback()
        return Guest(app, f"/f/{token}")

    return arrive


@pytest.fixture
def tickets(demo_app: Flask) -> Callable[[], list[dict[str, Any]]]:
    """The answers of all tickets, in clear, oldest first."""

    def read() -> list[dict[str, Any]]:
        with demo_app.app_context():
            rows = db.session.scalars(select(Ticket).order_by(Ticket.no)).all()
            found = [seals.unseal(row.id, row.data) for row in rows]
            db.session.rollback()
        return found

    return read


@pytest.fixture
def count_uploads(demo_app: Flask) -> Callable[[], int]:
    """How many files the database knows."""

    def count() -> int:
        with demo_app.app_context():
            found = db.session.scalar(select(func.count()).select_from(Upload)) or 0
            db.session.rollback()
        return found

    return count
