"""Sources whose rows live in another system: how it is asked, and what its answer means as rows.

Asking never holds a transaction, never lasts longer than TIMEOUT_MS, and never takes more than a few of this process's
threads: a system that is slow or away fails fast after a few tries, and is tried again a little later.
"""
from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from app.core.errors import NotFound, Problem
from app.extensions import db
from app.forms.fields.lookup import PAGE
from app.forms.fields.reference import UNCHECKED
from app.org import columns, connectors
from app.org.columns import Column
from app.org.sheet_fetch import PATH, cells
from app.outbound import MAX_ANSWER, OutboundError

TIMEOUT_MS = 3000
AT_ONCE = 3  # calls of one process that may be waiting for other systems
PATIENCE_S = 0.3  # for one of those places
FAILURES, REST_S = 3, 20.0  # after so many failures in a row nobody asks for so long
MAX_SECONDS = 86_400
MAX_ID = 40
WORDS = "{words}"
MISSING = object()

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Live:
    """Where rows come from. `path` holds {words}; `rows_at`, `id`, `name` and `cells` (column → path) are JSON paths.

    `seconds`: how long an answer is used without asking again. `outside`: whether people who are not signed in may ask.
    """

    connector: str
    path: str
    rows_at: str = ""
    id: str = "id"
    name: str = "name"
    cells: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 300
    outside: bool = False

    def as_json(self) -> dict[str, Any]:
        """As stored."""
        return {**self.__dict__, "cells": dict(self.cells)}


@dataclass(frozen=True)
class Heard:
    """What came: rows as forms see them, how many were left out for want of a code or name, what a row holds."""

    rows: list[dict[str, Any]]
    left_out: int
    seen: dict[str, str]  # "price.amount" → an example


class Away(Exception):
    """No usable answer. `problem` says why, to whoever set this up."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def checked(raw: Mapping[str, Any], own: Sequence[Column]) -> Live:
    """What somebody wants, judged; `where` of a Problem is the part's name ("path", "cells.c1")."""
    live = Live(**{**raw, "cells": {key: path for key, path in raw["cells"].items() if path}})
    if WORDS not in live.path or live.path.count("{") != 1:
        raise Problem("live_words", where="path")
    for where, path in (("rows_at", live.rows_at), ("id", live.id), ("name", live.name),
                        *((f"cells.{key}", path) for key, path in live.cells.items())):
        if (path or where != "rows_at") and not PATH.match(path):
            raise Problem("live_json_path", where=where, path=path[:60])
    if not live.cells.keys() <= {column.key for column in own}:
        raise Problem("column_unknown", where="cells", column=next(iter(live.cells))[:40])
    if not 0 <= live.seconds <= MAX_SECONDS:
        raise Problem("live_seconds", where="seconds", max=MAX_SECONDS)
    return live


def spoken(words: str) -> str:
    """Words as they are asked for and remembered."""
    return "".join(letter for letter in " ".join(words.split()) if letter.isprintable())[:60]


# ---- asking ----------------------------------------------------------------------------------------------------------


class Gate:
    """What one process knows of the systems it asks: who failed lately, and how many calls are under way."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._failed: dict[str, tuple[int, float]] = {}  # source → (failures in a row, monotonic time of the last)

    @contextmanager
    def place(self, source: str) -> Iterator[None]:
        """A place to call from. Raises Away at once while the system rests, and soon where all places are taken."""
        failures, at = self._failed.get(source, (0, 0.0))
        if failures >= FAILURES and time.monotonic() - at < REST_S:
            raise Away(Problem("live_resting", count=failures))
        if not self._places.acquire(timeout=PATIENCE_S):
            raise Away(Problem("live_busy"))
        try:
            yield
        except Away:
            self._failed[source] = (self._failed.get(source, (0, 0.0))[0] + 1, time.monotonic())
            raise
        else:
            self._failed.pop(source, None)
        finally:
            self._places.release()


_gate = Gate()


def ask(source: str, live: Live, own: Sequence[Column], words: str) -> Heard:
    """Ask for words, behind the gate. Ends the current transaction. Raises Away."""
    with _gate.place(source):
        return call(live, own, words)


def call(live: Live, own: Sequence[Column], words: str) -> Heard:
    """One guarded GET, whatever happened before. Ends the current transaction. Raises Away."""
    try:
        to = connectors.connector(live.connector)
    except NotFound as missing:
        raise Away(missing) from missing
    finally:
        db.session.rollback()
    path = live.path.replace(WORDS, quote(words, safe=""))
    try:
        answer = connectors.call(to, "GET", path, None, {}, TIMEOUT_MS, uuid.uuid4().hex)
    except OutboundError as error:
        if error.code == "outbound_path" and words:
            return Heard([], 0, {})  # such words ("..") can name nothing there
        raise Away(_why(error)) from error
    if answer.status == 404 and WORDS in live.path.partition("?")[0]:
        return Heard([], 0, {})  # the way in which such systems say that there is none
    if not answer.ok:
        code = "live_moved" if 300 <= answer.status < 400 else "live_status"
        raise Away(Problem(code, where="path", status=answer.status))
    return heard(live, own, answer.result)


def _why(error: OutboundError) -> Problem:
    code = {"outbound_timeout": "live_slow", "outbound_answer_large": "live_large", "outbound_private": error.code,
            "outbound_resolve": "live_no_host", "outbound_tls": "live_tls", "outbound_path": "fetch_path",
            }.get(error.code, "live_no_answer")
    return Problem(code, where="path" if code == "fetch_path" else "connector", seconds=TIMEOUT_MS // 1000,
                   kb=MAX_ANSWER // 1024)


# ---- what an answer means --------------------------------------------------------------------------------------------


def heard(live: Live, own: Sequence[Column], result: Mapping[str, Any]) -> Heard:
    """The rows in an answer (as `connectors.call` gives it), at most one more than a page. Raises Away."""
    found: Any = result if live.rows_at or "value" not in result else result["value"]
    for name in live.rows_at.split(".") if live.rows_at else ():
        found = found.get(name, MISSING) if isinstance(found, Mapping) else MISSING
    if found is None:
        found = []  # "data": null is how many systems say that there is none
    elif isinstance(found, Mapping) and found.keys() != {"text"}:
        found = [found]  # one thing, asked for by its number
    if not isinstance(found, list):
        said = result["text"] if result.keys() == {"text"} else json.dumps(dict(result), ensure_ascii=False)
        code = "live_not_json" if result.keys() == {"text"} else "live_no_list"
        raise Away(Problem(code, where="rows_at", path=live.rows_at[:60], said=str(said)[:200]))
    rows = {row["id"]: row for row in (_row(live, own, raw) for raw in found) if row}
    return Heard(list(rows.values())[:PAGE + 1], sum(_row(live, own, raw) is None for raw in found), _seen(found))


def _row(live: Live, own: Sequence[Column], raw: Any) -> dict[str, Any] | None:
    """A row as forms see it; None for one without a code that an answer could keep, or without a name."""
    ident, name = (_at(raw, path) for path in (live.id, live.name))
    if not 0 < len(ident) <= MAX_ID or ident.startswith(UNCHECKED) or not name:
        return None
    row: dict[str, Any] = {"id": ident, "name": name[:columns.MAX_LABEL]}
    for column in own:
        if column.key in live.cells:
            try:
                row[column.key] = columns.clean(column, _at(raw, live.cells[column.key]))
            except Problem:
                row[column.key] = ""  # "soon" is no price
    return {key: text for key, text in row.items() if text}


def _at(raw: Any, path: str) -> str:
    """The text, number or truth at a path, as one printable line; "" for none."""
    for name in path.split("."):
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    if isinstance(raw, str):
        return "".join(letter for letter in " ".join(raw.split()) if letter.isprintable())
    return json.dumps(raw) if isinstance(raw, (int, float)) else ""


def _seen(found: Sequence[Any]) -> dict[str, str]:
    seen: dict[str, str] = {}
    for raw in found[:PAGE]:
        for path, text in cells(raw):
            seen[path] = seen.get(path) or text[:60]
    return dict(list(seen.items())[:60])
