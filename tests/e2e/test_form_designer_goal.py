"""The restaurant complaint of the library, drawn from nothing with each hand: it says what the shipped one says."""
from __future__ import annotations

import json
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from app.extensions import parts
from app.settings import ROOT
from tests.browsers import Windows, complaints, overflow
from tests.e2e.complaint_drawing import TITLE, Drawing
from tests.e2e.hands import Finger, Hand, Keys, Mouse
from tests.e2e.meaning import meaning
from tests.e2e.test_form_designer import window

EXAMPLE = ROOT / "tests" / "data" / "complaint.form.json"


def drawn(page: Page, url: str, hand: Hand) -> dict[str, Any]:
    """The form as it is stored, drawn by this hand."""
    draw = Drawing.blank(page, url, TITLE, hand)
    draw.whole()
    expect(page.locator(".problems")).not_to_have_class("error")
    return draw.content()


def assert_the_same(content: dict[str, Any], app: Flask) -> None:
    """It says what the example says."""
    with app.app_context():
        catalog = parts().catalog
        expected = meaning(json.loads(EXAMPLE.read_text("utf-8")), catalog)
        mine = meaning(content, catalog)
    assert [field["label"] for field in mine["fields"]] == [field["label"] for field in expected["fields"]]
    for one, other in zip(mine["fields"], expected["fields"], strict=True):
        assert one == other
    assert mine == expected


def test_by_mouse(url: str, windows: Windows, demo_app: Flask) -> None:
    page = window(windows)
    assert_the_same(drawn(page, url, Mouse(page)), demo_app)


def test_by_keys_alone(url: str, windows: Windows, demo_app: Flask) -> None:
    page = window(windows, "dark")
    keys = Keys(page)
    assert_the_same(drawn(page, url, keys), demo_app)
    assert keys.longest < (20, ""), "the longest way with Tab from one thing to the next"


def test_with_a_finger_on_a_tablet_held_upright(url: str, windows: Windows, demo_app: Flask) -> None:
    page = windows.open(size="desktop", viewport={"width": 820, "height": 1180}, has_touch=True)
    assert_the_same(drawn(page, url, Finger(page)), demo_app)
    assert overflow(page) == 0
    assert complaints(page) == []
