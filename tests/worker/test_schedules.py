"""Schedules in real processes: killed, started again after days, two at once; each time one ticket."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.extensions import clock, db
from tests.flows.nodes.triggers import answers, publish, tickets
from tests.servers import Process, wait_for

CHINA = ZoneInfo("Asia/Shanghai")
DAILY = {"times": [{"every": "day", "at": "12:00"}], "map": [{"to": "form.f_when", "take": "schedule.date"}],
         "defaults": {"f_what": "巡店"}}


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_killed_process_misses_nothing_and_repeats_nothing(
    desk: Flask, spawn: Callable[..., Process], advance: Callable[[int], None],
) -> None:
    now = datetime.fromtimestamp(clock.now_ms() / 1000, CHINA)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    if noon <= now:
        noon += timedelta(days=1)
    publish("trigger.schedule", DAILY)
    relay, worker = spawn("relay"), spawn("worker")
    advance(round((noon - now).total_seconds() * 1000) + 1000)

    def days() -> list[str]:
        found = [answers(ticket)["f_when"] for ticket in tickets()]
        db.session.rollback()
        return found

    wait_for(lambda: len(days()) == 1, 30, "the first noon's ticket")
    relay.kill()
    worker.kill()
    advance(3 * 86_400_000)
    spawn("relay")
    spawn("worker")
    wait_for(lambda: len(days()) == 2, 40, "one ticket for the noons that were missed")
    expected = [noon, noon + timedelta(days=3)]
    assert days() == [day.strftime("%Y-%m-%d") for day in expected]
