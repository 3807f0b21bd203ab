"""Pages on which the open tickets of a flow are moved to its version in force: what would become of them, and the start
of it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from app import locales
from app.core.errors import Conflict, Invalid, Problem
from app.definitions import service as definitions
from app.designer import flow_use, flows, pages
from app.extensions import clock, db
from app.org import service as org
from app.org.directory import directory
from app.runtime import bulk, flow_moves
from app.runtime.flow_moves import KIND, Gone, Outlook
from app.security import me, staff

bp = Blueprint("moves", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>/move")

FIELD = "to."  # a control for each step that is gone: to.<old step> = the step that takes over, "" to stay
MOST_FIELDS = 200


@bp.errorhandler(Problem)
def _refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.refused(problem, "flows.index")


@bp.get("")
@staff("definitions.publish")
def outlook(key: str) -> Response:
    """What moving would do, with the steps that were chosen so far; and earlier moves. Changes nothing."""
    return _outlook(key, _chosen(request.args))


def _chosen(given: Mapping[str, str]) -> dict[str, str]:
    """Old step → the one that takes over, as the controls say it."""
    found = {name.removeprefix(FIELD): to[:40] for name, to in given.items() if name.startswith(FIELD) and to}
    return dict(list(found.items())[:MOST_FIELDS])


def _types(key: str) -> list[str]:
    return list(dict.fromkeys(way.type_key for way in flow_use.ways(key)))


def _outlook(key: str, moves: Mapping[str, str], refused: str = "", status: int = 200) -> Response:
    flow, known, people = flows.standing(key), org.known(), directory(me().mark)
    found = [one for kind in _types(key) for one in flow_moves.look(kind, moves, known)]
    return _page(
        "move", key, flow.title, status, number=flow.version, groups=[_group(one) for one in found],
        gone=_gone(found), moves=moves, to=flow.version, refused=refused,
        going=sum(one.going for one in found), count=sum(one.count for one in found),
        runs=[(run, pages.name_of(people, run.by)) for run in bulk.runs(KIND, key)],
    )


def _group(one: Outlook) -> dict[str, Any]:
    locale, content = locales.current(), definitions.version_content
    told = flows.compare(content(one.pair.flow_id), content(one.flow_id), locale)
    return {
        "type": pages.said(one.pair.name), "old": one.old, "new": one.new, "count": one.count, "stuck": one.stuck,
        "left": one.left, "misfit": one.misfit.message(locale) if one.misfit else "",
        "changes": [change.words for change in told if change.what != "layout"],
    }


def _gone(found: Sequence[Outlook]) -> list[Gone]:
    """The steps that are gone, of all versions together."""
    merged: dict[str, Gone] = {}
    for one in (gone for outlook in found for gone in outlook.gone):
        known = merged.get(one.node.id)
        merged[one.node.id] = replace(one, count=one.count + known.count) if known else one
    return list(merged.values())


@bp.post("")
@staff("definitions.publish")
def start(key: str) -> Any:
    """Start it as it was shown; a move that is going on is shown instead."""
    moves, flow = _chosen(request.form), flows.standing(key)
    if request.form.get("version") != str(flow.version):
        return _outlook(key, {}, Conflict("migrate_stale", version=flow.version).message(locales.current()), 409)
    try:
        run = flow_moves.start(key, _types(key), moves, actor=me(), now=clock.now_ms(), known=org.known())
    except (Conflict, Invalid) as problem:
        db.session.rollback()
        going = bulk.going(KIND, key)
        if problem.code != "bulk_running" or going is None:
            first = problem.problems[0] if isinstance(problem, Invalid) else problem
            return _outlook(key, {}, first.message(locales.current()), problem.status)
        run = going
    return redirect(url_for("moves.progress", key=key, run_id=run), 303)


@bp.get("/<uuid:run_id>")
@staff("definitions.publish")
def progress(key: str, run_id: UUID) -> Response:
    """How far it is, and what came of it."""
    flow = flows.standing(key)
    run, left = bulk.run(KIND, key, str(run_id))
    return _page("move_run", key, flow.title, run=run, by=pages.name_of(directory(me().mark), run.by), left=left)


def _page(name: str, key: str, title: Any, status: int = 200, **context: Any) -> Response:
    return make_response(render_template(
        f"designer/{name}.html", key=key, title=pages.said(title) or key, now=clock.now_ms(), **context,
    ), status)
