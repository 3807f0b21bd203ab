"""The flow designer over HTTP: pages for people, and the editor's JSON calls."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from app import locales
from app.core.errors import Problem
from app.core.principal import Principal
from app.definitions import branches, comments, queries, scenarios
from app.definitions.rights import kind_of
from app.definitions.service import Published
from app.designer import bodies, branch_pages, drafts, flow_pages, flow_starts, flow_use, flows, pages, starts
from app.designer.flow_rights import draws, edits
from app.entries import doors
from app.extensions import clock, db
from app.org import masterdata
from app.org import service as org
from app.org.directory import directory
from app.security import me, staff

bp = Blueprint("flows", __name__, url_prefix="/designer")
calls = Blueprint("flow_calls", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>")


# ---- pages -----------------------------------------------------------------------------------------------------------


@bp.errorhandler(Problem)
def _page_refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.refused(problem, "flows.index")


@bp.get("/flows/")
@draws
def index() -> Response:
    """Every flow; with "?q=…" those whose name holds the words. Who works on branches alone sees what was published."""
    forms = {line.key: line.title for line in queries.lines("form")}
    return flow_pages.index(queries.lines(flows.KIND), doors.ways(), forms, branches.open_counts(me()), me(),
                            directory(me().mark), clock.now_ms(), request.args.get("q", ""), comments.unread(me()))


@bp.get("/new-flow")
@staff("definitions.edit")
def new() -> Response:
    """Ways to begin a flow; with "?from=<key>", by copying that one; with "?form=<key>", for that form."""
    source = request.args.get("from", "")
    return flow_pages.new(queries.lines("form"), flows.standing(source) if source else None,
                          request.args.get("form", ""))


@bp.post("/new-flow")
@staff("definitions.edit")
def create() -> Any:
    """A new flow: a copy of "from", or blank for "form"."""
    sent, now = request.form, clock.now_ms()
    if "from" in sent:
        key = flow_starts.copy(sent["from"], sent.get("title", ""), actor=me(), now=now)
    else:
        key = flow_starts.blank(sent.get("title", ""), sent.get("form", ""), pages.form_locale(), actor=me(), now=now)
    return redirect(url_for("flows.editor", key=key), 303)


@bp.post("/import-flow")
@staff("definitions.edit")
def bring() -> Any:
    """A new flow from a .json file."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem("flow_no_file", where="file")
    with file.stream as stream:
        data = stream.read(starts.MAX_FILE + 1)
    key = flow_starts.from_file(data, file.filename, actor=me(), now=clock.now_ms())
    return redirect(url_for("flows.editor", key=key), 303)


@bp.get("/flows/<string(maxlength=40):key>/export")
@staff("definitions.edit")
def export(key: str) -> Response:
    """The draft with its scenarios as a file that any installation can bring in."""
    found, stories = flows.standing(key), scenarios.carried(key)
    return pages.exported(replace(found, content={**found.content, "scenarios": stories}) if stories else found)


@bp.get("/flows/<string(maxlength=40):key>")
@edits
def editor(key: str) -> Response:
    """The editor of one flow, or of a branch of one."""
    flow, people = flows.standing(key), directory(me().mark)
    held = org.known().roles or {}
    company = asdict(flows.company(people))
    company["roles"] = [{**role, "holders": held.get(role["key"], 0)} for role in company["roles"]]
    company["sources"] = masterdata.sources()
    company["ticket_types"] = flows.ticket_types(flow.content)
    return flow_pages.editor(flow, flows.form_of(flow.content), company, me(), people, KIND.judged(key, flow.content),
                             queries.lines("form"), bool(flow_use.ways(key)), branch_pages.beside(key, me(), people))


# ---- calls -----------------------------------------------------------------------------------------------------------


def _publish(key: str, body: Mapping[str, Any], now: int, actor: Principal) -> tuple[Published, dict[str, Any]]:
    """Besides, "types": the flow's ticket types, each with the version that new tickets get now, or why it stays."""
    done, types = flows.publish(key, body["rev"], body["ticked"], actor=actor, now=now)
    return done, {"types": [pages.brought(one) for one in types]}


KIND = drafts.Kind(
    kind_of=kind_of, edits=edits, check=flows.check, finding=flow_pages.finding, compare=flow_pages.compared,
    publishing=bodies.Publish, publish=_publish,
    beside=lambda key, content: {"summaries": flows.cards(content, directory(me().mark), locales.current())},
)
drafts.install(calls, KIND)


@calls.post("/fix")
@drafts.carries_definitions
@edits
def fix(key: str) -> Response:
    """A content after the one-click repair of a finding: {"content"}. Stores nothing."""
    body = drafts.read(bodies.Fix)
    return pages.reply({"content": flows.repaired(body["content"], body["fix"])})


@calls.get("/form")
@edits
def form(key: str) -> Response:
    """The form that "?form=<key>" names, as the editor starts with one: {"form"}, null where there is none."""
    return flow_pages.form_answer(flows.form_of({"form": request.args.get("form", "")}))


@calls.get("/affected")
@staff("definitions.edit")
def affected(key: str) -> Response:
    """Whom a new version reaches: {"types": [{"key", "title", "open"}]}, "open" tickets staying on what they have."""
    return pages.reply({"types": [{"key": one.key, "title": pages.said(one.name), "open": one.open}
                                  for one in flow_use.affected(key)]})


@calls.get("/links")
@staff("definitions.edit")
def links(key: str) -> Response:
    """How the flow is in use: {"links", "used", "types": titles, "offer": {"refused"}}."""
    return _in_use(key)


@calls.post("/open")
@staff("definitions.edit")
def open_flow(key: str) -> Response:
    """Put the published flow to use: make its ticket type and links. Answers as `links` does. Again makes nothing."""
    flow_use.open_flow(key, actor=me(), now=clock.now_ms(), known=org.known())
    return _in_use(key)


def _in_use(key: str) -> Response:
    ways = flow_use.ways(key)
    refused = flow_use.refusal(flows.standing(key), me())
    return pages.reply({
        **pages.opened(ways), "types": list(dict.fromkeys(pages.said(way.type_name) for way in ways)),
        "offer": {"refused": refused.message(locales.current()) if refused else ""},
    })

