"""Conditions in plain words."""
from __future__ import annotations

from typing import Any

import pytest

from tests.forms.kit import drawn, small

FIELDS = (
    {"id": "f_n", "type": "number", "label": {"zh-CN": "金额", "en": "Amount"}},
    {"id": "f_t", "type": "text", "label": "备注"},
    {"id": "f_c", "type": "checkbox", "label": "影响", "options": [
        {"id": "o_a", "label": "受伤"}, {"id": "o_b", "label": "误工"}]},
    {"id": "f_s", "type": "reference", "label": "门店", "source": "stores"},
    {"id": "f_d", "type": "date", "label": "日期"}, {"id": "f_y", "type": "switch", "label": "开票"},
    {"id": "f_w", "type": "datetime", "label": "时刻"}, {"id": "f_x", "type": "text", "label": "说明"},
)
N: dict[str, Any] = {"ref": "form.f_n", "op": "gte", "value": "5000"}
T: dict[str, Any] = {"ref": "form.f_t", "op": "empty"}


def said(when: Any, *, spec: dict[str, str] | None = None, locale: str = "zh-CN") -> str:
    form = small(*FIELDS, rules=[{"id": "r_1", "when": when, "then": [{"do": "show", "target": "f_x"}]}])
    page = drawn(form, {}, spec=spec, locale=locale)
    return next(found.condition_text for found in page.fields() if found.id == "f_x")


@pytest.mark.parametrize(("when", "words"), [
    (N, "仅当“金额”不小于 5000时填写"),
    ({"all": [N, T]}, "仅当“金额”不小于 5000且“备注”没有填写时填写"),
    ({"any": [N, T]}, "仅当“金额”不小于 5000，或“备注”没有填写时填写"),
    ({"all": [T, {"any": [N, T]}]}, "仅当“备注”没有填写且（“金额”不小于 5000，或“备注”没有填写）时填写"),
    ({"ref": "form.f_c", "op": "has_any", "value": ["o_a", "o_b"]}, "仅当“影响”包含“受伤、误工”时填写"),
    ({"ref": "form.f_n", "op": "between", "value": ["1", "9"]}, "仅当“金额”在 1 到 9 之间时填写"),
    ({"ref": "form.f_s", "op": "eq", "value": "st_1"}, "仅当“门店”为“门店 st_1”时填写"),
    ({"ref": "form.f_y", "op": "eq", "value": False}, "仅当“开票”为“否”时填写"),
    ({"ref": "form.f_d", "op": "gt", "value": "2026-11-02"}, "仅当“日期”晚于 2026-11-02时填写"),
    ({"ref": "form.f_d", "op": "lte", "value": {"rel": "today", "days": 3}}, "仅当“日期”不晚于 3 天后时填写"),
    ({"ref": "form.f_w", "op": "lt", "value": {"rel": "today", "days": -1}}, "仅当“时刻”早于 1 天前时填写"),
    ({"ref": "form.f_d", "op": "within_days", "value": 7}, "仅当“日期”距今天不超过 7 天时填写"),
    ({"not": N}, "视情况填写"),
    ({"ref": "form.f_n", "op": "gt", "value": {"formula": "1 + 1"}}, "视情况填写"),
    ({"ref": "customer.level", "op": "eq", "value": "VIP"}, "视情况填写"),
    ({"any": [N] * 20}, "视情况填写"),
])
def test_conditions_in_chinese(when: Any, words: str) -> None:
    assert said(when) == words


def test_in_english() -> None:
    assert said({"all": [N, T]}, locale="en") == "Only if “Amount” is 5000 or more and “备注” is empty"


def test_what_the_reader_may_not_see_is_not_told() -> None:
    assert said(N, spec={"*": "edit", "f_n": "hidden"}) == "视情况填写"


def test_a_field_without_conditions_says_nothing() -> None:
    assert all(found.condition_text == "" for found in drawn(small(*FIELDS), {}).fields())
