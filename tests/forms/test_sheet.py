"""A header row becomes a draft that loads."""
from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Problem
from app.forms.schema import load_form
from app.forms.sheet import form_of_sheet
from tests.forms.kit import CATALOG

TYPES = set(CATALOG.fields)
PLAIN = {"text", "textarea", "number", "money", "phone", "radio", "select", "rating", "images", "file"}


def read(*lines: list[str], types: set[str] = TYPES) -> list[dict[str, Any]]:
    content = form_of_sheet(lines, "客户", "zh-CN", types)
    load_form(content, CATALOG)
    fields: list[dict[str, Any]] = content["fields"]
    return fields


def kinds(*lines: list[str], types: set[str] = TYPES) -> dict[str, str]:
    return {field["label"]: field["type"] for field in read(*lines, types=types)}


def test_words_of_the_header_say_the_kind() -> None:
    found = kinds(["序号", "客户姓名*", "手机号（必填）", "订单金额", "数量", "问题描述", "现场照片",
                   "合同附件", "满意度"])
    assert found == {"客户姓名": "text", "手机号": "phone", "订单金额": "money", "数量": "number",
                     "问题描述": "textarea", "现场照片": "images", "合同附件": "file", "满意度": "rating"}
    fields = read(["客户姓名*", "手机号（必填）", "备注"])
    assert [field.get("required", False) for field in fields] == [True, True, False]
    assert [field["id"] for field in fields] == ["f_1", "f_2", "f_3"]


def test_english_headers() -> None:
    assert kinds(["Name", "Mobile", "Unit price", "Qty", "Remarks", "Photo"]) == {
        "Name": "text", "Mobile": "phone", "Unit price": "money", "Qty": "number", "Remarks": "textarea",
        "Photo": "images"}


def test_cells_say_the_kind_where_the_header_does_not() -> None:
    rows = [["甲方", ["新客", "老客"][n % 2], str(n), "长" * 50, f"A{n}", "1.5"] for n in range(8)]
    fields = {field["label"]: field for field in read(["谁", "来源", "等级", "想法", "单号", "得分"], *rows)}
    assert fields["来源"]["type"] == "radio"
    assert [option["label"] for option in fields["来源"]["options"]] == ["新客", "老客"]
    assert fields["等级"]["type"] == fields["得分"]["type"] == "number"
    assert fields["想法"]["type"] == "textarea" and fields["单号"]["type"] == "text"
    assert fields["谁"]["type"] == "text"


def test_many_choices_become_a_list() -> None:
    (field,) = read(["城市"], *([f"城市{n % 8}"] for n in range(30)))
    assert field["type"] == "select" and len(field["options"]) == 8


def test_a_header_that_the_cells_speak_against_is_not_believed() -> None:
    assert kinds(["联系电话", "数量"], ["没有", "很多"], ["同上", "少"]) == {"联系电话": "text", "数量": "text"}


def test_only_types_that_are_there() -> None:
    lines = ["邮箱", "到店日期", "是否会员"], ["a@b.cn", "2026-01-01", "是"]
    assert kinds(*lines, types=PLAIN) == {"邮箱": "text", "到店日期": "text", "是否会员": "text"}
    more = form_of_sheet(lines, "x", "zh-CN", PLAIN | {"email", "date", "switch"})
    assert [field["type"] for field in more["fields"]] == ["email", "date", "switch"]


def test_a_title_above_and_gaps_are_passed_over() -> None:
    assert kinds(["客户登记表"], [], ["姓名", "", "备注", " ", "数量"], ["张三", "1", "", "2", "3"]) == {
        "姓名": "text", "备注": "textarea", "数量": "number"}


def test_what_cells_hold_is_cleaned() -> None:
    (field,) = read(["姓\u202e名\n（全称）" + "长" * 200])
    assert field["label"].startswith("姓名 （全称）") and len(field["label"]) <= 100
    assert kinds(["\ud800", "@x", "<script>"]) == {"@x": "text", "<script>": "text"}


def test_without_a_header_there_is_no_form() -> None:
    for lines in ([], [[]], [["", " "]], [["序号"]], [["*"]]):
        with pytest.raises(Problem) as caught:
            form_of_sheet(lines, "x", "zh-CN", TYPES)
        assert caught.value.code == "sheet_no_header"


def test_only_the_first_rows_are_looked_at() -> None:
    rows = [["新客" if n % 2 else "老客"] for n in range(5000)]
    rows[4000] = ["很远"]
    (field,) = read(["来源"], *rows)
    assert [option["label"] for option in field["options"]] == ["老客", "新客"]
