"""Clashes: each day is taken, every way out, and days that nobody can mean. Live: tests/runtime/test_bookings.py."""
from __future__ import annotations

import pytest

from app.sdk import Answer, Go, Mark, Problem
from app.testing import asks, assert_contract, load_plugin, play, run_node

plugin = load_plugin(__file__)
CONFIG = {"board": "产线", "of": ["form.f_what"], "first": "form.f_day", "last": "form.f_until", "to": "vars.word"}
DAYS = {"form.f_day": "date", "form.f_until": "date"}
VARS = [{"key": "word", "type": "text"}]
ANSWERS = {"f_what": "一号线", "f_day": "2026-11-30", "f_until": "2026-12-02"}


def test_it_keeps_the_contract() -> None:
    assert_contract(plugin.Clash, CONFIG, form=ANSWERS, types=DAYS, vars={"word": ""})


@pytest.mark.parametrize(("port", "word"), [("free", None), ("clash", "#1"), ("error", None)])
def test_every_way_out(port: str, word: str | None) -> None:
    played = play(plugin.Clash, CONFIG, form=ANSWERS, types=DAYS, vars=VARS, mock=port)
    assert (played.port, played.vars["word"], played.failures) == (port, word, [])


def test_each_day_is_taken_and_nothing_where_something_is_unknown() -> None:
    taken = asks(run_node(plugin.Clash, CONFIG, form=ANSWERS, types=DAYS, vars={"word": ""}), Mark)
    assert [mark.values for mark in taken] == [["一号线", f"2026-{day}"] for day in ("11-30", "12-01", "12-02")]
    for unknown in ({"f_what": ""}, {"f_day": None}):
        outcome = run_node(plugin.Clash, CONFIG, form={**ANSWERS, **unknown}, types=DAYS, vars={"word": ""})
        assert isinstance(outcome, Go) and outcome.port == "free"
    outcome = run_node(plugin.Clash, CONFIG, Answer("job", ok=False), form=ANSWERS, types=DAYS, vars={"word": ""})
    assert isinstance(outcome, Go) and outcome.port == "error"


def test_whoever_names_no_calendar_shares_the_common_one() -> None:
    for config in ({key: value for key, value in CONFIG.items() if key != "board"}, {**CONFIG, "board": " "}):
        taken = asks(run_node(plugin.Clash, config, form=ANSWERS, types=DAYS, vars={"word": ""}), Mark)
        assert {mark.board for mark in taken} == {"排期"}


def test_days() -> None:
    assert plugin.days_between("2026-02-28T23:30", None) == ["2026-02-28"]
    assert plugin.days_between("2026-02-28", "2026-02-27") == []
    assert len(plugin.days_between("2024-01-01", "2024-12-31")) == 366
    with pytest.raises(Problem) as refused:
        plugin.days_between("2026-01-01", "2062-01-01")
    assert "2062-01-01" in refused.value.message("zh")
