"""The ticket page and everything that is done on it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from app import locales
from app.core.errors import Conflict, Denied, Invalid, Malformed, NotFound, Problem
from app.desk import frame, view
from app.desk.frame import me
from app.desk.history import SHOWS
from app.desk.view import Seen
from app.entries import pages as entries_pages
from app.entries import posted, taking, uploads
from app.entries.routes import serve
from app.extensions import clock, db
from app.forms.access import at_least
from app.forms.view import FormView
from app.notify import service as notify
from app.org import live_answers
from app.runtime import reveals, service
from app.runtime.ports import session_key
from app.runtime.queries import TaskLine
from app.security import staff

bp = Blueprint("ticket", __name__, url_prefix="/tickets/<uuid:ticket_id>")
bp.register_error_handler(Problem, frame.refused)

TRIES = 3  # how often an action is sent again because something that does not touch its answers came between
Posted = MultiDict[str, str]
# What leads away from the ticket, since it is with somebody else then → what is said on the next page.
AWAY = {"transfer": "transferred", "delegate": "delegated", "return_to": "returned"}


@bp.get("")
@staff()
def show(ticket_id: UUID) -> Response:
    """The whole ticket."""
    return _page(_read(ticket_id))


def _read(ticket_id: UUID) -> Seen:
    return view.read(me(), str(ticket_id), clock.now_ms(), locales.current())


def _page(
    seen: Seen, *, task: TaskLine | None = None, sent: Posted | None = None, do: posted.Do | None = None,
    problems: Sequence[Problem] = (), refused: Problem | None = None, moved: Sequence[view.Moved] = (),
    status: int = 200,
) -> Response:
    """The ticket as it is now. `sent`: what somebody had typed, which is kept; `moved`: what others changed since."""
    task = task or seen.task(request.args.get("task")) or seen.task(None)
    fills_in = task is not None and task.kind != "claim"
    asked = view.form(seen, task, _raw(seen, task, sent, do), problems) if task and fills_in else None
    wanted = request.args.get("show", "")
    wanted = wanted if wanted in SHOWS else SHOWS[0]
    history = seen.history()
    may = seen.may(task) if task and fills_in else []
    return frame.page(
        "desk/ticket.html", status, seen=seen, line=seen.detail.line, task=task, view=asked, may=may,
        buttons=seen.buttons(task) if task else [], answers=view.answers(seen, asked),
        lines=[line for line in history.lines(seen.events) if wanted in ("all", line.who)], shows=SHOWS, show=wanted,
        people=view.colleagues(seen.actor.id) if may else [], words=entries_pages.words() if asked else {},
        why=history.why(seen.events, seen.actor.id) if task and task.assignee_id == seen.actor.id else None,
        refused=frame.message_of(refused) if refused else "", moved=moved, now=seen.now,
        lost=_typed(seen, sent, asked) if sent is not None else [],
        form_key=request.form["_key"] if sent is not None else frame.new_key(),
    )


def _raw(seen: Seen, task: TaskLine, sent: Posted | None, do: posted.Do | None) -> dict[str, Any]:
    """What was typed, as raw answers, after the change that a row or file button asks for."""
    if sent is None:
        return {}
    raw = posted.answers(seen.bundle.form, seen.access(task), sent)
    return posted.change(seen.bundle.form, raw, sent, do) if do else raw


def _typed(seen: Seen, sent: Posted, asked: FormView | None) -> list[tuple[str, str]]:
    """(label, words) of what was typed into a task or a field that is gone: nobody should have to type it again."""
    before = view.drawn_from(seen, _version())
    there = {field.id for field in asked.fields()} if asked else set()
    fields = {**(before.form.fields if before else {}), **(seen.bundle.form.fields if before or asked is None else {})}
    return [
        (seen.words(fields[key].label),
         fields[key].shown(value, seen.locale, seen.ports) if "choices" in fields[key].settings else value)
        for key, value in sent.items() if key in fields and key not in there and value.strip()
    ]


# ---- acting on a task -----------------------------------------------------------------------------------------------


@bp.post("/tasks/<uuid:task_id>")
@staff()
def act(ticket_id: UUID, task_id: UUID) -> Any:
    """One of the task's actions with its form; or a row or file button, which redraws and stores nothing."""
    command = frame.command_id()
    seen = _read(ticket_id)
    known = next((task for task in seen.detail.tasks if task.id == str(task_id)), None)
    if known is None:
        raise NotFound("task_unknown", where="task")
    task = seen.task(known.id)
    sent, problems = _with_files(seen, task)
    do = posted.Do.read(request.form.get("_do", ""))
    if task is not None:
        live_answers.prepare(seen.bundle.form, posted.answers(seen.bundle.form, seen.access(task), sent), now=seen.now,
                             mark=seen.actor.mark, keep=do is None)
    if task is not None and (do is not None or problems):
        return _page(seen, task=task, sent=sent, do=do, problems=problems, status=200 if do else 422)
    if task is not None and view.drawn_from(seen, _version()):
        return _page(seen, task=task, sent=sent, refused=Conflict("form_upgraded"), status=409)
    if task is not None and (moved := _moved(seen, task)):
        return _page(seen, task=task, sent=sent, moved=moved, status=409)
    try:
        _act(seen, known, sent, command, theirs=task is not None)
    except Invalid as invalid:
        return _page(seen, task=task, sent=sent, problems=invalid.problems, status=422)
    except (Conflict, Denied) as problem:
        return _refused(ticket_id, problem, sent=sent)
    except Problem as problem:
        # The key is this very form's: it was carried out before, and its files were stored anew with the second copy.
        if problem.code != "command_reused" or task is not None:
            return _refused(ticket_id, problem, sent=sent)
    return redirect(url_for("desk.todo", said="done", no=seen.detail.line.no), 303)


def _act(seen: Seen, task: TaskLine, sent: Posted, command: str, *, theirs: bool) -> None:
    """Carry the action out on the ticket as it was judged here (`theirs`), or learn from the service why not.

    A timer or a remark that comes between changes the version but no answer of this task: then it is tried again.
    """
    action, note = request.form.get("_action", "")[:80], request.form.get("_note", "").strip()
    raw = posted.answers(seen.bundle.form, seen.access(task), sent)
    for left in reversed(range(TRIES)):
        try:
            service.act(
                task.id, action, raw, actor=seen.actor, command_id=command, note=note,
                expected_version=seen.detail.line.version if theirs else None,
            )
            return
        except Conflict as problem:
            if problem.code != "ticket_moved" or not left:
                raise
            db.session.rollback()
            seen = view.read(seen.actor, seen.id, clock.now_ms(), seen.locale)
            if view.drawn_from(seen, _version()):
                raise Conflict("form_upgraded") from problem
            if _moved(seen, task):
                raise


def _moved(seen: Seen, task: TaskLine) -> list[view.Moved]:
    """Answers of this task's form that others changed since the page was drawn."""
    editable = {key: level for key, level in seen.access(task).items() if at_least(level, "edit")}
    return view.changed_since(seen, _version(), editable)


def _version() -> int:
    """The ticket's version that the page was drawn from."""
    version = request.form.get("_version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Malformed("form_expired")
    return int(version)


@bp.post("/tasks/<uuid:task_id>/<any(transfer, delegate, add_sign, return_to, recall, cc):what>")
@staff()
def aside(ticket_id: UUID, task_id: UUID, what: str) -> Any:
    """What the step allows besides its buttons: hand over, have it done, ask somebody, send back, copy; or take back
    what they did."""
    try:
        done = service.act(
            str(task_id), what, actor=me(), command_id=frame.command_id(), to=request.form.get("to") or None,
            note=request.form.get("note", "").strip(), when=request.form.get("when", "before"),
        )
    except NotFound:
        raise
    except Problem as problem:
        return _refused(ticket_id, problem)
    if what in AWAY:
        return redirect(url_for("desk.todo", said=AWAY[what], no=done.no), 303)
    return _back(ticket_id, {"cc": "copied", "add_sign": "asked"}.get(what, "recalled"))


@bp.post("/urge")
@staff()
def urge(ticket_id: UUID) -> Any:
    """Remind those whom the ticket waits for."""
    try:
        service.urge(str(ticket_id), request.form.get("note", "").strip(), actor=me(), command_id=frame.command_id())
    except (Conflict, Denied) as problem:
        return _refused(ticket_id, problem)
    return _back(ticket_id, "urged")


@bp.post("/comments")
@staff()
def comment(ticket_id: UUID) -> Any:
    """Write something that colleagues see."""
    try:
        service.comment(str(ticket_id), request.form.get("note", "").strip(), actor=me(),
                        command_id=frame.command_id())
    except NotFound:
        raise
    except Problem as problem:
        return _refused(ticket_id, problem)
    return _back(ticket_id, "commented")


@bp.post("/withdraw")
@staff()
def withdraw(ticket_id: UUID) -> Any:
    """End the ticket without a result; a reason is needed."""
    note = request.form.get("note", "").strip()
    if not note:
        return _refused(ticket_id, Problem("withdraw_reason", where="note"))
    try:
        service.withdraw(str(ticket_id), note, actor=me(), command_id=frame.command_id(),
                         children="children" in request.form)
    except (Conflict, Denied) as problem:
        return _refused(ticket_id, problem)
    return _back(ticket_id, "withdrawn")


@bp.post("/retry")
@staff()
def retry(ticket_id: UUID) -> Any:
    """Send what is stuck through its step again."""
    try:
        service.retry(str(ticket_id), request.form.get("node", "")[:80], actor=me(), command_id=frame.command_id())
    except (Conflict, Denied) as problem:
        return _refused(ticket_id, problem)
    return _back(ticket_id, "retried")


@bp.post("")
@staff()
def reveal(ticket_id: UUID) -> Response:
    """The page with one masked answer shown, for this once; in the history it is told who looked."""
    field = request.form.get("_reveal", "")[:80]
    try:
        reveals.reveal(str(ticket_id), field, actor=me(), now=clock.now_ms())
    except NotFound:
        raise
    except Problem as problem:
        return _refused(ticket_id, problem)
    return _page(replace(_read(ticket_id), revealed=field))


@bp.post("/seen")
@staff()
def seen(ticket_id: UUID) -> Any:
    """The person has the ticket before them: their messages about it are read. For the page's script."""
    wanted, now = str(ticket_id), clock.now_ms()
    lines, _ = notify.list_inbox(me().id, limit=notify.MAX_PAGE)
    ids = [line["id"] for line in lines if line["ticket_id"] == wanted and line["read_at"] is None]
    db.session.rollback()
    if ids:
        service.mark_read(ids, actor=me(), now=now)
    return jsonify(read=len(ids))


def _back(ticket_id: UUID, said: str) -> Any:
    return redirect(url_for("ticket.show", ticket_id=ticket_id, said=said), 303)


def _refused(ticket_id: UUID, problem: Problem, *, sent: Posted | None = None) -> Response:
    """The ticket as it is now, with what was refused above it, and what was typed."""
    db.session.rollback()
    return _page(_read(ticket_id), sent=sent, refused=problem, status=problem.status)


# ---- files ----------------------------------------------------------------------------------------------------------


@bp.get("/files/<uuid:upload_id>")
@staff()
def file(ticket_id: UUID, upload_id: UUID) -> Response:
    """A file of the ticket whose field the reader may see, or one they just sent."""
    seen = _read(ticket_id)
    try:
        found = uploads.tickets(str(upload_id), seen.id)
    except NotFound:
        return serve(uploads.visitors(str(upload_id), session_key(seen.actor.id)))
    if not at_least(seen.levels.get(_owner_of(seen, found.field), "hidden"), "read"):
        raise NotFound("not_found")
    known = seen.bundle.form.fields.get(found.field)
    if known is not None and known.sensitive and not any(
        at_least(seen.access(task).get(known.id, "hidden"), "edit") for task in seen.tasks
    ):
        raise NotFound("not_found")  # the page does not show it either: whoever may not fill it in sees a mask
    return serve(found)


def _owner_of(seen: Seen, name: str) -> str:
    """The field whose level decides: a column's is its table's."""
    fields = seen.bundle.form.fields
    return name if name in fields else next((key for key, field in fields.items() if name in field.columns), name)


@bp.post("/tasks/<uuid:task_id>/uploads")
@bp.route("/tasks/<uuid:task_id>/uploads/<uuid:upload_id>", methods=["POST", "DELETE"])
@staff()
def upload(ticket_id: UUID, task_id: UUID, upload_id: UUID | None = None) -> Response:
    """A file of a script, or a piece of one: see `taking`."""
    seen = _read(ticket_id)
    task = seen.task(str(task_id))
    return taking.take(seen.bundle.form, seen.access(task) if task else {}, session_key(seen.actor.id), seen.now,
                       upload_id)


def _with_files(seen: Seen, task: TaskLine | None) -> tuple[Posted, list[Problem]]:
    """What was posted, new files stored and named by their ids; and what is wrong with those that were refused."""
    sent: Posted = MultiDict(request.form)
    sent.poplist("csrf_token")
    access: Mapping[str, str] = seen.access(task) if task else {}
    problems = posted.read_photos(seen.bundle.form, access, request.files, sent) if task else []
    for field, file in posted.new_files(seen.bundle.form, access, request.files) if task else ():
        if len(sent.getlist(field.id)) >= field.settings["max_files"]:
            problems.append(Problem("files_many", where=field.id, label=field.label, max=field.settings["max_files"]))
            continue
        try:
            stored = taking.whole(field, file.read(), file.filename or "", session_key(seen.actor.id), seen.now)
        except Problem as problem:
            problem.where = field.id
            problems.append(problem)
        else:
            sent.add(field.id, stored.id)
    return sent, problems
