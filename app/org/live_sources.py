"""Making a source that asks another system, trying it out, and ending that. Every writing function is one commit."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from app.core.errors import Conflict, Problem
from app.core.principal import Principal
from app.extensions import db
from app.org import columns, connectors, live, tables
from app.org.access import require
from app.org.columns import Column
from app.org.epoch import changed
from app.org.live import Heard, Live
from app.org.models import Source, SourceAnswer, SourceRow
from app.org.sheet_fetch import RIGHT
from app.outbound import OutboundError


def _checked(raw: Mapping[str, Any], columns_: Any) -> tuple[Live, tuple[Column, ...]]:
    own = columns.checked(columns_)[2:]
    how = live.checked(raw, own)
    to = connectors.connector(how.connector)
    try:
        connectors.address(to.base_url, how.path)
    except OutboundError as error:
        raise Problem("fetch_path", where="path") from error
    return how, own


def attempt(raw: Mapping[str, Any], columns_: Any, words: str, *, actor: Principal) -> Heard:
    """What these settings would find now. Stores nothing; ends the current transaction. Raises Problem, Invalid or
    live.Away."""
    require(actor, RIGHT)
    return live.call(*_checked(raw, columns_), live.spoken(words))


def save(key: str, raw: Mapping[str, Any], *, columns_: Any, version: int, actor: Principal, now: int) -> None:
    """Have a table's rows come from another system; its own columns are those that are taken over.

    `raw` are the parts of `Live`. Raises Conflict if the table moved since `version`, Problem for a table with rows of
    its own, and for what cannot work.
    """
    require(actor, RIGHT)
    source = tables.opened(key, actor)
    if source.version != version + 1:
        raise Conflict("table_moved", where=key)
    own = db.session.scalar(select(SourceRow.id).where(SourceRow.source == key).limit(1))
    if not source.live and (own or source.scope):
        raise Problem("live_has_rows", where="connector")
    how, taken = _checked(raw, columns_)
    before = {"title": source.title, "columns": list(source.columns), "live": source.live}
    source.columns, source.live = [column.as_json() for column in taken], how.as_json()
    _changed(source, before, actor, now)


def stop(key: str, *, actor: Principal, now: int) -> None:
    """Ask no more: the rows that answers name stay, as rows of an ordinary table."""
    require(actor, RIGHT)
    source = tables.opened(key, actor)
    before = {"title": source.title, "columns": list(source.columns), "live": source.live}
    source.live = None
    _changed(source, before, actor, now)


def _changed(source: Source, before: Mapping[str, Any], actor: Principal, now: int) -> None:
    db.session.execute(delete(SourceAnswer).where(SourceAnswer.source == source.key))
    after = {"title": source.title, "columns": list(source.columns), "live": source.live}
    tables.note(source.key, source.version, "", before, after, actor, now)
    changed()
    db.session.commit()
