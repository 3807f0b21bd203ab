"""The epoch of the organisation: a random mark that every change of people or master data replaces.

Random, not counted: a rolled-back change leaves no number that a later one could reuse, and caches of two databases in
one process never meet.
"""

from __future__ import annotations

import secrets

from sqlalchemy import update

from app.extensions import db
from app.org.models import OrgEpoch
from app.wire import Read

ROW = 1
SQL = "(SELECT value FROM org_epoch WHERE id = 1)"  # the mark, for statements that read it along with something else

CURRENT = Read(f"SELECT {SQL}")


def changed() -> None:
    """Note that the organisation changes in the current transaction (the caller commits)."""
    value = secrets.token_hex(16)
    done = db.session.execute(
        update(OrgEpoch).where(OrgEpoch.id == ROW).values(value=value).returning(OrgEpoch.id)
    ).first()
    if not done:
        db.session.merge(OrgEpoch(id=ROW, value=value))


def current() -> str:
    """The mark as this transaction sees it; "" before the first change."""
    rows = CURRENT()
    return rows[0][0] or ""
