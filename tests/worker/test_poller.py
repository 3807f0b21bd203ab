"""The pulse itself, in this process: it survives trouble, and keeps house once."""
from __future__ import annotations

import threading
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text, update

from app.customers.models import CustomerEvent
from app.entries.models import Opening
from app.extensions import clock, db
from app.runtime.models import Command, Outbox, OutboxAttempt, Singleton, Upload, Worker
from app.worker import housekeeping
from app.worker.poller import Poller
from tests.runtime import company
from tests.servers import wait_for

DAY_MS = 86_400_000
RED = {**company.COMPLAINT, "f_body": "饭里有异物"}


def count(what: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(what))
    db.session.rollback()
    return int(found or 0)


def waiting() -> int:
    found = db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.state != "done"))
    db.session.rollback()
    return int(found or 0)


def test_a_pulse_that_fails_is_followed_by_another(desk: Flask, complaint: str) -> None:
    stop = threading.Event()
    poller = Poller(desk, ("notify",), stop, lease_ms=60_000, house=False)
    db.session.execute(text("ALTER TABLE timer RENAME TO timer_gone"))
    db.session.commit()
    thread = threading.Thread(target=poller.run)
    thread.start()
    try:
        time.sleep(1.5)
        assert thread.is_alive()
        db.session.execute(text("ALTER TABLE timer_gone RENAME TO timer"))
        db.session.commit()
        company.submit(complaint, RED, "t_menu", phone="13800138000")
        wait_for(lambda: waiting() == 0, 20, "the messages to go out after all")
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert count(Worker) == 0


def test_house_is_kept_once_and_keeps_what_is_young(desk: Flask, complaint: str) -> None:
    folder: Path = desk.extensions["danflow"].settings.uploads
    company.submit(complaint, RED, "t_menu", phone="13800138000")
    Poller(desk, ("notify",), threading.Event(), lease_ms=60_000, house=False).tick()
    now = clock.now_ms()
    assert housekeeping.keep("first", now)
    assert not housekeeping.keep("second", now)
    assert (count(Outbox), count(OutboxAttempt), count(Command), count(Worker)) == (3, 3, 1, 1)
    db.session.execute(update(Outbox).values(done_at=now - 8 * DAY_MS))
    db.session.execute(update(Command).values(at=now - 31 * DAY_MS))
    db.session.execute(update(Worker).values(last_seen_at=now - 2 * DAY_MS))
    for state, days in (("opened", 91), ("opened", 89), ("refused", 91), ("refused", 366)):
        db.session.add(Opening(key=f"{state}{days}", type_key="t", trigger="t", state=state, problems=[], tries=1,
                               at=now - days * DAY_MS))
    for days in (731, 729):
        db.session.add(CustomerEvent(customer_id="c", kind="happened", name=str(days), before="",
                                     at=now - days * DAY_MS))
    db.session.execute(update(Singleton).values(until=1))
    (folder / "aa").mkdir(parents=True)
    (folder / "aa" / "old").write_bytes(b"1")
    db.session.add(Upload(
        id="u1", session_key="s", ticket_id=None, field="f", kind="image", mime="image/png", size=1, sha256="x",
        name="n", storage_key="aa/old", at=now - 2 * DAY_MS,
    ))
    db.session.commit()
    assert housekeeping.keep("second", now)
    assert (count(Outbox), count(OutboxAttempt), count(Command), count(Worker), count(Upload)) == (0, 0, 0, 0, 0)
    assert not (folder / "aa" / "old").exists()
    assert sorted(db.session.scalars(select(Opening.key))) == ["opened89", "refused91"]
    assert list(db.session.scalars(select(CustomerEvent.name).where(CustomerEvent.kind == "happened"))) == ["729"]
    assert db.session.scalars(select(Singleton.fence).where(Singleton.name == "housekeeping")).one() == 2
