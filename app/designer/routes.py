"""The form designer over HTTP: pages for people, and the editor's JSON calls."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, redirect, request, url_for
from flask_login import current_user

from app import locales
from app.core.errors import Conflict, Denied, Finding, Invalid, Problem, TooLarge
from app.core.expressions import ExprError
from app.definitions import archive, queries
from app.definitions import service as definitions
from app.definitions.service import PublishBlocked
from app.definitions.spread import bring_to_types
from app.designer import bodies, flow_sandbox, opening, pages, service, starts, upgrade_pages
from app.designer.ports import DesignerPorts
from app.entries import doors
from app.extensions import clock, db, reading
from app.forms import trial
from app.org import choices, masterdata
from app.org import service as org
from app.org.directory import directory
from app.security import carries, me, staff

bp = Blueprint("designer", __name__, url_prefix="/designer")
_carries_definitions = carries(definitions.MAX_REQUEST, definitions.too_large)
calls = Blueprint("designer_calls", __name__, url_prefix="/designer/forms/<string(maxlength=40):key>")


def init_app(app: Flask) -> None:
    """Install pages and calls."""
    app.register_blueprint(bp)
    app.register_blueprint(calls)
    app.register_blueprint(upgrade_pages.bp)
    app.register_blueprint(flow_sandbox.bp)


# ---- pages -----------------------------------------------------------------------------------------------------------


@bp.errorhandler(Problem)
def _page_refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.refused(problem)


@bp.get("/")
@staff("definitions.edit")
def index() -> Response:
    """The forms in use, with "?archived=1" those that are not any more; with "?q=…", whose name holds the words."""
    archived = bool(request.args.get("archived"))
    lines = queries.forms()
    return pages.index([line for line in lines if line.archived == archived], doors.ways(), directory(me().mark),
                       clock.now_ms(), request.args.get("q", ""), archived=archived,
                       away=sum(line.archived for line in lines))


@bp.post("/forms/<string(maxlength=40):key>/archive")
@staff("definitions.publish")
def put_away(key: str) -> Any:
    """Out of use: nothing new comes in, open tickets go on."""
    archive.archive(key, actor=me(), now=clock.now_ms())
    return redirect(url_for("designer.index", said="archived"), 303)


@bp.post("/forms/<string(maxlength=40):key>/bring-back")
@staff("definitions.publish")
def bring_back(key: str) -> Any:
    """In use again, with its links."""
    archive.bring_back(key, actor=me())
    return redirect(url_for("designer.index", said="back"), 303)


@bp.get("/new")
@staff("definitions.edit")
def new() -> Response:
    """Ways to begin a form; with "?from=<key>", by copying that one."""
    source = request.args.get("from", "")
    return pages.new(service.standing(source) if source else None)


@bp.post("/forms")
@staff("definitions.edit")
def create() -> Any:
    """A new form: from "template", a copy of "from", or empty."""
    sent, now = request.form, clock.now_ms()
    title = sent.get("title", "")
    if "template" in sent:
        key = starts.from_template(sent["template"], title, actor=me(), now=now)
    elif "from" in sent:
        key = starts.copy(sent["from"], title, actor=me(), now=now)
    else:
        key = starts.blank(title, pages.form_locale(), actor=me(), now=now)
    return redirect(url_for("designer.editor", key=key), 303)


@bp.post("/import")
@staff("definitions.edit")
def bring() -> Any:
    """A new form from a .json, .xlsx or .csv file."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem("designer_no_file", where="file")
    with file.stream as stream:
        data = stream.read(starts.MAX_FILE + 1)
    key = starts.from_file(data, file.filename, pages.form_locale(), actor=me(), now=clock.now_ms())
    return redirect(url_for("designer.editor", key=key), 303)


@bp.get("/forms/<string(maxlength=40):key>/export")
@staff("definitions.edit")
def export(key: str) -> Response:
    """The draft as a file that any installation can bring in."""
    return pages.exported(service.standing(key))


@bp.get("/forms/<string(maxlength=40):key>")
@staff("definitions.edit")
def editor(key: str) -> Response:
    """The editor of one form."""
    company = {"sources": masterdata.sources(), "roles": choices.roles(), "departments": choices.departments()}
    return pages.editor(service.standing(key), me(), directory(me().mark), company, bool(opening.ways(key)))


@bp.get("/forms/<string(maxlength=40):key>/customers")
@staff("definitions.edit")
def customers(key: str) -> Response:
    """The links under which customers open the form; where there is none, what it takes to make one."""
    return pages.customers(*_customers(key))


@bp.post("/forms/<string(maxlength=40):key>/customers")
@staff("definitions.edit")
def open_to_customers(key: str) -> Any:
    """Make the first link: "who" handles what customers send."""
    try:
        _open(key, request.form.get("who", ""))
    except Problem as problem:
        db.session.rollback()
        return pages.customers(*_customers(key), refused=problem)
    return redirect(url_for("designer.customers", key=key), 303)


def _customers(key: str) -> tuple[queries.Standing, list[doors.Way], opening.Offer]:
    form = service.standing(key)
    return form, opening.ways(key), opening.offer(form, actor=me(), people=directory(me().mark), known=org.known())


def _open(key: str, who: str) -> list[doors.Way]:
    return opening.open_form(key, who, actor=me(), people=directory(me().mark), known=org.known(), now=clock.now_ms())


# ---- calls -----------------------------------------------------------------------------------------------------------


@calls.before_request
def _signed_in() -> Response | None:
    """A call that a redirect to the sign-in page would answer with the wrong kind of page."""
    if current_user.is_authenticated:
        return None
    return pages.reply(Denied("sign_in_first").as_dict(locales.current()), 401)


@calls.errorhandler(Problem)
def _call_refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.reply(problem.as_dict(locales.current()), problem.status)


def _body(schema: type[bodies.Keys]) -> dict[str, Any]:
    return bodies.read(schema, request.get_data(), request.max_content_length or 0)  # as app.security judged it


def _findings(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [pages.finding(one) for one in found]


@calls.put("/draft")
@_carries_definitions
@staff("definitions.edit")
def draft(key: str) -> Response:
    """Store the draft: {"rev", "findings"}; 409 with what stands there now if somebody else saved meanwhile."""
    body = _body(bodies.Draft)
    return _stored(key, body["content"], body["rev"])


def _stored(key: str, content: Any, rev: int, **more: Any) -> Response:
    try:
        done = service.save(key, content, rev, actor=me(), now=clock.now_ms())
    except Conflict as conflict:
        db.session.rollback()
        theirs = service.standing(key)
        return pages.reply({
            **conflict.as_dict(locales.current()), "rev": theirs.rev, "content": theirs.content,
            "by": pages.name_of(directory(me().mark), theirs.updated_by), "at": theirs.updated_at,
            "findings": _findings(service.check(key, theirs.content)),
        }, conflict.status)
    return pages.reply({"rev": done.rev, "findings": _findings(done.findings), **more})


@calls.post("/check")
@_carries_definitions
@staff("definitions.edit")
def check(key: str) -> Response:
    """What the checks say of a content: {"findings"}. Stores nothing."""
    with reading():
        return pages.reply({"findings": _findings(service.check(key, _body(bodies.Content)["content"]))})


@calls.post("/preview")
@_carries_definitions
@staff("definitions.edit")
def preview(key: str) -> Response:
    """The phone's page of a content, drawn as for customers; 422 {"findings"} of one that cannot be drawn."""
    body = _body(bodies.Preview)
    with reading():
        try:
            view = service.preview(body["content"], body["values"], send=body["send"], locale=body["locale"],
                                   now=clock.now_ms(), ports=DesignerPorts(directory(me().mark)))
        except (Invalid, TooLarge) as problem:
            found = _findings(service.check(key, body["content"]))
            return pages.reply({**problem.as_dict(locales.current()), "findings": found}, problem.status)
        return pages.preview(view, body["locale"], sent=body["send"] and not view.problems)


@calls.post("/publish")
@staff("definitions.publish")
def publish(key: str) -> Response:
    """Freeze the draft at "rev" as the next version: {"version", "at", "findings", "repeated", "types"}, or 422.

    "types": the ticket types of the form, each with the version that new tickets get from now on, or why it stays.
    """
    rev, now, known = _body(bodies.Revision)["rev"], clock.now_ms(), org.known()
    try:
        done = definitions.publish(service.KIND, key, actor=me(), now=now, known=known, rev=rev)
    except PublishBlocked as blocked:
        db.session.rollback()
        return pages.reply({**Problem.as_dict(blocked, locales.current()), "findings": _findings(blocked.findings)},
                           blocked.status)
    opening.keep_up(key, actor=me(), people=directory(me().mark), known=known, now=now)
    types = bring_to_types(key, actor=me(), now=now, known=known)
    return pages.reply({"version": done.version, "at": now, "repeated": done.repeated,
                        "findings": _findings(done.findings), "types": [pages.brought(one) for one in types]})


@calls.get("/links")
@staff("definitions.edit")
def links(key: str) -> Response:
    """{"links": [{"name", "label", "address", "code", "svg", "png"}], "offer": what making the first one asks}."""
    return pages.reply(pages.links(*_customers(key)))


@calls.post("/open")
@staff("definitions.edit")
def open_form(key: str) -> Response:
    """Make the first link, whose tickets "who" handles; answers as `links` does. Again makes nothing."""
    _open(key, _body(bodies.Opening)["who"])
    return pages.reply(pages.links(*_customers(key)))


@calls.post("/formula")
@_carries_definitions
@staff("definitions.edit")
def formula(key: str) -> Response:
    """A formula as it stands: {"ok", "type", "refs"} or {"ok": false, "error"}; with "values", "result" and "steps"."""
    body = _body(bodies.Formula)
    try:
        with reading():
            tried = service.formula(body["content"], body["src"], "" if body["scope"] == "form" else body["scope"],
                                    body["values"], body["row"], zero=body["nulls_as_zero"], now=clock.now_ms())
    except ExprError as error:
        return pages.reply({"ok": False, "error": {**error.as_dict(locales.current()),
                                                   "end": trial.end_of(error, body["src"])}})
    return pages.reply(pages.tried(*tried))


@calls.get("/versions")
@staff("definitions.edit")
def versions(key: str) -> Response:
    """The published versions, newest first: [{"id", "version", "at", "by"}]."""
    people = directory(me().mark)
    return pages.reply([
        {"id": row["id"], "version": row["version"], "at": row["published_at"],
         "by": pages.name_of(people, row["published_by"])}
        for row in definitions.versions(service.KIND, key)
    ])


@calls.get("/versions/<uuid:version_id>")
@staff("definitions.edit")
def version(key: str, version_id: UUID) -> Response:
    """The content of one version of this form: {"content"}."""
    return pages.reply({"content": service.version(key, str(version_id))})


@calls.post("/compare")
@_carries_definitions
@staff("definitions.edit")
def compare(key: str) -> Response:
    """Two contents in words: {"changes": [{"what", "kind", "id", "words"}]}."""
    body = _body(bodies.Compare)
    with reading():
        found = service.compare(body["old"], body["new"], locales.current())
    return pages.reply({"changes": [asdict(one) for one in found]})


@calls.post("/restore")
@staff("definitions.edit")
def restore(key: str) -> Response:
    """Make a version's content the draft again: {"rev", "restored": content, "findings"}; 409 as for a draft."""
    body = _body(bodies.Restore)
    content = service.version(key, body["version"])
    return _stored(key, content, body["rev"], restored=content)


@calls.get("/usage")
@staff("definitions.edit")
def usage(key: str) -> Response:
    """Flows and ticket types that work with the form, or with "?field=f_x" where they name it."""
    return pages.reply([pages.use(one) for one in service.usage(key, request.args.get("field", ""))])
