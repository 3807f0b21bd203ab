"""The outline: the complaint's flow drawn from nothing by keys alone, and what else the list can do."""
from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from playwright.sync_api import expect

from app.extensions import parts
from tests.browsers import Windows, complaints
from tests.e2e.flow_drawing import Complaint, Pen
from tests.e2e.flow_meaning import flow_meaning
from tests.e2e.flow_page import Flow

EXAMPLE = Path(__file__).parents[1] / "data" / "complaint.flow.json"


def test_the_whole_flow_by_keys_alone(url: str, windows: Windows, demo_app: Flask) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    flow = Flow.blank(page, url, "餐饮客诉处理", "complaint")
    flow.view("大纲")
    Complaint(Pen(page, flow)).whole()
    content = flow.content()
    with demo_app.app_context():
        catalog = parts().catalog
        expected, mine = flow_meaning(json.loads(EXAMPLE.read_text("utf-8")), catalog), flow_meaning(content, catalog)
    assert mine["vars"] == expected["vars"]
    assert set(mine["steps"]) == set(expected["steps"])
    for name, step in expected["steps"].items():
        assert mine["steps"][name] == step, name
    assert mine["lines"] == expected["lines"]
    expect(page.locator(".problems")).to_contain_text("问题 2")  # two steps that no clock covers, as in the example
    assert complaints(page) == []
