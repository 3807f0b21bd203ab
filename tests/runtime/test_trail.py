"""What is read of real tickets: where they stand, how long steps took, what a rehearsal may take from it."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.calendar import Calendar
from app.core.principal import Principal
from app.definitions import service as definitions
from app.driver import statements
from app.extensions import clock, db
from app.org.access import SYSTEM
from app.runtime import trail
from tests.runtime import company

MINUTE, HOUR = 60_000, 3_600_000
NOBODY = Principal("x", "X")
ALWAYS = Calendar.always()


def opened(version: str, count: int) -> list[str]:
    """So many complaints."""
    return [company.submit(version, company.COMPLAINT, "t_menu", phone=f"1380013800{number}").ticket_id
            for number in range(count)]


def handled(version: str, advance: Callable[[int], None], count: int) -> list[str]:
    """Complaints that are claimed after ten minutes and handed in twenty later, one after the other, by one person."""
    tickets = opened(version, count)
    for ticket in tickets:
        advance(10 * MINUTE)
        company.act("a1", company.open_task(ticket, "pool").id, "claim")
        advance(20 * MINUTE)
        company.act("a1", company.open_task(ticket, "handle").id, "submit", {"f_reply": "已致歉", "f_rate": "0"})
    return tickets


def minutes(lengths: Any) -> list[int]:
    """Lengths in whole minutes: the clock goes on while the test runs."""
    return [round(ms / MINUTE) for ms in lengths]


def flow_of(version: str) -> tuple[Any, list[str]]:
    """(the flow, its ticket types)."""
    bundle = definitions.bundle(version)
    return bundle.flow, [company.ticket(company.submit(version, company.COMPLAINT, "t_menu").ticket_id).type_key]


@pytest.mark.usefixtures("desk")
def test_heat_says_where_tickets_stand_and_how_long_they_stayed(
    complaint: str, advance: Callable[[int], None]
) -> None:
    tickets = handled(complaint, advance, 6)
    drawn, types = flow_of(complaint)
    before = statements.executed
    found, more = trail.heat(drawn, types, SYSTEM, clock.now_ms())
    assert statements.executed - before == 2
    assert not more
    assert found["pool"].waiting == 1  # the one that `flow_of` opened
    assert found["pay"].waiting == len(tickets)
    assert (found["handle"].cases, minutes(found["handle"].dwell)) == (6, [20, 20])
    assert (found["pool"].cases, minutes(found["pool"].dwell)) == (6, [100, 160])  # 10, 40, 70 … minutes
    db.session.rollback()


@pytest.mark.usefixtures("desk")
def test_too_few_stays_are_no_measure(complaint: str, advance: Callable[[int], None]) -> None:
    handled(complaint, advance, 4)
    drawn, types = flow_of(complaint)
    found, _ = trail.heat(drawn, types, SYSTEM, clock.now_ms())
    assert (found["handle"].cases, found["handle"].dwell) == (4, None)
    assert trail.past(drawn, types, SYSTEM, clock.now_ms(), ALWAYS, "Asia/Shanghai").takes == {}
    db.session.rollback()


@pytest.mark.usefixtures("desk")
def test_a_broken_promise_is_counted_where_the_ticket_stood(complaint: str, advance: Callable[[int], None]) -> None:
    (ticket,) = opened(complaint, 1)
    drawn, types = flow_of(complaint)
    for hours in (14, 48, 24):  # reminded, then broken, then escalated
        advance(hours * HOUR)
        company.timers_until_quiet()
    found, _ = trail.heat(drawn, types, SYSTEM, clock.now_ms())
    assert company.ticket(ticket).status == "open"
    assert sum(one.breached for one in found.values()) == 2  # each of the two tickets once, whatever came after
    assert found["handle"].breached + found["pool"].breached == 2
    db.session.rollback()


@pytest.mark.usefixtures("desk")
def test_the_past_says_how_long_people_worked_and_which_ways_tickets_went(
    complaint: str, advance: Callable[[int], None]
) -> None:
    handled(complaint, advance, 6)
    drawn, types = flow_of(complaint)
    before = statements.executed
    past = trail.past(drawn, types, SYSTEM, clock.now_ms(), ALWAYS, "Asia/Shanghai")
    assert statements.executed - before == 3
    assert past.tickets == sum(past.curve or ()) == 7
    assert past.ports["handle"] == {"submit": 6}
    assert past.ports["pool"] == {"claimed": 6}
    assert set(past.takes) == {"handle"}  # how long a claim lay in its pool says nothing of the work
    assert set(minutes(past.takes["handle"])) == {20}
    db.session.rollback()


@pytest.mark.usefixtures("desk")
def test_who_may_see_no_ticket_learns_nothing(complaint: str, advance: Callable[[int], None]) -> None:
    handled(complaint, advance, 6)
    drawn, types = flow_of(complaint)
    assert trail.heat(drawn, types, NOBODY, clock.now_ms()) == ({}, False)
    past = trail.past(drawn, types, NOBODY, clock.now_ms(), ALWAYS, "Asia/Shanghai")
    assert (past.tickets, past.ports, past.takes) == (0, {}, {})
    agent = company.principal("a1")
    found, _ = trail.heat(drawn, types, agent, clock.now_ms())
    assert found["handle"].cases == 6  # those they worked on
    db.session.rollback()


@pytest.mark.usefixtures("desk")
def test_what_lies_further_back_is_not_counted(complaint: str, advance: Callable[[int], None]) -> None:
    handled(complaint, advance, 6)
    drawn, types = flow_of(complaint)
    advance((trail.SPAN_DAYS + 1) * 24 * HOUR)
    found, _ = trail.heat(drawn, types, SYSTEM, clock.now_ms())
    assert found["handle"].cases == 0 if "handle" in found else True
    assert found["pool"].waiting == 1  # what stands there now counts, however old
    db.session.rollback()
