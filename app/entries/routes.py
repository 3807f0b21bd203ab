"""Public form, uploads and the customer's page. Reads the request, calls one service, draws one page."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import Blueprint, Response, jsonify, redirect, request, send_file, url_for
from werkzeug.datastructures import MultiDict

from app import locales
from app.core.errors import Conflict, Invalid, Malformed, NotFound, Problem
from app.entries import carried, customer_page, doors, intake, pages, posted, storage, taking, uploads, visitor
from app.entries.doors import Door
from app.entries.ports import VisitorPorts
from app.extensions import clock, csrf, db, limiter, parts
from app.forms import areas
from app.forms.loader import Form
from app.forms.logic import at_path
from app.org import live_answers
from app.runtime import service as runtime
from app.runtime.models import Upload
from app.security import link, public

bp = Blueprint("entries", __name__)
# No cookie of ours gives anonymous visitors any power: each form carries a signed token bound to its visitor instead.
csrf.exempt(bp)

MAX_LINK = 200  # characters of a prefilled answer in the address
MAX_WORDS = 500  # of what a customer writes to a reminder or a withdrawal


@bp.before_request
def _all_of_it() -> None:
    """All of a request has come before anything asks the database: on SQLite, who begins keeps the others waiting."""
    _ = request.form


def _sent(response: Response) -> bool:
    """Whether a form was sent, not only drawn again: somebody may look many things up before they send one."""
    return response.status_code != 200


@bp.get("/f/<token>")
@link
@limiter.limit("240/minute")
def form(token: str) -> Response:
    """The empty form, with what the link already tells."""
    now = clock.now_ms()
    door = doors.find(token, now=now)
    number = visitor.known() or visitor.new()
    ports = VisitorPorts(visitor.key_of(number))
    state = door.bundle.opening(door.trigger)
    given = {name: value[:MAX_LINK] for name, value in request.args.items() if name not in ("lang", carried.PARAMETER)}
    signed, refused = _carried(door)
    told = {"link": {**given, **signed}}
    taken = {field.id: at_path(told, field.prefill) for field in door.bundle.form.fields.values()}
    live_answers.prepare(door.bundle.form, taken, now=now, outside=True)
    values = door.bundle.initial(door.trigger, state, now, ports, link=signed, address=given)
    view = door.bundle.view(door.trigger, values, state, now, ports, locale=locales.current(), link=signed)
    return pages.form_page(door, view, number=number, signed=signed, refused=refused)


def _carried(door: Door) -> tuple[dict[str, str], Malformed | None]:
    """What the link carries for hidden fields; nothing, and why, if somebody changed it."""
    try:
        return carried.read(door.id, request.args.get(carried.PARAMETER, "")), None
    except Malformed as problem:
        return {}, problem


@bp.post("/f/<token>")
@link
@limiter.limit("240/minute")
@limiter.limit("60/minute;1000/hour", deduct_when=_sent)
def receive(token: str) -> Response:
    """Answers: a ticket, or the form again with every value kept."""
    now = clock.now_ms()
    door = doors.find(token, now=now)
    number = visitor.known()
    try:
        mine = visitor.read_form_token("public", request.form.get("_token", ""), door.id, number)
    except Malformed as problem:
        # Nothing is stored for a page we did not draw for this browser; its words are kept for a second try.
        return _again(door, number or visitor.new(), now, refused=problem)
    door = doors.at_version(door, mine.version)
    signed, forged = _carried(door)
    if forged:
        return _again(door, number, now, key=mine.key, refused=forged)
    owner = visitor.key_of(number)
    sent, problems = with_files(door.bundle.form, door.bundle.access(door.trigger), owner, now)
    do = posted.Do.read(request.form.get("_do", ""))
    if do is not None:
        return _again(door, number, now, key=mine.key, sent=sent, do=do, problems=problems)
    raw = posted.answers(door.bundle.form, door.bundle.access(door.trigger), sent)
    live_answers.prepare(door.bundle.form, raw, now=now, outside=True, keep=True)
    found = intake.submit(door, raw, problems, key=mine.key, visitor=owner, now=now, link=signed)
    if found.problems:
        return _again(door, number, now, key=mine.key, sent=sent, problems=found.problems, status=422)
    if found.joined:
        # The earlier ticket's link is its sender's. Whoever types somebody's number and order must not get it here.
        return _see_other("entries.joined", token=token)
    return _see_other("entries.ticket", token=found.token, said="again" if found.repeated else "received")


@bp.get("/f/<token>/joined")
@link
@limiter.limit("240/minute")
def joined(token: str) -> Response:
    """What somebody sees whose request was added to an earlier ticket."""
    return pages.joined_page(doors.find(token, now=clock.now_ms()))


@bp.post("/f/<token>/uploads")
@bp.route("/f/<token>/uploads/<uuid:upload_id>", methods=["POST", "DELETE"])
@link
@limiter.limit("1200/minute")
@limiter.limit("120/minute", exempt_when=taking.begun)
def upload(token: str, upload_id: Any = None) -> Response:
    """A file of a script, or a piece of one: see `taking`."""
    now = clock.now_ms()
    door = doors.find(token, now=now)
    number = visitor.known()
    mine = visitor.read_form_token("public", request.form.get("_token", ""), door.id, number)
    door = doors.at_version(door, mine.version)
    return taking.take(door.bundle.form, door.bundle.access(door.trigger), visitor.key_of(number), now, upload_id)


@bp.get("/regions/<province>.json")
@public
def region(province: str) -> Response:
    """Cities and counties of a province, for scripts; the address changes with the list, so browsers keep it."""
    found = areas.below(province)
    if found is None:
        raise NotFound("not_found")
    response = jsonify(found)
    if request.args.get("v") == areas.EDITION:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/u/<uuid:upload_id>")
@link
def own_file(upload_id: Any) -> Response:
    """A file that this browser sent."""
    number = visitor.known()
    if not number:
        raise NotFound("link_gone")
    return serve(uploads.visitors(str(upload_id), visitor.key_of(number)))


def with_files(
    form: Form, access: Mapping[str, str], owner: str, now: int
) -> tuple[MultiDict[str, str], list[Problem]]:
    """What was posted, files stored and named by their ids; and what is wrong with those that were refused."""
    sent: MultiDict[str, str] = MultiDict(request.form)
    problems = posted.read_photos(form, access, request.files, sent)
    for field, file in posted.new_files(form, access, request.files):
        if len(sent.getlist(field.id)) >= field.settings["max_files"]:
            problems.append(Problem("files_many", where=field.id, label=field.label, max=field.settings["max_files"]))
            continue
        try:
            stored = taking.whole(field, file.read(), file.filename or "", owner, now)
        except Problem as problem:
            problem.where = field.id
            problems.append(problem)
        else:
            sent.add(field.id, stored.id)
    return sent, problems


def _again(
    door: Door, number: str, now: int, *, key: str = "", sent: MultiDict[str, str] | None = None,
    do: posted.Do | None = None, problems: Sequence[Problem] = (), refused: Problem | None = None, status: int = 200,
) -> Response:
    """The form with the values that were sent."""
    sent = MultiDict(request.form) if sent is None else sent
    bundle = door.bundle
    signed, _ = _carried(door)
    raw = posted.answers(bundle.form, bundle.access(door.trigger), sent)
    if do is not None:
        raw = posted.change(bundle.form, raw, sent, do)
    live_answers.prepare(bundle.form, raw, now=now, outside=True)
    ports = VisitorPorts(visitor.key_of(number))
    view = bundle.view(door.trigger, raw, bundle.opening(door.trigger), now, ports, locale=locales.current(),
                       problems=problems, link=signed)
    return pages.form_page(door, view, number=number, key=key, signed=signed, refused=refused, status=status)


def serve(upload: Upload) -> Response:
    """The bytes, in a way that no browser runs them: only pictures, which we encoded ourselves, open in place."""
    response = send_file(
        storage.path_of(parts().settings.uploads, upload.storage_key), mimetype=upload.mime, download_name=upload.name,
        as_attachment=upload.kind != "image", etag=upload.sha256, conditional=True, max_age=None,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/t/<token>")
@link
@limiter.limit("240/minute")
def ticket(token: str) -> Response:
    """How far the ticket is, and what its customer is asked."""
    return _ticket_page(customer_page.find(token), clock.now_ms())


@bp.post("/t/<token>")
@link
@limiter.limit("240/minute")
@limiter.limit("60/minute", deduct_when=_sent)
def answer(token: str) -> Response:
    """The customer's answer to the question that their page shows."""
    now = clock.now_ms()
    page = customer_page.find(token)
    number = visitor.known()
    try:
        mine = visitor.read_form_token("answer", request.form.get("_token", ""), page.ticket_id, number)
    except Malformed as problem:
        return _ticket_page(page, now, sent=request.form, refused=problem)
    asked, _, drawn = mine.version.partition("@")
    if asked != page.asking:
        return _see_other("entries.ticket", token=token, said="answered")
    access = page.bundle.access(page.question)
    sent, problems = with_files(page.bundle.form, access, visitor.key_of(number), now)
    do = posted.Do.read(request.form.get("_do", ""))
    if do is None and drawn not in ("", page.version_id):
        return _ticket_page(page, now, sent=sent, key=mine.key, problems=problems, refused=Conflict("form_upgraded"),
                            status=409)
    if do is None and not problems:
        raw = posted.answers(page.bundle.form, access, sent)
        live_answers.prepare(page.bundle.form, raw, now=now, outside=True, keep=True)
        try:
            runtime.answer(token, page.question, raw, command_id=f"answer:{page.ticket_id}:{mine.key}",
                           ports=lambda ticket_id: VisitorPorts(visitor.key_of(number), ticket_id))
        except Invalid as invalid:
            problems = list(invalid.problems)
        except Problem as problem:
            # Somebody was faster: another tab, or this very form with other words.
            if not isinstance(problem, Conflict) and problem.code != "command_reused":
                raise
            return _see_other("entries.ticket", token=token, said="answered")
        else:
            return _see_other("entries.ticket", token=token, said="thanks")
    return _ticket_page(page, now, sent=sent, key=mine.key, do=do, problems=problems, status=422 if do is None else 200)


@bp.post("/t/<token>/<any(urge, withdraw):what>")
@link
@limiter.limit("30/minute")
def urge_or_withdraw(token: str, what: str) -> Response:
    """The customer reminds us, or takes the request back, where their way in allows it."""
    page = customer_page.find(token)
    try:
        mine = visitor.read_form_token(what, request.form.get("_token", ""), page.ticket_id, visitor.known())
        does = runtime.urge_by_customer if what == "urge" else runtime.withdraw_by_customer
        does(token, request.form.get("note", "").strip()[:MAX_WORDS], command_id=f"{what}:{page.ticket_id}:{mine.key}")
    except Problem as problem:
        db.session.rollback()
        return _ticket_page(customer_page.find(token), clock.now_ms(), refused=problem, status=problem.status)
    return _see_other("entries.ticket", token=token, said="urged" if what == "urge" else "withdrawn")


@bp.post("/t/<token>/uploads")
@bp.route("/t/<token>/uploads/<uuid:upload_id>", methods=["POST", "DELETE"])
@link
@limiter.limit("1200/minute")
@limiter.limit("120/minute", exempt_when=taking.begun)
def answer_upload(token: str, upload_id: Any = None) -> Response:
    """A file for the question on the customer's page, or a piece of one."""
    page = customer_page.find(token)
    number = visitor.known()
    mine = visitor.read_form_token("answer", request.form.get("_token", ""), page.ticket_id, number)
    if mine.version.partition("@")[0] != page.asking:
        raise Conflict("not_asked")
    return taking.take(page.bundle.form, page.bundle.access(page.question), visitor.key_of(number), clock.now_ms(),
                       upload_id)


@bp.get("/t/<token>/u/<uuid:upload_id>")
@link
def ticket_file(token: str, upload_id: Any) -> Response:
    """A file on the customer's page: of their ticket, or just sent by this browser."""
    page = customer_page.find(token)
    number = visitor.known()
    try:
        found = uploads.tickets(str(upload_id), page.ticket_id)
        if not customer_page.may_have(page, found):
            raise NotFound("link_gone")
    except NotFound:
        if not number:
            raise
        found = uploads.visitors(str(upload_id), visitor.key_of(number))
    return serve(found)


def _ticket_page(
    page: customer_page.Found, now: int, *, sent: MultiDict[str, str] | None = None, key: str = "",
    do: posted.Do | None = None, problems: Sequence[Problem] = (), refused: Problem | None = None, status: int = 200,
) -> Response:
    number = visitor.known() or visitor.new()
    raw: dict[str, Any] = {}
    if sent is not None and page.question:
        raw = posted.answers(page.bundle.form, page.bundle.access(page.question), sent)
        if do is not None:
            raw = posted.change(page.bundle.form, raw, sent, do)
    live_answers.prepare(page.bundle.form, raw, now=now, outside=True)
    ports = VisitorPorts(visitor.key_of(number), page.ticket_id)
    return pages.ticket_page(page, now, ports, raw=raw, number=number, key=key, problems=problems, refused=refused,
                             said=request.args.get("said", ""), status=status)


def _see_other(endpoint: str, **values: Any) -> Response:
    return pages.calm(cast(Response, redirect(url_for(endpoint, **values), 303)))
