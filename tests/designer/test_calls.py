"""The editor's calls: drafts with revisions, checks, publishing, versions; who may, how large, what it costs."""
from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask

from app.org import people
from app.org.access import SYSTEM
from tests.designer.conftest import Editor, fresh, stored
from tests.desk.conftest import Browser

Drawer = Callable[..., Editor]
CALLS = [
    ("PUT", "draft", {"rev": 1, "content": {}}), ("POST", "check", {"content": {}}),
    ("POST", "preview", {"content": {}, "locale": "en"}), ("POST", "publish", {"rev": 1}), ("GET", "versions", None),
    ("GET", "versions/00000000-0000-0000-0000-000000000000", None),
]


def test_the_page_brings_everything_the_editor_starts_with(editor: Editor) -> None:
    boot = editor.boot()
    assert (boot["key"], boot["rev"], boot["may_publish"]) == ("complaint", 1, True)
    assert boot["content"] == fresh() and boot["published"]["version"] == 1
    assert {"text", "subtable"} <= {kind["type"] for kind in boot["catalog"]["types"]}
    assert {"key": "stores"}.items() <= boot["sources"][0].items()
    assert {"key": "store_manager", "name": {"zh": "店长", "en": "Store manager"}} in boot["roles"]
    assert boot["urls"]["version"].endswith("/versions/{id}") and boot["csrf"]
    editor.token = boot["csrf"]
    assert editor.put(fresh(), 1).status_code == 200


def test_departments_stand_below_those_they_belong_to(editor: Editor, demo_app: Flask) -> None:
    with demo_app.app_context():
        people.save_department("zz_head", name="总部", actor=SYSTEM)
        people.save_department("aa_care", name="客服部", parent_id="zz_head", actor=SYSTEM)
    found = [one for one in editor.boot()["departments"] if one["key"] in ("zz_head", "aa_care")]
    assert found == [{"key": "zz_head", "name": "总部"}, {"key": "aa_care", "name": "总部 / 客服部"}]


def test_a_label_cannot_end_the_page_it_stands_in(editor: Editor) -> None:
    content = fresh()
    content["title"] = content["fields"][0]["label"] = "</script><script>alert(1)</script>"
    assert editor.put(content, 1).status_code == 200
    assert editor.boot()["content"] == content
    assert "<script>alert" not in editor.get("/designer/forms/complaint").text + editor.get("/designer/").text


def test_saving_counts_revisions_and_says_what_is_wrong(editor: Editor, demo_app: Flask) -> None:
    content = fresh()
    content["fields"][0]["label"] = "联系电话"
    answer = editor.put(content, 1)
    assert answer.json["rev"] == 2 and {one["level"] for one in answer.json["findings"]} <= {"advice"}
    assert editor.sql <= 8
    assert stored(demo_app)["content"] == content
    content["fields"][2]["type"] = "nothing"
    (found,) = [one for one in editor.put(content, 2).json["findings"] if one["level"] == "error"]
    assert found["level"] == "error" and found["code"] == "form_type_unknown"
    assert found["where"] == "fields[2].type" and found["field"] == content["fields"][2]["id"]
    assert "nothing" in found["message"] and found["repair"] is None


def test_who_was_slower_gets_what_stands_there_now(editor: Editor, drawer: Drawer, demo_app: Flask) -> None:
    mine, theirs = fresh(), fresh()
    mine["title"], theirs["title"] = "我的", "他的"
    assert drawer("definitions.edit").put(theirs, 1).status_code == 200
    answer = editor.put(mine, 1)
    assert answer.status_code == 409
    said = answer.json
    assert (said["code"], said["rev"], said["content"], said["by"]) == ("draft_moved", 2, theirs, "安客服")
    assert said["at"] > 0 and said["message"]
    assert ["我的" in words and "他的" in words for words in said["changes"]] == [True]
    assert said["findings"] == editor.call("POST", "check", {"content": theirs}).json["findings"]
    assert stored(demo_app)["content"] == theirs
    assert editor.put(mine, said["rev"]).json["rev"] == 3


def test_a_changed_type_of_a_published_field_is_an_error_with_a_repair(editor: Editor) -> None:
    content = fresh()
    at = next(index for index, field in enumerate(content["fields"]) if field["type"] == "textarea")
    content["fields"][at] = {"id": content["fields"][at]["id"], "type": "phone", "label": "Phone"}
    found = next(one for one in editor.call("POST", "check", {"content": content}).json["findings"]
                 if one["code"] == "field_type_locked")
    assert editor.sql <= 5
    assert (found["where"], found["field"]) == (f"fields[{at}].type", content["fields"][at]["id"])
    assert found["repair"]["patch"] == [{"op": "replace", "path": f"/fields/{at}/type", "value": "textarea"}]


def test_publishing_what_was_looked_at(editor: Editor, demo_app: Flask) -> None:
    content = fresh()
    content["title"] = "新的客诉"
    editor.put(content, 1)
    assert editor.call("POST", "publish", {"rev": 1}).status_code == 409
    editor.call("GET", "versions")  # the company is read once in a process
    done = editor.call("POST", "publish", {"rev": 2})
    assert done.status_code == 200 and (done.json["version"], done.json["repeated"]) == (2, False)
    assert editor.sql <= 17
    newest, oldest = editor.call("GET", "versions").json
    assert (newest["version"], newest["by"], newest["at"]) == (2, "店务经理", done.json["at"])
    assert editor.call("GET", f"versions/{oldest['id']}").json == {"content": fresh()}
    assert editor.sql <= 3
    content["fields"][0]["type"] = "nothing"
    editor.put(content, 2)
    blocked = editor.call("POST", "publish", {"rev": 3})
    assert blocked.status_code == 422 and blocked.json["code"] == "publish_blocked"
    assert [one["where"] for one in blocked.json["findings"] if one["level"] == "error"] == ["fields[0].type"]


def test_a_version_of_something_else_is_not_found(editor: Editor, demo_app: Flask) -> None:
    key = editor.post("/designer/forms", title="另一张").location.rpartition("/")[2]
    version = editor.call("GET", "versions").json[0]["id"]
    answer = editor.call("GET", f"versions/{version}", key=key)
    assert answer.status_code == 404 and answer.json["code"] == "version_unknown"
    for name in ("publish", "versions"):
        method = "POST" if name == "publish" else "GET"
        assert editor.call(method, name, {"rev": 1} if name == "publish" else None, key="nothing").status_code == 404
    assert editor.call("PUT", "draft", {"rev": 1, "content": {**fresh(), "key": "nothing"}},
                       key="nothing").status_code == 404


@pytest.mark.parametrize(("method", "name", "body"), CALLS)
def test_without_the_right_nothing_is_told(drawer: Drawer, method: str, name: str, body: object) -> None:
    someone = drawer("messages.sent")
    answer = someone.call(method, name, body)
    assert answer.status_code == 403 and answer.json["code"] == "right_missing"
    assert someone.get("/designer/").status_code == 403
    assert someone.get("/designer/forms/complaint").status_code == 403


@pytest.mark.parametrize(("method", "name", "body"), CALLS)
def test_who_is_not_signed_in_is_told_so(demo_app: Flask, method: str, name: str, body: object) -> None:
    browser = Browser(demo_app)
    answer = browser.client.open(f"/designer/forms/complaint/{name}", method=method, json=body,
                                 headers={"X-CSRFToken": browser.csrf})
    assert answer.status_code == 401 and answer.json["code"] == "sign_in_first"


def test_who_may_edit_may_not_therefore_publish(drawer: Drawer) -> None:
    someone = drawer("definitions.edit")
    assert someone.boot()["may_publish"] is False
    assert someone.call("POST", "publish", {"rev": 1}).status_code == 403


@pytest.mark.parametrize(("method", "name", "body"), [call for call in CALLS if call[0] != "GET"])
def test_a_call_without_the_token_of_our_page_is_refused(
    editor: Editor, demo_app: Flask, method: str, name: str, body: object
) -> None:
    editor.token = ""
    answer = editor.call(method, name, body)
    assert answer.status_code == 400 and answer.json["code"] == "form_expired"
    assert stored(demo_app)["rev"] == 1


@pytest.mark.parametrize(("data", "status", "code"), [
    (b"", 400, "json_syntax"), (b"[]", 400, "json_object"), (b'{"rev":1,"rev":2}', 400, "json_duplicate_key"),
    (b'{"rev":1}', 422, "invalid"), (b'{"rev":"1","content":{}}', 422, "invalid"),
    (b'{"rev":0,"content":{}}', 422, "draft_rev"), (b'{"rev":-1,"content":{}}', 422, "invalid"),
    (b'{"rev":1,"content":{},"more":1}', 422, "invalid"), (b'{"rev":1,"content":[]}', 422, "definition_not_object"),
    (b'{"rev":1,"content":' + b"[" * 100 + b"]" * 100 + b"}", 400, "json_too_deep"),
    (b'{"rev":NaN,"content":{}}', 400, "json_number"),
    (b'{"rev":1,"content":{"schema":"danflow/form/1","key":"other"}}', 422, "definition_key_differs"),
])
def test_what_is_no_draft_is_refused(editor: Editor, demo_app: Flask, data: bytes, status: int, code: str) -> None:
    answer = editor.client.put("/designer/forms/complaint/draft", data=data, content_type="application/json",
                               headers={"X-CSRFToken": editor.token})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert stored(demo_app)["rev"] == 1


def test_five_thousand_fields_and_twenty_megabytes_are_refused_with_the_limit(editor: Editor, demo_app: Flask) -> None:
    many = {**fresh(), "rules": [], "fields": [{"id": f"f_{n}", "type": "text", "label": "x"} for n in range(5000)]}
    (found,) = editor.call("POST", "check", {"content": many}).json["findings"]
    assert found["code"] == "form_too_many_fields" and "500" in found["message"] and "5000" in found["message"]
    assert editor.call("POST", "preview", {"content": many, "locale": "en"}).status_code == 413
    for method, name in (("PUT", "draft"), ("POST", "check"), ("POST", "preview")):
        answer = editor.call(method, name, {"rev": 1, "content": {**fresh(), "x": "a" * 20_000_000}})
        assert answer.status_code == 413 and "2 MB" in answer.json["message"]
    assert stored(demo_app)["rev"] == 1


def test_the_limit_of_a_definition_is_the_limit_of_what_may_be_sent(editor: Editor, demo_app: Flask) -> None:
    """As large as a definition may be, in Chinese, which JSON may spell at twice its length."""
    wide = {**fresh(), "x": "长" * 680_000}  # 2,040,000 bytes, 4,080,000 as they are sent here
    assert editor.put(wide, 1).status_code == 200
    for name, body in (("check", {"content": wide}), ("compare", {"old": wide, "new": wide})):
        answer = editor.client.post(f"/designer/forms/complaint/{name}", content_type="application/json",
                                    data=json.dumps(body, ensure_ascii=False).encode(),
                                    headers={"X-CSRFToken": editor.token})
        assert answer.status_code == 200, answer.text[:300]
    answer = editor.put({**fresh(), "x": "长" * 750_000}, 2)
    assert answer.status_code == 413 and "2 MB" in answer.json["message"]
    assert stored(demo_app)["rev"] == 2


def test_a_new_form_opens_in_the_editor(editor: Editor, demo_app: Flask) -> None:
    answer = editor.post("/designer/forms", title=" 设备报修 ")
    assert answer.status_code == 303
    key = answer.location.rpartition("/")[2]
    boot = editor.boot(key)
    assert boot["content"]["title"] == "设备报修" and boot["published"] is None and boot["rev"] == 1
    assert "设备报修" in editor.text("/designer/")
    for title in ("", "  ", "x" * 201):
        assert editor.post("/designer/forms", title=title).status_code == 422
    assert editor.client.post("/designer/forms", data={"title": "x"}).status_code == 400
    assert editor.text("/designer/").count("data-item") == 2
    assert editor.get("/designer/forms/none").status_code == 404
