"""`flask doctor` notices what must not be: each kind of damage, done by hand, is found and named."""
from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.errors import Problem
from app.extensions import clock, db
from app.runtime import timers
from app.runtime.models import TicketHistory
from app.runtime.verify import verify
from tests.runtime import company
from tests.runtime.company import act, open_task, submit

ASK = {"f_what": "换一把椅子", "f_sum": "800"}


@pytest.fixture
def quiet(app: Flask) -> Flask:
    """The company without the check at the end: these tests leave damage behind."""
    with app.app_context():
        company.found()
        yield app
        db.session.remove()


@pytest.fixture
def ticket_id(quiet: Flask) -> str:
    """A ticket some steps into the complaint flow, with timers and effects."""
    version = company.publish_complaint()
    done = submit(version, {**company.COMPLAINT, "f_body": "饭里有异物"}, "t_menu", phone="13800138000")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    return done.ticket_id


def codes(app: Flask) -> set[str]:
    found = {wrong.code for wrong in verify(clock.now_ms(), app.extensions["danflow"].settings.uploads)}
    db.session.rollback()
    return found


def damage(sql: str, **params: object) -> None:
    assert db.session.execute(text(sql), params).rowcount > 0  # type: ignore[attr-defined]
    db.session.commit()


def test_a_healthy_database_has_nothing_to_report(quiet: Flask, ticket_id: str) -> None:
    assert codes(quiet) == set()


@pytest.mark.parametrize(("sql", "code"), [
    ("UPDATE ticket_history SET marks = '[[\"comment\", null]]', bodies = '[{}]' WHERE version = 2", "I6_chain"),
    ("UPDATE ticket_history SET actor_id = 'a2' WHERE version = 2", "I6_chain"),
    ("UPDATE ticket_history SET at = at + 1 WHERE version = 1", "I6_chain"),
    ("UPDATE ticket_history SET seq = seq + 1 WHERE version = 2", "I3_events"),
    (f"UPDATE ticket_history SET bodies = '[{', '.join(['{}'] * 6)}]' WHERE version = 2", "I6_body"),
    ("DELETE FROM ticket_history WHERE version = 1", "I6_chain"),
    ("DELETE FROM ticket_history WHERE version = 2", "I6_head"),
    ("DELETE FROM ticket_history WHERE version = 2", "I3_steps"),
    ("UPDATE ticket SET head = 'x'", "I6_head"),
    ("DELETE FROM ticket_history WHERE version = 1", "I1_no_beginning"),
    *((f"UPDATE {table} SET ticket_id = 'nowhere'", "I1_no_ticket")
      for table in ("command", "ticket_history", "task", "task_candidate", "timer", "outbox")),
    ("DELETE FROM task", "I1_no_task"),
    ("UPDATE task SET status = 'cancelled' WHERE status = 'open'", "I2_tasks"),
    ("UPDATE task SET assignee_id = 'a2' WHERE status = 'open'", "I2_tasks"),
    ("UPDATE timer SET state = 'cancelled' WHERE state = 'armed'", "I2_timers"),
    ("UPDATE timer SET due_at = due_at + 1 WHERE state = 'armed'", "I2_timers"),
    ("UPDATE ticket SET version = 7", "I3_steps"),
    ("UPDATE ticket SET seq = seq + 1", "I3_events"),
    ("UPDATE timer SET run_at = 1 WHERE state = 'armed'", "I4_late"),
    ("UPDATE timer SET state = 'fired' WHERE state = 'armed'", "I4_early"),
    ("UPDATE outbox SET run_at = 1", "I5_late"),
    ("UPDATE outbox SET state = 'leased', lease_until = 1", "I5_lease"),
    ("UPDATE outbox SET state = 'lost'", "I5_state"),
    ("UPDATE ticket SET owner_id = 'a2'", "I8_owner"),
    ("UPDATE ticket SET status = 'closed'", "I8_status"),
])
def test_damage_is_found(quiet: Flask, ticket_id: str, sql: str, code: str) -> None:
    damage(sql)
    assert code in codes(quiet)


def test_a_job_that_nobody_will_answer_is_found(quiet: Flask) -> None:
    company.to_payment(company.publish_complaint())
    assert codes(quiet) == set()
    damage("UPDATE outbox SET state = 'dead' WHERE is_job")
    assert "I2_jobs" in codes(quiet)


def test_files_and_rows_belong_together(quiet: Flask) -> None:
    folder = quiet.extensions["danflow"].settings.uploads
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "one").write_bytes(b"12345")
    row = ("INSERT INTO upload (id, session_key, field, kind, mime, size, sha256, name, storage_key, at)"
           " VALUES ('u1', 's', 'f', 'image', 'image/png', 5, 'x', 'n', 'ab/one', 1)")
    damage(row)
    assert codes(quiet) == set()
    (folder / "ab" / "one").write_bytes(b"123")
    assert codes(quiet) == {"I7_file"}
    (folder / "ab" / "one").unlink()
    assert codes(quiet) == {"I7_file"}


def test_doctor_prints_lines_and_exits_with_one(quiet: Flask, ticket_id: str) -> None:
    runner = quiet.test_cli_runner()
    healthy = runner.invoke(args=["doctor"])
    assert (healthy.exit_code, json.loads(healthy.output)) == (0, {"violations": 0})
    damage("UPDATE ticket SET head = 'x'")
    ill = runner.invoke(args=["doctor"])
    lines = [json.loads(line) for line in ill.output.splitlines()]
    assert ill.exit_code == 1
    assert lines[0]["code"] == "I6_head"
    assert lines[0]["ticket"] == ticket_id
    assert lines[-1] == {"violations": len(lines) - 1}


def test_outbox_commands(quiet: Flask, ticket_id: str) -> None:
    runner = quiet.test_cli_runner()
    damage("UPDATE outbox SET state = 'dead', last_error = 'no_such_number', done_at = 5, attempts = 12")
    lines = [json.loads(line) for line in runner.invoke(args=["outbox", "dead"]).output.splitlines()]
    assert {line["last_error"] for line in lines} == {"no_such_number"}
    ids = [str(line["id"]) for line in lines]
    assert runner.invoke(args=["outbox", "redrive", *ids, "999999"]).output == "3 of 4 will be tried again\n"
    assert runner.invoke(args=["outbox", "dead"]).output == ""


def test_an_erased_word_leaves_the_chain_whole(quiet: Flask, ticket_id: str) -> None:
    """The chain covers digests: emptying a body is seen as such, and nothing after it is in doubt."""
    row = db.session.scalars(select(TicketHistory).where(TicketHistory.version == 2)).one()
    assert row.marks[0][0] == "task.claimed"
    row.bodies = [{}, *row.bodies[1:]]
    db.session.commit()
    assert codes(quiet) == {"I6_body"}


def test_a_flow_that_fails_on_a_timer_is_put_off_and_does_not_stop_the_others(
    quiet: Flask, advance: Callable[[int], None]
) -> None:
    version = company.publish_small()
    bad, good = submit(version, ASK, "start").ticket_id, submit(version, ASK, "start").ticket_id
    damage("UPDATE ticket SET type_version_id = 'gone' WHERE id = :id", id=bad)
    advance(31 * 60_000)
    assert timers.fire_due() == 2
    assert open_task(good, "handle").kind == "handle"
    row = db.session.execute(text("SELECT attempts, last_error, state FROM timer WHERE ticket_id = :id"), {"id": bad})
    assert row.one() == (1, "version_unknown", "armed")
    db.session.rollback()
    assert timers.fire_due() == 0
    advance(11_000)
    assert timers.fire_due() == 1
    advance(11_000)
    assert timers.fire_due() == 0  # the second pause is longer
    with pytest.raises(Problem):
        submit("gone", ASK, "start")


def test_the_guard_notices_a_clock_that_jumps() -> None:
    guard = timers.Guard()
    assert guard.open(1_000_000, at=100.0)
    assert guard.open(1_001_000, at=101.0)
    assert guard.open(1_050_000, at=150.0)
    assert not guard.open(1_050_000 + 7 * 86_400_000, at=151.0)
    assert not guard.open(1_050_000 + 7 * 86_400_000 + 30_000, at=181.0)
    assert guard.open(1_050_000 + 7 * 86_400_000 + 60_000, at=211.0)
    assert not guard.open(1_050_000 + 7 * 86_400_000, at=300.0)  # and back
