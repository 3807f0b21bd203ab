"""Regions at a public door: without scripts step by step, and the lists that scripts read."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from lxml import html

from app.forms import areas
from tests.entries.conftest import Guest
from tests.entries.kinds import publish


@pytest.fixture
def backend() -> str:
    """What is judged here does not depend on the database."""
    return "sqlite"


@pytest.fixture
def anna(demo_app: Flask) -> Guest:
    return Guest(demo_app, publish(demo_app, {"id": "f_r", "type": "region", "required": True},
                                   {"id": "f_a", "type": "address"}))


def lists(anna: Guest, name: str) -> dict[str, int]:
    """Name of each list → how many areas it offers."""
    page = html.fromstring(anna.page)
    return {node.get("name"): len(node.xpath("./option[@value!='']"))
            for node in page.xpath(f"//select[starts-with(@name, '{name}.')]")}


def test_the_lists_open_one_after_the_other_without_scripts(
    anna: Guest, tickets: Callable[[], list[dict[str, Any]]]
) -> None:
    anna.open()
    assert lists(anna, "f_r") == {"f_r.p": 34, "f_r.c": 0, "f_r.d": 0}
    anna.post({"f_r.p": "330000", "f_a.text": "文三路 1 号", "_do": "render"})
    assert lists(anna, "f_r") == {"f_r.p": 34, "f_r.c": 11, "f_r.d": 0} and anna.errors() == {}
    assert anna.value("f_a.text") == "文三路 1 号"
    answer = anna.post({"f_r.p": "330000", "f_r.c": "330100"})  # sent too early: refused, and a step further
    assert answer.status_code == 422 and "杭州市" in anna.errors()["f_r"]
    assert lists(anna, "f_r")["f_r.d"] == len(areas.AREAS["330100"].children)
    answer = anna.post({"f_r.p": "330000", "f_r.c": "330100", "f_r.d": "330106", "f_a.p": "440000", "f_a.c": "441900",
                        "f_a.text": "东城街道"})
    assert answer.status_code == 303
    assert tickets() == [{"f_r": "330106", "f_a": {"region": "441900", "text": "东城街道"}}]


@pytest.mark.parametrize("sent", [{"f_r.p": "999999"}, {"f_r.p": "330000", "f_r.c": "331300"}, {"f_r.p": "<script>"}])
def test_forged_codes_are_refused(anna: Guest, sent: dict[str, str]) -> None:
    anna.open()
    assert anna.post(sent).status_code == 422
    assert "没有这个地区" in anna.errors()["f_r"] and "<script>" not in anna.page.partition("<form")[2]


def test_a_list_is_small_and_kept_by_browsers(demo_app: Flask) -> None:
    client = demo_app.test_client()
    answer = client.get(f"/regions/510000.json?v={areas.EDITION}")
    assert answer.get_json() == areas.below("510000") and len(answer.data) < 12_000
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/regions/510000.json?v=old").headers["Cache-Control"] == "no-store"
    for wrong in ("510100", "999999", "..%2f", "x" * 300):
        assert client.get(f"/regions/{wrong}.json").status_code == 404


def test_the_page_holds_provinces_only(anna: Guest) -> None:
    anna.open()
    assert "杭州市" not in anna.page and "浙江省" in anna.page
    assert f"v={areas.EDITION}" in anna.page
