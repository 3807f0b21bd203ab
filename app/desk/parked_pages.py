"""Tickets that stand still: why, since when, and the buttons that send them on again."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from app import locales
from app.core.errors import Conflict, NotFound, Problem
from app.desk import frame
from app.desk.frame import me
from app.extensions import clock, db
from app.org.directory import directory
from app.runtime import bulk, parked
from app.security import staff

bp = Blueprint("parked", __name__, url_prefix="/parked")
bp.register_error_handler(Problem, frame.refused)
RIGHT = "tickets.all"


@bp.get("")
@staff(RIGHT)
def index() -> Response:
    """Everything that stands still, by flow, step and reason; with `?type=…&cause=…` all tickets of one of them."""
    return _index()


def _index(problem: Problem | None = None) -> Response:
    type_key, cause = request.values.get("type", "")[:64], request.values.get("cause", "")[:150]
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 15):
        raise Problem("page_bad", where="before")
    found = parked.troubles(locales.current(), type_key, cause)
    rows, after = parked.tickets(type_key, cause, before=int(before or 0)) if cause and found else ([], 0)
    return frame.page(
        "desk/parked.html", problem.status if problem else 200, troubles=found, one=bool(cause), rows=rows,
        now=clock.now_ms(), next=url_for("parked.index", type=type_key, cause=cause, before=after) if after else "",
        first=url_for("parked.index", type=type_key, cause=cause) if before else "",
        refused=frame.message_of(problem) if problem else "",
    )


@bp.post("/tickets/<uuid:ticket_id>")
@staff(RIGHT)
def again(ticket_id: UUID) -> Any:
    """Send one ticket through its steps again."""
    try:
        parked.send_on(str(ticket_id), actor=me())
    except NotFound:
        raise
    except Problem as problem:
        db.session.rollback()
        return _index(problem)
    return redirect(url_for("parked.index", type=request.form.get("type") or None,
                            cause=request.form.get("cause") or None, said="retried"), 303)


@bp.post("/all")
@staff(RIGHT)
def all_again() -> Any:
    """Send all tickets of one trouble on; where that is going on already, it is shown instead."""
    type_key = request.form.get("type", "")[:64]
    try:
        run = parked.send_all_on(type_key, request.form.get("cause", "")[:150], actor=me(), now=clock.now_ms())
    except Conflict as conflict:
        db.session.rollback()
        going = bulk.going(parked.KIND, type_key)
        if conflict.code != "bulk_running" or going is None:
            return _index(conflict)
        run = going
    return redirect(url_for("parked.progress", type_key=type_key, run_id=run), 303)


@bp.get("/<string(maxlength=64):type_key>/<uuid:run_id>")
@staff(RIGHT)
def progress(type_key: str, run_id: UUID) -> Response:
    """How far it is, and what still stands."""
    run, left = bulk.run(parked.KIND, type_key, str(run_id))
    return frame.page(
        "desk/parked_run.html", run=run, by=(directory(me().mark).person(run.by) or {}).get("name", ""),
        now=clock.now_ms(),
        left=left,
    )
