"""One ticket's life through the service, on both databases."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Conflict, Denied, Invalid, NotFound, Problem
from app.extensions import db
from app.runtime import queries, service, timers
from app.runtime.models import Command, Outbox, Task, TaskCandidate, Timer
from tests.runtime import company
from tests.runtime.company import act, open_task, principal, submit, ticket

ASK = {"f_what": "换一把椅子", "f_sum": "800", "f_phone": "13800138000"}


def test_from_submit_to_closed(small: str) -> None:
    done = submit(small, ASK, "start", phone="13800138000")
    assert (done.no, done.version, done.status, done.repeated) == (1, 1, "open", False)
    assert len(done.token) == 22
    pool = open_task(done.ticket_id, "pool")
    assert (pool.kind, pool.assignee_id, pool.name) == ("claim", None, "抢单")
    claimed = act("a1", pool.id, "claim")
    assert claimed.version == 2
    handle = open_task(done.ticket_id, "handle")
    assert handle.assignee_id == "a1"
    assert ticket(done.ticket_id).owner_id == "a1"
    last = act("a1", handle.id, "submit", {"f_reply": "已换"})
    assert (last.version, last.status) == (3, "closed")
    row = ticket(done.ticket_id)
    assert row.closed_at is not None
    assert row.data["f_reply"] == "已换"
    kinds = company.kinds(done.ticket_id)
    assert kinds[0] == "ticket.created"
    assert kinds[-1] == "ticket.closed"
    assert db.session.scalars(select(Task.status).where(Task.ticket_id == done.ticket_id)).all() == ["done", "done"]
    assert db.session.scalars(select(Timer.state).where(Timer.ticket_id == done.ticket_id)).all() == ["cancelled"]


def test_sensitive_answers_are_sealed_at_rest_and_open_for_the_flow(small: str) -> None:
    done = submit(small, ASK, "start")
    row = ticket(done.ticket_id)
    assert "13800138000" not in str(row.data)
    assert set(row.data["f_phone"]) == {"$sealed"}
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    act("a1", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "请打 13800138000"})
    for event in queries.events_of(done.ticket_id):
        assert "13800138000" not in str(event.body)
    assert set(ticket(done.ticket_id).data["f_phone"]) == {"$sealed"}


def test_same_command_is_carried_out_once(small: str) -> None:
    first = submit(small, ASK, "start", command_id="double-click-1")
    again = submit(small, ASK, "start", command_id="double-click-1")
    assert again.repeated
    assert (again.ticket_id, again.no, again.token) == (first.ticket_id, first.no, first.token)
    pool = open_task(first.ticket_id, "pool")
    claimed = act("a1", pool.id, "claim", command_id="claim-once-1")
    repeated = act("a1", pool.id, "claim", command_id="claim-once-1")
    assert (repeated.version, repeated.repeated) == (claimed.version, True)
    assert ticket(first.ticket_id).version == 2


def test_a_command_id_belongs_to_one_request(small: str) -> None:
    done = submit(small, ASK, "start", command_id="one-request-1")
    with pytest.raises(Problem) as refused:
        submit(small, {**ASK, "f_what": "别的"}, "start", command_id="one-request-1")
    assert (refused.value.code, refused.value.status) == ("command_reused", 422)
    pool = open_task(done.ticket_id, "pool")
    act("a1", pool.id, "claim", command_id="mine-and-mine-only")
    with pytest.raises(Problem, match="command_reused"):
        act("a2", pool.id, "claim", command_id="mine-and-mine-only")


@pytest.mark.parametrize("bad", ["", "short", "x" * 121, "with space", "换行\n换行换行"])
def test_command_ids_are_plain(small: str, bad: str) -> None:
    with pytest.raises(Problem, match="command_bad"):
        submit(small, ASK, "start", command_id=bad)


def test_stale_version_is_told_the_present_one(small: str) -> None:
    done = submit(small, ASK, "start")
    pool = open_task(done.ticket_id, "pool")
    with pytest.raises(Conflict) as refused:
        act("a1", pool.id, "claim", expected_version=7)
    assert refused.value.code == "ticket_moved"
    assert refused.value.params == {"version": 1}
    assert act("a1", pool.id, "claim", expected_version=1).version == 2


def test_refusals_change_nothing(small: str) -> None:
    done = submit(small, ASK, "start")
    pool = open_task(done.ticket_id, "pool")
    act("a1", pool.id, "claim")
    handle = open_task(done.ticket_id, "handle")
    with pytest.raises(Invalid) as refused:
        act("a1", handle.id, "submit", {"f_reply": ""})
    assert [problem.code for problem in refused.value.problems] == ["field_required"]
    with pytest.raises(Invalid):
        act("a1", handle.id, "submit", {"f_reply": "好", "f_what": "改题"})
    with pytest.raises(Problem, match="flow_unknown_action"):
        act("a1", handle.id, "explode", {"f_reply": "好"})
    assert ticket(done.ticket_id).version == 2
    assert db.session.scalar(select(db.func.count()).select_from(Command)) == 2


def test_who_may_not_see_a_ticket_is_told_that_there_is_none(small: str) -> None:
    done = submit(small, ASK, "start")
    pool = open_task(done.ticket_id, "pool")
    with pytest.raises(NotFound):
        act("guest", pool.id, "claim")
    with pytest.raises(NotFound):
        service.comment(done.ticket_id, "hello", actor=principal("guest"), command_id=company.command())
    with pytest.raises(NotFound):
        act("a1", "00000000-0000-8000-a000-000000000000", "claim")
    act("a1", pool.id, "claim")
    handle = open_task(done.ticket_id, "handle")
    with pytest.raises(Denied, match="task_not_yours"):
        act("a2", handle.id, "submit", {"f_reply": "我来"})  # a2 could have claimed it, so they may know


def test_who_had_a_task_still_sees_the_ticket(small: str) -> None:
    done = submit(small, ASK, "start")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    handle = open_task(done.ticket_id, "handle")
    act("a1", handle.id, "transfer", to="hq", note="请总部看")
    assert open_task(done.ticket_id, "handle").assignee_id == "hq"
    for person, sees in (("a1", True), ("hq", True), ("lead", True), ("guest", False)):
        assert queries.may_see(principal(person), done.ticket_id) is sees
    groups = set(db.session.scalars(select(TaskCandidate.group_key).where(TaskCandidate.task_id == handle.id)))
    assert {"p:a1", "p:hq"} <= groups


def test_return_comment_and_approval(small: str) -> None:
    done = submit(small, {**ASK, "f_sum": "5000"}, "start")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    act("a1", open_task(done.ticket_id, "handle").id, "return")
    act("a2", open_task(done.ticket_id, "pool").id, "claim")
    handle = open_task(done.ticket_id, "handle")
    act("a2", handle.id, "comment", note="客户很急")
    act("a2", handle.id, "submit", {"f_reply": "批了就换"})
    act("hq", open_task(done.ticket_id, "approve").id, "reject", note="太贵")
    act("a2", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "换便宜的"})
    assert act("hq", open_task(done.ticket_id, "approve").id, "approve").status == "closed"
    notes = [event.body["delta"]["note"] for event in queries.events_of(done.ticket_id) if event.kind == "comment"]
    assert notes == ["客户很急"]


def test_the_customer_answers_once(small: str) -> None:
    done = submit(small, ASK, "start")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    with pytest.raises(Conflict, match="not_asked"):
        service.answer(done.token, "ask", {"f_more": "红色"}, command_id=company.command())
    act("a1", open_task(done.ticket_id, "handle").id, "ask", {"f_reply": "什么颜色？"})
    with pytest.raises(Invalid):
        service.answer(done.token, "ask", {"f_more": "红色", "f_reply": "改"}, command_id=company.command())
    service.answer(done.token, "ask", {"f_more": "红色"}, command_id="the-answer-1")
    assert service.answer(done.token, "ask", {"f_more": "红色"}, command_id="the-answer-1").repeated
    with pytest.raises(Conflict, match="not_asked"):
        service.answer(done.token, "ask", {"f_more": "蓝色"}, command_id=company.command())
    assert ticket(done.ticket_id).data["f_more"] == "红色"
    with pytest.raises(NotFound):
        service.answer("x" * 22, "ask", {"f_more": "红色"}, command_id=company.command())


@pytest.mark.parametrize("note", ["x\ud800", "长" * 2001])
def test_words_that_cannot_be_kept_are_refused(small: str, note: str) -> None:
    done = submit(small, ASK, "start")
    with pytest.raises(Problem) as refused:
        service.comment(done.ticket_id, note, actor=principal("lead"), command_id=company.command())
    assert refused.value.where == "note"
    service.comment(done.ticket_id, "a\x00b\u202ec", actor=principal("lead"), command_id=company.command())
    assert queries.events_of(done.ticket_id)[-1].body["delta"]["note"] == "abc"
    service.mark_read(["\x00", "'; DROP TABLE ticket"], actor=principal("lead"), now=1)


def test_withdrawing(small: str) -> None:
    done = submit(small, ASK, "start")
    pool = open_task(done.ticket_id, "pool")
    with pytest.raises(Denied, match="withdraw_denied"):
        service.withdraw(done.ticket_id, "", actor=principal("a1"), command_id=company.command())
    assert service.withdraw_by_customer(done.token, "不用了", command_id=company.command()).status == "withdrawn"
    with pytest.raises(Conflict, match="ticket_closed"):
        service.withdraw(done.ticket_id, "", actor=principal("lead"), command_id=company.command())
    with pytest.raises(Conflict):
        act("a1", pool.id, "claim")
    row = ticket(done.ticket_id)
    assert (row.status, row.reason) == ("withdrawn", "不用了")


def test_a_due_timer_fires_once_and_never_early(small: str, advance: Callable[[int], None]) -> None:
    done = submit(small, ASK, "start")
    timer = db.session.scalars(select(Timer)).one()
    ident, key = timer.ticket_id, timer.key
    db.session.rollback()
    assert not service.fire_timer(ident, key)
    assert timers.fire_due() == 0
    advance(30 * 60_000 - 2_000)
    assert timers.fire_due() == 0
    advance(2_000)
    assert timers.fire_due() == 1
    assert timers.fire_due() == 0
    assert not service.fire_timer(ident, key)
    assert open_task(done.ticket_id, "handle").assignee_id in {"a1", "a2", "a3"}
    assert company.kinds(done.ticket_id).count("timer.fired") == 1


def test_late_by_days_still_fires(small: str, advance: Callable[[int], None]) -> None:
    done = submit(small, ASK, "start")
    advance(7 * 86_400_000)
    assert timers.fire_due() == 1
    assert open_task(done.ticket_id, "handle").kind == "handle"


def test_assign_auto_counts_open_tasks(small: str, advance: Callable[[int], None]) -> None:
    tickets = [submit(small, ASK, "start") for _ in range(6)]
    advance(31 * 60_000)
    assert timers.fire_due() == 6
    owners = sorted(str(ticket(done.ticket_id).owner_id) for done in tickets)
    assert owners == ["a1", "a1", "a2", "a2", "a3", "a3"]


def test_a_title_says_what_was_chosen(desk: Flask) -> None:
    version = company.publish_complaint()
    done = submit(version, company.COMPLAINT, "t_menu", phone="13800138000")
    row = ticket(done.ticket_id)
    assert (row.title, row.type_key, row.source, row.priority) == ("服务 · 上菜慢", "complaint", "t_menu", "normal")
    assert row.due_at is not None
    assert row.customer_id
    red = submit(version, {**company.COMPLAINT, "f_body": "饭里有异物"}, "t_menu", phone="13800138000")
    assert ticket(red.ticket_id).priority == "red"
    sent = db.session.execute(select(Outbox.kind, Outbox.lane, Outbox.payload).where(Outbox.ticket_id == red.ticket_id))
    payloads = [row.payload for row in sent]
    assert {payload["to"]["person"] for payload in payloads} == {"sup", "mgr", "dlv"}
    assert payloads[0]["facts"]["store"] == "杭州湖滨店"
    assert payloads[0]["facts"]["customer"] == "王女士"
    assert "13800138000" not in str(payloads)
