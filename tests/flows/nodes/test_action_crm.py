"""action.crm: tags, stage and fields of the ticket's customer, noted with the customer and on the ticket."""
from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Invalid
from app.customers import events
from app.customers import service as customers
from app.customers.models import CustomerEvent
from app.extensions import clock, db
from tests.flows import kit
from tests.flows.nodes.kit import Live, definition, node, problems, simulated, ways

PHONE = "13800138000"
FLOW = definition(
    node("c", "action.crm", {"changes": [
        {"do": "tag", "value": "投诉过"}, {"do": "untag", "value": "潜客"}, {"do": "stage", "value": "{{form.f_what}}"},
        {"do": "field", "field": "level", "value": "VIP"}, {"do": "field", "field": "owner_shop", "value": "一店"},
    ]}),
    node("b", "branch.condition", {"cases": [{"port": "vip", "when": {"all": [
        {"ref": "customer.level", "op": "eq", "value": "VIP"}, {"ref": "customer.owner_shop", "op": "eq",
                                                                "value": "一店"}]}}]}),
    edges="t:out>c c:out>b c:error>other b:vip>end b:else>other",
)


def person() -> str:
    """A customer with one tag."""
    found = customers.find_or_create({"phone": PHONE}, now=clock.now_ms(), name="王女士")
    events.add_tag(found["id"], "潜客", now=clock.now_ms())
    db.session.commit()
    return found["id"]


def test_both_ways_out_simulated() -> None:
    assert ways(simulated(FLOW, {"f_what": "成交"}).events)[1:] == ["c:out", "b:else"]
    known = {"level": "VIP", "owner_shop": "一店"}
    assert ways(simulated(FLOW, mocks={"c": {"port": "out", "result": known}}).events)[1:] == ["c:out", "b:vip"]
    assert ways(simulated(FLOW, mocks={"c": "error"}).events)[1:] == ["c:error"]
    assert ways(simulated(FLOW, customer={"id": ""}).events)[1:] == ["c:error"]


def test_out_live(desk: Flask) -> None:
    who = person()
    live = Live(desk, FLOW)
    ticket = live.open({"f_what": "成交"}, phone=PHONE)
    assert live.ways(ticket)[1:] == ["c:out", "b:vip"]
    profile = events.profile(who)
    assert (profile["tags"], profile["stage"], profile["level"], profile["owner_shop"]) == (
        ["投诉过"], "成交", "VIP", "一店")
    noted = db.session.execute(select(CustomerEvent.kind, CustomerEvent.name, CustomerEvent.before)
                               .where(CustomerEvent.kind != "created").order_by(CustomerEvent.id)).all()
    assert [tuple(row) for row in noted] == [
        ("tag_added", "潜客", ""), ("tag_added", "投诉过", ""), ("tag_removed", "潜客", ""),
        ("stage_changed", "成交", ""), ("field_set", "level", ""), ("field_set", "owner_shop", "")]
    db.session.rollback()
    assert live.state(ticket)["customer"]["tags"] == ["投诉过"]
    assert "customer.changed" in {event.kind for event in live.events(ticket)}
    again = live.open({"f_what": "成交"}, phone=PHONE)
    assert live.ways(again)[1:] == ["c:out", "b:vip"]
    assert db.session.scalar(select(db.func.count()).select_from(CustomerEvent)
                             .where(CustomerEvent.kind != "created")) == 6
    db.session.rollback()


def test_error_live(desk: Flask) -> None:
    live = Live(desk, FLOW)
    nobody = live.open({"f_what": "成交"})
    assert (live.ways(nobody)[1:], problems(live.events(nobody))) == (["c:error"], ["flow_crm_no_customer"])
    who = person()
    bad = Live(desk, definition(
        node("c", "action.crm", {"changes": [{"do": "tag", "value": "先打上"},
                                             {"do": "field", "field": "tags", "value": "x"}]}),
        edges="t:out>c c:out>end c:error>other"))
    ticket = bad.open({"f_what": ""}, phone=PHONE)
    assert bad.ways(ticket)[1:] == ["c:error"]
    assert events.profile(who)["tags"] == ["潜客"], "all of it or nothing"
    db.session.rollback()


@pytest.mark.parametrize(("change", "where", "code"), [
    ({"do": "field", "value": "x"}, "field", "flow_missing"),
    ({"do": "tag"}, "value", "flow_missing"),
    ({"do": "explode", "value": "x"}, "do", "flow_not_an_option"),
    ({"do": "tag", "value": "{{form.f_nope}}"}, "value", "flow_unknown_ref"),
])
def test_refusals_name_their_place(change: dict[str, str], where: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kit.flow(node("c", "action.crm", {"changes": [change]}), edges="t:out>c c:out>end c:error>end")
    assert [(one.where, one.code) for one in refused.value.problems] == [(f"nodes[1].config.changes[0].{where}", code)]
