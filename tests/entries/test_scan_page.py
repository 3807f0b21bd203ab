"""Codes at a public door: photographed in the form itself, or read for the page's script; the photo is not kept."""
from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from tests.entries.conftest import JSON, Guest, jpeg
from tests.entries.kinds import publish
from tests.forms.test_codes import photo, png, qr

Tickets = Callable[[], list[dict[str, Any]]]
TABLE = {"id": "f_items", "type": "subtable", "fields": [{"id": "f_no", "type": "scan", "label": "编号"}]}


@pytest.fixture
def backend() -> str:
    """What is judged here does not depend on the database."""
    return "sqlite"


@pytest.fixture
def anna(demo_app: Flask) -> Guest:
    return Guest(demo_app, publish(demo_app, {"id": "f_c", "type": "scan", "label": "编号", "pattern": "code"}, TABLE,
                                   {"id": "f_t", "type": "text"}, {"id": "f_secret", "type": "scan"},
                                   ask={"*": "edit", "f_secret": "hidden"}))


def shot(text: str) -> tuple[BytesIO, str]:
    return BytesIO(png(photo(qr(text)), "JPEG")), "IMG_1.jpg"


def test_a_photo_is_read_without_scripts(anna: Guest, tickets: Tickets, count_uploads: Callable[[], int]) -> None:
    anna.open()
    anna.post({"f_c.photo": shot("SN-17"), "f_t": "留着", "_do": "render"})
    assert anna.value("f_c") == "SN-17" and anna.value("f_t") == "留着" and anna.errors() == {}
    anna.post({"f_c": "typed", "f_items.0": "", "f_items.0.f_no.photo": shot("ROW-1"), "f_c.photo": shot("SN-18")})
    assert tickets() == [{"f_c": "SN-18", "f_items": [{"f_no": "ROW-1"}]}] and count_uploads() == 0


def test_a_photo_without_a_code_keeps_what_was_typed(anna: Guest) -> None:
    anna.open()
    for data in (jpeg(), b"<svg/>", b""):
        answer = anna.post({"f_c": "typed", "f_c.photo": (BytesIO(data), "a.jpg")})
        assert answer.status_code == 422 and anna.value("f_c") == "typed" and "f_c" in anna.errors()
    answer = anna.post({"f_c.photo": shot("不是编号")})
    assert answer.status_code == 422 and anna.value("f_c") == "不是编号" and "字母、数字" in anna.errors()["f_c"]


def test_only_so_many_photos_at_once(anna: Guest) -> None:
    anna.open()
    rows = {f"f_items.{n}.f_no.photo": shot(f"R-{n}") for n in range(12)} | {f"f_items.{n}": "" for n in range(12)}
    assert anna.post({**rows, "_do": "render"}).status_code == 200
    assert anna.value("f_items.9.f_no") == "R-9" and "一次最多识别 10 张" in anna.page


def test_the_script_gets_the_text(anna: Guest, count_uploads: Callable[[], int]) -> None:
    for field in ("f_c", "f_items.3.f_no"):
        answer = anna.upload(shot("SN-17")[0].getvalue(), field=field)
        assert answer.status_code == 200 and answer.get_json() == {"text": "SN-17"}
    assert count_uploads() == 0
    refused = anna.upload(jpeg(), field="f_c")
    assert refused.status_code == 422 and refused.get_json()["code"] == "scan_nothing"
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert anna.upload(bomb.getvalue(), field="f_c").status_code == 413


@pytest.mark.parametrize("field", [
    "f_secret", "f_t", "f_items", "f_items.0", "f_items.x.f_no", "f_items.0.f_zz", "f_c.0",
])
def test_only_where_a_code_is_asked(anna: Guest, field: str) -> None:
    answer = anna.upload(shot("SN-17")[0].getvalue(), field=field)
    assert answer.status_code == 422 and answer.get_json()["code"] == "upload_field_unknown"


def test_only_for_those_who_were_shown_the_form(anna: Guest) -> None:
    anna.open()
    body = {"_token": "x", "field": "f_c", "file": shot("SN-17")}
    assert anna.client.post(f"{anna.link}/uploads", data=body, headers=JSON).status_code == 400
    photos = {"f_secret.photo": shot("SN-17"), "f_t.photo": shot("SN-17")}
    assert anna.post({**photos, "_do": "render"}).status_code == 200 and "SN-17" not in anna.page
