"""trigger.schedule: by a timetable, once for each time it comes round, whatever happens to processes and clocks."""
from __future__ import annotations

import threading
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import archive
from app.entries import schedules
from app.extensions import clock, db
from app.flows.nodes.trigger_schedule import Schedule
from app.flows.say import Names, Say
from app.runtime.effects.base import LANES
from app.worker.poller import Poller
from tests.flows.nodes.triggers import answers, findings, openings, played, publish, republish, tickets
from tests.live_stories.company import Company
from tests.runtime import company

KIND = "trigger.schedule"
MAP = [{"to": "form.f_when", "take": "schedule.date"}]
DAILY: dict[str, Any] = {"times": [{"every": "day", "at": "09:00"}], "map": MAP, "defaults": {"f_what": "巡店"}}


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


@pytest.fixture
def go_to(desk: Flask) -> Any:
    """Sets the clock to a moment in Shanghai; it begins on Monday, 2 March 2026, 08:00."""
    watch = Company(desk, desk.extensions["danflow"].settings.clock_file)

    def go(text: str) -> None:
        watch.go_to(ms(text))

    go("2026-03-02 08:00")
    return go


def look() -> int:
    return schedules.run_due(clock.now_ms())


def days() -> list[str]:
    return [answers(ticket)["f_when"] for ticket in tickets()]


def test_out_in_the_sandbox() -> None:
    result = played(KIND, DAILY, {"f_what": "巡店", "f_when": "2026-03-02"})
    assert result.ok, result.as_dict("en")
    assert result.state["ticket"]["channel"] == "schedule"


def test_out_live_by_a_worker_that_looks_at_the_clock(desk: Flask, go_to: Any) -> None:
    publish(KIND, DAILY)
    worker = Poller(desk, LANES, threading.Event(), lease_ms=60_000, house=False)
    worker.tick()
    assert tickets() == []
    go_to("2026-03-02 09:00")
    worker._scheduled = -schedules.PERIOD_S
    worker.tick()
    (ticket,) = tickets()
    assert answers(ticket) == {"f_what": "巡店", "f_when": "2026-03-02"}
    task = company.open_task(ticket.id, "do")
    assert company.act("a1", task.id, "done", {"f_reply": "已巡"}).status == "closed"
    assert [(row.state, row.ticket_id) for row in openings()] == [("opened", ticket.id)]


def test_the_next_time_can_be_told(go_to: Any) -> None:
    publish(KIND, DAILY)
    publish(KIND, {**DAILY, "by": "cron", "cron": "30 7 1 * *"}, "monthly")
    found = {way.type.key: at for way, at in schedules.coming(clock.now_ms())}
    assert found == {"call": ms("2026-03-02 09:00"), "monthly": ms("2026-04-01 07:30")}


def test_each_time_it_comes_round_once(go_to: Any) -> None:
    publish(KIND, DAILY)
    for moment in ("2026-03-02 08:59", "2026-03-02 09:00", "2026-03-02 09:00", "2026-03-02 23:00", "2026-03-03 09:01"):
        go_to(moment)
        look()
    assert days() == ["2026-03-02", "2026-03-03"]


def test_what_was_missed_is_made_up_for_once(go_to: Any) -> None:
    publish(KIND, DAILY)
    look()
    go_to("2026-03-20 10:00")
    assert look() == 1
    assert days() == ["2026-03-20"]
    assert look() == 0


def test_two_processes_at_the_same_moment_open_one_ticket(desk: Flask, go_to: Any) -> None:
    publish(KIND, DAILY)
    look()
    go_to("2026-03-02 09:00")
    now, errors = clock.now_ms(), []

    def run() -> None:
        try:
            with desk.app_context():
                schedules.run_due(now)
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert days() == ["2026-03-02"]
    assert len(openings()) == 1


def test_only_one_process_looks_in_five_seconds(go_to: Any) -> None:
    publish(KIND, DAILY)
    go_to("2026-03-02 09:00")
    assert schedules.look("one", clock.now_ms())
    assert not schedules.look("two", clock.now_ms())
    assert len(tickets()) == 1


def test_a_clock_that_was_set_forward_and_back_opens_nothing_twice(go_to: Any) -> None:
    publish(KIND, DAILY)
    look()
    go_to("2026-03-05 09:00")
    assert look() == 1
    go_to("2026-03-02 08:30")
    assert look() == 0
    for moment in ("2026-03-02 09:00", "2026-03-03 09:00", "2026-03-04 09:00", "2026-03-05 09:00", "2026-03-06 09:00"):
        go_to(moment)
        look()
    assert sorted(days()) == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]


def test_a_process_that_died_after_the_ticket_opens_no_second_one(go_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(KIND, DAILY)
    look()
    go_to("2026-03-02 09:00")
    with monkeypatch.context() as patch:
        patch.setattr(schedules, "_keep", lambda *_: 1 / 0)
        look()
    assert days() == ["2026-03-02"]
    look()
    assert days() == ["2026-03-02"]


def test_a_timetable_does_not_reach_back_before_it_came_into_force(go_to: Any) -> None:
    publish(KIND, DAILY)
    look()
    go_to("2026-03-02 10:00")
    look()
    republish(KIND, {**DAILY, "times": [{"every": "day", "at": "09:30"}]})
    assert look() == 0
    go_to("2026-03-03 09:30")
    look()
    assert days() == ["2026-03-02", "2026-03-03"]


def test_another_version_with_the_same_timetable_misses_nothing(go_to: Any) -> None:
    publish(KIND, DAILY)
    look()
    go_to("2026-03-02 09:01")
    republish(KIND, {**DAILY, "defaults": {"f_what": "巡店二"}})
    look()
    assert [answers(ticket)["f_what"] for ticket in tickets()] == ["巡店二"]


def test_an_archived_form_rests_and_begins_anew(go_to: Any) -> None:
    publish(KIND, DAILY)
    look()
    archive.archive("call", actor=SYSTEM, now=clock.now_ms())
    go_to("2026-03-05 10:00")
    assert look() == 0
    archive.bring_back("call", actor=SYSTEM)
    assert look() == 0
    go_to("2026-03-06 09:00")
    assert look() == 1
    assert days() == ["2026-03-06"]


def test_one_that_fails_stops_no_other(go_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(KIND, {**DAILY, "calendar": "stores", "times": [{"every": "workday", "at": "09:00"}]}, "bad")
    publish(KIND, DAILY, "good")
    look()
    go_to("2026-03-02 09:00")
    db.session.execute(db.text("DELETE FROM calendar"))
    db.session.commit()
    company.people.save_role("x", name="x", rights=[], actor=SYSTEM)  # the organisation is read anew
    look()
    assert len(tickets("good")) == 1
    assert tickets("bad") == []


def test_what_cannot_become_a_ticket_is_told_and_not_tried_for_ever(go_to: Any) -> None:
    config = {**DAILY, "map": [{"to": "form.f_phone", "take": "schedule.date"}]}
    publish(KIND, config)
    go_to("2026-03-02 09:00")
    look()
    look()
    (row,) = openings()
    assert (row.state, row.tries) == ("refused", 1)
    assert row.problems[0]["where"] == "f_phone"


def test_the_card_says_when() -> None:
    say = Say(Names())
    assert Schedule().summary(DAILY, say).startswith("每天 09:00，填写")
    for row, told in (({"every": "week", "days": ["mon", "wed"], "at": "10:00"}, "周一、周三 10:00"),
                      ({"every": "year", "month": 5, "day": 1, "at": "08:00"}, "每年 5 月 1 日 08:00"), ({}, "")):
        assert Schedule().about({"times": [5, row]}, say) == told
    assert Schedule().about({"by": "cron", "cron": "0 9 * * *"}, say) == "0 9 * * *"


@pytest.mark.parametrize(("change", "code", "field"), [
    ({"times": []}, "check_config", "config.times"),
    ({"by": "cron"}, "check_config", "config.cron"),
    ({"by": "cron", "cron": "* * *"}, "check_config", "config.cron"),
    ({"times": [{"every": "week", "at": "09:00"}]}, "check_config", "config.times[0].days"),
    ({"times": [{"every": "day"}]}, "check_config", "config.times[0].at"),
    ({"times": [{"every": "day", "at": "25:00"}]}, "check_config", "config.times[0].at"),
    ({"defaults": {}}, "check_required_unfilled", "config.map"),
    ({"map": [{"to": "form.f_gone", "take": "schedule.date"}]}, "check_missing_field", "config.map[0].to"),
])
def test_mistakes_are_found_before_publishing(change: dict[str, Any], code: str, field: str) -> None:
    assert findings(KIND, DAILY) == []
    assert (code, "t", field) in findings(KIND, {**DAILY, **change})
