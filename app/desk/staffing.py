"""What assignment goes by, kept by managers: people's skills, places and shifts, customers' managers, calendars."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _

from app import locales
from app.core.calendar import Calendar
from app.core.errors import Problem, localized
from app.customers import managers
from app.desk import frame, weeks
from app.desk.frame import me
from app.entries.pages import day_words
from app.extensions import clock, db
from app.org import calendars, masterdata, profiles
from app.org.profiles import RIGHT
from app.security import staff

bp = Blueprint("staffing", __name__)
bp.register_error_handler(Problem, frame.refused)
AHEAD = 42  # days of a calendar that its page shows
MAX_NAME = 40


def _name(key: str, spec: Any) -> str:
    return str(localized(spec.get("name") or key, locales.current()))


def _now(key: str, spec: Any) -> bool:
    return Calendar.from_spec({**spec, "id": key}).is_open(clock.now_ms())


# ---- people ----------------------------------------------------------------------------------------------------------


@bp.get("/people")
@staff(RIGHT)
def people() -> Response:
    """Everybody, with what assignment knows of them."""
    return _people()


def _people(typed: str = "", problem: Problem | None = None) -> Response:
    known = {key: (_name(key, spec), _now(key, spec)) for key, spec in calendars.calendars()}
    return frame.page(
        "desk/people.html", problem.status if problem else 200, lines=profiles.people(), shifts=known, typed=typed,
        skills_of=profiles.skills_text, refused=frame.message_of(problem) if problem else "",
    )


@bp.get("/people/<string(maxlength=40):ident>")
@staff(RIGHT)
def person(ident: str) -> Response:
    """One colleague."""
    line = profiles.person(ident)
    place = ", ".join(line.profile[part] for part in ("lat", "lng") if part in line.profile)
    return _person(ident, {"skills": profiles.skills_text(line.profile), "place": place,
                           "shift": line.profile.get("shift", "")})


def _person(ident: str, typed: dict[str, str], problem: Problem | None = None) -> Response:
    shifts = [(key, _name(key, spec)) for key, spec in calendars.calendars()]
    return frame.page(
        "desk/person.html", problem.status if problem else 200, line=profiles.person(ident), typed=typed, shifts=shifts,
        refused=frame.message_of(problem) if problem else "", at=problem.where if problem else "",
    )


@bp.post("/people/<string(maxlength=40):ident>")
@staff(RIGHT)
def save_person(ident: str) -> Any:
    """Save what was typed, or say what is wrong with it."""
    typed = {name: request.form.get(name, "").strip() for name in ("skills", "place", "shift")}
    try:
        profiles.save(ident, **typed, actor=me())
    except Problem as problem:
        db.session.rollback()
        if problem.where not in typed:
            raise
        return _person(ident, typed, problem)
    return redirect(url_for("staffing.people", said="saved"), 303)


@bp.post("/people/managers")
@staff(RIGHT)
def save_managers() -> Any:
    """Give customers managers of their own, a line each."""
    typed = request.form.get("lines", "")
    try:
        count = managers.save_lines(typed, actor=me(), now=clock.now_ms())
    except Problem as problem:
        db.session.rollback()
        return _people(typed, problem)
    return redirect(url_for("staffing.people", said="managers", no=count), 303)


# ---- calendars -------------------------------------------------------------------------------------------------------


@bp.get("/calendars")
@staff(RIGHT)
def index() -> Response:
    """Every calendar, and whether it is open now."""
    found = [(key, _name(key, spec), weeks.told(spec), _now(key, spec), bool(spec.get("public")))
             for key, spec in calendars.calendars()]
    warnings = [one.message(locales.current()) for one in calendars.running_out(clock.now_ms())]
    return frame.page("desk/calendars.html", calendars=found, warnings=warnings)


@bp.get("/calendars/<string(maxlength=40):key>")
@staff(RIGHT)
def calendar(key: str) -> Response:
    """One calendar, and the days ahead by it."""
    spec = calendars.spec_of(key)
    return _calendar(key, _name(key, spec), weeks.typed(spec), spec)


@bp.get("/calendars/new")
@staff(RIGHT)
def new() -> Response:
    """An empty one."""
    return _calendar("", "", weeks.typed(weeks.OFFICE), None)


def _calendar(key: str, name: str, typed: weeks.Typed, spec: Any, problem: Problem | None = None) -> Response:
    known = Calendar.from_spec({**spec, "id": key}) if spec else None
    return frame.page(
        "desk/calendar.html", problem.status if problem else 200, cal=key, name=name, typed=typed,
        weekdays=weeks.weekdays(), refused=frame.message_of(problem) if problem else "",
        days=calendars.preview(known, clock.now_ms(), AHEAD) if known else [],
        unknown=known.unknown_from() if known else None, open_words=open_words, day_words=day_and_weekday,
        unknown_before=lambda day: (day - timedelta(days=1)).isoformat(),
    )


@bp.post("/calendars")
@bp.post("/calendars/<string(maxlength=40):key>")
@staff(RIGHT)
def save_calendar(key: str = "") -> Any:
    """Save a calendar, or say what is wrong with it."""
    typed, name = weeks.read(request.form), request.form.get("name", "").strip()[:MAX_NAME]
    old = calendars.spec_of(key) if key else None
    try:
        if not name:
            raise Problem("name_bad", where="name", max=MAX_NAME)
        made = key or masterdata.new_calendar_key()
        masterdata.save_calendar(made, {**weeks.spec(typed, old), "name": _renamed(old, name)}, actor=me())
    except Problem as problem:
        db.session.rollback()
        return _calendar(key, name, typed, old, problem)
    return redirect(url_for("staffing.calendar", key=made, said="saved"), 303)


def _renamed(old: Any, name: str) -> Any:
    """The name with this language's part changed, where it has several."""
    before = (old or {}).get("name")
    if isinstance(before, dict):
        language = locales.current().replace("_", "-").split("-")[0]
        return {**before, next((one for one in before if one.startswith(language)), language): name}
    return name


def day_and_weekday(day: date) -> str:
    """A day with its weekday."""
    return f"{day_words(day)} {weeks.weekdays()[day.weekday()][1]}"


def open_words(spans: list[tuple[str, str]]) -> str:
    """Hours of a day in words."""
    return _(", ").join(f"{opens}–{closes}" for opens, closes in spans) if spans else _("closed")
