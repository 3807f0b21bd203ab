"""Tables that managers keep: all of them, one as a grid, its columns, its history, a file to take home."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, url_for

from app import locales, sheets
from app.core.errors import Conflict, Invalid, Malformed, Problem, localized
from app.desk import frame, grid
from app.desk.frame import me
from app.extensions import clock, db
from app.org import columns, sheet_fetch, table_queries, tables
from app.org.directory import directory
from app.org.tables import RIGHT
from app.security import staff

bp = Blueprint("sources", __name__, url_prefix="/sources")
bp.register_error_handler(Problem, frame.refused)
MAX_WORDS = 80
MORE_COLUMNS = 3  # empty lines below the columns that are there
STEPS = 20  # changes on one page of the history


def title_of(table: table_queries.Table) -> str:
    """The table's name in the reader's language."""
    return str(localized(table.title, locales.current()))


@bp.get("/")
@staff(RIGHT)
def index() -> Response:
    """Every table."""
    return frame.page("desk/sources.html", tables=table_queries.tables(), title_of=title_of,
                      may_ask=me().may(sheet_fetch.RIGHT))


@bp.post("/")
@staff(RIGHT)
def create() -> Any:
    """A new, empty table."""
    key = tables.create(request.form.get("title", ""), actor=me(), now=clock.now_ms())
    page = {"sheet": "sheets.start", "live": "live.show"}.get(request.form.get("do", ""), "sources.definition")
    return redirect(url_for(page, key=key), 303)


# ---- the grid --------------------------------------------------------------------------------------------------------


@bp.get("/<string(maxlength=40):key>")
@staff(RIGHT)
def show(key: str) -> Any:
    """One page of rows; of a table whose rows live elsewhere, where that is."""
    return _grid(key, grid.Asked.read(request.args))


def _grid(key: str, asked: grid.Asked, typed: grid.Typed | None = None, problem: Problem | None = None) -> Any:
    table = table_queries.table(key)
    if table.live:
        return redirect(url_for("live.show", key=key, said=request.args.get("said")))
    rows, total = table_queries.page(key, words_=asked.q, active=not asked.archived, number=asked.page)
    if typed:
        there = {row.id for row in rows}
        rows += [row for row in table_queries.rows_of(key, typed.changed()).values() if row.id not in there]
    return frame.page(
        "desk/source.html", problem.status if problem else 200, table=table, title=title_of(table), asked=asked,
        total=total, pages=max(1, -(-total // table_queries.PAGE)), may=tables.may_edit(me(), table.scope),
        heads=[str(localized(column.title, locales.current())) for column in table.columns],
        grid=grid.draw(table.columns, rows, typed, problem, locales.current()),
        refused=frame.message_of(problem) if problem and not isinstance(problem, Invalid) else "",
    )


@bp.post("/<string(maxlength=40):key>/rows")
@staff(RIGHT)
def save(key: str) -> Any:
    """Save what was typed on one page of the grid, and do what the pressed button says, all or nothing."""
    asked = grid.Asked.read(request.form)
    typed = grid.read(request.form)
    try:
        done = tables.save_rows(key, typed.edits, actor=me(), now=clock.now_ms())
    except (Invalid, Conflict) as problem:
        db.session.rollback()
        return _grid(key, asked, typed, problem)
    return redirect(url_for("sources.show", key=key, **asked.query(said="rows", no=done.added + done.changed)), 303)


@bp.get("/<string(maxlength=40):key>/export")
@staff(RIGHT)
def export(key: str) -> Response:
    """The rows in use as a sheet that can be changed and imported again."""
    table = table_queries.table(key)
    titles = [str(localized(column.title, locales.current())) for column in table.columns]
    name = re.sub(r"[\\/:*?\"<>|\x00-\x1f]+", "_", title_of(table)) or "table"
    return Response(sheets.write_csv(table_queries.lines(table, titles)), mimetype="text/csv", headers={
        "Content-Disposition": f"attachment; filename=\"table.csv\"; filename*=UTF-8''{quote(name)}.csv"})


# ---- title and columns -----------------------------------------------------------------------------------------------


@bp.get("/<string(maxlength=40):key>/columns")
@staff(RIGHT)
def definition(key: str) -> Response:
    """What the table is called and which columns it has."""
    table = table_queries.table(key)
    lines = [{**column.as_json(), "title": str(localized(column.title, locales.current()))} for column in table.columns]
    return _definition(table, title_of(table), lines, table.version)


def _definition(table: table_queries.Table, title: str, lines: list[dict[str, Any]], version: int,
                problem: Problem | None = None) -> Response:
    faults: dict[str, str] = {}
    for one in problem.problems if isinstance(problem, Invalid) else [problem] if problem else []:
        faults.setdefault(one.where, one.message(locales.current()))
    return frame.page(
        "desk/source_columns.html", problem.status if problem else 200, table=table, title=title, version=version,
        lines=lines + [{}] * min(MORE_COLUMNS, columns.MAX_COLUMNS + 2 - len(lines)), faults=faults,
        refused=frame.message_of(problem) if problem else "", may=tables.may_edit(me(), table.scope),
        shown_title=title_of(table))


@bp.post("/<string(maxlength=40):key>/columns")
@staff(RIGHT)
def define(key: str) -> Any:
    """Save title and columns."""
    table = table_queries.table(key)
    version = request.form.get("version", "")
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise Malformed("form_expired")
    lines = _posted_columns(table)
    title = request.form.get("title", "").strip()
    try:
        tables.save_definition(
            key, title=worded(table.title, title), version=int(version), actor=me(), now=clock.now_ms(),
            columns_=[{**line, "title": worded(_old_title(table, line["key"]), line["title"])} for line in lines])
    except (Invalid, Conflict, Problem) as problem:
        db.session.rollback()
        if problem.status not in (409, 422):
            raise
        return _definition(table_queries.table(key), title, lines, int(version), problem)
    return redirect(url_for("sources.show", key=key, said="table"), 303)


def _posted_columns(table: table_queries.Table) -> list[dict[str, Any]]:
    """The lines of the form that were filled in and not taken away."""
    form, lines = request.form, []
    taken = [column.key for column in table.columns]
    for index in range(columns.MAX_COLUMNS + 2):
        title = form.get(f"t.{index}", "").strip()
        key = form.get(f"k.{index}", "")
        if (not title and not key) or form.get(f"x.{index}"):
            continue
        if not key:
            key = columns.new_key(taken)
            taken.append(key)
        line: dict[str, Any] = {"key": key, "title": title, "type": form.get(f"y.{index}", "text")}
        if line["type"] == "choice":
            line["choices"] = [words.strip() for words in form.get(f"o.{index}", "").splitlines() if words.strip()]
        line.update({flag: True for flag, name in (("search", "s"), ("fill", "f")) if form.get(f"{name}.{index}")})
        lines.append(line)
    return lines


def _old_title(table: table_queries.Table, key: str) -> Any:
    return next((column.title for column in table.columns if column.key == key), "")


def worded(old: Any, new: str) -> Any:
    """A title with the reader's language changed; the other languages stay."""
    if not isinstance(old, Mapping):
        return new
    language = locales.current()[:2]
    mine = next((key for key in old if str(key).startswith(language)), language)
    return {**old, mine: new}


# ---- history ---------------------------------------------------------------------------------------------------------


@bp.get("/<string(maxlength=40):key>/history")
@staff(RIGHT)
def history(key: str) -> Response:
    """Who changed what, newest first; `?version=` shows all of one change, page by page."""
    table = table_queries.table(key)
    before = request.args.get("before", type=int)
    version = request.args.get("version", type=int)
    number = max(1, min(request.args.get("page", 1, type=int), table_queries.MAX_PAGE))
    steps = table_queries.steps(key, version=version, before=before, limit=STEPS + 1)
    found = table_queries.changes(key, [step.version for step in steps[:STEPS]], each=None if version else 3,
                                  page=number)
    people = directory(me().mark)
    return frame.page(
        "desk/source_history.html", table=table, title=title_of(table), now=clock.now_ms(), version=version,
        steps=[(step, (people.person(step.by) or {}).get("name", step.by),
                [grid.told(change, table.columns, locales.current()) for change in found.get(step.version, ())])
               for step in steps[:STEPS]],
        more=steps[STEPS - 1].version if len(steps) > STEPS else None,
        page=number, last=bool(version) and len(found.get(version or 0, ())) < table_queries.PAGE)
