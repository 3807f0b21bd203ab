"""wait.event: received and timeout; nothing is heard twice, nothing that came meanwhile is lost."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Invalid, Problem, TooLarge
from app.core.principal import SYSTEM
from app.extensions import clock, db
from app.runtime import events
from app.runtime.models import Listener, OutsideEvent
from app.worker import housekeeping
from tests.flows import kit
from tests.flows.nodes.kit import HOUR, MINUTE, Live, definition, node, problems, simulated, ways
from tests.runtime import company

WAIT = {"event": "order.paid", "key": "{{form.f_what}}", "timeout": "PT2H",
        "mapping": [{"from": "sum.total", "to": "vars.count"}]}
EDGES = "t:out>w w:received>end w:timeout>other"
FLOW = definition(node("w", "wait.event", WAIT), edges=EDGES)
BACK = definition(
    node("h", "task.handle", {"assignee": [{"person": "a1"}], "actions": [{"port": "done"}]}),
    node("w", "wait.event", {**WAIT, "look_back": "PT1H"}), edges="t:out>h h:done>w w:received>end w:timeout>other")
AGAIN = definition(
    node("w", "wait.event", {**WAIT, "look_back": "PT1H"}),
    node("h", "task.handle", {"assignee": [{"person": "a1"}], "actions": [{"port": "again"}, {"port": "done"}]}),
    edges="t:out>w w:received>h w:timeout>other h:again>w h:done>end")


def send(subject: str, data: dict[str, Any] | None = None, name: str = "order.paid", ident: str = "") -> int:
    """Tell everybody; how many tickets went on."""
    return events.receive(name, subject, data or {}, command_id=ident or company.command(), actor=SYSTEM,
                          now=clock.now_ms()).tickets


def listening() -> list[str]:
    found = list(db.session.scalars(select(Listener.key)))
    db.session.rollback()
    return found


def test_both_ways_out_simulated() -> None:
    script = [{"after": "PT1H", "do": "event", "node": "w", "form": {"sum": {"total": 12.5}}}]
    result = simulated(FLOW, {"f_what": "A1"}, script=script, expect={"vars": {"count": "12.5"}, "status": "closed"})
    assert ways(result.events)[1:] == ["w:received"]
    late = simulated(FLOW, {"f_what": "A1"}, until="PT3H", expect={"fired": ["w:timeout"], "status": "cancelled"})
    assert ways(late.events)[1:] == ["w:timeout"]
    usual = simulated(FLOW, {"f_what": "A1"},
                      default_actors={"w": {"do": "event", "after": "PT5M", "form": {"sum": {"total": "3"}}}})
    assert (ways(usual.events)[1:], usual.state["vars"]["count"]) == (["w:received"], "3")
    back = simulated(BACK, {"f_what": "A1"}, until="PT3H", script=[{"do": "done", "node": "h", "as": "a1"}])
    assert ways(back.events)[2:] == ["w:timeout"]


def test_received_live(desk: Flask) -> None:
    live = Live(desk, FLOW)
    first, second, other = (live.open({"f_what": what}) for what in ("A1", "A1", "A2"))
    assert send("A1", name="order.sent") == send("A9") == 0
    assert send("A1", {"sum": {"total": "30"}}) == 2
    for ticket in (first, second):
        assert live.ways(ticket)[1:] == ["w:received"]
        assert live.state(ticket)["vars"]["count"] == "30"
    assert live.ways(other) == ["t:out"]
    assert listening() == ["w:1"]


def test_timeout_live(desk: Flask) -> None:
    live = Live(desk, FLOW)
    ticket = live.open({"f_what": "A1"})
    live.later(2 * HOUR + MINUTE)
    assert live.ways(ticket)[1:] == ["w:timeout"]
    assert listening() == [] and send("A1") == 0


def test_a_repetition_tells_nobody_twice_and_another_request_needs_another_id(desk: Flask) -> None:
    live = Live(desk, AGAIN)
    ticket = live.open({"f_what": "A1"})
    assert send("A1", {"sum": {"total": 1}}, ident="the-first-event") == 1
    live.act(ticket, "a1", "h", "again")
    assert send("A1", {"sum": {"total": 1}}, ident="the-first-event") == 0
    assert live.ways(ticket)[1:] == ["w:received", "h:again"]
    with pytest.raises(Problem, match="command_reused"):
        send("A2", {"sum": {"total": 1}}, ident="the-first-event")
    assert send("A1", {"sum": {"total": 2}}, ident="the-second-event") == 1
    assert live.state(ticket)["vars"]["count"] == "2"


def test_what_came_shortly_before_counts_where_the_step_says_so(desk: Flask) -> None:
    live = Live(desk, BACK)
    early, long_ago = live.open({"f_what": "A1"}), live.open({"f_what": "A2"})
    assert send("A2", {"sum": {"total": "1"}}) == 0
    live.later(50 * MINUTE)
    assert send("A1", {"sum": {"total": "7"}}) == 0
    live.later(20 * MINUTE)
    for ticket in (early, long_ago):
        live.act(ticket, "a1", "h", "done")
    assert (live.ways(early)[2:], live.state(early)["vars"]["count"]) == (["w:received"], "7")
    assert live.ways(long_ago)[2:] == []
    assert "event.received" in {event.kind for event in live.events(early)}


def test_nobody_waits_on_for_a_ticket_that_is_over(desk: Flask) -> None:
    live = Live(desk, FLOW)
    ticket = live.open({"f_what": "A1"})
    live.withdraw(ticket)
    assert listening() == [] and send("A1") == 0


def test_without_a_key_it_stands_and_can_be_tried_again(desk: Flask) -> None:
    live = Live(desk, FLOW)
    ticket = live.open({})
    assert problems(live.events(ticket)) == ["flow_event_no_key"]
    assert [row["node"] for row in live.state(ticket)["parked"]] == ["w"]


def test_parallel_branches_hear_it_each_and_a_join_of_any_ends_the_others() -> None:
    def branches(mode: str) -> kit.Play:
        return kit.Play(kit.flow(
            node("p", "branch.parallel", {"branches": [{"port": "a"}, {"port": "b"}], "join": "j"}),
            node("x", "wait.event", {"event": "e", "key": "{{form.f_body}}"}),
            node("y", "wait.event", {"event": "e", "key": "{{form.f_body}}"}),
            node("j", "branch.join", {"fork": "p", "mode": mode}),
            edges="t:out>p p:a>x p:b>y x:received>j y:received>j j:out>end",
        ), form={"f_body": "1"})

    for mode in ("all", "any"):
        play = branches(mode)
        play.send({"kind": "event", "name": "e", "subject": "1", "data": {}})
        assert (play.state["status"], play.state["listens"]) == ("closed", {})
        assert play.send({"kind": "event", "name": "e", "subject": "1", "data": {}}).ignored


def test_what_it_brings_is_kept_sealed_and_not_for_ever(desk: Flask) -> None:
    send("A1", {"phone": "13800138000"})
    row = db.session.scalars(select(OutsideEvent)).one()
    assert "13800138000" not in row.data and "A1" not in row.mark
    db.session.rollback()
    with pytest.raises(TooLarge):
        send("A1", {"text": "x" * 70_000})
    assert housekeeping.keep("me", clock.now_ms() + 8 * 24 * HOUR)
    assert db.session.scalars(select(OutsideEvent)).all() == []
    db.session.rollback()


def test_the_api_takes_events_of_whoever_may_send_them(desk: Flask) -> None:
    live = Live(desk, FLOW)
    ticket = live.open({"f_what": "A1"})
    client = desk.test_client(use_cookies=False)

    def post(body: Any, token: str, key: str = "k1") -> Any:
        return client.post("/api/v1/events", json=body,
                           headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key})

    tokens = {}
    for name, rights in (("may", ["events.send", "api.use"]), ("may_not", ["api.use"])):
        company.people.save_role(name, name={"zh": name, "en": name}, reads="own", rights=rights, actor=SYSTEM)
        company.people.create_person(id=name, login=f"{name}.test", name=name, password="", phone="", actor=SYSTEM,
                                     now=company.NOW)
        company.people.grant_role(name, name, {}, actor=SYSTEM)
        tokens[name] = company.people.create_token(name, name=name, rights=rights, actor=SYSTEM, now=clock.now_ms())
    body = {"event": "order.paid", "key": "A1", "data": {"sum": {"total": 4}}}
    assert post(body, tokens["may_not"]).status_code == 403
    assert post(body, tokens["may"]).json == {"tickets": 1, "repeated": False}
    assert post(body, tokens["may"]).json == {"tickets": 0, "repeated": True}
    assert live.ways(ticket)[1:] == ["w:received"]
    for bad in ({**body, "event": "no spaces"}, {**body, "key": "  "}, {**body, "more": 1}, {**body, "data": []}, {}):
        assert post(bad, tokens["may"], "k2").status_code == 422
    assert post({**body, "data": {"a": {"b": [1, 2, {"c": None}]}}}, tokens["may"], "k3").status_code == 200


@pytest.mark.parametrize(("config", "where", "code"), [
    ({"event": "order paid", "key": "x"}, "event", "flow_bad_key"),
    ({"key": "x"}, "event", "flow_missing"),
    ({"event": "e"}, "key", "flow_missing"),
    ({"event": "e", "key": "{{form.f_nope}}"}, "key", "flow_unknown_ref"),
    ({"event": "e", "key": "x", "look_back": "P2D"}, "look_back", "flow_bad_length"),
])
def test_refusals_name_their_place(config: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kit.flow(node("w", "wait.event", config), edges="t:out>w w:received>end")
    assert [(one.where, one.code) for one in refused.value.problems] == [(f"nodes[1].config.{where}", code)]
