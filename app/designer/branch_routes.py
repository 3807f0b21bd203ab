"""Flows' branches over HTTP: the page of those of a flow, and the calls by which the designer merges one."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from app import locales
from app.core.errors import Problem
from app.definitions import branches
from app.designer import bodies, branch_pages, branching, drafts, flows, pages
from app.designer.flow_rights import draws, edits
from app.extensions import clock, db, reading
from app.org import choices
from app.org.directory import directory
from app.security import me

bp = Blueprint("branches", __name__, url_prefix="/designer")
calls = Blueprint("branch_calls", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>/branch")
drafts.guard(calls)


@bp.errorhandler(Problem)
def _page_refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.refused(problem, "flows.index")


@bp.get("/flows/<string(maxlength=40):key>/branches")
@draws
def index(key: str) -> Response:
    """The branches of a flow that the reader may see."""
    return _index(key)


def _index(key: str, refused: Problem | None = None) -> Response:
    return branch_pages.index(flows.standing(key), branches.of_flow(key, me()), me(), directory(me().mark),
                              clock.now_ms(), refused, request.form)


@bp.post("/flows/<string(maxlength=40):key>/branches")
@draws
def create(key: str) -> Any:
    """Open a branch: "name", "department"; who works on branches alone opens those of their own."""
    wanted = request.form.get("department", "") if me().may("definitions.edit") else me().department
    known = {row["key"] for row in choices.departments()}
    try:
        made = branches.open_branch(key, request.form.get("name", ""), wanted if wanted in known else "", actor=me(),
                                    now=clock.now_ms())
    except Problem as problem:
        db.session.rollback()
        return _index(key, problem)
    return redirect(url_for("flows.editor", key=made), 303)


@bp.post("/branches/<string(maxlength=40):key>/discard")
@draws
def discard(key: str) -> Any:
    """End a branch without merging it."""
    found = branches.discard(key, actor=me(), now=clock.now_ms())
    return redirect(url_for("branches.index", key=found.flow, said="branch_discarded"), 303)


@bp.post("/branches/<string(maxlength=40):key>/back")
@draws
def bring_back(key: str) -> Any:
    """Go on with a branch that ended."""
    found = branches.bring_back(key, actor=me())
    return redirect(url_for("branches.index", key=found.flow, said="branch_back"), 303)


# ---- calls of the designer ------------------------------------------------------------------------------------------


@calls.post("/look")
@edits
def look(key: str) -> Response:
    """What merging "into" the flow, or an "update" from it, would do: {"before", "after", "conflicts": [{"path",
    "title", "base", "ours", "theirs", "node", "chain"}], "open", "changes", "findings", "stories", "revs"}."""
    body = drafts.read(bodies.Look)
    with reading():
        found = branching.shown(key, body["way"], body["choose"], actor=me(), people=directory(me().mark),
                                locale=locales.current())
        return pages.reply(branch_pages.look(found))


@calls.post("/merge")
@edits
def merge(key: str) -> Response:
    """Carry out what was looked at: {"rev", "url"} of what was merged into; 409 where something has moved since."""
    body = drafts.read(bodies.Merge)
    rev = branches.merge_now(key, body["way"], body["choose"], body["revs"], actor=me(), now=clock.now_ms())
    into = branches.find(key).flow if body["way"] == "into" else key
    return pages.reply({"rev": rev, "url": url_for("flows.editor", key=into)})


@calls.post("/ask")
@edits
def ask(key: str) -> Response:
    """Ask for the merge, with a "note"."""
    branches.request(key, drafts.read(bodies.Note)["note"], actor=me(), now=clock.now_ms())
    return pages.reply({"at": clock.now_ms()})


@calls.delete("/ask")
@edits
def take_back(key: str) -> Response:
    """The request no longer stands."""
    branches.take_back(key, actor=me())
    return pages.reply({})
