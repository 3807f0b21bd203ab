"""The library: every form loads, has nothing against it, reads in both languages, and takes answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import NotFound
from app.definitions.templates import LIBRARY, Template, template, templates
from app.forms.access import resolve
from app.forms.check import check_form
from app.forms.loader import Form
from app.forms.schema import load_form
from app.forms.validate import judge
from app.forms.view import build
from tests.forms.kit import CATALOG, ENV, PORTS

ALL = templates()
CHINESE = re.compile("[\u3400-\u9fff]")


def form_of(one: Template) -> Form:
    return load_form(one.content, CATALOG)


def texts(data: Any) -> list[Mapping[str, str]]:
    if isinstance(data, dict):
        if data and all(isinstance(key, str) and re.fullmatch("zh-CN|en", key) for key in data):
            return [data]
        return [found for inner in data.values() for found in texts(inner)]
    return [found for inner in data for found in texts(inner)] if isinstance(data, list) else []


def test_there_are_twelve_industries_and_more() -> None:
    assert len(ALL) >= 12 and len({one.industry["zh-CN"] for one in ALL}) >= 12
    assert len({one.key for one in ALL}) == len(ALL)
    assert {Path(path).parent.name for path in LIBRARY.glob("*/form.json")} == {one.key for one in ALL}


def test_unknown_ones_are_not_found() -> None:
    assert template("retail_return").content["key"] == "retail_return"
    for key in ("nothing", "", "../forms", "a" * 500):
        with pytest.raises(NotFound):
            template(key)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_each_has_a_card_in_both_languages(one: Template) -> None:
    for words in (one.industry, one.about):
        assert set(words) == {"zh-CN", "en"} and CHINESE.search(words["zh-CN"]) and words["en"].isascii()
    assert len(one.about["zh-CN"]) <= 60


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_the_checker_has_no_error_and_no_warning(one: Template) -> None:
    assert [found.as_dict("en") for found in check_form(one.content, CATALOG) if found.level != "advice"] == []


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_nor_any_advice_and_all_is_said_in_both_languages(one: Template) -> None:
    assert [found.as_dict("en") for found in check_form(one.content, CATALOG)] == []
    for words in texts(one.content):
        assert set(words) == {"zh-CN", "en"} and not CHINESE.search(words["en"]), words
    plain = json.dumps([{key: value for key, value in field.items() if key in ("label", "hint", "options")
                         and isinstance(value, str)} for field in one.content["fields"]], ensure_ascii=False)
    assert not CHINESE.search(plain)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_it_is_realistic(one: Template) -> None:
    form = form_of(one)
    assert 8 <= len(form.fields) <= 30 and len(form.rules) >= 3
    assert sum(field.required for field in form.fields.values()) <= 10


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_it_takes_sample_answers_and_is_drawn(one: Template) -> None:
    form = form_of(one)
    access = resolve(form, {"*": "edit"})
    raw = {key: field.type.sample(field) for key, field in form.fields.items() if field.type.asked
           and field.type.stored and access[key] in ("edit", "required")}
    found = judge(form, raw, access=access, current={}, scope={}, env=ENV, ports=PORTS)
    told = {problem.where: problem.code for problem in found.problems}
    # Samples know neither each other (rules may speak) nor the clock (a day that must lie ahead).
    assert set(told.values()) <= {"field_rule", "answer_before"}, told
    for locale in ("zh-CN", "en"):
        view = build(form, found.values, access=access, env=ENV, scope={}, locale=locale, ports=PORTS)
        drawn = {field.id for field in view.fields()}
        assert {key for key, field in form.fields.items() if key not in drawn and field.type.type != "hidden"} <= {
            key for key, field in form.fields.items() if field.active}


def test_the_long_one_has_pages_for_its_customers() -> None:
    form = form_of(template("home_handover"))
    access = resolve(form, {"*": "edit", "s_fix": "hidden"})
    view = build(form, {}, access=access, env=ENV, scope={}, locale="zh-CN", ports=PORTS)
    assert [[section.title for section in page] for page in view.pages()] == [
        ["房屋和业主"], ["逐项检查"], ["读数和钥匙"], ["结论"]]
