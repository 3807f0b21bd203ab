"""trigger.schedule counting time: 72 hours after a trial lesson without a contract, days of care, days of silence."""
from __future__ import annotations

import json
import threading
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers import events
from app.customers import service as customers
from app.definitions import service as definitions
from app.entries import intake, schedules, watches
from app.entries.models import Watch
from app.extensions import clock, db
from app.flows.checks.facts import Known
from app.flows.nodes.trigger_schedule import Schedule
from app.flows.say import Names, Say
from app.org.directory import directory
from app.runtime.effects.base import LANES
from app.runtime.ports import StaffPorts
from app.worker.poller import Poller
from tests.flows.nodes.triggers import answers, findings, form, openings, played, publish, republish, tickets
from tests.live_stories.company import Company
from tests.runtime import company

KIND = "trigger.schedule"
MAP = [{"to": "form.f_what", "take": "first.field", "field": "f_what"},
       {"to": "form.f_phone", "take": "customer.phone"},
       {"to": "form.f_name", "take": "customer.name"}, {"to": "form.f_when", "take": "schedule.date"}]
TRIAL: dict[str, Any] = {"of": "field", "type": "trial", "field": "f_when", "moments": [{"length": "PT72H"}],
                         "unless": [{"what": "ticket", "type": "contract"}, {"what": "stage", "name": "签约"}]}


def config(**after: Any) -> dict[str, Any]:
    return {"by": "after", "after": {**TRIAL, **after}, "map": MAP}


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


@pytest.fixture
def go_to(desk: Flask) -> Any:
    """Sets the clock to a moment in Shanghai; it begins on Monday, 2 March 2026, 08:00, with trials and contracts."""
    watch = Company(desk, desk.extensions["danflow"].settings.clock_file)

    def go(text: str) -> None:
        watch.go_to(ms(text))

    go("2026-03-02 08:00")
    for key in ("trial", "contract"):
        publish("trigger.public_form", {"fields": {"*": "edit"}}, key)
    return go


def request(key: str = "trial", phone: str = "13800138000", **more: Any) -> str:
    """A customer's request; the ticket's id."""
    kind = definitions.current_type(key)
    done = intake.open_ticket(
        definitions.bundle(kind.id), kind.id, "t", {"f_what": "钢琴试听", "f_phone": phone, **more}, channel="web",
        ports=StaffPorts(directory(), "", None), command_id=company.command(), now=clock.now_ms())
    assert done.problems == ()
    return done.ticket_id


def finish(ticket_id: str) -> None:
    task = company.open_task(ticket_id, "do")
    company.act("a1", task.id, "done", {"f_reply": "好"})


def look() -> int:
    return schedules.run_due(clock.now_ms())


def watched() -> int:
    count = len(list(db.session.scalars(select(Watch))))
    db.session.rollback()
    return count


def test_out_in_the_sandbox() -> None:
    assert played(KIND, config(), {"f_what": "钢琴试听"}).ok


def test_out_live_72_hours_after_a_trial_without_a_contract(desk: Flask, go_to: Any) -> None:
    publish(KIND, config())
    request(f_when="2026-03-04")
    other = request(phone="13900139000", f_when="2026-03-04")
    look()
    go_to("2026-03-06 10:00")
    request("contract", phone="13900139000")
    look()
    assert tickets() == []
    go_to("2026-03-07 00:01")
    worker = Poller(desk, LANES, threading.Event(), lease_ms=60_000, house=False)
    worker.tick()
    (ticket,) = tickets()
    assert answers(ticket) == {"f_what": "钢琴试听", "f_phone": "13800138000", "f_when": "2026-03-07"}
    assert ticket.customer_id and ticket.state["customer"]["id"] == ticket.customer_id
    assert company.ticket(other).customer_id != ticket.customer_id
    go_to("2026-03-20 00:00")
    assert look() == 0
    assert (len(tickets()), watched()) == (1, 0)
    finish(ticket.id)


def test_a_customer_who_has_reached_the_stage_is_left_alone(go_to: Any) -> None:
    publish(KIND, config())
    request(f_when="2026-03-04")
    look()
    customer = customers.find({"phone": "13800138000"})
    events.set_stage(customer["id"] if customer else "", "签约", now=clock.now_ms())
    db.session.commit()
    go_to("2026-03-09 00:00")
    look()
    assert tickets() == openings() == []


def test_a_date_that_is_moved_moves_the_moment(go_to: Any) -> None:
    publish(KIND, config(unless=[]))
    first = request(f_when="2026-03-20")
    look()
    row = company.ticket(first)
    data = {**row.data, "f_when": "2026-03-03"}
    db.session.execute(db.text("UPDATE ticket SET data = :data WHERE id = :id"),
                       {"data": json.dumps(data), "id": first})
    db.session.commit()
    go_to("2026-03-02 09:30")
    look()
    go_to("2026-03-06 00:00")
    look()
    assert [answers(ticket)["f_when"] for ticket in tickets()] == ["2026-03-06"]


def test_a_date_that_comes_later_is_waited_for_and_one_that_never_comes_is_not(go_to: Any) -> None:
    publish(KIND, config())
    first = request()
    look()
    assert watched() == 1
    finish(first)
    go_to("2026-03-02 10:00")
    look()
    assert watched() == 0


def test_days_of_care_after_a_ticket_was_closed(go_to: Any) -> None:
    publish(KIND, config(of="closed", unless=[], moments=[{"length": f"P{day}D"} for day in (7, 1, 3)]))
    first = request()
    go_to("2026-03-03 12:00")
    look()
    finish(first)
    for day in ("04", "05", "06", "07", "08", "09", "10", "11", "12"):
        go_to(f"2026-03-{day} 13:00")
        look()
    assert [answers(ticket)["f_when"] for ticket in tickets()] == ["2026-03-04", "2026-03-06", "2026-03-10"]
    assert watched() == 0


def test_of_several_that_were_missed_only_the_last_is_made_up_for(go_to: Any) -> None:
    publish(KIND, config(of="opened", unless=[], moments=[{"length": "P1D"}, {"length": "P3D"}, {"length": "P30D"}]))
    request()
    look()
    go_to("2026-03-10 00:00")
    look()
    look()
    assert [answers(ticket)["f_when"] for ticket in tickets()] == ["2026-03-05"]
    go_to("2026-04-01 09:00")
    look()
    assert len(tickets()) == 2


def test_days_before_a_date(go_to: Any) -> None:
    publish(KIND, config(unless=[], moments=[{"length": "P7D", "side": "before"}]))
    request(f_when="2026-03-20")
    look()
    go_to("2026-03-12 23:00")
    look()
    assert tickets() == []
    go_to("2026-03-13 00:01")
    look()
    assert len(tickets()) == 1


def test_three_days_without_an_event_after_the_last_one(go_to: Any) -> None:
    publish(KIND, {**config(of="event", event="打开课件", moments=[{"length": "P3D"}],
                            unless=[{"what": "event", "name": "打开课件"}]),
                   "map": MAP[1:], "defaults": {"f_what": "连续三天没打开课件"}})
    customer = customers.find_or_create({"phone": "13800138000"}, now=clock.now_ms(), name="学员")["id"]
    for day in ("02", "03", "05"):
        go_to(f"2026-03-{day} 18:00")
        events.happened(customer, "打开课件", key=day, now=clock.now_ms())
        db.session.commit()
        look()
    go_to("2026-03-08 17:59")
    look()
    assert tickets() == []
    go_to("2026-03-08 18:01")  # an event is a moment after the minute it was sent in
    look()
    (ticket,) = tickets()
    assert (answers(ticket)["f_name"], ticket.customer_id) == ("学员", customer)
    go_to("2026-03-20 18:00")
    look()
    assert len(tickets()) == 1


def test_old_tickets_are_known_and_what_was_due_before_never_happens(go_to: Any) -> None:
    request(f_when="2026-02-01")
    request(f_when="2026-03-01")
    go_to("2026-03-02 09:00")
    publish(KIND, config(unless=[]))
    look()
    assert tickets() == []
    go_to("2026-03-05 00:00")
    look()
    assert [answers(ticket)["f_when"] for ticket in tickets()] == ["2026-03-04"]


def test_what_was_withdrawn_is_followed_up_by_nobody(go_to: Any) -> None:
    publish(KIND, config(unless=[]))
    first = request(f_when="2026-03-04")
    look()
    company.service.withdraw(first, "不来了", actor=company.SYSTEM, command_id=company.command())
    go_to("2026-03-10 00:00")
    look()
    assert (tickets(), watched()) == ([], 0)


def test_a_clock_set_forward_and_back_and_several_processes_open_one(desk: Flask, go_to: Any) -> None:
    publish(KIND, config(unless=[]))
    request(f_when="2026-03-04")
    look()
    go_to("2027-03-04 00:00")
    request(f_when="2027-03-10", phone="13900139000")
    look()
    go_to("2026-03-02 09:00")
    look()
    assert len(tickets()) == 1
    go_to("2026-03-08 00:00")
    now = clock.now_ms()

    def run() -> None:
        with desk.app_context():
            schedules.run_due(now)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tickets()) == 1


def test_a_process_that_died_in_between_opens_no_second(go_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(KIND, config(unless=[]))
    request(f_when="2026-03-04")
    look()
    go_to("2026-03-08 00:00")
    with monkeypatch.context() as patch:
        patch.setattr(watches, "_end", lambda *_: 1 / 0)
        look()
    assert len(tickets()) == 1
    go_to("2026-03-08 00:02")
    look()
    assert (len(tickets()), len(openings()), watched()) == (1, 1, 0)


def test_another_setting_begins_anew(go_to: Any) -> None:
    publish(KIND, config(unless=[]))
    request(f_when="2026-03-04")
    look()
    go_to("2026-03-07 12:00")
    republish(KIND, config(unless=[], moments=[{"length": "P5D"}]))
    look()
    assert tickets() == []
    go_to("2026-03-09 00:00")
    look()
    assert len(tickets()) == 1


def test_the_card_says_it() -> None:
    told = Schedule().about(config(), Say(Names(ticket_types={"trial": "试听", "contract": {"zh-CN": "合同"}})))
    assert told == "试听 工单上的日期 3 天之后，除非客户有了这类工单 合同、客户到了这个阶段 签约"
    assert Schedule().about({"by": "after", "after": {"moments": [5, {}], "unless": "x"}}, Say(Names(), "en"))


@pytest.mark.parametrize(("change", "code", "field"), [
    ({"type": "gone"}, "check_missing_ticket_type", "config.after.type"),
    ({"field": "f_gone"}, "check_missing_other_field", "config.after.field"),
    ({"field": "f_what"}, "check_other_field_no_date", "config.after.field"),
    ({"type": None}, "check_config", "config.after.type"),
    ({"moments": []}, "check_config", "config.after.moments"),
    ({"moments": [{"length": "PT1S"}]}, "check_config", "config.after.moments[0].length"),
    ({"unless": [{"what": "ticket", "type": "gone"}]}, "check_missing_ticket_type", "config.after.unless[0].type"),
    ({"unless": [{"what": "stage"}]}, "check_config", "config.after.unless[0].name"),
    ({"of": "event"}, "check_config", "config.after.event"),
])
def test_mistakes_are_found_before_publishing(change: dict[str, Any], code: str, field: str) -> None:
    types = {key: {one["id"]: one["type"] for one in form()["fields"]} for key in ("trial", "contract")}
    here = Known(type_fields=types, ticket_types=set(types))
    assert findings(KIND, config(), here) == []
    assert (code, "t", field) in findings(KIND, config(**change), here)
    wrong = {**config(), "map": [*MAP, {"to": "form.f_reply", "take": "first.field", "field": "f_gone"}]}
    assert ("check_missing_other_field", "t", "config.map[4].field") in findings(KIND, wrong, here)


def test_publishing_knows_the_other_types(go_to: Any) -> None:
    with pytest.raises(definitions.PublishBlocked) as blocked:
        publish(KIND, config(type="gone"))
    assert "check_missing_ticket_type" in {finding.code for finding in blocked.value.findings}
