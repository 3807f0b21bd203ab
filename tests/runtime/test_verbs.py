"""What people do with tasks besides completing them, live: rows, lists and invariants agree with the engine."""
from __future__ import annotations

import copy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Conflict, Denied, NotFound
from app.definitions import service as definitions
from app.extensions import db
from app.runtime import queries, service
from app.runtime.models import Task
from app.runtime.serial import levels
from tests.runtime import company
from tests.runtime.company import SMALL_FORM, act, open_task, principal, publish, small_flow, submit, ticket

ASK = {"f_what": "换发票", "f_sum": "5000", "f_phone": "13800138000"}
MAY = ["transfer", "delegate", "add_sign", "return_to", "recall"]


@pytest.fixture
def version(desk: Flask) -> str:
    """The small flow, its tasks with every right."""
    flow: dict[str, Any] = copy.deepcopy(small_flow())
    for node in flow["nodes"]:
        if node["id"] in ("handle", "approve"):
            node["config"]["may"] = MAY
    return publish(SMALL_FORM, flow, "small")


def to_approval(version: str) -> str:
    done = submit(version, ASK, "start")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    act("a1", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "可以"})
    return done.ticket_id


def todo(person: str) -> list[tuple[str, str]]:
    found = [(line.node, line.kind) for line in queries.todo(principal(person))]
    db.session.rollback()
    return found


def test_an_approver_sends_it_back_and_whoever_did_it_has_it_again(version: str) -> None:
    ident = to_approval(version)
    task = open_task(ident, "approve")
    act("hq", task.id, "return_to", to="handle", note="金额写错了")
    assert todo("a1") == [("handle", "handle")] and todo("hq") == []
    row = db.session.scalars(select(Task).where(Task.id == task.id)).one()
    assert (row.status, row.outcome, row.assignee_id) == ("done", "return_to", "hq")
    db.session.rollback()
    with pytest.raises(Conflict, match="task_done"):
        act("hq", task.id, "approve")
    act("a1", open_task(ident, "handle").id, "submit", {"f_reply": "改好了"})
    assert act("hq", open_task(ident, "approve").id, "approve").status == "closed"


def test_an_opinion_is_somebodys_task_and_shows_them_the_ticket(version: str) -> None:
    ident = to_approval(version)
    task = open_task(ident, "approve")
    with pytest.raises(NotFound):
        service.comment(ident, "x", actor=principal("qa"), command_id=company.command())
    act("hq", task.id, "add_sign", to="qa", note="看看金额")
    assert todo("qa") == [("approve", "sign")]
    with pytest.raises(Conflict, match="task_held"):
        act("hq", task.id, "approve")
    detail = queries.ticket(principal("qa"), ident)
    sign = next(line for line in detail.tasks if line.kind == "sign")
    assert [row["port"] for row in sign.actions] == ["agree", "disagree"]
    assert levels(detail, principal("qa"), definitions.bundle(version))["f_what"] == "read"
    act("qa", sign.id, "disagree", {"f_reply": "偷偷改"}, note="偏高")  # an opinion fills nothing in
    assert ticket(ident).data["f_reply"] == "可以"
    assert todo("qa") == []
    assert act("hq", task.id, "approve").status == "closed"


def test_asked_after_me_it_waits_for_them(version: str) -> None:
    ident = to_approval(version)
    task = open_task(ident, "approve")
    act("hq", task.id, "add_sign", to="qa", when="after")
    assert act("hq", task.id, "approve").status == "open"
    sign = next(line for line in queries.ticket(principal("hq"), ident).tasks if line.kind == "sign")
    assert act("qa", sign.id, "agree").status == "closed"
    done = db.session.scalars(select(Task).where(Task.id == task.id)).one()
    assert (done.outcome, done.assignee_id) == ("approve", "hq")
    db.session.rollback()


def test_somebody_does_it_for_me_until_i_take_it_back(version: str) -> None:
    ident = to_approval(version)
    task = open_task(ident, "approve")
    act("hq", task.id, "delegate", to="qa", note="出差")
    assert todo("qa") == [("approve", "approval")] and todo("hq") == []
    act("hq", task.id, "recall")
    assert todo("qa") == [] and todo("hq") == [("approve", "approval")]
    act("hq", task.id, "delegate", to="qa")
    assert act("qa", task.id, "approve").status == "closed"
    event = [event for event in queries.events_of(ident) if event.kind == "task.done"][-1]
    assert (event.actor_id, event.body["delta"]["for"]) == ("qa", "hq")


def test_what_nobody_acted_on_is_taken_back_once(version: str) -> None:
    ident = to_approval(version)
    handle = db.session.scalars(select(Task).where(Task.ticket_id == ident, Task.node == "handle")).one().id
    db.session.rollback()
    with pytest.raises(Denied, match="recall_not_yours"):
        act("hq", handle, "recall")
    act("a1", handle, "recall", command_id="take-it-back")
    assert act("a1", handle, "recall", command_id="take-it-back").repeated
    assert todo("a1") == [("handle", "handle")] and todo("hq") == []
    with pytest.raises(Conflict, match="recall_late"):
        act("a1", handle, "recall")
    act("a1", open_task(ident, "handle").id, "submit", {"f_reply": "这次对了"})
    act("hq", open_task(ident, "approve").id, "reject")
    with pytest.raises(Conflict, match="recall_late"):
        act("a1", handle, "recall")


def test_who_opened_it_may_urge_and_withdraw(version: str) -> None:
    done = submit(version, ASK, "start", by="guest")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    with pytest.raises(NotFound):
        service.urge(done.ticket_id, "", actor=principal("qa"), command_id=company.command())
    with pytest.raises(Denied, match="urge_denied"):
        service.urge(done.ticket_id, "", actor=principal("a2"), command_id=company.command())
    service.urge(done.ticket_id, "客户在等", actor=principal("guest"), command_id=company.command())
    with pytest.raises(Conflict, match="urged_lately"):
        service.urge_by_customer(done.token, "", command_id=company.command())
    assert company.kinds(done.ticket_id)[-2:] == ["ticket.urged", "message.queued"]
    gone = service.withdraw(done.ticket_id, "不用了", actor=principal("guest"), command_id=company.command())
    assert gone.status == "withdrawn"


def test_a_way_in_that_allows_the_customer_nothing(desk: Flask) -> None:
    flow = copy.deepcopy(small_flow())
    flow["nodes"][0]["config"]["may"] = []
    done = submit(publish(SMALL_FORM, flow, "small"), ASK, "start")
    for call in (service.urge_by_customer, service.withdraw_by_customer):
        with pytest.raises(Denied, match="customer_denied"):
            call(done.token, "", command_id=company.command())
