"""The form designer over HTTP: pages for people, and the editor's JSON calls."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, Response, redirect, request, url_for

from app import locales
from app.core.errors import Invalid, Problem, TooLarge
from app.core.expressions import ExprError
from app.core.principal import Principal
from app.definitions import archive, queries
from app.definitions import service as definitions
from app.definitions.service import Published
from app.definitions.spread import bring_to_types
from app.designer import (
    bodies,
    branch_routes,
    drafts,
    flow_comments,
    flow_load,
    flow_routes,
    flow_sandbox,
    move_pages,
    opening,
    pages,
    service,
    starts,
    upgrade_pages,
)
from app.designer.ports import DesignerPorts
from app.entries import doors
from app.extensions import clock, db, reading
from app.forms import trial
from app.org import choices, masterdata
from app.org import service as org
from app.org.directory import directory
from app.security import me, staff

bp = Blueprint("designer", __name__, url_prefix="/designer")
calls = Blueprint("designer_calls", __name__, url_prefix="/designer/forms/<string(maxlength=40):key>")


def init_app(app: Flask) -> None:
    """Install pages and calls."""
    app.register_blueprint(bp)
    app.register_blueprint(calls)
    app.register_blueprint(upgrade_pages.bp)
    app.register_blueprint(move_pages.bp)
    app.register_blueprint(flow_sandbox.bp)
    app.register_blueprint(flow_comments.bp)
    app.register_blueprint(flow_load.bp)
    app.register_blueprint(flow_routes.bp)
    app.register_blueprint(flow_routes.calls)
    app.register_blueprint(branch_routes.bp)
    app.register_blueprint(branch_routes.calls)


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
    lines = queries.lines(service.KIND)
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


def _findings(key: str, content: Any) -> list[dict[str, Any]]:
    return [pages.finding(one) for one in service.check(key, content)]


def _publish(key: str, body: Mapping[str, Any], now: int, actor: Principal) -> tuple[Published, dict[str, Any]]:
    """Besides, "types": the form's ticket types, each with the version that new tickets get now, or why it stays."""
    known = org.known()
    done = definitions.publish(service.KIND, key, actor=actor, now=now, known=known, rev=body["rev"])
    opening.keep_up(key, actor=actor, people=directory(actor.mark), known=known, now=now)
    types = bring_to_types("form", key, actor=actor, now=now, known=known)
    return done, {"types": [pages.brought(one) for one in types]}


drafts.install(calls, drafts.Kind(
    kind_of=lambda key: service.KIND, edits=staff("definitions.edit"), check=service.check, finding=pages.finding,
    publishing=bodies.Revision, publish=_publish,
    compare=lambda old, new, locale: [asdict(one) for one in service.compare(old, new, locale)],
))


@calls.post("/preview")
@drafts.carries_definitions
@staff("definitions.edit")
def preview(key: str) -> Response:
    """The phone's page of a content, drawn as for customers; 422 {"findings"} of one that cannot be drawn."""
    body = drafts.read(bodies.Preview)
    with reading():
        try:
            view = service.preview(body["content"], body["values"], send=body["send"], locale=body["locale"],
                                   now=clock.now_ms(), ports=DesignerPorts(directory(me().mark)))
        except (Invalid, TooLarge) as problem:
            found = _findings(key, body["content"])
            return pages.reply({**problem.as_dict(locales.current()), "findings": found}, problem.status)
        return pages.preview(view, body["locale"], sent=body["send"] and not view.problems)


@calls.get("/links")
@staff("definitions.edit")
def links(key: str) -> Response:
    """{"links": [{"name", "label", "address", "code", "svg", "png"}], "offer": what making the first one asks}."""
    return pages.reply(pages.links(*_customers(key)))


@calls.post("/open")
@staff("definitions.edit")
def open_form(key: str) -> Response:
    """Make the first link, whose tickets "who" handles; answers as `links` does. Again makes nothing."""
    _open(key, drafts.read(bodies.Opening)["who"])
    return pages.reply(pages.links(*_customers(key)))


@calls.post("/formula")
@drafts.carries_definitions
@staff("definitions.edit")
def formula(key: str) -> Response:
    """A formula as it stands: {"ok", "type", "refs"} or {"ok": false, "error"}; with "values", "result" and "steps"."""
    body = drafts.read(bodies.Formula)
    try:
        with reading():
            tried = service.formula(body["content"], body["src"], "" if body["scope"] == "form" else body["scope"],
                                    body["values"], body["row"], zero=body["nulls_as_zero"], now=clock.now_ms())
    except ExprError as error:
        return pages.reply({"ok": False, "error": {**error.as_dict(locales.current()),
                                                   "end": trial.end_of(error, body["src"])}})
    return pages.reply(pages.tried(*tried))


@calls.get("/usage")
@staff("definitions.edit")
def usage(key: str) -> Response:
    """Flows and ticket types that work with the form, or with "?field=f_x" where they name it."""
    return pages.reply([pages.use(one) for one in service.usage(key, request.args.get("field", ""))])
