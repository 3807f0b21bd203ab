"""The list of forms, and every way to begin one."""
from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import update

from app.definitions.models import Definition
from app.definitions.templates import templates
from app.driver import statements
from app.extensions import db
from tests.designer.conftest import Editor, fresh, stored


def bring(editor: Editor, name: str, data: bytes) -> Any:
    head = 'Content-Disposition: form-data; name="{}"'
    body = b"\r\n".join([
        b"--edge", head.format("csrf_token").encode(), b"", editor.token.encode(),
        b"--edge", f'{head.format("file")}; filename="{name}"'.encode(), b"", data, b"--edge--", b""])
    return editor.client.post("/designer/import", data=body, content_type="multipart/form-data; boundary=edge")


def book(*rows: list[str]) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def key_of(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.location.rpartition("/")[2])


def test_the_list_says_where_each_form_stands(editor: Editor) -> None:
    page = editor.text("/designer/")
    assert "餐厅投诉单" in page and "第 1 版使用中" in page and "有未发布的修改" not in page
    assert f"{len(fresh()['fields'])} 个字段" in page
    editor.put({**fresh(), "title": "新名"}, 1)
    key_of(editor.post("/designer/forms", title="空的"))
    page = editor.text("/designer/")
    assert "新名" in page and "有未发布的修改" in page and "草稿，还没发布过" in page and "0 个字段" in page


def test_the_list_costs_the_same_for_many_forms(editor: Editor) -> None:
    def cost() -> int:
        before = statements.executed
        editor.text("/designer/")
        return statements.executed - before

    cost()
    first = cost()
    for n in range(3):
        editor.post("/designer/forms", title=f"表单 {n}")
    assert cost() == first <= 6


def test_drafts_without_a_list_of_fields_are_counted_too(editor: Editor) -> None:
    for n, fields in enumerate(("none", {}, None)):
        editor.put({**fresh(), "fields": fields}, n + 1)
        assert "0 个字段" in editor.text("/designer/")


def test_an_empty_list_says_how_to_begin(editor: Editor, demo_app: Flask) -> None:
    with demo_app.app_context():
        db.session.execute(update(Definition).where(Definition.kind == "form").values(kind="other"))
        db.session.commit()
    page = editor.text("/designer/")
    assert "还没有表单" in page and 'href="/designer/new"' in page


@pytest.mark.parametrize("title", [None, 3, [], {}, "", {"zh-CN": None}, {"zh-CN": {"a": 1}}, {"fr": "Formulaire"},
                                   "<b>", "../x", "x" * 3000, {"": ""}], ids=repr)
def test_a_form_with_any_title_at_all_is_listed_and_opened(editor: Editor, title: Any) -> None:
    editor.put({**fresh(), "title": title}, 1)
    assert "/designer/forms/complaint" in editor.text("/designer/")
    assert editor.boot()["content"]["title"] == title
    assert editor.get("/designer/new?from=complaint").status_code == 200
    assert editor.get("/designer/forms/complaint/export").status_code == 200


def test_an_empty_form(editor: Editor, demo_app: Flask) -> None:
    form = stored(demo_app, key_of(editor.post("/designer/forms", title=" 设备\u3000报修 ")))
    assert form["content"] == {"schema": "danflow/form/1", "key": form["key"], "locale": "zh-CN", "title": "设备 报修",
                               "fields": []}
    for title in ("", "  ", "x" * 201):
        assert editor.post("/designer/forms", title=title).status_code == 422


def test_a_copy_goes_its_own_way(editor: Editor, demo_app: Flask) -> None:
    assert "餐厅投诉单（副本）" in editor.text("/designer/new?from=complaint")
    key = key_of(editor.post("/designer/forms", **{"from": "complaint", "title": "第二张"}))
    assert stored(demo_app, key)["content"] == {**fresh(), "key": key, "title": "第二张"}
    assert stored(demo_app)["rev"] == 1
    assert editor.post("/designer/forms", **{"from": "nothing", "title": "x"}).status_code == 404
    assert editor.get("/designer/new?from=nothing").status_code == 404


def test_every_template_makes_a_form(editor: Editor, demo_app: Flask) -> None:
    page = editor.text("/designer/new")
    for one in templates():
        assert one.about["zh-CN"] in page
        key = key_of(editor.post("/designer/forms", template=one.key))
        assert stored(demo_app, key)["content"] == {**one.content, "key": key}
    assert editor.post("/designer/forms", template="nothing").status_code == 404
    assert editor.post("/designer/forms", template="../../secret").status_code == 404


def test_out_of_one_installation_and_into_another(editor: Editor, demo_app: Flask) -> None:
    answer = editor.get("/designer/forms/complaint/export")
    assert answer.mimetype == "application/json" and "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.data) == fresh()
    key = key_of(bring(editor, "form.json", answer.data))
    assert stored(demo_app, key)["content"] == {**fresh(), "key": key}
    assert editor.get("/designer/forms/nothing/export").status_code == 404


def test_a_wrong_but_whole_definition_comes_in_to_be_repaired(editor: Editor, demo_app: Flask) -> None:
    content = fresh()
    content["fields"][0]["type"] = "plugin_type"
    key = key_of(bring(editor, "form.json", json.dumps(content).encode()))
    assert stored(demo_app, key)["content"]["fields"] == content["fields"]


def many(count: int) -> bytes:
    return json.dumps({**fresh(), "rules": [], "fields": [
        {"id": f"f_{n}", "type": "text", "label": "x"} for n in range(count)]}).encode()


@pytest.mark.parametrize(("name", "data", "status", "said"), [
    ("form.json", b"{", 400, ""), ("form.json", b"[]", 422, ""),
    ("form.json", b'{"schema":"x"}', 422, "danflow/form/1"),
    ("form.json", b"x" * (2 * 1024 * 1024 + 1), 413, "2 MB"), ("form.json", many(5000), 413, "500"),
    ("form.json", json.dumps({"schema": "danflow/form/1", "x": "a" * 1_900_000}).encode(), 303, ""),
    ("form.xls", b"x", 422, ".xlsx"), ("form", b"x", 422, ".xlsx"), ("form.xlsx", b"x", 422, ""),
    ("form.xlsx", b"PK" + b"x" * (2 * 1024 * 1024), 413, "2 MB"), ("", b"", 422, ".json"), ("form.csv", b"", 422, ""),
])
def test_what_is_no_form_is_refused(editor: Editor, name: str, data: bytes, status: int, said: str) -> None:
    before = editor.text("/designer/").count("data-item")
    answer = bring(editor, name, data)
    assert answer.status_code == status and said in answer.text
    assert editor.text("/designer/").count("data-item") == before + (status == 303)


def test_a_sheet_becomes_a_draft(editor: Editor, demo_app: Flask) -> None:
    key = key_of(bring(editor, "../客户 登记.xlsx", book(["姓名*", "手机号", "备注"])))
    content = stored(demo_app, key)["content"]
    assert content["title"] == "客户 登记"
    assert [(field["label"], field["type"]) for field in content["fields"]] == [
        ("姓名", "text"), ("手机号", "phone"), ("备注", "textarea")]
    assert not [one for one in editor.call("POST", "check", {"content": content}).json["findings"]
                if one["level"] != "advice"]


def test_who_may_not_edit_begins_nothing(drawer: Callable[..., Editor], demo_app: Flask) -> None:
    someone = drawer("messages.sent")
    brought = bring(someone, "form.json", json.dumps(fresh()).encode())
    for answer in (brought, someone.post("/designer/forms", title="x"),
                   someone.get("/designer/new"), someone.get("/designer/forms/complaint/export")):
        assert answer.status_code == 403
    someone.token = ""
    assert bring(someone, "form.json", b"{}").status_code == 400


def test_a_draft_of_five_thousand_fields_is_refused_with_the_limit(editor: Editor, demo_app: Flask) -> None:
    answer = editor.put(json.loads(many(5000)), 1)
    assert answer.status_code == 413 and "500" in answer.json["message"] and "5000" in answer.json["message"]
    assert stored(demo_app)["rev"] == 1
