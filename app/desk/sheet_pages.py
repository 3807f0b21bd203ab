"""A sheet into a table: choose the file, see line by line what would happen, then all of it or nothing."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from app import locales, sheets
from app.core.errors import Conflict, Invalid, Problem, TooLarge, localized
from app.desk import frame
from app.desk.frame import me
from app.desk.sources import title_of
from app.extensions import clock, db
from app.forms.files import MAX_NAME, clean_name
from app.org import sheet_fetch, sheet_import, table_queries, tables
from app.org.tables import RIGHT
from app.security import staff

bp = Blueprint("sheets", __name__, url_prefix="/sources/<string(maxlength=40):key>/import")
bp.register_error_handler(Problem, frame.refused)
MAX_ASKED = 1000  # characters of a path
SAMPLES = 3  # cells of each column that are shown beside its heading


@bp.get("/")
@staff(RIGHT)
def start(key: str) -> Response:
    """Ask for the file."""
    return _start(key)


def _start(key: str, problem: Problem | None = None, asked: Mapping[str, str] | None = None) -> Response:
    table = table_queries.table(key)
    locale = locales.current()
    others = sheet_fetch.names() if me().may(sheet_fetch.RIGHT) else []
    return frame.page(
        "desk/source_import.html", problem.status if problem else 200, table=table, title=title_of(table),
        may=tables.may_edit(me(), table.scope), most=tables.MAX_ROWS, mb=sheets.MAX_BYTES // sheets.MB,
        connectors=[(name, str(localized(words, locale))) for name, words in others], asked=asked or {},
        refused=frame.message_of(problem) if problem else "")


@bp.post("/")
@staff(RIGHT)
def send(key: str) -> Any:
    """Read the file and keep it for the preview; nothing of the table changes."""
    file = request.files.get("file")
    data = file.read(sheets.MAX_BYTES + 1) if file else b""
    name = clean_name(file.filename or "") if file else ""
    try:
        sheet = sheets.read(data, name, most=tables.MAX_ROWS)
        upload = sheet_import.keep(key, sheet, name, actor=me(), now=clock.now_ms())
    except Problem as problem:
        db.session.rollback()
        if problem.status not in (413, 422):
            raise
        return _start(key, problem)
    return redirect(url_for("sheets.preview", key=key, upload=upload), 303)


@bp.post("/fetch")
@staff(RIGHT)
def fetch(key: str) -> Any:
    """Ask another system for its rows and keep them for the preview; nothing of the table changes."""
    asked = {name: request.form.get(name, "").strip()[:MAX_ASKED] for name in ("connector", "address", "rows_at")}
    try:
        sheet = sheet_fetch.fetch(
            asked["connector"], asked["address"], asked["rows_at"], most=tables.MAX_ROWS, actor=me()
        )
        upload = sheet_import.keep(key, sheet, asked["address"][:MAX_NAME], actor=me(), now=clock.now_ms())
    except Problem as problem:
        db.session.rollback()
        if problem.status not in (404, 413, 422) or problem.code == "source_unknown":
            raise
        return _start(key, problem, asked)
    return redirect(url_for("sheets.preview", key=key, upload=upload), 303)


@bp.get("/<uuid:upload>")
@staff(RIGHT)
def preview(key: str, upload: UUID) -> Response:
    """What would happen; `?to=` says for each column of the sheet where it goes."""
    return _preview(key, str(upload), request.args.getlist("to"))


def _preview(key: str, upload: str, chosen: list[str], problem: Problem | None = None) -> Response:
    table = table_queries.table(key)
    name, sheet = sheet_import.kept(key, upload, actor=me(), now=clock.now_ms())
    to = chosen or sheet_import.guess(sheet, table.columns)
    plan = None
    try:
        plan = sheet_import.preview(key, sheet, to, actor=me())
    except (Invalid, TooLarge) as fault:
        problem = problem or fault
    locale = locales.current()
    heads = [{"heading": heading, "to": to[index] if index < len(to) else "",
              "cells": [cells[index] for _, cells in sheet.lines if cells[index]][:SAMPLES]}
             for index, heading in enumerate(sheet.header)]
    return frame.page(
        "desk/source_preview.html", problem.status if problem else 200, table=table, title=title_of(table), name=name,
        upload=upload, heads=heads, plan=plan, count=len(sheet.lines), most_bad=sheet_import.MAX_BAD,
        titles={column.key: str(localized(column.title, locale)) for column in table.columns},
        words=lambda bad: " ".join(fault.message(locale) for fault in bad.problems[:5]),
        refused=frame.message_of(problem) if problem else "")


@bp.post("/<uuid:upload>")
@staff(RIGHT)
def run(key: str, upload: UUID) -> Any:
    """Import the sheet as the preview showed it."""
    to = request.form.getlist("to")
    version = request.form.get("version", "", type=str)
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
    try:
        done = sheet_import.run(key, str(upload), to, version=seen, skip_bad=bool(request.form.get("skip")),
                                actor=me(), now=clock.now_ms())
    except (Invalid, Conflict, Problem) as problem:
        db.session.rollback()
        if problem.status not in (409, 422):
            raise
        return _preview(key, str(upload), to, problem)
    return redirect(url_for("sources.show", key=key, said="imported", no=done.added + done.changed), 303)
