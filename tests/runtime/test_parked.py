"""Tickets that stand still because a plugin is gone: told once, found, sent on, and forgotten when they go on."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Conflict, Denied, Problem
from app.extensions import clock, db
from app.notify import service as notify
from app.notify.models import MessageRow
from app.runtime import bulk, parked
from app.runtime.drain import Drain
from app.runtime.models import ParkedTold
from app.settings import Settings
from tests.runtime.company import SMALL_FORM, act, open_task, principal, publish, small_flow, submit, ticket

VALUES = {"f_what": "退款", "f_sum": "12.50"}
CAUSE = "heat:flow_type_missing"


@pytest.fixture
def heated(desk: Flask) -> str:
    """The small flow with a step of a plugin behind the handling."""
    flow = small_flow()
    flow["nodes"].append({"id": "heat", "type": "heat.count", "tv": 1, "name": "热度",
                          "config": {"look_in": ["form.f_what"], "words": ["急"]}})
    for edge in flow["edges"]:
        if edge["from"] == "handle:submit":
            edge["to"] = "heat:in"
    flow["edges"] += [{"id": f"e8{port}", "from": f"heat:{port}", "to": "big:in"} for port in ("hot", "calm")]
    return publish(SMALL_FORM, flow, "small")


@pytest.fixture
def bare(desk: Flask, make_app: Callable[[Settings], Flask], tmp_path: Path) -> Flask:
    """The same company, started again without any plugin."""
    (tmp_path / "none").mkdir()
    settings: Settings = desk.extensions["danflow"].settings
    return make_app(settings.model_copy(update={"plugins_dir": tmp_path / "none"}))


@pytest.fixture
def stopped(heated: str, bare: Flask) -> Callable[[], str]:
    """`stopped()`: a ticket that came to the step while its plugin was gone."""

    def made() -> str:
        with bare.app_context():
            ident = submit(heated, VALUES, "start").ticket_id
            act("a1", open_task(ident, "pool").id, "claim")
            act("a1", open_task(ident, "handle").id, "submit", {"f_reply": "好"})
            db.session.remove()
        return ident

    return made


def messages() -> list[MessageRow]:
    """What was sent about standing tickets, the oldest first."""
    Drain("worker").lane("notify")
    rows = list(db.session.scalars(select(MessageRow).where(MessageRow.template == parked.TEMPLATE)
                                   .order_by(MessageRow.created_at)))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def told() -> int:
    count = len(db.session.scalars(select(ParkedTold)).all())
    db.session.rollback()
    return count


def test_who_looks_after_flows_is_told_once(
    desk: Flask, stopped: Callable[[], str], advance: Callable[[int], None]
) -> None:
    idents = [stopped() for _ in range(3)]
    row = ticket(idents[0])
    assert (row.parked, row.status) == (CAUSE, "open") and row.parked_at is not None
    assert parked.alert(clock.now_ms()) == 1 and parked.alert(clock.now_ms()) == 0
    (message,) = messages()
    assert (message.to_id, message.title) == ("lead", "流程「小流程」有 3 张工单停住了")
    assert "停在：热度" in message.body and "heat.count" in message.body
    assert notify.link_of("lead", message.id).endswith("/parked?type=small&cause=heat%3Aflow_type_missing")
    db.session.rollback()
    stopped()
    assert parked.alert(clock.now_ms()) == 0, "not one message for each"
    advance(parked.QUIET_MS + 1)
    assert parked.alert(clock.now_ms()) == 1
    assert messages()[-1].title == "流程「小流程」有 4 张工单停住了" and told() == 4


def test_what_goes_on_is_forgotten_and_told_anew_if_it_stops_again(
    desk: Flask, bare: Flask, stopped: Callable[[], str]
) -> None:
    ident, lead = stopped(), principal("lead")
    parked.alert(clock.now_ms())
    with pytest.raises(Denied):
        parked.send_on(ident, actor=principal("a1"))
    with bare.app_context():
        with pytest.raises(Problem) as refused:
            parked.send_on(ident, actor=lead)
        assert refused.value.code == "still_parked" and "heat.count" in refused.value.message("zh")
        db.session.remove()
    assert parked.alert(clock.now_ms()) == 0 and told() == 1, "the same ticket for the same reason"
    parked.send_on(ident, actor=lead)
    after = ticket(ident)
    assert (after.parked, after.parked_at, after.status) == (None, None, "closed")
    with pytest.raises(Conflict):
        parked.send_on(ident, actor=lead)
    assert parked.troubles("zh") == [] and parked.alert(clock.now_ms()) == 0 and told() == 0


def test_all_of_one_trouble_are_sent_on_by_workers(desk: Flask, bare: Flask, stopped: Callable[[], str]) -> None:
    idents, lead = [stopped() for _ in range(3)], principal("lead")
    (trouble,) = parked.troubles("zh")
    assert (trouble.flow, trouble.step, trouble.count) == ("小流程", "热度", 3) and "未安装" in trouble.why
    assert [one.id for one in trouble.first] == idents[::-1]
    page, after = parked.tickets("small", CAUSE, limit=2)
    assert [one.id for one in page] == idents[:0:-1] and after == page[-1].no
    assert [one.id for one in parked.tickets("small", CAUSE, before=after)[0]] == idents[:1]
    with pytest.raises(Denied):
        parked.send_all_on("small", CAUSE, actor=principal("a1"), now=clock.now_ms())

    def sent(app: Flask) -> tuple[Any, Any]:
        with app.app_context():
            run = parked.send_all_on("small", CAUSE, actor=lead, now=clock.now_ms())
            with pytest.raises(Conflict) as twice:
                parked.send_all_on("small", CAUSE, actor=lead, now=clock.now_ms())
            assert twice.value.code == "bulk_running"
            assert Drain("worker").lane("internal") == 3
            found = bulk.run(parked.KIND, "small", run)
            db.session.remove()
        return found

    run, left = sent(bare)
    assert (run.done, run.refused, {row.code for row in left}) == (0, 3, {"still_parked"})
    assert all(ticket(ident).parked == CAUSE for ident in idents)
    run, left = sent(desk)
    assert (run.done, run.refused, run.by, left) == (3, 0, "lead", [])
    assert {ticket(ident).status for ident in idents} == {"closed"}
    with pytest.raises(Conflict) as nothing:
        parked.send_all_on("small", CAUSE, actor=lead, now=clock.now_ms())
    assert nothing.value.code == "not_parked"
