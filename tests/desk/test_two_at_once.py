"""Two people at one form, and the files that a step asks for: a small type whose branches ask for the same answer."""
from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.extensions import clock, db
from app.org.service import known
from app.runtime import service
from tests.desk.conftest import Browser, hidden, task_on
from tests.entries.conftest import jpeg
from tests.personas import AGENT, DELIVERY, QUALITY, Persona

People = Callable[[Persona], Browser]
FORM: dict[str, Any] = {
    "schema": "danflow/form/1", "key": "twice", "title": "核对", "locale": "zh-CN", "locales": ["zh-CN"],
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [
        {"id": "f_what", "type": "text", "section": "s_a", "label": "事项"},
        {"id": "f_reply", "type": "textarea", "section": "s_a", "label": "答复"},
        {"id": "f_photos", "type": "images", "section": "s_a", "label": "照片", "max_files": 2},
        {"id": "f_inner", "type": "images", "section": "s_a", "label": "内部照片", "max_files": 2},
    ],
}


def _handle(node: str, name: str, role: str, fields: dict[str, str]) -> dict[str, Any]:
    return {"id": node, "type": "task.handle", "tv": 1, "name": name, "config": {
        "assignee": [{"role": role}], "fields": fields, "actions": [{"port": "submit", "label": "提交"}]}}


EDIT = {"f_what": "read", "f_reply": "edit", "f_photos": "edit"}
FLOW: dict[str, Any] = {
    "schema": "danflow/flow/1", "key": "twice", "name": "核对", "form": "twice", "vars": [],
    "nodes": [
        {"id": "start", "type": "trigger.public_form", "tv": 1, "name": "申请",
         "config": {"channel": "web", "fields": {"f_what": "edit"}}},
        {"id": "fork", "type": "branch.parallel", "tv": 1, "name": "同时", "config": {
            "branches": [{"port": "b1", "label": "一"}, {"port": "b2", "label": "二"}], "join": "join"}},
        _handle("one", "质检核对", "quality", {**EDIT, "f_inner": "edit"}),
        _handle("two", "客服核对", "cs_agent", EDIT),
        {"id": "join", "type": "branch.join", "tv": 1, "name": "汇合", "config": {"fork": "fork", "mode": "all"}},
        {"id": "end", "type": "flow.end", "tv": 1, "name": "结束", "config": {"status": "closed"}},
    ],
    "edges": [{"id": f"e{number}", "from": start, "to": f"{to}:in"} for number, (start, to) in enumerate([
        ("start:out", "fork"), ("fork:b1", "one"), ("fork:b2", "two"), ("one:submit", "join"), ("two:submit", "join"),
        ("join:out", "end")])],
}
TYPE = {"schema": "danflow/ticket_type/1", "key": "twice", "name": "核对", "form": "twice", "flow": "twice"}


@pytest.fixture
def ticket(demo_app: Flask) -> str:
    """A ticket that asks two people for the same answer at once."""
    with demo_app.app_context():
        for kind, content in (("form", FORM), ("flow", FLOW), ("ticket_type", TYPE)):
            definitions.save_draft(kind, content["key"], content, 0, actor=SYSTEM, now=clock.now_ms())
            definitions.publish(kind, content["key"], actor=SYSTEM, now=clock.now_ms(), known=known())
        kind = definitions.current_type("twice").id
        done = service.submit(kind, "start", {"f_what": "价格"}, command_id="make-ticket")
        db.session.remove()
    return done.ticket_id


def test_the_slower_one_sees_both_answers_and_decides(browser_of: People, ticket: str) -> None:
    quality, agent = browser_of(QUALITY), browser_of(AGENT)
    place = f"/tickets/{ticket}"
    first, second = task_on(quality, place), task_on(agent, place)
    assert first != second
    version = hidden(agent.get(place).text, "_version")
    sooner = quality.post(f"{place}/tasks/{first}", _version=version, _action="submit", f_reply="质检的答复")
    assert sooner.status_code == 303
    late = agent.post(f"{place}/tasks/{second}", _version=version, _action="submit", f_reply="客服的答复")
    assert late.status_code == 409
    assert "质检的答复" in late.text and "客服的答复" in late.text and "被邱质检改过" in late.text
    assert "客服的答复" not in agent.text(place)
    again = hidden(late.text, "_version")
    assert again != version
    sure = agent.post(f"{place}/tasks/{second}", _version=again, _action="submit", f_reply="客服的答复")
    assert sure.status_code == 303
    assert "客服的答复" in agent.text(place)


def test_a_remark_in_between_is_no_conflict(browser_of: People, ticket: str) -> None:
    quality, agent = browser_of(QUALITY), browser_of(AGENT)
    place = f"/tickets/{ticket}"
    task, version = task_on(agent, place), hidden(agent.get(place).text, "_version")
    assert quality.post(f"{place}/comments", note="看一下").status_code == 303
    assert agent.post(f"{place}/tasks/{task}", _version=version, _action="submit", f_reply="好").status_code == 303


def test_files_are_kept_after_a_refusal_and_served_to_those_who_may(browser_of: People, ticket: str) -> None:
    quality, agent = browser_of(QUALITY), browser_of(AGENT)
    place = f"/tickets/{ticket}"
    task, version = task_on(quality, place), hidden(quality.get(place).text, "_version")

    def send(**data: Any) -> Any:
        return quality.client.post(f"{place}/tasks/{task}", content_type="multipart/form-data", data={
            "csrf_token": quality.csrf, "_key": "k" * 32, "_version": version, "_action": "submit", **data})

    refused = send(**{"f_photos.files": (BytesIO(jpeg()), "a.jpg"), "f_reply": "x" * 5000})
    assert refused.status_code == 422
    kept = hidden(refused.text, "f_photos")
    assert quality.get(f"{place}/files/{kept}").status_code == 200  # theirs, before the ticket has it
    assert agent.get(f"{place}/files/{kept}").status_code == 404
    bad = send(**{"f_photos.files": (BytesIO(b"<svg onload=alert(1)>"), "a.svg"), "f_photos": kept})
    assert bad.status_code == 422 and kept in bad.text
    done = send(**{"f_photos": kept, "f_inner.files": (BytesIO(jpeg()), "b.jpg"), "f_reply": "好"})
    assert done.status_code == 303, done.text
    served = agent.get(f"{place}/files/{kept}")
    assert served.status_code == 200 and served.mimetype == "image/jpeg"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in served.headers
    assert browser_of(DELIVERY).get(f"{place}/files/{kept}").status_code == 404
    assert send(**{"f_photos": kept, "f_inner.files": (BytesIO(jpeg()), "b.jpg"), "f_reply": "好"}).status_code == 303


def test_a_file_of_a_hidden_answer_does_not_exist(browser_of: People, ticket: str) -> None:
    quality = browser_of(QUALITY)
    place = f"/tickets/{ticket}"
    task, version = task_on(quality, place), hidden(quality.get(place).text, "_version")
    up = quality.client.post(f"{place}/tasks/{task}/uploads", content_type="multipart/form-data", data={
        "csrf_token": quality.csrf, "field": "f_inner", "file": (BytesIO(jpeg()), "c.jpg")})
    assert up.status_code == 201
    quality.post(f"{place}/tasks/{task}", _version=version, _action="submit", f_inner=up.json["id"])
    assert quality.get(f"{place}/files/{up.json['id']}").status_code == 200
    agent = browser_of(AGENT)
    assert agent.get(place).status_code == 200  # who sees the ticket, but not that answer
    assert agent.get(f"{place}/files/{up.json['id']}").status_code == 404
    assert up.json["id"] not in agent.get(place).text


def test_files_only_where_the_step_asks_for_some(browser_of: People, ticket: str) -> None:
    quality = browser_of(QUALITY)
    place = f"/tickets/{ticket}"
    task = task_on(quality, place)
    for field in ("f_what", "f_nothing", ""):
        answer = quality.client.post(f"{place}/tasks/{task}/uploads", content_type="multipart/form-data", data={
            "csrf_token": quality.csrf, "field": field, "file": (BytesIO(jpeg()), "c.jpg")})
        assert answer.status_code == 422
    missing = quality.post(f"{place}/tasks/{task}/uploads", field="f_photos")
    assert missing.status_code == 422
