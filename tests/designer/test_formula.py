"""Trying a formula while it is written: what is wrong and where, and what each part gives."""
from __future__ import annotations

from typing import Any

import pytest

from tests.designer.conftest import Editor, fresh

ITEMS = {"id": "f_items", "type": "subtable", "label": "明细", "fields": [
    {"id": "f_price", "type": "money", "label": "单价"}, {"id": "f_count", "type": "number", "label": "数量"},
    {"id": "f_sum", "type": "computed", "label": "小计", "formula": "{{row.f_price}} * {{row.f_count}}"}]}
AGE = {"id": "f_age", "type": "number", "label": {"zh-CN": "年龄", "en": "Age"}}
CONTENT = {"schema": "danflow/form/1", "key": "complaint", "title": "t", "fields": [AGE, ITEMS]}


def tried(editor: Editor, src: str, **more: Any) -> Any:
    answer = editor.call("POST", "formula", {"content": CONTENT, "src": src} | more)
    assert answer.status_code == 200, answer.text
    assert editor.sql <= 1
    return answer.json


def test_a_right_one_says_its_type_and_what_it_reads(editor: Editor) -> None:
    assert tried(editor, "{{form.f_age}} + 1") == {"ok": True, "type": "number", "refs": ["form.f_age"]}
    assert tried(editor, "SUM({{form.f_items.f_sum}}) > 100")["type"] == "bool"


@pytest.mark.parametrize(("src", "code", "pos", "end"), [
    ("{{form.f_agee}} + 1", "E_REF", 0, 15), ("1 + ", "E_SYNTAX", 4, 4), ("SUMM(1)", "E_NAME", 0, 4),
    ("1 + 'x'", "E_SYNTAX", 4, 5), ("IF()", "E_ARITY", 0, 2), ("ROUND(\"x\")", "E_TYPE", 6, 9),
    ("{{row.f_price}}", "E_REF", 0, 15), ("", "E_SYNTAX", 0, 0),
])
def test_a_wrong_one_says_where(editor: Editor, src: str, code: str, pos: int, end: int) -> None:
    found = tried(editor, src)
    assert found["ok"] is False
    assert (found["error"]["code"], found["error"]["pos"], found["error"]["end"]) == (code, pos, end)
    assert found["error"]["message"]
    if code in ("E_NAME",) or "agee" in src:
        assert found["error"]["suggestion"] in ("SUM", "form.f_age")


def test_each_part_with_its_value(editor: Editor) -> None:
    found = tried(editor, "IF({{form.f_age}} >= 18, {{form.f_age}} * 2 + 1, 0)", values={"f_age": "20"})
    assert found["result"] == {"text": "IF({{form.f_age}} >= 18, {{form.f_age}} * 2 + 1, 0)", "value": "41",
                               "error": None}
    assert [(step["text"], step["value"]) for step in found["steps"]] == [
        ("{{form.f_age}}", "20"), ("{{form.f_age}} >= 18", True), ("{{form.f_age}} * 2", "40"),
        ("{{form.f_age}} * 2 + 1", "41")]


def test_the_parts_of_one_answer(editor: Editor) -> None:
    stay = {**CONTENT, "fields": [{"id": "f_stay", "type": "daterange", "label": "入住"}]}
    found = tried(editor, 'DATEDIF({{form.f_stay.from}}, {{form.f_stay.to}}, "d") + 1', content=stay,
                  values={"f_stay": {"from": "2026-10-01", "to": "2026-10-03"}})
    assert found["refs"] == ["form.f_stay.from", "form.f_stay.to"]
    assert found["result"]["value"] == "3"


def test_rows_and_the_formula_of_a_column(editor: Editor) -> None:
    rows = [{"f_price": "10.00", "f_count": "2", "f_sum": "20.00"},
            {"f_price": "1.50", "f_count": "1", "f_sum": "1.50"}]
    found = tried(editor, "SUM({{form.f_items.f_sum}}) + COUNTROWS({{form.f_items}}, {{row.f_count}} > 1)",
                  values={"f_items": rows})
    assert found["result"]["value"] == "22.5"
    assert "{{row.f_count}} > 1" not in [step["text"] for step in found["steps"]]
    found = tried(editor, "{{row.f_price}} * {{row.f_count}}", scope="f_items", values={}, row=rows[0])
    assert found["result"]["value"] == "20"


def test_a_part_without_a_value_says_why(editor: Editor) -> None:
    found = tried(editor, "1 / {{form.f_age}}", values={"f_age": "0"})
    assert found["result"]["value"] is None and "0" in found["result"]["error"]
    assert tried(editor, "{{form.f_age}} + 1", values={})["result"] == {
        "text": "{{form.f_age}} + 1", "value": None, "error": None}
    assert tried(editor, "{{form.f_age}} + 1", values={}, nulls_as_zero=True)["result"]["value"] == "1"
    assert tried(editor, "{{form.f_age}} + 1", values={"f_age": ["x"]})["result"]["error"]


def test_the_rest_of_the_form_may_be_half_made(editor: Editor) -> None:
    content = {"fields": [3, {"id": "f_x"}, {"id": 1, "type": "text"}, AGE, {"id": "f_y", "type": "nothing"},
                          {"id": "f_z", "type": "computed", "result": ["?"]}, {**ITEMS, "fields": "none"}]}
    for broken in (content, {}, [], {"fields": {}}):
        answer = editor.call("POST", "formula", {"content": broken, "src": "{{form.f_age}} + 1"})
        assert answer.status_code == 200 and answer.json["ok"] is (broken is content)


def test_sizes_are_limited(editor: Editor) -> None:
    body = {"content": fresh(), "src": "1+" * 2000 + "1"}
    answer = editor.call("POST", "formula", body)
    assert answer.status_code == 422 and answer.json["problems"][0]["where"] == "src"
    many = {f"f_{n}": "1" for n in range(700)}
    assert editor.call("POST", "formula", {**body, "src": "1", "values": many}).status_code == 422
    long = "MAX(" + ",".join(f"{{{{form.f_age}}}}+{n}" for n in range(104)) + ")"
    found = tried(editor, long, values={"f_age": "1"})
    assert len(found["steps"]) == 100 and found["result"]["value"] == "104"
