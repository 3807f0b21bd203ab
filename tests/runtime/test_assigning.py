"""Assignment live: skills, tables, earlier tickets and limits out of the database, in few queries, and no race passes a
limit."""
from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Conflict
from app.customers import service as customers
from app.driver import statements
from app.extensions import clock, db
from app.org import people, profiles
from app.org.access import SYSTEM
from app.runtime import queries, timers
from app.runtime.models import TallyRow
from tests.runtime import company
from tests.runtime.company import act, open_task, principal, submit, ticket
from tests.runtime.test_races import at_once, claim, outcome

ASK = {"f_what": "换一把椅子", "f_sum": "800"}
AGENTS = [{"role": "cs_agent"}]
TABLE = {"columns": [{"ref": "customer.level"}, {"ref": "form.f_sum"}],
         "rows": [{"is": [["VIP"], [">=500"]], "to": [{"role": "cs_lead"}]}]}
WAYS: list[dict[str, Any]] = [
    {"strategy": "vip_manager"}, {"strategy": "table", "table": TABLE}, {"strategy": "served_before"},
    {"strategy": "skill", "needs": [{"skill": "英语", "level": 3}]},
]


def publish(key: str = "small", **steps: dict[str, Any]) -> str:
    """The small flow, straight to an assignment, with other settings of some steps; returns its version id."""
    flow, form = {**company.small_flow(), "key": key}, {**company.SMALL_FORM, "key": key}
    flow["form"] = key
    for node in flow["nodes"]:
        node["config"] |= steps.get(node["id"], {})
    first = "auto" if "auto" in steps else "pool"
    for edge in flow["edges"]:
        if edge["from"] == "start:out":
            edge["to"] = f"{first}:in"
    return company.publish(form, flow, key)


def decided(ticket_id: str) -> dict[str, Any]:
    found = [event.body["delta"] for event in queries.events_of(ticket_id) if event.kind == "assign.decided"]
    db.session.rollback()
    return found[-1]


def test_every_way_finds_its_person_in_the_database(desk: Flask) -> None:
    version = publish(auto={"ways": WAYS})
    profiles.save("a2", skills="英语 4，退款", place="30.25, 120.17", shift="", actor=SYSTEM)
    done = submit(version, ASK, "start", phone="13800000001")
    assert (ticket(done.ticket_id).owner_id, decided(done.ticket_id)["strategy"]) == ("a2", "skill")
    act("a2", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "好"})
    profiles.save("a2", skills="", place="", shift="", actor=SYSTEM)
    done = submit(version, ASK, "start", phone="13800000001")
    assert (ticket(done.ticket_id).owner_id, decided(done.ticket_id)["strategy"]) == ("a2", "served_before")
    who = customers.find({"phone": "13800000001"})
    assert who is not None
    customers.set_level(who["id"], "VIP", now=clock.now_ms())
    done = submit(version, ASK, "start", phone="13800000001")
    assert (ticket(done.ticket_id).owner_id, decided(done.ticket_id)["found"]["row"]) == ("lead", 1)
    customers.set_manager(who["id"], "a3", now=clock.now_ms())
    done = submit(version, ASK, "start", phone="13800000001")
    assert (ticket(done.ticket_id).owner_id, decided(done.ticket_id)["strategy"]) == ("a3", "vip_manager")


def test_an_assignment_asks_as_often_for_thirty_people_as_for_three(desk: Flask) -> None:
    """All of its questions together: tallies, loads and earlier tickets, once each."""
    version = publish(auto={"ways": WAYS, "max_open_per_person": 50, "max_per_day": 50, "on_duty": True})

    def cost() -> int:
        submit(version, ASK, "start", phone="13800000001")
        before = statements.executed
        submit(version, ASK, "start", phone="13800000001")
        return statements.executed - before

    few = cost()
    plain = publish("plain", auto={})
    submit(plain, ASK, "start")
    before = statements.executed
    submit(plain, ASK, "start", phone="13800000001")
    bare = statements.executed - before
    for number in range(27):
        people.create_person(id=f"n{number}", login=f"n{number}", name=f"新{number}", actor=SYSTEM, now=company.NOW)
        people.grant_role(f"n{number}", "cs_agent", {}, actor=SYSTEM)
    assert cost() == few
    assert few - bare <= 4


def test_limits_count_what_was_given_and_forget_it_the_next_day(desk: Flask, advance: Any) -> None:
    version = publish(auto={"candidates": [{"person": "a1"}], "fallback": [{"role": "cs_lead"}], "max_per_day": 2,
                            "cool_down": "PT1M"})
    owners = []
    for minutes in (0, 2, 2, 24 * 60):
        advance(minutes * 60_000)
        owners.append(ticket(submit(version, ASK, "start").ticket_id).owner_id)
    assert owners == ["a1", "a1", "lead", "a1"]


def test_each_in_turn_is_each_in_turn(desk: Flask, advance: Any) -> None:
    version = publish(auto={"strategy": "round_robin"})
    owners = []
    for _ in range(7):
        advance(1000)
        owners.append(ticket(submit(version, ASK, "start").ticket_id).owner_id)
    assert owners == ["a1", "a2", "a3", "a1", "a2", "a3", "a1"]


def test_a_relay_passes_live_work_on(desk: Flask, advance: Any) -> None:
    version = publish(auto={"relay": "PT30M", "candidates": [{"person": "a1"}, {"person": "a2"}]})
    done = submit(version, ASK, "start")
    advance(31 * 60_000)
    assert timers.fire_due() == 1
    assert open_task(done.ticket_id, "handle").assignee_id == "a2"
    act("a2", open_task(done.ticket_id, "handle").id, "comment", note="看到了")
    advance(31 * 60_000)
    assert timers.fire_due() == 1
    assert open_task(done.ticket_id, "handle").assignee_id == "a2"
    db.session.rollback()


@pytest.mark.parametrize("limit", [{"max_open_per_person": 1}, {"max_per_day": 1}, {"cool_down": "PT1H"}], ids=str)
def test_claims_at_once_never_pass_a_limit(desk: Flask, limit: dict[str, Any]) -> None:
    version = publish(pool=limit)
    actor = principal("a1")
    for _ in range(2):
        tasks = [open_task(submit(version, ASK, "start").ticket_id, "pool").id for _ in range(6)]
        outcomes = Counter(outcome(one) for one in at_once(desk, [partial(claim, task, actor) for task in tasks]))
        assert outcomes["done"] == 1, outcomes
        assert set(outcomes) <= {"done", "claim_limit", "claim_day_limit", "claim_cool_down", "ticket_busy"}
        (mine,) = queries.todo(actor)
        db.session.rollback()
        with pytest.raises(Conflict, match="claim_"):
            claim(next(task for task in tasks if ticket_of(task) != mine.ticket_id), actor)
        act("a1", mine.id, "submit", {"f_reply": "好"})
        for row in db.session.scalars(select(TallyRow)):
            db.session.delete(row)  # the next round begins anew
        db.session.commit()


def ticket_of(task: str) -> str:
    """Whose task it is."""
    return queries.task(principal("lead"), task).ticket_id
