"""Which ways out scenarios try."""

from __future__ import annotations

import json

from app.cli._catalog import pure_catalog
from app.definitions.bundle import Bundle
from app.definitions.sandbox import play
from app.flows.coverage import coverage
from app.flows.scenario import load_scenarios
from tests.flows.kit import LIBRARY

FILES = {name: json.loads((LIBRARY / f"{name}.json").read_text("utf-8")) for name in ("form", "flow", "scenarios")}
BUNDLE = Bundle.load(FILES["form"], FILES["flow"], pure_catalog())
STORIES = load_scenarios(FILES["scenarios"])
RUNS = [play(BUNDLE, scenario, STORIES.org).events for scenario in STORIES.scenarios]


def test_without_scenarios_nothing_is_tried() -> None:
    found = coverage(BUNDLE.flow, [])
    assert (found.percent, len(found.missed)) == (0, len(BUNDLE.flow.edges))


def test_each_way_out_is_counted_as_often_as_it_is_taken() -> None:
    found = coverage(BUNDLE.flow, RUNS)
    assert found.taken["again:again"] == 3
    assert found.taken["again:exhausted"] == 1
    assert found.taken["fork:b2"] == 1
    assert found.taken["handle:return"] == 0


def test_what_the_five_stories_leave_out() -> None:
    found = coverage(BUNDLE.flow, RUNS)
    assert set(found.missed) == {"t_chat:out", "handle:return", "pay:error", "tell:error", "rate:timeout",
                                 "review:done"}
    assert found.percent == 100 * (38 - 6) // 38


def test_a_level_of_a_clock_is_taken_when_it_fires() -> None:
    assert coverage(BUNDLE.flow, RUNS[:1]).taken["sla:l1"] == 0
    assert coverage(BUNDLE.flow, RUNS[2:3]).taken["sla:l1"] == 1


def test_a_timer_of_a_step_counts_once() -> None:
    assert coverage(BUNDLE.flow, RUNS[2:3]).taken["pool:timeout"] == 1
