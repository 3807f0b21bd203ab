"""Two plans for one thing on one day hear of each other, of different flows, as long as both tickets are open."""
from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.runtime.models import Listener
from tests.flows.nodes.kit import Live, definition, node
from tests.runtime import company


def test_another_hears_of_it_until_the_ticket_ends(desk: Flask) -> None:
    config = {"board": "产线", "of": ["form.f_what"], "first": "form.f_day", "last": "vars.day", "to": "vars.word"}
    held = node("h", "task.handle", {"assignee": [{"person": "a1"}], "actions": [{"port": "done"}]})
    edges = "t:out>c c:free>h c:clash>h c:error>h h:done>end"
    market, plant = (Live(desk, definition(node("c", "plan.clash", config), held, edges=edges)) for _ in range(2))

    def ticket(where: Live, line: str, day: str) -> tuple[str, str, str]:
        opened = where.open({"f_what": line, "f_day": day})
        return opened, where.ways(opened)[1], company.ticket(opened).state["vars"]["word"]

    first, way, _ = ticket(plant, "一号线", "2026-11-30")
    assert way == "c:free"
    _, way, told = ticket(market, "一号线", "2026-11-30")
    assert (way, told) == ("c:clash", f"#{company.ticket(first).no}")
    assert [ticket(market, line, day)[1] for line, day in (("二号线", "2026-11-30"), ("一号线", "2026-12-01"))] == [
        "c:free", "c:free"]
    marks = db.session.scalars(select(Listener.mark)).all()
    assert len(marks) == 4 and not any("号线" in mark for mark in marks), "what is taken is readable by nobody"
    db.session.rollback()
    plant.withdraw(first)
    assert ticket(plant, "一号线", "2026-11-30")[1] == "c:clash", "the market's is still open"


def test_a_second_visit_takes_its_own_days_and_gives_back_the_first_ones(desk: Flask) -> None:
    config = {"board": "产线", "of": ["form.f_what"], "first": "form.f_day"}
    change = node("h", "task.handle", {"assignee": [{"person": "a1"}], "fields": {"f_day": "edit"},
                                       "actions": [{"port": "again"}, {"port": "done"}]})
    edges = "t:out>c c:free>h c:clash>h c:error>h h:again>c h:done>end"
    live = Live(desk, definition(node("c", "plan.clash", config), change, edges=edges))
    first = live.open({"f_what": "一号线", "f_day": "2026-11-30"})
    live.act(first, "a1", "h", "again", {"f_day": "2026-12-05"})
    assert live.ways(live.open({"f_what": "一号线", "f_day": "2026-11-30"}))[1] == "c:free"
    assert live.ways(live.open({"f_what": "一号线", "f_day": "2026-12-05"}))[1] == "c:clash"
