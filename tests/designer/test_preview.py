"""The preview is the customer's page, with nothing in it that runs or sends."""
from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.definitions.templates import Template, templates
from app.extensions import db
from app.runtime.models import Ticket
from tests.designer.conftest import Editor, fresh, words


def show(editor: Editor, content: object, locale: str = "zh-CN", send: bool = False, **values: object) -> str:
    answer = editor.call("POST", "preview", {"content": content, "locale": locale, "values": values, "send": send})
    assert answer.status_code == 200 and answer.mimetype == "text/html", answer.text
    return words(answer)


def test_it_is_the_page_that_customers_get(editor: Editor) -> None:
    page = show(editor, fresh())
    assert fresh()["title"]["zh-CN"] in page
    assert 'name="f_phone"' in page and "phone.css" in page
    assert "<script" not in page and "onclick" not in page and "<noscript" not in page
    assert re.search(r'<label class="btn primary"><input class="vh" type="checkbox" name="_send">', page)
    show(editor, fresh())  # the company's lists are read once in a process
    assert editor.sql <= 1


def test_answers_bring_up_what_hangs_on_them(editor: Editor) -> None:
    content = {**fresh(), "rules": [{"id": "r_1", "when": {"ref": "form.f_kind", "op": "eq", "value": "o_food"},
                                     "then": [{"do": "show", "target": "f_body"}]}]}
    assert 'name="f_body"' not in show(editor, content)
    assert 'name="f_body"' in show(editor, content, f_kind="o_food")


def test_what_is_missing_is_told_as_on_the_phone_and_nothing_is_sent(editor: Editor, demo_app: Flask) -> None:
    content = {"schema": "danflow/form/1", "key": "complaint", "title": "预订", "fields": [
        {"id": "f_name", "type": "text", "label": "姓名", "required": True},
        {"id": "f_people", "type": "number", "label": "人数"},
        {"id": "f_paid", "type": "money", "label": "预付款"},
        {"id": "f_photo", "type": "images", "label": "照片", "required": True}],
        "rules": [{"id": "r_1", "when": {"ref": "form.f_people", "op": "gt", "value": "50"},
                   "then": [{"do": "require", "target": "f_paid"}]}]}
    assert 'id="problems"' not in show(editor, content, f_people="60")
    refused = show(editor, content, send=True, f_people="60")
    assert "请填写“姓名”" in refused and "请填写“预付款”" in refused and "照片" not in refused.partition("</ul>")[0]
    page = show(editor, content, send=True, f_name="陈", f_people="5")
    assert 'id="problems"' not in page and "这里是预览，不会真的提交" in page
    with demo_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0


def test_it_speaks_the_language_that_was_asked_for(editor: Editor) -> None:
    content = fresh()
    content["title"] = {"zh-CN": "顾客投诉", "en": "Complaint"}
    english = show(editor, content, "en")
    assert "Complaint" in english and '<html lang="en">' in english and "顾客投诉" not in english
    assert '<html lang="zh-CN">' in show(editor, content)


def test_a_form_that_cannot_be_drawn_says_why(editor: Editor) -> None:
    content = fresh()
    content["fields"][0]["nothing"] = True
    answer = editor.call("POST", "preview", {"content": content, "locale": "en", "values": {}})
    assert answer.status_code == 422
    assert [one["where"] for one in answer.json["findings"]] == ["fields[0].nothing"]


def test_a_label_is_text_whatever_it_says(editor: Editor) -> None:
    content = fresh()
    content["fields"][0]["label"] = "<img src=x onerror=alert(1)>"
    answer = editor.call("POST", "preview", {"content": content, "locale": "en", "values": {}})
    assert "<img src=x" not in answer.text and "&lt;img src=x" in answer.text


JUNK = [None, True, "a\x00b", 0, -1.5, "", "x" * 5000, [], {}, [[]], [None], [{}], {"lat": []}, {"a": {"b": 1}},
        ["o_a", 1], "\u202e", {"accepted": 1}, [{"f_dish": {}}], "2026-02-30", 10**15]


@pytest.mark.parametrize("one", templates(), ids=lambda one: one.key)
def test_whatever_is_typed_the_preview_is_drawn(editor: Editor, one: Template) -> None:
    for junk in JUNK:
        values = {field["id"]: junk for field in one.content["fields"]}
        page = editor.call("POST", "preview", {"content": dict(one.content), "locale": "en", "values": values})
        assert page.status_code == 200, (junk, page.text)
        assert page.text.count("<form") == 1
