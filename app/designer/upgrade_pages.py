"""Pages about a form's versions: which of them open tickets stand on, and upgrading those to the one in force."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from app import locales
from app.core.errors import Conflict, Problem, localized, text
from app.definitions import service as definitions
from app.designer import pages, service, upgrading
from app.designer.upgrading import Group
from app.extensions import clock, db
from app.forms.upgrade import Move
from app.org import service as org
from app.org.directory import directory
from app.runtime import bulk
from app.runtime.upgrades import KIND
from app.security import me, staff

bp = Blueprint("upgrades", __name__, url_prefix="/designer/forms/<string(maxlength=40):key>")

TOLD = ("new", "converted", "retired", "refused")


@bp.errorhandler(Problem)
def _refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.refused(problem)


@bp.get("/published")
@staff("definitions.edit")
def published(key: str) -> Response:
    """The form's versions, how many open tickets stand on each, and earlier upgrades."""
    form, people = service.standing(key), directory(me().mark)
    counts = upgrading.standing(key)
    rows = [{"version": row["version"], "at": row["published_at"], "by": pages.name_of(people, row["published_by"]),
             "open": counts.get(row["id"], 0)} for row in definitions.versions(service.KIND, key)]
    return _page(
        "published", key, form.title, rows=rows, older=sum(row["open"] for row in rows[1:]),
        may=me().may("definitions.publish"),
        runs=[(run, pages.name_of(people, run.by)) for run in bulk.runs(KIND, key)],
    )


@bp.get("/upgrade")
@staff("definitions.publish")
def outlook(key: str) -> Response:
    """What an upgrade would do. Changes nothing."""
    return _outlook(key)


def _outlook(key: str, refused: str = "", status: int = 200) -> Response:
    form, found = service.standing(key), upgrading.look(key, now=clock.now_ms(), known=org.known())
    groups = [_group(group) for group in found.groups]
    return _page(
        "upgrade", key, form.title, status, groups=groups, number=found.number, to=found.version_id, refused=refused,
        going=sum(group.going for group in found.groups), count=sum(group.count for group in found.groups),
    )


def _group(group: Group) -> dict[str, Any]:
    locale = locales.current()
    by_kind = {kind: [move for move in group.moves if move.kind == kind] for kind in TOLD}
    return {
        "number": group.pair.number, "type": str(localized(group.pair.name, locale)), "count": group.count,
        "new": [_new(move, group, locale) for move in by_kind["new"]],
        **{kind: [move.words(locale) for move in by_kind[kind]] for kind in TOLD[1:]},
        "bared": [move.name(locale) for move in group.moves if move.bared],
        "kept": sum(move.kind == "kept" and "." not in move.key for move in group.moves),
        "stuck": group.stuck, "left": group.left,
        "findings": list(dict.fromkeys(text(one.code, locale, one.params) for one in group.findings)),
    }


def _new(move: Move, group: Group, locale: str) -> dict[str, Any]:
    """A new field: whether it must be filled in, and the steps that ask for it; None where nobody answers it."""
    assert move.new is not None
    asks = move.new.type.asked and not move.new.readonly and move.key in group.asked
    steps = [str(localized(name, locale)) for name in group.asked.get(move.key, ())] if asks else None
    return {"words": move.words(locale), "required": move.new.required, "steps": steps}


@bp.post("/upgrade")
@staff("definitions.publish")
def start(key: str) -> Any:
    """Start it; an upgrade that is going on is shown instead."""
    try:
        run = upgrading.start(key, request.form.get("to", "")[:60], actor=me(), now=clock.now_ms(), known=org.known())
    except Conflict as conflict:
        db.session.rollback()
        going = bulk.going(KIND, key)
        if conflict.code != "bulk_running" or going is None:
            return _outlook(key, conflict.message(locales.current()), conflict.status)
        run = going
    return redirect(url_for("upgrades.progress", key=key, run_id=run), 303)


@bp.get("/upgrade/<uuid:run_id>")
@staff("definitions.publish")
def progress(key: str, run_id: UUID) -> Response:
    """How far an upgrade is, and what came of it."""
    form = service.standing(key)
    run, left = bulk.run(KIND, key, str(run_id))
    return _page(
        "upgrade_run", key, form.title, run=run, by=pages.name_of(directory(me().mark), run.by), left=left,
    )


def _page(name: str, key: str, title: Any, status: int = 200, **context: Any) -> Response:
    return make_response(render_template(
        f"designer/{name}.html", key=key, title=str(localized(title, locales.current())) or key, now=clock.now_ms(),
        **context,
    ), status)
