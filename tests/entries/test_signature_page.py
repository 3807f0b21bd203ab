"""Signatures at a public door: sent by the script like any file, or as a photo in the form itself."""
from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from tests.entries.conftest import Guest, jpeg
from tests.entries.kinds import publish
from tests.forms.fields.test_signature import sheet

Count = Callable[[], int]


@pytest.fixture
def anna(demo_app: Flask) -> Guest:
    return Guest(demo_app, publish(demo_app, {"id": "f_s", "type": "signature", "required": True}))


def test_a_drawing_is_stored_and_served_on_white(anna: Guest, tickets: Callable[[], list[dict[str, Any]]]) -> None:
    stored = anna.upload(sheet("RGBA", (0, 0, 0, 0), "#1b2130"), "signature.png", "f_s")
    assert stored.status_code == 201
    number = stored.get_json()["id"]
    picture = Image.open(BytesIO(anna.get(f"/u/{number}").data))
    assert picture.mode == "RGB" and picture.getpixel((2, 2)) == (255, 255, 255)
    assert anna.post({"f_s": number}).status_code == 303
    assert tickets() == [{"f_s": [number]}]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_empty_sheet_is_not_stored(anna: Guest, count_uploads: Count) -> None:
    answer = anna.upload(sheet(), "signature.png", "f_s")
    assert answer.status_code == 422 and answer.get_json()["code"] == "file_no_ink" and count_uploads() == 0


@pytest.mark.parametrize("backend", ["sqlite"])
def test_without_scripts_a_photo_does(anna: Guest, count_uploads: Count) -> None:
    anna.open()
    assert anna.post({"f_s.files": (BytesIO(jpeg()), "blank.jpg")}).status_code == 422
    assert "没有看到笔迹" in anna.page and count_uploads() == 0
    photos = [(BytesIO(sheet(ink="black", kind="JPEG")), f"{n}.jpg") for n in range(2)]
    assert anna.post({"f_s.files": photos}).status_code == 422 and count_uploads() == 1  # one signature only
    assert anna.post({"f_s.files": photos[:0], "f_s": anna.value("f_s") or ""}).status_code == 303
