"""The designer opens a form whose plugin is not installed: a card stands in for the field, to be left or deleted."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.settings import Settings
from tests.browsers import Windows, complaints
from tests.e2e.designer_page import Designer
from tests.entries.kinds import KEY, publish
from tests.live_stories.company import served

VISIT = {"id": "f_visit", "type": "timeslot", "label": "上门时间", "slots": ["09:00-10:30"], "closed": ["sun"],
         "required": True}
NAME = {"id": "f_name", "type": "text", "label": "姓名"}


@pytest.fixture
def url(demo_app: Flask, make_app: Callable[[Settings], Flask], tmp_path: Path) -> Iterator[str]:
    """The company without the plugin that its form was drawn with."""
    publish(demo_app, VISIT, NAME)
    (tmp_path / "none").mkdir()
    settings: Settings = demo_app.extensions["danflow"].settings
    with served(make_app(settings.model_copy(update={"plugins_dir": tmp_path / "none"}))) as address:
        yield address


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_card_says_what_is_missing_and_keeps_everything(url: str, windows: Windows, theme: str) -> None:
    page = windows.open(size="desktop", color_scheme=theme)
    draw = Designer.of(page, url, KEY)
    card = draw.field("上门时间")
    expect(card.get_by_text("此字段需要的插件“timeslot”未安装，已填内容已保留")).to_be_visible()
    card.click()
    expect(draw.panel.get_by_role("heading", name="未安装的字段")).to_be_visible()
    expect(draw.panel.locator("input, select, textarea")).to_have_count(0)
    assert complaints(page) == []
    draw.field("姓名").click()
    draw.panel.get_by_label("标题", exact=True).fill("您的姓名")
    fields: list[dict[str, Any]] = draw.content()["fields"]
    assert fields == [VISIT, {**NAME, "label": "您的姓名"}]
    expect(page.get_by_role("button", name="问题 1")).to_be_visible()
    draw.field("上门时间").click()
    page.keyboard.press("Delete")  # it was published: what happens to its answers is said first
    page.get_by_role("dialog").get_by_role("button", name="删除", exact=True).click()
    expect(draw.field("上门时间")).to_have_count(0)
    assert [field["id"] for field in draw.content()["fields"]] == ["f_name"]
