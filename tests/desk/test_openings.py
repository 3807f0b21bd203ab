"""The page on which managers see what triggers did by themselves."""
from __future__ import annotations

import json
import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.entries import news
from app.entries.models import Opening
from app.entries.news import News
from app.extensions import clock, db
from app.org.service import known
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, Persona

FORM = {"schema": "danflow/form/1", "key": "call", "title": "来电", "locale": "zh-CN", "locales": ["zh-CN"],
        "sections": [{"id": "s_a", "title": "内容"}],
        "fields": [{"id": "f_what", "type": "text", "section": "s_a", "label": "事项", "required": True}]}
FLOW = {"schema": "danflow/flow/1", "key": "call", "name": "来电", "form": "call", "vars": [],
        "nodes": [{"id": "t", "type": "trigger.api", "tv": 1, "name": "网店推送",
                   "config": {"map": [{"to": "form.f_what", "take": "title"}]}},
                  {"id": "end", "type": "flow.end", "tv": 1, "name": "结束", "config": {}}],
        "edges": [{"id": "e1", "from": "t:out", "to": "end:in"}]}
TYPE = {"schema": "danflow/ticket_type/1", "key": "call", "name": "网店来电", "form": "call", "flow": "call"}


def publish(flow: dict[str, object]) -> None:
    for kind, content in (("form", FORM), ("flow", flow), ("ticket_type", TYPE)):
        rows = {row["key"]: row["rev"] for row in definitions.list_definitions(kind)}
        definitions.save_draft(kind, "call", content, rows.get("call", 0), actor=SYSTEM, now=1)
        definitions.publish(kind, "call", actor=SYSTEM, now=1, known=known())


def test_what_was_refused_is_told_and_tried_again(demo_app: Flask, browser_of: Callable[[Persona], Browser]) -> None:
    with demo_app.app_context():
        publish(FLOW)
        for number, told in (("1", {"title": "少发一件"}), ("2", {"subject": "地址错了"})):
            news.open_from(news.way("call", "t"), News(["number", number], told), now=clock.now_ms())
    admin = browser_of(ADMIN)
    page = admin.client.get("/openings/").text
    assert page.count("data-item") == 2
    assert "已开单" in page and "没有开单" in page and "网店推送" in page and "网店来电" in page
    assert "地址错了" not in page
    only = admin.client.get("/openings/?show=refused").text
    assert only.count("data-item") == 1 and "事项" in only
    (action,) = re.findall(r'action="(/openings/\d+/again)"', only)
    still = admin.client.post(action, data={"csrf_token": admin.csrf})
    assert still.headers["Location"].endswith("/openings/?show=refused&said=still_refused")
    assert "试过 2 次" in admin.client.get("/openings/").text
    with demo_app.app_context():
        publish(json.loads(json.dumps(FLOW).replace('"take": "title"', '"take": "subject"')))
    done = admin.client.post(action, data={"csrf_token": admin.csrf})
    assert "said=opened" in done.headers["Location"]
    assert admin.client.post(action, data={"csrf_token": admin.csrf}).status_code == 409
    assert admin.client.get("/openings/?before=x").status_code == 422
    with demo_app.app_context():
        assert {row.state for row in db.session.scalars(select(Opening))} == {"opened"}


def test_it_is_for_those_who_draw_flows(demo_app: Flask, browser_of: Callable[[Persona], Browser]) -> None:
    agent = browser_of(AGENT)
    assert agent.client.get("/openings/").status_code == 403
    assert agent.client.post("/openings/1/again", data={"csrf_token": agent.csrf}).status_code == 403
    assert "/openings/" not in agent.client.get("/").text
