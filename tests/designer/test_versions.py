"""Comparing versions, going back to one, and what hangs on a field."""
from __future__ import annotations

from flask import Flask

from tests.designer.conftest import Editor, fresh, stored


def test_two_contents_in_words(editor: Editor) -> None:
    content = fresh()
    content["title"]["zh-CN"] = "新名"
    found = editor.call("POST", "compare", {"old": fresh(), "new": content})
    assert found.status_code == 200
    (change,) = found.json["changes"]
    assert (change["what"], change["kind"], change["id"]) == ("form", "changed", "title")
    assert "新名" in change["words"]
    assert editor.sql <= 3  # who asks, and the names of roles and departments
    assert editor.call("POST", "compare", {"old": fresh()}).status_code == 422


def test_going_back_to_a_version_makes_it_the_draft(editor: Editor, demo_app: Flask) -> None:
    editor.put({**fresh(), "title": "新名"}, 1)
    version = editor.call("GET", "versions").json[0]["id"]
    stale = editor.call("POST", "restore", {"rev": 1, "version": version})
    assert stale.status_code == 409 and stale.json["content"]["title"] == "新名"
    done = editor.call("POST", "restore", {"rev": 2, "version": version})
    assert done.json["rev"] == 3 and done.json["restored"] == fresh() and editor.sql <= 9
    assert stored(demo_app)["content"] == fresh()
    assert done.json["findings"] == editor.call("POST", "check", {"content": fresh()}).json["findings"]
    for unknown in ("nothing", "00000000-0000-0000-0000-000000000000"):
        assert editor.call("POST", "restore", {"rev": 3, "version": unknown}).status_code == 404
    other = editor.post("/designer/forms", title="另一张").location.rpartition("/")[2]
    assert editor.call("POST", "restore", {"rev": 1, "version": version}, key=other).status_code == 404


def test_what_hangs_on_a_field(editor: Editor) -> None:
    found = editor.call("GET", "usage?field=f_body").json
    assert editor.sql <= 2
    assert {one["kind"] for one in found} == {"flow"}
    assert {(one["key"], one["title"]) for one in found} == {("restaurant_complaint", "餐饮客诉处理")}
    places = [one["where"] for one in found]
    assert any("关键词与优先级" in place and "设置" in place for place in places)
    assert any("谁可以填写" in place for place in places)
    assert editor.call("GET", "usage?field=f_nothing").json == []
    assert editor.call("GET", "usage?field=s_who").json != []
    for wrong in ("x", "f_", "f_%25", "constructor"):
        assert editor.call("GET", f"usage?field={wrong}").status_code == 422
    whole = editor.call("GET", "usage").json
    assert {(one["kind"], one["key"]) for one in whole} == {
        ("flow", "restaurant_complaint"), ("ticket_type", "complaint")}
