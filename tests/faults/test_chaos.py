"""Workers are killed at random, Redis forgets everything, the web server dies: every ticket comes to its end.

Set CHAOS_SEED to repeat the killer's choices of a run (not its timing).
"""
from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from flask import Flask

from app.settings import Settings, load
from tests.faults import chaos
from tests.faults.kit import Erp, Mill
from tests.live import Live
from tests.live_stories.company import connect_erp
from tests.people import colleagues, over_http
from tests.servers import wait_for

pytestmark = pytest.mark.faults

TICKETS, SECONDS, KILLS = 250, 16.0, 22
WORKERS = {"sqlite": 2, "postgresql": 3}
LEASE_MS = 3_000  # longer than a living worker stalls on a busy machine
RECOVERY_S = 20.0  # after the last fault, on a machine that does other things besides


def test_every_ticket_ends_and_nothing_happens_twice(
    backend: str, live: Live, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or time.time())
    chance = random.Random(seed)
    print(f"CHAOS_SEED={seed}")
    app = make_app(load(live.env, redis_url=""))
    with Erp(delay_s=0.01) as erp, Mill(live.env, tmp_path / "mill.log") as mill, app.app_context():
        connect_erp(erp.url)
        chaos.publish()
        admin = colleagues(over_http(live.url), "admin")["admin"]
        live.web()
        crowd = chaos.Crowd(admin, TICKETS, SECONDS)
        _storm(live, mill, crowd, WORKERS[backend], chance)
        lost = chaos.all_is_well(erp, crowd, LEASE_MS, most_again=KILLS)
        assert lost > 0, "no kill hit an effect: this run proves nothing"


def _storm(live: Live, mill: Mill, crowd: chaos.Crowd, workers: int, chance: random.Random) -> None:
    relay = mill.start("relay", lease_ms=LEASE_MS)
    killer = chaos.Killer(mill, workers, chance, LEASE_MS)
    crowd.start()
    wipe, web = chance.sample(range(2, KILLS - 2), 2)
    for number in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.9))
        killer.strike(chaos.leased)
        if number == wipe:
            with redis.Redis.from_url(live.env["REDIS_URL"]) as client:
                client.flushall()
        if number == web:
            live.processes["web"].kill()
            live.web()
    crowd.join()
    calm = time.monotonic()
    assert crowd.refused == []
    wait_for(lambda: not chaos.unfinished(), RECOVERY_S, "every ticket to end")
    print(f"{killer.kills} kills, {killer.at_work} at work; {crowd.retried} requests repeated;"
          f" the last ticket ended {time.monotonic() - calm:.1f} s after the last fault")
    assert killer.at_work >= KILLS // 4, "hardly anybody was interrupted: this run proves little"
    assert mill.end(relay, signal.SIGTERM) == 0
