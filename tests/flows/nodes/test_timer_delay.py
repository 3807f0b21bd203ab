"""timer.delay: a while, or until a date, by the clock or by a calendar."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Invalid
from app.settings import Settings
from tests.flows import kit
from tests.flows.nodes.kit import HOUR, MINUTE, Live, definition, node, problems, simulated, ways
from tests.live_stories.company import Company
from tests.runtime import company

DAY = 24 * HOUR
WAIT = definition(node("d", "timer.delay", {"for": "PT2H"}), edges="t:out>d d:out>end")
UNTIL = definition(
    node("d", "timer.delay", {"by": "until", "until": "form.f_day", "at": "08:00", "shift": "before", "offset": "P1D"}),
    node("h", "task.handle", {"assignee": [{"person": "a1"}], "actions": [{"port": "done"}],
                              "fields": {"f_day": "edit"}}),
    edges="t:out>d d:out>h h:done>end",
)


def due(config: dict[str, Any], form: dict[str, Any] | None = None) -> float | None:
    """Hours from the start (Monday 09:00, the calendar `days` is open 09:00-21:00); None: it did not wait."""
    play = kit.Play(kit.flow(node("d", "timer.delay", config), edges="t:out>d d:out>end"), form=form)
    timers = list(play.state["timers"].values())
    return (timers[0] - kit.START) / HOUR if timers else None


@pytest.mark.parametrize(("config", "form", "hours"), [
    ({"for": "PT90M"}, {}, 1.5),
    ({"for": "PT0S"}, {}, None),
    ({"for": "PT13H", "calendar": "days"}, {}, 25),
    ({"by": "until", "until": "form.f_when"}, {"f_when": "2026-01-06"}, 24),
    ({"by": "until", "until": "form.f_when", "at": "20:30"}, {"f_when": "2026-01-06"}, 35.5),
    ({"by": "until", "until": "form.f_when"}, {"f_when": "2026-01-01"}, None),
    ({"by": "until", "until": "form.f_when"}, {"f_when": "someday"}, None),
    ({"by": "until", "until": "form.f_when", "shift": "before", "offset": "PT6H"}, {"f_when": "2026-01-06"}, 18),
    ({"by": "until", "until": "form.f_when", "shift": "after", "offset": "PT6H"}, {"f_when": "2026-01-06"}, 30),
    ({"by": "until", "until": "form.f_when", "shift": "after", "offset": "PT13H", "calendar": "days"},
     {"f_when": "2026-01-06"}, 49),
    ({"by": "until", "until": "form.f_when", "shift": "before", "offset": "PT13H", "calendar": "days"},
     {"f_when": "2026-01-08"}, 35),
    ({"by": "until", "until": "ticket.opened", "shift": "after", "offset": "PT1H"}, {}, 1),
])
def test_when_it_goes_on(config: dict[str, Any], form: dict[str, Any], hours: float | None) -> None:
    assert due(config, form) == hours


def test_out_simulated() -> None:
    result = simulated(WAIT, until="PT3H", expect={"status": "closed", "fired": ["d:out"]})
    left = [event["t"] for event in result.events if event["kind"] == "node.left" and event["node"] == "d"]
    assert [moment - result.events[0]["t"] for moment in left] == [2 * HOUR]
    assert simulated(WAIT, until="PT1H", expect={"waiting": ["d"], "not_fired": ["d:out"]}).ok


def test_out_live(desk: Flask) -> None:
    live = Live(desk, WAIT)
    ticket = live.open()
    live.later(2 * HOUR - 5 * MINUTE)
    assert live.ways(ticket) == ["t:out"]
    live.later(6 * MINUTE)
    assert live.ways(ticket) == ["t:out", "d:out"]
    assert live.state(ticket)["status"] == "closed"


def test_an_empty_date_is_told_and_not_waited_for(desk: Flask) -> None:
    live = Live(desk, UNTIL)
    ticket = live.open()
    assert problems(live.events(ticket)) == problems(simulated(UNTIL).events) == ["flow_delay_empty"]
    assert ways(simulated(UNTIL).events) == live.ways(ticket) == ["t:out", "d:out"]


def test_taking_the_ticket_back_ends_the_wait(desk: Flask) -> None:
    live = Live(desk, WAIT)
    ticket = live.open()
    live.withdraw(ticket)
    live.later(3 * HOUR)
    assert live.ways(ticket) == ["t:out"]
    assert live.state(ticket)["timers"] == {}


def test_a_date_that_was_moved_later_is_waited_for() -> None:
    flow = kit.flow(
        node("d", "timer.delay", {"by": "until", "until": "form.f_when"}),
        node("p", "branch.parallel", {"branches": [{"port": "a"}, {"port": "b"}], "join": "j"}),
        node("h", "task.handle", {"assignee": [{"person": "ann"}], "actions": [{"port": "done"}],
                                  "fields": {"f_when": "edit"}}),
        node("j", "branch.join", {"fork": "p", "mode": "all"}),
        edges="t:out>p p:a>d p:b>h d:out>j h:done>j j:out>end",
    )
    play = kit.Play(flow, form={"f_when": "2026-01-06"})
    play.act("h:1", "done", "ann", 5, form={"f_store": "s1", "f_when": "2026-01-07"})
    play.timer("d:1:out", 24 * 60)
    assert play.state["timers"] == {"d:1:out2": kit.START + 2 * DAY}
    play.timer("d:1:out2", 48 * 60)
    assert play.state["status"] == "closed"


@pytest.mark.parametrize(("config", "where", "code"), [
    ({}, "for", "flow_missing"),
    ({"by": "until"}, "until", "flow_missing"),
    ({"by": "until", "until": "form.f_sum"}, "until", "flow_ref_kind"),
    ({"by": "until", "until": "form.f_when", "shift": "before"}, "offset", "flow_missing"),
    ({"by": "until", "until": "form.f_when", "at": "25:00"}, "at", "flow_bad_time"),
    ({"for": "P1M"}, "for", "duration_months"),
])
def test_refusals_name_their_place(config: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kit.flow(node("d", "timer.delay", config), edges="t:out>d d:out>end")
    assert [(one.where, one.code) for one in refused.value.problems] == [(f"nodes[1].config.{where}", code)]


def test_the_moment_is_kept_over_a_restart(
    desk: Flask, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    ticket = Live(desk, WAIT).open()
    again = make_app(settings)
    with again.app_context():
        new = Company(again, settings.clock_file)
        new.go_to(company.ticket(ticket).opened_at + 2 * HOUR + MINUTE)
        new.settle()
        assert ways(new.events(ticket)) == ["t:out", "d:out"]
