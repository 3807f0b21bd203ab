"""To-do, claim pool and tickets."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from app.core.errors import Conflict, Denied, Problem
from app.desk import frame
from app.desk.care import care
from app.desk.frame import me
from app.extensions import clock, db
from app.org.directory import directory
from app.runtime import queries, service
from app.security import staff

bp = Blueprint("desk", __name__)
bp.register_error_handler(Problem, frame.refused)

SHOWN = 50  # cards on one page of to-do and pool
MAX_WORDS = 80


@bp.get("/")
@bp.get("/todo")
@staff()
def todo() -> Response:
    """What this person has to do, the most urgent first; before it, what is out of order for who looks after that."""
    return frame.page("desk/todo.html", tasks=queries.todo(me(), limit=SHOWN), care=care(me()), now=clock.now_ms())


@bp.get("/pool")
@staff()
def pool() -> Response:
    """What this person may take, the oldest first."""
    return _pool()


def _pool(problem: Problem | None = None) -> Response:
    rows = queries.pool(me(), limit=SHOWN)
    more: dict[str, Any] = {"refused": frame.message_of(problem)} if problem else {}
    return frame.page("desk/pool.html", problem.status if problem else 200, tasks=rows, now=clock.now_ms(), **more)


@bp.post("/tasks/<uuid:task_id>/claim")
@staff()
def claim(task_id: UUID) -> Any:
    """Take a task. Who comes second learns who was faster, above what is left."""
    try:
        done = service.act(str(task_id), "claim", actor=me(), command_id=frame.command_id())
    except (Conflict, Denied) as problem:
        db.session.rollback()
        return _pool(problem)
    return redirect(url_for("ticket.show", ticket_id=done.ticket_id, said="claimed", no=done.no), 303)


@bp.get("/tickets")
@staff()
def tickets() -> Response:
    """The tickets this person may see, newest first."""
    asked = {"status": request.args.get("status", ""), "q": request.args.get("q", "").strip()[:MAX_WORDS]}
    filters = {name: value for name, value in asked.items() if value}
    rows, after = queries.tickets(me(), filters, before=request.args.get("before", ""))
    people = directory(me().mark)
    names = {row.owner_id: (people.person(row.owner_id) or {}).get("name", "") for row in rows if row.owner_id}
    return frame.page(
        "desk/tickets.html", rows=rows, names=names, total=queries.count_tickets(me(), filters), most=queries.MANY,
        asked=asked, now=clock.now_ms(), next=_tickets(asked, after) if after else "",
        first=_tickets(asked) if request.args.get("before") else "",
    )


def _tickets(asked: dict[str, str], before: str = "") -> str:
    """The list's address with these filters."""
    return url_for("desk.tickets", status=asked["status"] or None, q=asked["q"] or None, before=before or None)
