"""A table whose rows live in another system: where they are, which part is what, and a try-out before it is saved."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from app import locales
from app.core.errors import Conflict, Invalid, Malformed, NotFound, Problem, localized
from app.desk import frame
from app.desk.frame import me
from app.desk.sources import MORE_COLUMNS, title_of, worded
from app.extensions import clock, db
from app.org import columns, live, live_sources, sheet_fetch, table_queries
from app.org.tables import RIGHT
from app.security import staff

bp = Blueprint("live", __name__, url_prefix="/sources/<string(maxlength=40):key>/live")
bp.register_error_handler(Problem, frame.refused)
KINDS = ("text", "number", "money", "date")
PARTS = ("connector", "path", "rows_at", "id", "name")
MAX_ASKED = 1000
SHOWN = 10  # rows of a try-out
START = {"path": "/stores?q={words}", "rows_at": "data.items", "id": "id", "name": "name", "seconds": "300"}


@bp.get("/")
@staff(RIGHT)
def show(key: str) -> Response:
    """How the other system is asked."""
    table = table_queries.table(key)
    asked: dict[str, Any] = dict(START)
    if table.live:
        asked = {**table.live, "seconds": str(table.live["seconds"])}
    lines = [{**column.as_json(), "title": str(localized(column.title, locales.current())),
              "path": (table.live or {}).get("cells", {}).get(column.key, "")} for column in table.columns[2:]]
    return _page(table, asked, lines)


def _page(table: table_queries.Table, asked: Mapping[str, Any], lines: list[dict[str, Any]], *,
          words: str = "", heard: live.Heard | None = None, problem: Problem | None = None) -> Response:
    locale = locales.current()
    problems = problem.problems if isinstance(problem, Invalid) else [problem] if problem else []
    faults: dict[str, str] = {}
    for one in problems:
        faults.setdefault(one.where, one.message(locale))
    return frame.page(
        "desk/source_live.html", problem.status if problem else 200, table=table, title=title_of(table), asked=asked,
        connectors=[(name, str(localized(label, locale))) for name, label in sheet_fetch.names()],
        lines=lines + [{}] * min(MORE_COLUMNS, columns.MAX_COLUMNS - len(lines)), words=words, heard=heard,
        shown=heard.rows[:SHOWN] if heard else [], faults=faults, may=me().may(sheet_fetch.RIGHT),
        tried=frame.message_of(problem) if problem and request.form.get("do") == "try" else "",
        refused=frame.message_of(problem) if problem and not faults.keys() & {*PARTS, "seconds"} else "")


@bp.post("/")
@staff(RIGHT)
def save(key: str) -> Any:
    """Try the settings out, save them, or ask the other system no more."""
    table = table_queries.table(key)
    version = request.form.get("version", "")
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise Malformed("form_expired")
    if request.form.get("do") == "stop":
        live_sources.stop(key, actor=me(), now=clock.now_ms())
        return redirect(url_for("sources.show", key=key, said="table"), 303)
    asked = _asked()
    lines = _lines(table)
    raw = {**asked, "seconds": _seconds(asked["seconds"]), "cells": {line["key"]: line["path"] for line in lines}}
    own = [{name: value for name, value in line.items() if name != "path"}
           | {"title": worded(_title(table, line["key"]), line["title"])} for line in lines]
    words = request.form.get("words", "").strip()
    heard = None
    try:
        if request.form.get("do") == "try":
            heard = live_sources.attempt(raw, own, words, actor=me())
            return _page(table, asked, lines, words=words, heard=heard)
        live_sources.save(key, raw, columns_=own, version=int(version), actor=me(), now=clock.now_ms())
    except live.Away as away:
        return _page(table, asked, lines, words=words, problem=away.problem)
    except (Invalid, Conflict, NotFound, Problem) as problem:
        db.session.rollback()
        if problem.status not in (404, 409, 422) or problem.code == "source_unknown":
            raise
        return _page(table, asked, lines, words=words, problem=problem)
    return redirect(url_for("live.show", key=key, said="table"), 303)


def _asked() -> dict[str, Any]:
    asked: dict[str, Any] = {name: request.form.get(name, "").strip()[:MAX_ASKED] for name in (*PARTS, "seconds")}
    return {**asked, "outside": bool(request.form.get("outside"))}


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1


def _lines(table: table_queries.Table) -> list[dict[str, Any]]:
    """The lines of the form that were filled in and not taken away."""
    form, lines = request.form, []
    taken = [column.key for column in table.columns]
    for index in range(columns.MAX_COLUMNS):
        title, path = form.get(f"t.{index}", "").strip(), form.get(f"p.{index}", "").strip()[:MAX_ASKED]
        key = form.get(f"k.{index}", "")
        if not (title or path or key) or form.get(f"x.{index}"):
            continue
        if not key:
            key = columns.new_key(taken)
            taken.append(key)
        line: dict[str, Any] = {"key": key, "title": title or path[:80], "type": form.get(f"y.{index}", "text"),
                                "path": path}
        lines.append({**line, "fill": True} if form.get(f"f.{index}") else line)
    return lines


def _title(table: table_queries.Table, key: str) -> Any:
    return next((column.title for column in table.columns if column.key == key), "")
