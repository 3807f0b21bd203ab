"""Those whom a ticket waits for are told that somebody wants it done, not too often."""

from __future__ import annotations

from app.core.errors import Conflict
from tests.flows.kit import Play, flow, node
from tests.flows.test_verbs import refused, three


def test_whoever_has_it_is_told_and_not_again_for_half_an_hour() -> None:
    play = three()
    play.send({"kind": "urge", "by": None, "note": "急"})
    told = play.events("ticket.urged")[0]
    assert (told["actor"]["type"], told["delta"]) == ("customer", {"to": ["ann"], "note": "急"})
    assert play.did("message")[-1]["template"] == "urged"
    refused(Conflict, "urged_lately", lambda: play.send({"kind": "urge", "by": "max"}, 29))
    play.send({"kind": "urge", "by": "max"}, 30)


def test_candidates_of_what_nobody_has_are_told() -> None:
    play = Play(flow(node("pool", "task.claim", {"candidates": [{"role": "boss", "of": "form.f_store"}]}),
                     edges="t:out>pool pool:claimed>end"))
    play.send({"kind": "urge", "by": None})
    assert play.events("ticket.urged")[0]["delta"]["to"] == ["bob"]


def test_who_is_asked_for_an_opinion_is_told_and_not_who_waits_for_it() -> None:
    play = three()
    play.act("c:1", "add_sign", "ann", to="bob")
    play.send({"kind": "urge", "by": None})
    assert play.events("ticket.urged")[0]["delta"]["to"] == ["bob"]


def test_nobody_to_urge() -> None:
    play = three()
    refused(Conflict, "urge_nobody", lambda: play.send({"kind": "urge", "by": "ann"}))
    play.act("c:1", "ok", "ann")
    refused(Conflict, "ticket_closed", lambda: play.send({"kind": "urge", "by": None}))
