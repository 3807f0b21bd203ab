"""What other systems answered: kept for everybody for a while, and the rows that answers name for good.

`prepare` is the only place that asks; edges call it before they judge or draw answers. Everything else (`rows`, `row`)
only looks into the database: a decision never waits for another system, and holds no lock while one is slow.
"""
from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update

from app.core.errors import Problem
from app.extensions import begin_write, db, insert_new
from app.flows.directory import Directory
from app.forms.base import Field
from app.forms.fields.lookup import meant
from app.forms.fields.reference import AWAY, UNCHECKED
from app.forms.loader import Form
from app.org import columns, live
from app.org.columns import Column
from app.org.directory import directory
from app.org.live import Live, Row
from app.org.models import SourceAnswer, SourceRow

KEEP_MS = 86_400_000  # an old answer is better than none while a system is away
MOST_ANSWERS = 200  # of one source
MOST_ASKED = 10  # of one request

log = logging.getLogger(__name__)


def of(known: Directory, source: str) -> tuple[Live, tuple[Column, ...]] | None:
    """How a source is asked, and its own columns; None for a table that is kept here."""
    found = known.source(source) or {}
    if not found.get("live"):
        return None
    return Live(**found["live"]), columns.stored(found["columns"])[2:]


def prepare(
    form: Form, raw: Mapping[str, Any], *, now: int, mark: str | None = None, outside: bool = False, keep: bool = False
) -> None:
    """Ask other systems for the rows that raw answers name or search for, where no answer is remembered. Commits.

    `mark`: of the organisation, if the caller has read it. `outside`: the asker is not signed in. `keep`: the answers
    are about to be sent: rows that they name are kept.
    """
    begun = time.monotonic()
    asked = list(dict.fromkeys(_asked(form, raw)))[:MOST_ASKED]
    known = directory(mark) if asked else None
    for source, words, named in asked:
        found = of(known, source) if known else None
        if found is None or (outside and not found[0].outside):
            continue
        patient = time.monotonic() - begun < live.TIMEOUT_MS / 1000
        if not named:
            _refresh(source, *found, words, now, patient)
            one = meant(_answer(source, words) or (), words) if keep else None
            if one:
                _keep(source, one["id"], one, found[1])
            continue
        row = _remembered(source, words)
        heard = row is None and _refresh(source, *found, words, now, patient)
        if heard:
            row = _remembered(source, words)
        if keep and (row or heard):
            _keep(source, words, row, found[1])


def _asked(form: Form, raw: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """(source, words or the code of a row, whether it is a code) of every answer to a reference."""
    for field in form.fields.values():
        value = raw.get(field.id)
        if field.columns and isinstance(value, list):
            for row in value:
                if isinstance(row, Mapping):
                    for column in field.columns.values():
                        yield from _one(column, row.get(column.id))
        else:
            yield from _one(field, value)


def _one(field: Field, value: Any) -> Iterator[tuple[str, str, bool]]:
    source = field.settings.get("source")
    named = isinstance(value, str)
    words = value.get("find") if isinstance(value, Mapping) else value
    if not source or not isinstance(words, str) or words.startswith(UNCHECKED):
        return
    spoken = live.spoken(words)
    if spoken and (not named or spoken == words):
        yield source, spoken, named


def _refresh(source: str, how: Live, own: Sequence[Column], words: str, now: int, patient: bool) -> bool:
    """Have a fresh answer to these words; whether there is one. A failure leaves what was remembered."""
    at = db.session.scalar(select(SourceAnswer.at).where(SourceAnswer.source == source, SourceAnswer.words == words))
    if at is not None and now - at < how.seconds * 1000:
        return True
    if not patient:
        return False
    try:
        heard = live.ask(source, how, own, words)
    except live.Away as away:
        log.warning("source %s: %s", source, away.problem.message("en"))
        return False
    remember(source, words, heard.rows, now=now)
    return True


def remember(source: str, words: str, rows: Sequence[Row], *, now: int) -> None:
    """Keep an answer for everybody, and not too many. Ends the current transaction."""
    db.session.rollback()
    begin_write()
    kept = SourceAnswer.source == source
    text = json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))
    db.session.execute(delete(SourceAnswer).where(kept, SourceAnswer.words == words))
    db.session.execute(insert_new(SourceAnswer, [{"source": source, "words": words, "at": now, "rows": text}]))
    oldest = db.session.scalar(
        select(SourceAnswer.at).where(kept).order_by(SourceAnswer.at.desc()).offset(MOST_ANSWERS).limit(1))
    db.session.execute(delete(SourceAnswer).where(kept, SourceAnswer.at <= max(oldest or 0, now - KEEP_MS)))
    db.session.commit()


def rows(source: str, words: str) -> list[Row]:
    """The rows that were answered to these words. Raises Problem where the other system did not answer."""
    spoken = live.spoken(words)
    found = _answer(source, spoken) if spoken else []
    if found is None:
        raise Problem(AWAY)
    return found


def _answer(source: str, words: str) -> list[Row] | None:
    """The rows that were answered to these words, None if none ever were."""
    text = db.session.scalar(
        select(SourceAnswer.rows).where(SourceAnswer.source == source, SourceAnswer.words == words))
    return None if text is None else json.loads(text)


def row(source: str, row_id: str) -> Row | None:
    """A row that was shown lately, as it was then."""
    return _remembered(source, row_id)


def _remembered(source: str, row_id: str) -> Row | None:
    wanted = f'"id":{json.dumps(row_id, ensure_ascii=False)}'
    found = db.session.scalars(
        select(SourceAnswer.rows)
        .where(SourceAnswer.source == source, SourceAnswer.rows.contains(wanted, autoescape=True))
        .order_by(SourceAnswer.at.desc()))
    return next((row for text in found for row in json.loads(text) if row["id"] == row_id), None)


def _keep(source: str, row_id: str, row: Row | None, own: Sequence[Column]) -> None:
    """Keep a row that an answer names, as it is now; None: the other system does not know it any more."""
    db.session.rollback()
    at = (SourceRow.source == source) & (SourceRow.id == row_id)
    if row is None:
        values: dict[str, Any] = {"active": False}
    else:
        cells = {column.key: row[column.key] for column in own if column.key in row}
        values = {"label": row["name"], "attrs": cells, "active": True,
                  "search": columns.search_text((columns.ID, columns.NAME), row_id, row["name"], {})}
    begin_write()
    there = db.session.execute(update(SourceRow).where(at).values(**values).returning(SourceRow.id)).first()
    if row is not None and not there:
        db.session.execute(insert_new(SourceRow, [{"source": source, "id": row_id, **values}]))
    db.session.commit()
