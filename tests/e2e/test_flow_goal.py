"""The restaurant complaint of the library, drawn in the guided view by mouse: it says what the shipped one says."""
from __future__ import annotations

import json

from flask import Flask
from playwright.sync_api import expect

from app.extensions import parts
from app.settings import ROOT
from tests.browsers import Windows
from tests.e2e.flow_by_mouse import Drawing
from tests.e2e.flow_meaning import flow_meaning

EXAMPLE = ROOT / "app" / "definitions" / "library" / "restaurant_complaint" / "flow.json"


def test_by_mouse_in_the_guided_view(url: str, windows: Windows, demo_app: Flask) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    draw = Drawing.blank(page, url, "餐饮客诉处理", "complaint")
    draw.whole()
    content = draw.content()
    with demo_app.app_context():
        catalog = parts().catalog
        expected = flow_meaning(json.loads(EXAMPLE.read_text("utf-8")), catalog)
        mine = flow_meaning(content, catalog)
    assert sorted(mine["steps"]) == sorted(expected["steps"])
    for name, step in expected["steps"].items():
        assert mine["steps"][name] == step, name
    assert mine["lines"] == expected["lines"]
    assert mine == expected
    expect(page.locator(".problems.error")).to_have_count(0)
