"""Who had masked answers shown: for those who answer for it."""
from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from app import locales
from app.core.errors import Problem, localized
from app.desk import frame
from app.desk.frame import me
from app.extensions import clock
from app.org.directory import directory
from app.runtime import reveals
from app.security import staff

bp = Blueprint("reveals", __name__)
bp.register_error_handler(Problem, frame.refused)


@bp.get("/reveals")
@staff("org.manage")
def index() -> Response:
    """Every look, newest first."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 15):
        raise Problem("page_bad", where="before")
    lines, after = reveals.lines(me(), before=int(before) if before else None)
    known, people, locale = reveals.bundles(lines), directory(me().mark), locales.current()

    def label(line: reveals.RevealLine) -> str:
        field = known[line.type_version_id].form.fields.get(line.field)
        return str(localized(field.label, locale)) if field else line.field

    def name(line: reveals.RevealLine) -> str:
        person = people.person(line.person_id)
        return str(person["name"]) if person else line.person_id

    return frame.page(
        "desk/reveals.html", lines=[(line, name(line), label(line)) for line in lines], most=reveals.MOST,
        now=clock.now_ms(), next=url_for("reveals.index", before=after) if after else "",
        first=url_for("reveals.index") if before else "",
    )
