"""Message texts: plain substitution from a fixed list of facts."""

from __future__ import annotations

from typing import Any

import pytest

from app.notify.templates import CUSTOMER_FACTS, FACTS, LANGUAGES, Template, load_templates, read_template, render

PLAIN = {"zh": "工单 {no}", "en": "Ticket {no}"}


def template(body: str, to: str = "staff") -> Template:
    return read_template("t", {"to": to, "title": PLAIN, "body": {"zh": body, "en": body}})


def test_every_built_in_template_renders_in_both_languages_with_all_facts_and_with_none() -> None:
    facts = {name: f"<{name}>" for name in FACTS}
    assert {"complaint_red", "complaint_result", "sla_remind", "sla_l2", "sla_l3", "task_new", "task_claimable"} <= set(
        load_templates()
    )
    for found in load_templates().values():
        for language in LANGUAGES:
            title, body = render(found, facts, language)
            assert title and "{" not in title + body
            bare_title, _ = render(found, {}, language)
            assert bare_title and "{" not in bare_title


def test_the_reader_chooses_the_language() -> None:
    found = template("x")
    assert render(found, {"no": "7"}, "zh_CN")[0] == "工单 7"
    assert render(found, {"no": "7"}, "en")[0] == "Ticket 7"


@pytest.mark.parametrize("value", ["{owner}", "{{7*7}}", "{no.__class__}", "%(no)s", "{0}", "${no}"])
def test_a_fact_is_text_and_never_looked_into(value: str) -> None:
    _, body = render(template("{title}"), {"title": value, "owner": "secret"}, "en")
    assert body == value


@pytest.mark.parametrize("body", ["{phone}", "{owner} {password}"])
def test_a_template_that_names_an_unknown_fact_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="may not hold"):
        template(body)


@pytest.mark.parametrize("name", sorted(FACTS - CUSTOMER_FACTS))
def test_customers_are_told_nothing_that_is_for_colleagues(name: str) -> None:
    with pytest.raises(ValueError, match="customer"):
        template(f"{{{name}}}", to="customer")


def test_only_placeholders_are_placeholders() -> None:
    assert render(template("{No} {no x} { no } {no}"), {"no": "7"}, "en")[1] == "{No} {no x} { no } 7"


def test_a_line_without_its_facts_is_left_out() -> None:
    found = template("First\nStore: {store}\nOwner: {owner} {level}\nLast")
    assert render(found, {"level": "VIP"}, "en")[1] == "First\nOwner: VIP\nLast"


def test_a_fact_cannot_forge_a_line_or_turn_the_text_around() -> None:
    _, body = render(template("Note: {note}"), {"note": "a\nFrom: the boss\u202e\x00b"}, "en")
    assert body == "Note: a From: the boss b"


def test_long_facts_are_cut() -> None:
    _, body = render(template("{note}"), {"note": "x" * 100_000}, "en")
    assert len(body) == 300


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"to": "all", "title": PLAIN, "body": PLAIN},
        {"to": "staff", "title": {"zh": "x"}, "body": PLAIN},
        {"to": "staff", "title": PLAIN, "body": PLAIN, "more": 1},
    ],
)
def test_a_broken_template_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match="template 't'"):
        read_template("t", raw)
