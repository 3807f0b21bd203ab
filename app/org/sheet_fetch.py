"""Rows of another system as a sheet: one guarded GET through a connector, its JSON laid out in columns.

Nothing of the table changes here; the sheet goes the way of every other one, with a preview.
"""
from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from app.core.errors import Problem, TooLarge
from app.core.principal import Principal
from app.extensions import db
from app.org import connectors
from app.org.access import require
from app.org.models import Connector
from app.outbound import MAX_ANSWER, OutboundError
from app.sheets import MAX_CELL, MAX_COLUMNS, Sheet

RIGHT = "org.manage"  # a connector carries our credentials to another system
TIMEOUT_MS = 5000
MAX_DEPTH = 4  # of a row's cells: "price.amount.value"
PATH = re.compile(r"[^.\s]{1,60}(\.[^.\s]{1,60}){0,9}\Z")


def names() -> list[tuple[str, Any]]:
    """The connectors: (key, name). One query."""
    return [(row.key, row.name)
            for row in db.session.execute(select(Connector.key, Connector.name).order_by(Connector.key))]


def fetch(key: str, path: str, rows_at: str, *, most: int, actor: Principal) -> Sheet:
    """The rows that `path` of the connector gives; `rows_at` ("data.items") leads to the list, "" is the answer itself.

    Ends the current transaction: the other side may take its time. Raises Problem or TooLarge saying what went wrong.
    """
    require(actor, RIGHT)
    if rows_at and not PATH.match(rows_at):
        raise Problem("fetch_no_list", where="rows_at", path=rows_at[:60])
    to = connectors.connector(key)
    db.session.rollback()
    try:
        answer = connectors.call(to, "GET", path, None, {}, TIMEOUT_MS, uuid.uuid4().hex)
    except OutboundError as error:
        if error.code == "outbound_answer_large":
            raise TooLarge("fetch_large", where="path", max=MAX_ANSWER // 1024) from error
        raise Problem("fetch_path" if error.code == "outbound_path" else "fetch_failed", where="path") from error
    if not answer.ok:
        raise Problem("fetch_refused", where="path", status=answer.status)
    return laid_out(answer.result if rows_at else answer.result.get("value"), rows_at, most)


def laid_out(found: Any, rows_at: str, most: int) -> Sheet:
    """A list of objects as a sheet: a column for every path that any of them has, as they come."""
    for name in rows_at.split(".") if rows_at else ():
        found = found.get(name) if isinstance(found, Mapping) else None
    rows = [dict(cells(row)) for row in found[:most + 1]] if isinstance(found, list) else []
    header = list(dict.fromkeys(key for row in rows for key in row))
    if not header:
        raise Problem("fetch_no_list", where="rows_at", path=rows_at[:60])
    if len(rows) > most:
        raise TooLarge("sheet_rows", where="path", max=most)
    for row in rows:
        long = next((key for key, text in row.items() if len(text) > MAX_CELL), None)
        if long is not None:
            raise TooLarge("sheet_cell", where="path", max=MAX_CELL, line=long)
    if len(header) > MAX_COLUMNS:
        raise TooLarge("sheet_columns", where="path", max=MAX_COLUMNS, line=1)
    return Sheet(header, [(number, [row.get(key, "") for key in header]) for number, row in enumerate(rows, 1)])


def cells(row: Any, at: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """("price.amount", "12.50") of everything in a row that is a text, a number or a truth; lists are left out."""
    if isinstance(row, Mapping) and depth < MAX_DEPTH:
        for key, value in row.items():
            yield from cells(value, f"{at}.{key}" if at else key, depth + 1)
    elif at and isinstance(row, (str, int, float)):
        text = row if isinstance(row, str) else json.dumps(row)
        # Half a surrogate pair is a letter in JSON and nowhere else.
        yield tuple(part.encode("utf-8", "replace").decode() for part in (at[:60], text))  # type: ignore[misc]
