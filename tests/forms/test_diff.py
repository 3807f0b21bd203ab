"""What changed, in words that a manager reads."""
from __future__ import annotations

import copy
from typing import Any

import pytest

from app.core.errors import has_text
from app.forms import diff
from tests.forms.kit import CATALOG, complaint, definition

KIND = {"id": "f_kind", "type": "radio", "label": {"zh-CN": "类型", "en": "Kind"},
        "options": [{"id": "o_a", "label": "甲"}, {"id": "o_b", "label": "乙"}]}
AGE = {"id": "f_age", "type": "number", "label": "年龄", "max": 99}
ITEMS = {"id": "f_items", "type": "subtable", "label": "明细", "fields": [
    {"id": "f_count", "type": "number", "label": "数量"}]}
RULE = {"id": "r_1", "when": {"ref": "form.f_age", "op": "gt", "value": 18},
        "then": [{"do": "show", "target": "f_kind"}]}
OLD = definition(KIND, AGE, ITEMS, sections=[{"id": "s_one", "title": "一"}], rules=[RULE])


def said(change: Any, locale: str = "zh") -> list[str]:
    new = copy.deepcopy(OLD)
    change(new)
    return [one.words for one in diff.compare(OLD, new, CATALOG, locale)]


def test_nothing_changed() -> None:
    assert diff.compare(OLD, copy.deepcopy(OLD), CATALOG, "zh") == []
    assert diff.compare(complaint(), complaint(), CATALOG, "en") == []


def set_(path: str, value: Any) -> Any:
    def change(data: Any) -> None:
        *steps, last = path.split(".")
        for step in steps:
            data = data[int(step)] if isinstance(data, list) else data[step]
        data[int(last) if isinstance(data, list) else last] = value
    return change


@pytest.mark.parametrize(("change", "words"), [
    (set_("title", "新名"), "表单改名：“小表单” → “新名”"),
    (set_("fields.1.required", True), "字段“年龄”：必填 （无） → 是"),
    (set_("fields.1.max", 120), "字段“年龄”：最大值 99 → 120"),
    (set_("fields.1.type", "text"), "字段“年龄”：类型 数字 → 单行文本"),
    (set_("fields.0.label", "种类"), "字段“类型”：标题 类型 → 种类"),
    (set_("fields.0.options.1.label", "丙"), "“类型”的选项改名：“乙” → “丙”"),
    (set_("fields.0.options.1.archived", True), "“类型”停用选项“乙”"),
    (lambda data: data["fields"][0]["options"].pop(), "“类型”删除选项“乙”"),
    (lambda data: data["fields"][0]["options"].append({"id": "o_c", "label": "丙"}), "“类型”新增选项“丙”"),
    (lambda data: data["fields"].pop(1), "删除字段“年龄”"),
    (lambda data: data["fields"].append({"id": "f_new", "type": "phone", "label": "电话"}), "新增字段“电话”（手机号）"),
    (lambda data: data["fields"].reverse(), "字段顺序调整，从“明细”开始"),
    (set_("fields.2.fields.0.label", "个数"), "字段“明细 / 数量”：标题 数量 → 个数"),
    (set_("sections.0.title", "二"), "分区改名：“一” → “二”"),
    (lambda data: data["sections"].append({"id": "s_two", "title": "二"}), "新增分区“二”"),
    (lambda data: data["sections"][0].update(page=True), "从分区“一”起另起一页"),
    (set_("rules", []), "删除规则：类型"),
    (set_("rules.0.when.value", 21), "修改规则：类型"),
    (set_("rules.0.name", "成年人"), "修改规则：成年人"),
    (set_("option_sets", {"one": [{"id": "o_1", "label": "一"}]}), "“one”新增选项“一”"),
    (set_("locales", ["zh-CN", "en"]), "语言：（无） → [\"zh-CN\", \"en\"]"),
])
def test_each_change_is_one_sentence(change: Any, words: str) -> None:
    assert said(change) == [words]


def test_sections_that_begin_a_page_and_their_order() -> None:
    def two(data: Any) -> None:
        data["sections"] = [{"id": "s_two", "title": "二"}, {"id": "s_one", "title": "一", "page": True}]
    old = copy.deepcopy(OLD)
    two(old)
    new = copy.deepcopy(old)
    new["sections"] = [{"id": "s_one", "title": "一", "page": False}, new["sections"][0]]
    assert [one.words for one in diff.compare(old, new, CATALOG, "zh")] == [
        "分区“一”不再另起一页", "分区顺序调整，从“一”开始"]


def test_in_english() -> None:
    assert said(set_("fields.0.hint", "x" * 100), "en") == [f"Field “Kind”: hint (none) → {'x' * 59}…"]


@pytest.mark.parametrize("junk", [None, [], {}, {"fields": 3}, {"fields": [1, {"id": 2}, {"id": "f_x"}]}, {
    "fields": [{"id": "f_age", "type": ["x"], "options": {"a": 1}, "label": {}}], "rules": [{"id": "r_1", "then": [3]}],
    "sections": [{"id": "s_x"}], "option_sets": {"one": 3}}], ids=repr)
def test_half_made_contents_are_compared_too(junk: Any) -> None:
    for old, new in ((junk, OLD), (OLD, junk), (junk, junk)):
        assert all(one.words and not has_text(one.words) for one in diff.compare(old, new, CATALOG, "zh"))
