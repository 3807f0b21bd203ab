"""data.dedupe: a later ticket about the same thing joins the earlier one, which loses nothing and is told once."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Invalid
from app.extensions import db
from app.runtime import merging
from app.runtime.models import Listener, Ticket
from tests.flows import kit
from tests.flows.nodes.kit import HOUR, Live, definition, node, simulated, ways
from tests.runtime import company

HANDLE = node("h", "task.handle", {"assignee": [{"person": "a1"}], "actions": [{"port": "done"}]})
EDGES = "t:out>d d:new>h h:done>end d:merged>end"


def flow(**config: Any) -> dict[str, Any]:
    return definition(node("d", "data.dedupe", {"by": ["form.f_what"], "within": "P1D", **config}), HANDLE, edges=EDGES)


FLOW = flow()


def listeners() -> int:
    found = db.session.scalar(select(db.func.count()).select_from(Listener)) or 0
    db.session.rollback()
    return found


def test_both_ways_out_simulated() -> None:
    assert ways(simulated(FLOW, {"f_what": "A1"}).events)[1:] == ["d:new"]
    merged = simulated(FLOW, {"f_what": "A1"}, mocks={"d": "merged"}, expect={"status": "merged"})
    assert ways(merged.events)[1:] == ["d:merged"]
    assert ways(simulated(FLOW, {}, mocks={"d": "new"}).events)[1:] == ["d:new"]


def test_both_ways_out_live(desk: Flask) -> None:
    live = Live(desk, FLOW)
    first = live.open({"f_what": "A1", "f_sum": "10.00", "f_phone": "13800138000"})
    second = live.open({"f_what": "A1", "f_sum": "12.50", "f_phone": "13900139000"})
    other = live.open({"f_what": "A2"})
    unnamed = live.open({})
    assert [live.ways(ticket)[1:] for ticket in (first, second, other, unnamed)] == [
        ["d:new"], ["d:merged"], ["d:new"], ["d:new"]]
    merged = company.ticket(second)
    assert (merged.status, merged.state["ticket"]["merged_into"]) == ("merged", {"ticket": first, "no": 1})
    (again,) = [event for event in live.events(first) if event.kind == "customer.repeated"]
    delta = again.body["delta"]
    assert (delta["fields"], delta["from"]) == (["f_phone", "f_sum"], {"ticket": second, "no": 2})
    assert delta["answers"]["f_sum"] == "12.50"
    assert "13900139000" not in str(delta), "what is sealed on the one is sealed on the other"
    assert live.state(first)["form"]["f_sum"] == "10.00", "what was said first stays"
    assert [row["template"] for row in live.company.messages(first)].count("request_again") == 1
    (joined,) = [event for event in live.events(second) if event.kind == "ticket.merged"]
    assert joined.body["delta"] == {"ticket": first, "no": 1}


def test_only_an_open_ticket_within_the_time_counts(desk: Flask) -> None:
    live = Live(desk, flow(within="PT1H"))
    done = live.open({"f_what": "A1"})
    live.act(done, "a1", "h", "done")
    assert listeners() == 0
    late = live.open({"f_what": "A1"})
    assert live.ways(late)[1:] == ["d:new"]
    live.later(2 * HOUR)
    assert live.ways(live.open({"f_what": "A1"}))[1:] == ["d:new"]


def test_the_same_customer_is_the_same_and_another_flow_is_another(desk: Flask) -> None:
    live, elsewhere = Live(desk, flow(by=["customer", "form.f_what"])), Live(desk, flow(by=["customer", "form.f_what"]))
    first = live.open({"f_what": "A1"}, phone="13800138000")
    assert live.ways(live.open({"f_what": "A1"}, phone="13900139000"))[1:] == ["d:new"]
    assert live.ways(live.open({"f_what": "A1"}, phone="13800138000"))[1:] == ["d:merged"]
    assert elsewhere.ways(elsewhere.open({"f_what": "A1"}, phone="13800138000"))[1:] == ["d:new"]
    assert live.ways(live.open({"f_what": "A1"}))[1:] == ["d:new"]
    assert company.ticket(first).status == "open"


def test_looking_again_tells_nobody_twice_and_remembers_whom_it_told(desk: Flask) -> None:
    live = Live(desk, FLOW)
    first, second = live.open({"f_what": "A1"}), live.open({"f_what": "A1"})
    again = merging.merge(second, "d:1", ["A1"], 24 * HOUR)  # the worker died before the flow had heard of it
    assert again == {"ticket": first, "no": 1}
    live.withdraw(first)
    assert merging.merge(second, "d:1", ["A1"], 24 * HOUR) == {"ticket": first, "no": 1}
    assert [event.kind for event in live.events(first)].count("customer.repeated") == 1


def test_who_was_merged_is_no_place_to_merge_into(desk: Flask) -> None:
    live = Live(desk, FLOW)
    tickets = [live.open({"f_what": "A1"}) for _ in range(3)]
    into = [row.state["ticket"].get("merged_into", {}).get("ticket") for row in map(company.ticket, tickets)]
    assert into == [None, tickets[0], tickets[0]]
    assert listeners() == 1


def test_what_is_compared_is_readable_by_nobody(desk: Flask) -> None:
    live = Live(desk, flow(by=["form.f_phone"]))
    first = live.open({"f_phone": "13800138000"})
    assert live.ways(live.open({"f_phone": "13800138000"}))[1:] == ["d:merged"]
    row = db.session.scalars(select(Ticket).where(Ticket.id == first)).one()
    mark = db.session.scalars(select(Listener.mark).where(Listener.ticket_id == first)).one()
    assert "13800138000" not in str(row.state) and "13800138000" not in mark
    db.session.rollback()


@pytest.mark.parametrize(("config", "where", "code"), [
    ({"within": "P1D"}, "by", "flow_missing"), ({"by": ["customer"]}, "within", "flow_missing"),
    ({"by": [], "within": "P1D"}, "by", "flow_bad_count"),
    ({"by": ["form.f_nope"], "within": "P1D"}, "by[0]", "flow_unknown_ref"),
])
def test_refusals_name_their_place(config: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kit.flow(node("d", "data.dedupe", config), edges="t:out>d d:new>end d:merged>end")
    assert [(one.where, one.code) for one in refused.value.problems] == [(f"nodes[1].config.{where}", code)]
