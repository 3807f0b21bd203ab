"""Who sees what: the same scope in every list, count and page; masks in what is shown."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.core.errors import NotFound, Problem
from app.driver import statements
from app.extensions import clock, db
from app.org.directory import directory
from app.runtime import queries, serial, service
from tests.runtime import company
from tests.runtime.company import act, open_task, principal, submit

ASK = {"f_what": "换一把椅子", "f_sum": "800", "f_phone": "13800138000"}


def numbers(person: str, **filters: str) -> list[int]:
    lines, _ = queries.tickets(principal(person), filters)
    db.session.rollback()
    return [line.no for line in lines]


def test_lists_hold_what_concerns_a_person(small: str) -> None:
    first, second = submit(small, ASK, "start"), submit(small, {**ASK, "f_sum": "5000"}, "start")
    assert numbers("a1") == [2, 1]
    assert numbers("guest") == numbers("hq") == numbers("sup") == []
    assert numbers("lead") == [2, 1]
    act("a1", open_task(second.ticket_id, "pool").id, "claim")
    act("a1", open_task(second.ticket_id, "handle").id, "submit", {"f_reply": "批"})
    assert numbers("hq") == [2]
    assert queries.counts(principal("a2")) == {"todo": 0, "pool": 1}
    assert [line.no for line in queries.pool(principal("a2"))] == [1]
    # One approver is asked by name, several as candidates.
    assert queries.counts(principal("hq"))["todo"] + queries.counts(principal("hq"))["pool"] == 1
    with pytest.raises(NotFound):
        queries.ticket(principal("hq"), first.ticket_id)
    with pytest.raises(NotFound):
        queries.events(principal("guest"), second.ticket_id)
    with pytest.raises(NotFound):
        queries.task(principal("guest"), open_task(first.ticket_id, "pool").id)
    assert queries.task(principal("a2"), open_task(first.ticket_id, "pool").id).no == 1


def test_filters_and_pages(small: str) -> None:
    made = [submit(small, ASK, "start", phone="13800138000" if n % 2 else "", title=f"第{n}件 50%") for n in range(7)]
    service.withdraw_by_customer(made[3].token, "", command_id=company.command())
    lead = principal("lead")
    page, mark = queries.tickets(lead, limit=3)
    assert [line.no for line in page] == [7, 6, 5]
    page, mark = queries.tickets(lead, before=mark, limit=3)
    assert [line.no for line in page] == [4, 3, 2]
    page, mark = queries.tickets(lead, before=mark, limit=3)
    assert ([line.no for line in page], mark) == ([1], "")
    assert numbers("lead", status="withdrawn") == [4]
    assert numbers("lead", status="open", q="第5件") == [6]
    assert numbers("lead", q="50%") == [7, 6, 5, 4, 3, 2, 1]
    assert numbers("lead", q="50_") == []
    assert numbers("lead", q="6") == [6]
    assert numbers("lead", type="small", customer=page[0].customer_id or "") == [7, 6, 5, 4, 3, 2, 1]
    assert queries.count_tickets(lead, {"status": "open"}) == 6
    assert queries.count_tickets(principal("guest")) == 0
    for bad in ({"statuses": "open"}, {"status": "opened"}, {"state->>'x'": "1"}, {"q": "a\x00b"}, {"type": "\ud800"}):
        with pytest.raises(Problem, match="filter_bad"):
            queries.tickets(lead, bad)
    with pytest.raises(Problem, match="page_bad"):
        queries.tickets(lead, before="1 OR 1=1")
    assert numbers("lead", q="9" * 40) == []


def test_todo_shows_what_is_due_first(desk: Flask) -> None:
    version = company.publish_complaint()
    for _ in range(2):
        done = submit(version, company.COMPLAINT, "t_menu", phone="13800138000")
        act("a1", open_task(done.ticket_id, "pool").id, "claim")
    lines = queries.todo(principal("a1"))
    assert [line.no for line in lines] == [1, 2]
    assert lines[0].actions[0]["port"] == "submit"


def test_reading_costs_few_statements(small: str) -> None:
    for _ in range(25):
        submit(small, ASK, "start")
    who, wanted = principal("a1"), company.ticket(submit(small, ASK, "start").ticket_id).id

    def cost(call: Callable[[], object]) -> int:
        before = statements.count
        call()
        return statements.count - before

    assert cost(lambda: queries.tickets(who)) == 1
    assert cost(lambda: queries.todo(who)) == 1
    assert cost(lambda: queries.counts(who)) == 1
    assert cost(lambda: queries.ticket(who, wanted)) == 3
    db.session.rollback()


def test_writing_costs_few_statements(small: str) -> None:
    submit(small, ASK, "start")
    before = statements.count
    done = submit(small, ASK, "start")
    assert statements.count - before <= 11
    task = open_task(done.ticket_id, "pool").id
    actor = principal("a1")
    before = statements.count
    service.act(task, "claim", {}, actor=actor, command_id=company.command())
    assert statements.count - before <= 11


def test_what_somebody_sees_of_the_answers(small: str) -> None:
    done = submit(small, ASK, "start")

    def answers(person: str) -> dict[str, dict[str, object]]:
        who = principal(person)
        detail = queries.ticket(who, done.ticket_id)
        found = serial.answers_json(serial.answers(detail, who, directory(), clock.now_ms(), "zh_CN"))
        db.session.rollback()
        return found

    assert answers("a2") == {}  # who may claim sees that there is a ticket, not what it says
    lead = answers("lead")
    assert lead["f_what"]["value"] == "换一把椅子"
    assert lead["f_phone"]["display"] == "138****8000"
    assert "value" not in lead["f_phone"]
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    act("a1", open_task(done.ticket_id, "handle").id, "transfer", to="hq")
    assert answers("a1")["f_what"]["display"] == "换一把椅子"
    assert answers("hq")["f_phone"]["display"] == "138****8000"
    assert "13800138000" not in str(answers("hq"))


def test_events_name_only_fields_that_the_reader_knows_of(small: str) -> None:
    done = submit(small, ASK, "start")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    act("a1", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "好"})
    events = queries.events(principal("lead"), done.ticket_id)
    changes = [line for line in serial.events_json(events, {"f_reply": "read"}) if line["kind"] == "form.changed"]
    assert changes[0]["body"]["delta"]["fields"] == ["f_reply"]
    hidden = [line for line in serial.events_json(events, {}) if line["kind"] == "form.changed"]
    assert hidden[0]["body"]["delta"]["fields"] == []
    assert queries.events(principal("lead"), done.ticket_id, after=len(events) - 1)[0].kind == "ticket.closed"
