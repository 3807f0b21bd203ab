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
    (set_("title", "新名"), "表单名称：小表单 → 新名"),
    (set_("fields.1.required", True), "字段“年龄”：必填：否 → 是"),
    (set_("fields.1.max", 120), "字段“年龄”：最大值：99 → 120"),
    (set_("fields.1.type", "text"), "字段“年龄”：类型：数字 → 单行文本"),
    (set_("fields.0.label.zh-CN", "种类"), "字段“类型”：标题：类型 → 种类"),
    (set_("fields.0.options.1.label", "丙"), "“类型”：选项“乙”：乙 → 丙"),
    (set_("fields.0.options.1.archived", True), "“类型”停用选项“乙”"),
    (lambda data: data["fields"][0]["options"].pop(), "“类型”删除选项“乙”"),
    (lambda data: data["fields"][0]["options"].append({"id": "o_c", "label": "丙"}), "“类型”新增选项“丙”"),
    (lambda data: data["fields"].pop(1), "删除字段“年龄”"),
    (lambda data: data["fields"].append({"id": "f_new", "type": "phone", "label": "电话"}), "新增字段“电话”（手机号）"),
    (lambda data: data["fields"].insert(0, data["fields"].pop(2)), "字段“明细”移到最前面"),
    (lambda data: data["fields"].append(data["fields"].pop(0)), "字段“类型”移到“明细”后面"),
    (set_("fields.2.fields.0.label", "个数"), "字段“明细 / 数量”：标题：数量 → 个数"),
    (set_("sections.0.title", "二"), "分组“一”：标题：一 → 二"),
    (lambda data: data["sections"].append({"id": "s_two", "title": "二"}), "新增分组“二”"),
    (lambda data: data["sections"][0].update(page=True), "分组“一”：从这里开始新的一页：否 → 是"),
    (set_("rules", []), "删除规则：类型"),
    (set_("rules.0.when.value", 21), "修改规则：类型"),
    (set_("rules.0.name", "成年人"), "修改规则：成年人"),
    (set_("option_sets", {"one": [{"id": "o_1", "label": "一"}]}), "“one”新增选项“一”"),
    (set_("locales", ["zh-CN", "en"]), "新增语言：英文"),
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
        "分组“一”：从这里开始新的一页：是 → 否", "分组“一”移到最前面"]


MORE = [
    (set_("fields.1.sensitive", {"mask": "all", "reveal": ["boss", "ghost"]}),
     "字段“年龄”：开启“敏感信息”；敏感信息 - 可以查看原文的角色：（无） → 老板、ghost"),
    (set_("fields.1.active", {"from": "2026-09-01"}),
     "字段“年龄”：开启“只在活动期间出现”；只在活动期间出现 - 开始：（无） → 2026-09-01"),
    (set_("fields.0.label.en", "Type"), "字段“类型”：标题（英文）：Kind → Type"),
    (set_("fields.0.options.1.label", {"zh-CN": "乙", "en": "Second"}), "“类型”：选项“乙”（英文）：（无） → Second"),
    (set_("fields.1.section", "s_one"), "字段“年龄”：所在分组：（无） → 一"),
    (set_("fields.0.options_from", {"ref": "form.f_age", "map": {"o_a": "one"}}),
     "字段“类型”：开启“联动选项”；联动选项 - 取决于：（无） → 年龄；联动选项 - 对应选项集有修改"),
    (set_("settings", {"submit": "预订", "retention_days": 30}),
     "提交按钮文字：（无） → 预订|资料保留天数：（无） → 30"),
    (set_("layout", {"desktop": {"columns": 2, "span": {"f_age": 2}}}), "电脑上显示几列：1 → 2|“年龄”在电脑上占 2 列"),
    (set_("title", {"zh-CN": "小表单", "en": "Small form"}), "表单名称（英文）：（无） → Small form"),
]


@pytest.mark.parametrize(("change", "words"), MORE, ids=[words for _, words in MORE])
def test_settings_read_as_the_panel_names_them(change: Any, words: str) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    found = [one.words for one in diff.compare(OLD, new, CATALOG, "zh", {"boss": "老板"})]
    assert found == words.split("|")


def test_days_formulas_and_choices_are_told_as_they_are_chosen() -> None:
    def at(**settings: Any) -> dict[str, Any]:
        return definition(AGE, {"id": "f_day", "type": "date", "label": "日期", **settings},
                          {"id": "f_sum", "type": "computed", "label": "合计", "formula": "1", **settings})
    old, new = at(), at()
    new["fields"][1]["min"] = {"rel": "today", "days": -3}
    new["fields"][2] |= {"formula": "{{form.f_age}} * 2", "result": "money"}
    assert [one.words for one in diff.compare(old, new, CATALOG, "zh")] == [
        "字段“日期”：最早：（无） → 今天之前 3 天", "字段“合计”：公式：1 → 年龄 * 2；结果类型：数字 → 金额"]
    assert [one.words for one in diff.compare(new, old, CATALOG, "en")] == [
        "Field “日期”: Earliest: 3 days before today → (none)",
        "Field “合计”: Formula: 年龄 * 2 → 1; Result: Money → Number"]


def test_fields_put_in_another_order_altogether_are_counted() -> None:
    fields = [{"id": f"f_{index}", "type": "text", "label": str(index)} for index in range(9)]
    found = diff.compare(definition(*fields), definition(*reversed(fields)), CATALOG, "zh")
    assert [one.words for one in found] == ["字段顺序调整，8 个换了位置"]


def test_in_english() -> None:
    assert said(set_("fields.0.hint", "x" * 100), "en") == [f"Field “Kind”: Hint: (none) → {'x' * 59}…"]


@pytest.mark.parametrize("junk", [None, [], {}, {"fields": 3}, {"fields": [1, {"id": 2}, {"id": "f_x"}]}, {
    "fields": [{"id": "f_age", "type": ["x"], "options": {"a": 1}, "label": {}}], "rules": [{"id": "r_1", "then": [3]}],
    "sections": [{"id": "s_x"}], "option_sets": {"one": 3}}], ids=repr)
def test_half_made_contents_are_compared_too(junk: Any) -> None:
    for old, new in ((junk, OLD), (OLD, junk), (junk, junk)):
        assert all(one.words and not has_text(one.words) for one in diff.compare(old, new, CATALOG, "zh"))
