"""PostgreSQL cuts everybody off in the middle of their work, again and again: nothing is lost, nothing doubled."""
from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings, load
from tests.faults import chaos
from tests.faults.kit import Erp, Mill
from tests.live import Live
from tests.live_stories.company import connect_erp
from tests.people import colleagues, over_http
from tests.servers import Postgres, wait_for

pytestmark = pytest.mark.faults

TICKETS, SECONDS, CUTS = 120, 8.0, 10
LEASE_MS = 3_000
RECOVERY_S = 30.0  # workers wait longer each time the database does not answer


@pytest.fixture
def backend() -> str:
    """SQLite has no connections to cut."""
    return "postgresql"


def test_cut_connections_cost_nothing_but_a_second_try(
    live: Live, postgres: Postgres, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    seed = int(time.time())
    chance = random.Random(seed)
    print(f"seed {seed}")
    app = make_app(load(live.env, redis_url=""))
    database = live.env["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    with Erp(delay_s=0.01) as erp, Mill(live.env, tmp_path / "mill.log") as mill:
        with app.app_context():
            connect_erp(erp.url)
            chaos.publish()
            crowd = chaos.Crowd(colleagues(over_http(live.url), "admin")["admin"], TICKETS, SECONDS)
        live.web()
        workers = [mill.start("worker", lease_ms=LEASE_MS), mill.start("relay", lease_ms=LEASE_MS)]
        crowd.start()
        for _ in range(CUTS):
            time.sleep(chance.uniform(0.3, 1.0))
            postgres.disconnect(database)
        crowd.join()
        time.sleep(1.1)  # so that the connections of this process are looked at before they are used
        with app.app_context():
            assert crowd.refused == []
            wait_for(lambda: not chaos.unfinished(), RECOVERY_S, "every ticket to end")
            print(f"{CUTS} cuts, {crowd.retried} requests repeated")
            assert crowd.retried > 0, "nobody was interrupted: this run proves nothing"
            chaos.all_is_well(erp, crowd, LEASE_MS, most_again=CUTS)
        assert [mill.end(worker, signal.SIGTERM) for worker in workers] == [0, 0], "a process did not live through it"
        assert live.processes["web"].running()
