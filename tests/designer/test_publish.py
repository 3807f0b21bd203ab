"""Publishing a form reaches the customers: ticket types take the new version where their steps fit it."""
from __future__ import annotations

import threading
from typing import Any

from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.definitions.spread import bring_to_types
from app.extensions import clock, db
from app.org import service as org
from tests.designer.conftest import Editor, fresh
from tests.people import Customer, doors, in_process


def page_of(app: Flask) -> str:
    """What a customer's phone shows."""
    with app.app_context():
        path = doors()["t_menu"]
    return Customer(in_process(app)).see(path)


def published(editor: Editor, content: Any, rev: int) -> Any:
    assert editor.put(content, rev).status_code == 200
    answer = editor.call("POST", "publish", {"rev": rev + 1})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_customers_see_the_new_form_at_once(editor: Editor, demo_app: Flask) -> None:
    content = fresh()
    next(field for field in content["fields"] if field["id"] == "f_name")["label"] = "请问怎么称呼"
    assert "请问怎么称呼" not in page_of(demo_app)
    done = published(editor, content, 1)
    assert done["types"] == [{"key": "complaint", "title": "餐饮客诉", "version": 2, "reason": ""}]
    assert editor.sql <= 22
    assert "请问怎么称呼" in page_of(demo_app)
    again = editor.call("POST", "publish", {"rev": 2}).json
    assert again["repeated"] and again["types"][0]["version"] == 2


def test_a_ticket_type_whose_steps_need_what_is_gone_keeps_its_form(editor: Editor, demo_app: Flask) -> None:
    content = {**fresh(), "rules": []}
    content["fields"] = [field for field in content["fields"] if field["id"] != "f_comp"]
    done = published(editor, content, 1)
    assert done["version"] == 2
    (kept,) = done["types"]
    assert kept["version"] is None and kept["reason"]
    assert 'name="f_phone"' in page_of(demo_app)
    repaired = published(editor, fresh(), 2)
    assert repaired["version"] == 3 and repaired["types"][0]["version"] == 2


def test_an_unpublished_draft_of_the_type_stays_a_draft(editor: Editor, demo_app: Flask) -> None:
    with demo_app.app_context():
        draft = definitions.draft("ticket_type", "complaint")
        changed = {**draft["content"], "name": "改了一半"}
        definitions.save_draft("ticket_type", "complaint", changed, draft["rev"], actor=SYSTEM, now=clock.now_ms())
    content = {**fresh(), "title": "新名"}
    assert published(editor, content, 1)["types"][0]["version"] == 2
    with demo_app.app_context():
        assert definitions.current_type("complaint").name == draft["content"]["name"]
        assert definitions.draft("ticket_type", "complaint")["content"]["name"] == "改了一半"


def test_a_form_without_ticket_types_is_published_alone(editor: Editor) -> None:
    key = editor.post("/designer/forms", template="service_survey").location.rpartition("/")[2]
    done = editor.call("POST", "publish", {"rev": 1}, key=key)
    assert done.json["version"] == 1 and done.json["types"] == []


def test_two_who_bring_it_at_once_make_one_version(editor: Editor, demo_app: Flask) -> None:
    with demo_app.app_context():
        definitions.save_draft("form", "complaint", {**fresh(), "title": "新名"}, 1, actor=SYSTEM, now=clock.now_ms())
        definitions.publish("form", "complaint", actor=SYSTEM, now=clock.now_ms())
        db.session.remove()
    barrier, found = threading.Barrier(3), []

    def go() -> None:
        with demo_app.app_context():
            barrier.wait(5)
            found.extend(bring_to_types("form", "complaint", actor=SYSTEM, now=clock.now_ms(), known=org.known()))
            db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.version for one in found} <= {2, None}
    with demo_app.app_context():
        assert [row["version"] for row in definitions.versions("ticket_type", "complaint")] == [2, 1]
