"""Reads on the driver itself: alone without a transaction, inside one they see what it has written."""
from __future__ import annotations

import pytest
from flask import Flask

from app import driver
from app.driver import statements
from app.extensions import db
from app.org import epoch
from app.org.models import OrgEpoch
from app.wire import Read, Wire

MARKS = Read("SELECT id, value FROM org_epoch WHERE id = :id")


def test_a_read_is_one_statement_and_leaves_no_transaction(app: Flask) -> None:
    with app.app_context():
        MARKS(id=1)  # a first connection asks the server who it is
        before, executed = statements.count, statements.executed
        assert MARKS(id=1) == []
        assert (statements.count - before, statements.executed - executed) == (1, 1)
        assert not db.session().in_transaction()


def test_a_read_sees_what_the_open_transaction_wrote_and_nobody_does_once_it_is_undone(app: Flask) -> None:
    with app.app_context():
        epoch.changed()
        inside = epoch.current()
        db.session.add(OrgEpoch(id=7, value="pending"))
        assert MARKS(id=7) == [(7, "pending")]
        assert db.session().in_transaction()
        db.session.rollback()
        assert epoch.current() != inside
        assert MARKS(id=7) == []


def test_a_commit_is_two_places_to_die_at_but_no_statement(app: Flask) -> None:
    with app.app_context():
        epoch.current()
        before, executed = statements.count, statements.executed
        epoch.changed()
        db.session.commit()
        ran = statements.executed - executed
    assert ran > 0
    assert statements.count - before == ran + 2


def test_a_connection_is_used_again_unless_it_was_left_in_a_transaction(app: Flask) -> None:
    with app.app_context():
        with Wire() as first:
            kept = first._raw
        with Wire() as second:
            assert second._raw is kept
            with Wire() as inner:
                assert inner._raw is not kept
        with Wire() as third:
            left = third._raw
            if third.postgres:
                left.alone(False)
                left.execute("SELECT 1")
            else:
                left.begin(write=False)
        with Wire() as fourth:
            assert fourth._raw is not left
            assert fourth.now() > 0


def test_a_connection_that_the_server_cut_while_it_rested_is_not_used(
    app: Flask, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "IDLE_S", -1.0)  # every rest counts as long
    with app.app_context():
        with Wire() as wire:
            rested = wire._raw
            if backend == "postgresql":
                own = rested.info.backend_pid
                with Wire() as other:
                    other.rows("SELECT pg_terminate_backend(%(pid)s)", {"pid": own})
        with Wire() as wire:
            assert wire.now() > 0
            with Wire() as another:
                assert another.now() > 0


def test_dispose_closes_the_connections_that_rest(app: Flask) -> None:
    with app.app_context():
        with Wire() as wire:
            rested = wire._raw
        db.engine.dispose()
        with Wire() as wire:
            assert wire._raw is not rested
        if wire.postgres:
            assert rested.closed
