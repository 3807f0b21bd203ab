"""Reads on the driver itself: alone without a transaction, inside one they see what it has written."""
from __future__ import annotations

from flask import Flask

from app.driver import statements
from app.extensions import db
from app.org import epoch
from app.org.models import OrgEpoch
from app.wire import Read

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
