"""What triggers opened by themselves, and what they could not: for those who draw flows."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _

from app import locales
from app.core.errors import NotFound, Problem, localized
from app.definitions import service as definitions
from app.desk import frame
from app.desk.frame import me
from app.desk.words import Chip, when
from app.entries import news, schedules
from app.entries.models import Opening
from app.extensions import clock, db
from app.security import staff

bp = Blueprint("openings", __name__, url_prefix="/openings")
bp.register_error_handler(Problem, frame.refused)
RIGHT = "definitions.edit"
MOST_SAID = 5  # reasons told of one line
MOST_COMING = 20


@dataclass(frozen=True)
class Line:
    """One piece of news as the page tells it. `may`: it can be tried again."""

    row: Opening
    type: str
    trigger: str
    chip: Chip
    reasons: list[str]
    may: bool


@bp.get("/")
@staff(RIGHT)
def index() -> Response:
    """Newest first; `?show=refused` only what needs somebody."""
    show = "refused" if request.args.get("show") == "refused" else ""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 15):
        raise Problem("page_bad", where="before")
    rows, after = news.log(state=show, before=int(before) if before else None)
    lines, now = [_line(row) for row in rows], clock.now_ms()
    return frame.page(
        "desk/openings.html", lines=lines, show=show, now=now, coming=_coming(now) if not show and not before else [],
        next=url_for("openings.index", show=show, before=after) if after else "",
        first=url_for("openings.index", show=show) if before else "",
    )


@bp.post("/<int:opening_id>/again")
@staff(RIGHT)
def again(opening_id: int) -> Any:
    """Try what was refused once more."""
    done = news.again(opening_id, actor=me(), now=clock.now_ms())
    if done.problems:
        return redirect(url_for("openings.index", show="refused", said="still_refused"), 303)
    return redirect(url_for("openings.index", said="opened", no=done.no), 303)


def _coming(now: int) -> list[tuple[str, str, str]]:
    """(ticket type, trigger, when) of what will be opened next by the clock, the soonest first."""
    locale = locales.current()
    found = [(at, str(localized(way.type.name, locale)), str(localized(way.node.name, locale)))
             for way, at in schedules.coming(now) if at is not None]
    return [(kind, name, when(at, now)) for at, kind, name in sorted(found)[:MOST_COMING]]


def _line(row: Opening) -> Line:
    locale = locales.current()
    chips = {
        "opened": Chip(_("Ticket opened"), "green", "check"),
        "joined": Chip(_("Added to an earlier ticket"), "plain", "link"),
        "repeat": Chip(_("A repeat, not taken"), "plain", "info"),
        "refused": Chip(_("No ticket opened"), "red", "alert"),
    }
    type_name, trigger = row.type_key, row.trigger
    try:
        kind = definitions.current_type(row.type_key)
        type_name = str(localized(kind.name, locale))
        node = definitions.bundle(kind.id).flow.nodes.get(row.trigger)
        trigger = str(localized(node.name, locale)) if node else trigger
    except NotFound:
        db.session.rollback()  # the type is gone; its key says enough
    reasons = [Problem(told["code"], told["where"], **told["params"]).message(locale) for told in row.problems]
    return Line(row, type_name, trigger, chips[row.state], reasons[:MOST_SAID],
                row.state == "refused" and row.news is not None)
