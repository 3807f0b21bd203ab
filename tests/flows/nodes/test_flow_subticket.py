"""flow.subticket: done and timeout; one child for each visit whatever dies, its end told back, the family withdrawn."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.definitions.archive import archive
from app.extensions import clock, db
from app.org.service import known
from app.runtime import service
from app.runtime.drain import Drain
from app.runtime.models import Outbox, Ticket
from tests.flows.nodes.kit import FORM, HOUR, MINUTE, Live, definition, node, problems, simulated, ways
from tests.runtime import company
from tests.runtime.company import ticket as ticket_row

CHILD_FORM = {
    "schema": "danflow/form/1", "key": "repair", "title": "维修", "locale": "zh-CN", "locales": ["zh-CN", "en"],
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [{"id": "f_fault", "type": "text", "section": "s_a", "label": "故障", "required": True},
               {"id": "f_cost", "type": "number", "section": "s_a", "label": "费用"}],
}


def child_flow() -> dict[str, Any]:
    work = node("fix", "task.handle", {"assignee": [{"person": "a1"}], "fields": {"f_cost": "edit"},
                                       "actions": [{"port": "done", "label": "修好"}]})
    made = definition(work, edges="t:out>fix fix:done>end")
    made["nodes"][0]["config"]["fields"] = {"f_fault": "required"}
    return {**made, "key": "repair", "form": "repair", "name": "维修"}


SUB = {"ticket_type": "repair", "values": [{"field": "f_fault", "value": "{{form.f_what}}"}], "timeout": "PT2H",
       "mapping": [{"from": "form.f_cost", "to": "vars.count"}, {"from": "status", "to": "vars.word"}]}
EDGES = "t:out>s s:done>h s:timeout>other h:ok>end"
TASK = node("h", "task.handle", {"assignee": [{"person": "a2"}], "actions": [{"port": "ok"}]})


def parent(**more: Any) -> dict[str, Any]:
    return definition(node("s", "flow.subticket", {**SUB, **more}), TASK, edges=EDGES)


@pytest.fixture
def repair(desk: Flask) -> Iterator[Flask]:
    """The company, with the child's type published."""
    company.publish(CHILD_FORM, child_flow(), "repair")
    yield desk


def child_of(parent_id: str) -> Ticket:
    return next(row for row in everybody() if (row.state["ticket"].get("parent") or {}).get("id") == parent_id)


def everybody() -> list[Ticket]:
    rows = list(db.session.scalars(select(Ticket).order_by(Ticket.no)))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def fix(live: Live, ticket_id: str, cost: str = "120") -> None:
    live.act(ticket_id, "a1", "fix", "done", {"f_cost": cost})


def test_both_ways_out_simulated() -> None:
    done = simulated(parent(), {"f_what": "灯不亮"},
                     expect={"vars": {"count": "1", "word": "closed"}, "waiting": ["h"]})
    assert ways(done.events) == ["t:out", "s:done"]
    late = simulated(parent(), {"f_what": "灯不亮"}, mocks={"s": "timeout"}, until="PT3H",
                     expect={"fired": ["s:timeout"], "status": "cancelled"})
    assert ways(late.events)[1:] == ["s:timeout"]
    slow = simulated(parent(), {"f_what": "灯不亮"}, mocks={"s": {"port": "done", "after": "PT1H"}},
                     until="PT3H", expect={"waiting": ["h"]})
    assert next(event for event in slow.events if event.get("port") == "done")["t"] - slow.events[0]["t"] == HOUR


def test_done_live_brings_back_what_was_asked(repair: Flask) -> None:
    live = Live(repair, parent())
    mine = live.open({"f_what": "灯不亮"}, phone="13800138000")
    child = child_of(mine)
    assert child.data["f_fault"] == "灯不亮"
    assert child.customer_id == ticket_row(mine).customer_id
    assert live.ways(mine) == ["t:out"]
    known_children = live.state(mine)["children"]
    assert known_children[child.id] == {"node": "s", "no": child.no, "cascade": "ask", "status": "open"}
    assert live.events(child.id)[0].actor_type == "system"
    fix(live, child.id)
    assert live.ways(mine) == ["t:out", "s:done"]
    state = live.state(mine)
    assert (state["vars"]["count"], state["vars"]["word"]) == ("120", "closed")
    assert state["children"][child.id]["status"] == "closed"
    live.act(mine, "a2", "h", "ok")
    assert ticket_row(mine).status == "closed"


def test_timeout_live_leaves_the_child_to_go_on(repair: Flask) -> None:
    live = Live(repair, parent())
    mine = live.open({"f_what": "灯不亮"})
    live.later(2 * HOUR + MINUTE)
    assert live.ways(mine)[1:] == ["s:timeout"]
    child = child_of(mine)
    assert child.status == "open"
    fix(live, child.id)  # nobody waits for it any more
    assert ticket_row(child.id).status == "closed"


def test_without_waiting_it_goes_on_at_once(repair: Flask) -> None:
    live = Live(repair, parent(wait=False, timeout=None, mapping=[]))
    mine = live.open({"f_what": "灯不亮"})
    assert live.ways(mine) == ["t:out", "s:done"]
    assert list(live.state(mine)["children"].values())[0]["status"] == "open"
    fix(live, child_of(mine).id)
    assert ticket_row(mine).status == "open"


def test_a_missing_answer_stands_and_names_the_field(repair: Flask) -> None:
    live = Live(repair, parent(values=[]))
    mine = live.open({"f_what": "灯不亮"})
    assert problems(live.events(mine)) == ["subticket_refused"]
    parked = live.state(mine)["parked"][0]
    assert "故障" in parked["params"]["field"]["zh"] and parked["params"]["why"]["zh"]
    assert len(everybody()) == 1
    service.retry(mine, "s", actor=company.principal("lead"), command_id=company.command())
    live.company.settle()
    assert problems(live.events(mine)) == ["subticket_refused"] * 2


def test_a_type_that_is_gone_stands_too(repair: Flask) -> None:
    company.publish(CHILD_FORM | {"key": "gone"}, child_flow() | {"key": "gone", "form": "gone"}, "gone")
    live = Live(repair, parent(ticket_type="gone"))
    archive("gone", actor=SYSTEM, now=clock.now_ms())
    mine = live.open({"f_what": "灯不亮"})
    assert problems(live.events(mine)) == ["subticket_refused"]


class Killed(BaseException):
    """The process is gone."""


def test_one_child_however_often_a_worker_dies(repair: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(repair, parent())
    tries: list[Any] = []
    handler = repair.extensions["danflow"].catalog.effects.find("subticket")
    run = handler.run

    def killed(work: Any) -> Any:
        tries.append(run(work))
        if len(tries) == 1:
            raise Killed  # after the ticket was opened, before that was noted
        return tries[-1]

    monkeypatch.setattr(handler, "run", killed)
    mine = company.submit(live.version, {"f_what": "灯不亮"}, "t").ticket_id
    with pytest.raises(Killed):
        Drain("w", lease_ms=1000).lane("internal")
    live.later(5 * MINUTE)
    assert len(tries) == 2
    assert tries[0] == tries[1]
    assert len(everybody()) == 2
    assert list(live.state(mine)["children"]) == [child_of(mine).id]


@pytest.mark.parametrize(("cascade", "also", "ends"), [
    ("cancel", False, True), ("ask", False, False), ("ask", True, True), ("keep", True, False)])
def test_a_withdrawn_ticket_takes_its_children_along(repair: Flask, cascade: str, also: bool, ends: bool) -> None:
    live = Live(repair, parent(cascade=cascade))
    mine = live.open({"f_what": "灯不亮"})
    service.withdraw(mine, "不做了", actor=company.principal("lead"), command_id=company.command(), children=also)
    live.company.settle()
    child = child_of(mine)
    assert (child.status, child.reason) == (("withdrawn", "不做了") if ends else ("open", None))
    if ends:
        assert live.events(child.id)[-1].actor_type == "system"


def test_a_child_that_opens_too_late_is_withdrawn_with_its_parent(
    repair: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(repair, parent(cascade="cancel"))
    mine = company.submit(live.version, {"f_what": "灯不亮"}, "t").ticket_id
    row = db.session.scalars(select(Outbox).where(Outbox.kind == "subticket")).one()
    drain = Drain("w")
    handler = repair.extensions["danflow"].catalog.effects.find("subticket")
    run = handler.run

    def late(work: Any) -> Any:
        result = run(work)
        service.withdraw(mine, "", actor=company.principal("lead"), command_id=company.command())
        return result

    db.session.rollback()
    monkeypatch.setattr(handler, "run", late)
    drain.lane(row.lane)
    live.company.settle()
    assert child_of(mine).status == "withdrawn"


def test_a_type_that_does_not_exist_is_found_before_publishing(repair: Flask) -> None:
    flow = {**parent(ticket_type="ghost"), "key": "asks"}
    company.publish(FORM, parent(), "steps")
    definitions.save_draft("flow", "asks", flow, 0, actor=SYSTEM, now=clock.now_ms())
    found = definitions.find_problems("flow", flow, known())
    assert ("check_missing_ticket_type", "s") in {(one.code, one.node) for one in found}
    fine = definitions.find_problems("flow", {**flow, **parent()}, known())
    assert "check_missing_ticket_type" not in {one.code for one in fine}

