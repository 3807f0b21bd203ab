"""Comments beside a flow: who writes and reads them, what stays of them, and that the flow itself never notices."""
from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.principal import SYSTEM
from app.definitions import comments
from app.org import people
from tests.designer.conftest import FLOW, FlowEditor, stored
from tests.personas import MANAGER

EDIT = "definitions.edit"


def send(who: FlowEditor, text: str, step: str = "pool", **more: Any) -> TestResponse:
    return who.call("POST", "comments", {"id": str(uuid.uuid4()), "text": text, "step": step, "name": "抢单池", **more})


def told(answer: TestResponse) -> Any:
    assert answer.status_code == 200, answer.json
    return answer.json["threads"]


def unread(threads: Any) -> list[str]:
    return [said["text"] for one in threads for said in one["comments"] if said["unread"]]


@pytest.fixture
def colleague(demo_app: Flask, flow_editor: FlowEditor) -> FlowEditor:
    """Somebody else who draws flows."""
    with demo_app.app_context():
        people.save_role("drawer", name="Drawer", rights=[EDIT], actor=SYSTEM)
        people.grant_role(MANAGER.id, "drawer", actor=SYSTEM)
    return FlowEditor(demo_app, MANAGER)


def test_a_thread_is_written_answered_resolved_and_opened_again(flow_editor: FlowEditor, colleague: FlowEditor) -> None:
    (thread,) = told(send(flow_editor, " 30 分钟够吗？\n周末呢？ "))
    assert (thread["step"], thread["name"], thread["resolved"]) == ("pool", "抢单池", None)
    (first,) = thread["comments"]
    assert (first["text"], first["mine"], first["unread"]) == ("30 分钟够吗？\n周末呢？", True, False)
    (thread,) = told(send(colleague, "周末改 1 小时", thread=thread["id"], step="ignored"))
    assert [(said["text"], said["mine"], said["unread"]) for said in thread["comments"]] == [
        ("30 分钟够吗？\n周末呢？", False, True), ("周末改 1 小时", True, False)]
    assert thread["step"] == "pool" and first["at"] < thread["comments"][1]["at"]
    (thread,) = told(colleague.call("POST", f"comments/{thread['id']}/resolved", {"done": True}))
    assert thread["resolved"]["by"] == thread["comments"][1]["by"] and thread["resolved"]["at"]
    (again,) = told(flow_editor.call("POST", f"comments/{thread['id']}/resolved", {"done": True}))
    assert again["resolved"] == thread["resolved"]
    (opened,) = told(send(flow_editor, "还有一个问题", thread=thread["id"]))
    assert opened["resolved"] is None
    assert told(flow_editor.call("GET", "comments"))[0]["comments"][2]["text"] == "还有一个问题"


def test_the_flow_does_not_notice(flow_editor: FlowEditor, colleague: FlowEditor, demo_app: Flask) -> None:
    before = stored(demo_app, FLOW, "flow")
    told(send(flow_editor, "about all of it", step=""))
    told(send(flow_editor, "at a step"))
    assert stored(demo_app, FLOW, "flow") == before
    content = colleague.boot()["content"]
    content["nodes"] = [node for node in content["nodes"] if node["id"] != "pool"]
    assert colleague.put(content, 1).json["rev"] == 2  # the comments were no revision
    assert [(one["step"], one["name"]) for one in told(colleague.call("GET", "comments"))] == [
        ("", "抢单池"), ("pool", "抢单池")]  # at a step that is gone, too
    version = flow_editor.call("GET", "versions").json[0]["id"]
    assert flow_editor.call("POST", "restore", {"rev": 2, "version": version}).status_code == 200
    published = flow_editor.call("POST", "publish", {"rev": 3, "ticked": [
        one["mark"] for one in flow_editor.call("POST", "check", {"content": before["content"]}).json["findings"]]})
    assert published.status_code == 200, published.json
    assert len(told(flow_editor.call("GET", "comments"))) == 2


def test_what_others_wrote_is_unread_until_it_was_looked_at(flow_editor: FlowEditor, colleague: FlowEditor) -> None:
    told(send(colleague, "one"))
    last = told(send(colleague, "two", step="approve"))[1]["comments"][0]["at"]
    told(send(flow_editor, "mine"))
    assert unread(told(flow_editor.call("GET", "comments"))) == ["one", "two"]
    assert flow_editor.get("/designer/flows/").text.count("2 条未读评论") == 1
    assert unread(told(flow_editor.call("POST", "comments/seen", {"steps": ["pool"], "upto": last}))) == ["two"]
    assert unread(told(flow_editor.call("POST", "comments/seen", {"steps": ["pool"], "upto": 1}))) == ["two"]
    assert unread(told(send(colleague, "three"))) == ["mine"]
    assert unread(told(flow_editor.call("GET", "comments"))) == ["two", "three"]
    for one in told(flow_editor.call("GET", "comments")):
        flow_editor.call("POST", f"comments/{one['id']}/resolved", {"done": True})
    assert "未读评论" not in flow_editor.get("/designer/flows/").text


def test_only_ones_own_are_deleted_and_answers_stay(flow_editor: FlowEditor, colleague: FlowEditor) -> None:
    thread = told(send(flow_editor, "first"))[0]["id"]
    answer = told(send(colleague, "answer", thread=thread))[0]["comments"][1]["id"]
    refused = flow_editor.call("DELETE", f"comments/{answer}")
    assert (refused.status_code, refused.json["code"]) == (403, "comment_others")
    (left,) = told(flow_editor.call("DELETE", f"comments/{thread}"))
    assert [said["text"] for said in left["comments"]] == ["", "answer"]
    assert told(colleague.call("DELETE", f"comments/{answer}")) == []
    assert told(colleague.call("DELETE", f"comments/{answer}")) == []
    gone = send(colleague, "late", thread=thread)
    assert (gone.status_code, gone.json["code"]) == (404, "comment_gone")


def test_sending_the_same_again_writes_nothing_and_nobody_takes_anothers_id(
        flow_editor: FlowEditor, colleague: FlowEditor) -> None:
    id = str(uuid.uuid4())
    assert len(told(send(flow_editor, "once", id=id))) == len(told(send(flow_editor, "once", id=id))) == 1
    assert send(colleague, "other", id=id).json["code"] == "comment_taken"


@pytest.mark.parametrize(("body", "status"), [
    ({"text": " \n"}, 422), ({"text": "x" * 1001}, 422), ({"text": 1}, 422), ({"id": "x"}, 422), ({"more": 1}, 422),
    ({"step": "s" * 41}, 422), ({"thread": str(uuid.uuid4())}, 404), ({"text": "\x00"}, 422), ({"step": "a b"}, 422),
])
def test_what_cannot_be_a_comment_is_refused(flow_editor: FlowEditor, body: Any, status: int) -> None:
    answer = send(flow_editor, **{"text": "words", **body})
    assert (answer.status_code, bool(answer.json["message"])) == (status, True), answer.json
    assert told(flow_editor.call("GET", "comments")) == []


def test_who_may_not_see_the_flow_reads_and_writes_none(
        drawer: Callable[..., FlowEditor], flow_editor: FlowEditor) -> None:
    thread = told(send(flow_editor, "words"))[0]["id"]
    stranger = drawer(kind=FlowEditor)
    for method, name, body in (("GET", "comments", None), ("POST", "comments/seen", {"steps": [], "upto": 1}),
                               ("POST", f"comments/{thread}/resolved", {"done": True}),
                               ("DELETE", f"comments/{thread}", None)):
        assert stranger.call(method, name, body).status_code == 403
    assert send(stranger, "words").status_code == 403
    assert send(flow_editor, "words").status_code == 200
    token, flow_editor.token = flow_editor.token, "forged"
    assert send(flow_editor, "words").status_code == 400
    flow_editor.token = token
    unknown = flow_editor.call("POST", "comments", {"id": str(uuid.uuid4()), "text": "x"}, key="nowhere")
    assert unknown.status_code == 404


def test_a_full_flow_loses_what_was_resolved_first(
        flow_editor: FlowEditor, demo_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "MOST", 3)
    old = told(send(flow_editor, "old"))[0]["id"]
    told(send(flow_editor, "answer", thread=old))
    told(send(flow_editor, "second"))
    full = send(flow_editor, "third")
    assert (full.status_code, full.json["code"]) == (422, "comments_full")
    flow_editor.call("POST", f"comments/{old}/resolved", {"done": True})
    assert [one["comments"][0]["text"] for one in told(send(flow_editor, "third"))] == ["second", "third"]


def test_two_who_write_at_once_are_both_heard(flow_editor: FlowEditor, colleague: FlowEditor) -> None:
    both = [threading.Thread(target=send, args=(who, text)) for who, text in
            ((flow_editor, "a"), (colleague, "b"))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    threads = told(flow_editor.call("GET", "comments"))
    assert {one["comments"][0]["text"] for one in threads} == {"a", "b"}
    assert len({one["comments"][0]["at"] for one in threads}) == 2
