"""Finding one row of a table by what stands in a column: for flows, which look without anybody watching."""
from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.core.errors import NotFound
from app.extensions import db
from app.org import columns, live
from app.org.live import Live
from app.org.models import Source, SourceRow


def find(source: str, by: str, value: str) -> dict[str, Any] | None:
    """The first row in use whose `by` ("id", "name" or a column's key) is `value`: {"id", "name", cells}, or None.

    Of a table that lives in another system, that system is asked. Ends the current transaction. Raises NotFound for an
    unknown table, live.Away where the other system does not answer.
    """
    table = db.session.get(Source, source)
    if table is None:
        db.session.rollback()
        raise NotFound("source_unknown", where=source[:60], source=source[:40])
    if not value.isprintable():  # nothing is called so, and PostgreSQL refuses to be asked for a NUL
        return None
    how, own = table.live, columns.stored(table.columns)[2:]
    if how:
        db.session.rollback()
        heard = live.ask(source, Live(**how), own, live.spoken(value))
        return next((row for row in heard.rows if row.get(by) == value), None)
    kept = {"id": SourceRow.id, "name": SourceRow.label}.get(by)
    wanted = kept == value if kept is not None else SourceRow.attrs[by].as_string() == value
    row = db.session.execute(
        select(SourceRow.id, SourceRow.label, SourceRow.attrs)
        .where(SourceRow.source == source, SourceRow.active.is_(True), wanted)
        .order_by(SourceRow.position, SourceRow.id).limit(1)
    ).one_or_none()
    db.session.rollback()
    return {**row.attrs, "id": row.id, "name": row.label} if row else None
