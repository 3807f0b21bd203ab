"""notify.group: what the robot says, and what follows when it cannot."""
from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.notify.base import Message, Receipt, SendError
from app.notify.channels.robot import Robot
from app.notify.models import MessageRow
from tests.flows.nodes.kit import Live, definition, node, simulated, ways

CONFIG = {
    "group": "华东客诉群", "note": "金额 {{form.f_sum}}",
    "milestones": [{"label": "受理", "step": "t"}, {"label": {"zh-CN": "处理", "en": "Handling"}, "step": "h"},
                   {"label": "结束", "step": "end"}],
}
HANDLE = node("h", "task.handle", {"assignee": [{"person": "a1"}], "actions": [{"port": "done"}]})
WAITING = definition(HANDLE, node("n", "notify.group", CONFIG), edges="t:out>h h:done>n n:out>end n:error>other")
PLAIN = definition(HANDLE, node("n", "notify.group", CONFIG), edges="t:out>n n:out>h h:done>end")
SCRIPT = [{"as": "a1", "node": "h", "do": "done"}]


def said() -> list[MessageRow]:
    rows = list(db.session.scalars(select(MessageRow).where(MessageRow.via == "robot")))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def fail(self: Robot, message: Message) -> Receipt:
    raise SendError("robot_gone", "the group was dissolved", permanent=True)


def test_both_ways_out_simulated() -> None:
    sent = [{"to": "华东客诉群", "via": "robot", "template": "group_progress", "node": "n"}]
    assert ways(simulated(WAITING, script=SCRIPT, expect={"sent": sent}).events)[2:] == ["n:out"]
    assert ways(simulated(WAITING, script=SCRIPT, mocks={"n": "error"},
                          expect={"sent": sent, "status": "cancelled"}).events)[2:] == ["n:error"]
    assert ways(simulated(PLAIN, script=SCRIPT, expect={"sent": sent}).events) == ["t:out", "n:out", "h:done"]


def test_out_live(desk: Flask) -> None:
    live = Live(desk, WAITING)
    ticket = live.open({"f_sum": "12.50"})
    live.act(ticket, "a1", "h", "done")
    assert live.ways(ticket)[2:] == ["n:out"]
    (message,) = said()
    assert (message.to_kind, message.to_name, message.status) == ("group", "华东客诉群", "sent")
    assert not message.in_inbox
    assert message.body.split("\n")[:2] == ["▰▰▱ ✔ 受理 ▶ 处理 ○ 结束", "金额 12.50"]


def test_error_live(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Robot, "send", fail)
    live = Live(desk, WAITING)
    ticket = live.open()
    live.act(ticket, "a1", "h", "done")
    assert live.ways(ticket)[2:] == ["n:error"]
    assert [message.status for message in said()] == ["failed"]


def test_where_no_failure_is_drawn_the_flow_does_not_wait(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Robot, "send", fail)
    live = Live(desk, PLAIN)
    ticket = live.open()
    assert live.ways(ticket) == ["t:out", "n:out"]
    assert live.state(ticket)["jobs"] == {}


def test_a_sealed_answer_is_not_told(desk: Flask) -> None:
    live = Live(desk, definition(node("n", "notify.group", {"group": "群", "note": "电话 {{form.f_phone}}"}),
                                 edges="t:out>n n:out>end"))
    live.open({"f_phone": "13800138000"})
    assert "13800138000" not in said()[0].body
