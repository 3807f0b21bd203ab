"""trigger.crm_event: what happens to a customer's record opens a ticket, once for each event."""
from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from flask import Flask

from app.core.errors import NotFound, Problem
from app.core.principal import SYSTEM
from app.customers import events
from app.customers import service as customers
from app.entries import customer_events
from app.extensions import clock, db
from app.flows.nodes.trigger_crm_event import CrmEvent
from app.flows.say import Names, Say
from app.org import people
from app.runtime import service
from app.runtime.effects.base import LANES
from app.worker.poller import Poller
from tests.flows.nodes.triggers import answers, findings, openings, played, publish, tickets
from tests.runtime import company

KIND = "trigger.crm_event"
MAP = [{"to": "form.f_what", "take": "event.name"}, {"to": "form.f_phone", "take": "customer.phone"},
       {"to": "form.f_name", "take": "customer.name"}]
TAGGED: dict[str, Any] = {"event": "tag_added", "which": ["要续费"], "map": MAP}


def someone(phone: str = "13800138000") -> str:
    found = customers.find_or_create({"phone": phone}, now=clock.now_ms(), name="李女士")
    db.session.commit()
    return found["id"]


def tell() -> int:
    return customer_events.tell_new(clock.now_ms())


def test_out_in_the_sandbox() -> None:
    result = played(KIND, TAGGED, {"f_what": "要续费", "f_name": "李女士"})
    assert result.ok, result.as_dict("en")
    assert result.state["ticket"]["channel"] == "crm"


def test_out_live_when_a_worker_looks(desk: Flask) -> None:
    publish(KIND, TAGGED)
    who = someone()
    assert events.add_tag(who, " 要续费 ", now=clock.now_ms())
    db.session.commit()
    Poller(desk, LANES, threading.Event(), lease_ms=60_000, house=False).tick()
    (ticket,) = tickets()
    assert answers(ticket) == {"f_what": "要续费", "f_phone": "13800138000", "f_name": "李女士"}
    assert ticket.customer_id == who
    assert ticket.state["customer"]["tags"] == ["要续费"]
    urged = service.urge_by_customer(ticket.token, "", command_id=company.command())
    assert urged.status == "open"  # their page lets them, as the page of a ticket from a link does
    task = company.open_task(ticket.id, "do")
    assert company.act("a1", task.id, "done", {"f_reply": "已联系"}).status == "closed"


@pytest.mark.parametrize(("config", "takes", "leaves"), [
    ({"event": "tag_removed", "which": []}, "remove", "add"),
    ({"event": "stage_changed", "which": ["签约"]}, "sign", "try"),
    ({"event": "stage_changed", "which": [], "before": ["试听"]}, "sign", "try"),
    ({"event": "happened", "which": ["交费"]}, "pay", "open"),
])
def test_only_what_it_is_set_to(desk: Flask, config: dict[str, Any], takes: str, leaves: str) -> None:
    publish(KIND, {**TAGGED, **config})
    who, now = someone(), clock.now_ms()
    does = {
        "add": lambda: events.add_tag(who, "x", now=now), "remove": lambda: events.remove_tag(who, "x", now=now),
        "try": lambda: events.set_stage(who, "试听", now=now), "sign": lambda: events.set_stage(who, "签约", now=now),
        "pay": lambda: events.happened(who, "交费", key="1", now=now),
        "open": lambda: events.happened(who, "打开课件", key="2", now=now),
    }
    for name, expected in ((leaves, 0), (takes, 1), (takes, 1)):
        does[name]()
        db.session.commit()
        tell()
        assert len(tickets()) == expected, name


def test_a_new_customer(desk: Flask) -> None:
    publish(KIND, {**TAGGED, "event": "created", "map": MAP[1:], "defaults": {"f_what": "欢迎新客户"}})
    someone()
    someone()
    tell()
    assert [answers(ticket)["f_what"] for ticket in tickets()] == ["欢迎新客户"]


def test_an_event_that_is_told_again_opens_nothing_twice(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(KIND, TAGGED)
    events.add_tag(someone(), "要续费", now=clock.now_ms())
    db.session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(events, "mark_told", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tell()
    assert tell() >= 1
    assert tell() == 0
    assert len(tickets()) == len(openings()) == 1


def test_two_flows_that_set_each_other_off_come_to_an_end(desk: Flask) -> None:
    publish(KIND, {**TAGGED, "event": "stage_changed", "which": []})
    who = someone()
    for number in range(customer_events.MOST_AN_HOUR + 5):
        events.set_stage(who, f"阶段{number % 2}", now=clock.now_ms())
    db.session.commit()
    while tell():
        pass
    refused = [row for row in openings() if row.state == "refused"]
    assert len(refused) + len(tickets()) == customer_events.MOST_AN_HOUR + 5
    assert refused and refused[0].problems[0]["code"] == "crm_event_flood"


def test_records_say_what_cannot_be(desk: Flask) -> None:
    who, now = someone(), clock.now_ms()
    for wrong in ("", " ", "x" * 81, "a\x00b"):
        with pytest.raises(Problem):
            events.add_tag(who, wrong, now=now)
    with pytest.raises(NotFound):
        events.set_stage("nobody", "签约", now=now)
    for number in range(events.MAX_TAGS):
        events.add_tag(who, str(number), now=now)
    with pytest.raises(Problem, match="customer_tags_full"):
        events.add_tag(who, "one more", now=now)
    assert events.set_stage(who, "签约", now=now) and events.set_stage(who, "", now=now)
    assert events.profile(who)["stage"] == ""


def test_over_the_api(desk: Flask) -> None:
    publish(KIND, TAGGED)
    people.save_role("crm", name="API", rights=["api.use", "tickets.create"], actor=SYSTEM)
    people.grant_role("a1", "crm", actor=SYSTEM)
    token = people.create_token("a1", name="crm", rights=["tickets.create"], actor=SYSTEM, now=clock.now_ms())

    def post(**body: Any) -> Any:
        return desk.test_client().post("/api/v1/customers", data=json.dumps(body), content_type="application/json",
                                       headers={"Authorization": f"Bearer {token}"})

    who = {"phone": "13800138000", "name": "李女士"}
    first = post(customer=who, add_tags=["要续费", "老客户"], stage="试听")
    assert first.status_code == 200, first.text
    assert (first.json["tags"], first.json["stage"], first.json["name"]) == (["要续费", "老客户"], "试听", "李女士")
    assert post(customer=who, remove_tags=["老客户"]).json["tags"] == ["要续费"]
    assert post(customer=who, event="打开课件", id="1").json["id"] == first.json["id"]
    assert post(customer=who, event="打开课件", id="1").status_code == 200
    kinds = [row.kind for row in events.untold()]
    assert kinds == ["tag_added", "tag_added", "stage_changed", "tag_removed", "happened"]
    db.session.rollback()
    assert post(customer=who, event="打开课件").status_code == 422
    assert post(customer={}, stage="x").status_code == 422
    assert post(customer=who, add_tags=[""]).status_code == 422
    assert post(customer=who, level="VIP").status_code == 422
    tell()
    assert len(tickets()) == 1


def test_the_card_says_what_happens() -> None:
    say = Say(Names(fields={"form.f_what": "事项"}))
    assert CrmEvent().summary(TAGGED, say).startswith("打上标签，要续费，填写事项")


@pytest.mark.parametrize(("change", "code", "field"), [
    ({"event": "died"}, "check_config", "config.event"),
    ({"map": []}, "check_required_unfilled", "config.map"),
    ({"map": [*MAP, {"to": "form.f_gone", "take": "event.name"}]}, "check_missing_field", "config.map[3].to"),
    ({"which": "x"}, "check_config", "config.which"),
])
def test_mistakes_are_found_before_publishing(change: dict[str, Any], code: str, field: str) -> None:
    assert findings(KIND, TAGGED) == []
    assert (code, "t", field) in findings(KIND, {**TAGGED, **change})
