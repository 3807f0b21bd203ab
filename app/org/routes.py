"""Signing in and out, and a colleague's own page: name, roles, language, where they are signed in."""
from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Request, Response, make_response, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from sqlalchemy import select

from app import locales
from app.core.errors import Problem, localized
from app.core.principal import Principal
from app.extensions import clock, db, login_manager
from app.org import people, sessions
from app.org.models import Role
from app.org.passwords import Busy
from app.security import public, staff

bp = Blueprint("org", __name__)
TOKEN = "token"  # noqa: S105 - where the browser's signed session keeps the session token
MAX_NEXT = 500


class Colleague(Principal):
    """A signed-in person, with what flask-login asks of one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Who it is."""
        return self.id


def load(_: Request) -> Colleague | None:
    """Who sends this request: one query, and none without a session token."""
    token = session.get(TOKEN)
    found = sessions.principal(token, clock.now_ms()) if isinstance(token, str) else None
    return Colleague(**{part.name: getattr(found, part.name) for part in fields(found)}) if found else None


def ask_to_sign_in() -> Any:
    """To the sign-in page, and afterwards back to where the person wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("org.sign_in", next=wanted if wanted not in ("", "/") else None), 303)


@bp.record_once
def _connect(state: BlueprintSetupState) -> None:
    # The cookie changes with the sign-in only: answers that cross each other cannot bring an old one back.
    state.app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    login_manager.request_loader(load)
    login_manager.unauthorized_handler(ask_to_sign_in)
    login_manager.session_protection = None  # sessions are bound to a secret token in the database, not to an address


def own_path(wanted: str) -> str:
    """`wanted` if it is an address of ours without a host, else the home page."""
    parts = urlsplit(wanted) if wanted.isprintable() and "\\" not in wanted and len(wanted) <= MAX_NEXT else None
    ours = parts is not None and not parts.scheme and not parts.netloc
    # Browsers read "//host" and "/\host" as another site.
    return wanted if ours and wanted.startswith("/") and not wanted.startswith("//") else "/"


@bp.get("/sign-in")
@public
def sign_in() -> Any:
    """The sign-in form; whoever is signed in goes on."""
    wanted = own_path(request.args.get("next", "/"))
    if current_user.is_authenticated:
        return redirect(wanted, 303)
    return _form(wanted)


@bp.post("/sign-in")
@public
def enter() -> Any:
    """Check login and password; the session begins under a new token, and a new signed cookie."""
    wanted = own_path(request.form.get("next", "/"))
    login = request.form.get("login", "")
    try:
        opened = sessions.sign_in(
            login, request.form.get("password", ""), ip=request.remote_addr or "", agent=request.user_agent.string,
            now=clock.now_ms(), old_token=str(session.get(TOKEN) or ""),
        )
    except (sessions.SignInRefused, sessions.SignInDelayed, Busy) as problem:
        return _form(wanted, login, problem)
    session.clear()
    session[TOKEN] = opened.token
    session.permanent = True
    return redirect(wanted, 303)


def _form(wanted: str, login: str = "", problem: Problem | None = None) -> Response:
    message = problem.message(locales.current()) if problem else ""
    response = make_response(
        render_template("org/sign_in.html", wanted=wanted, login=login[: sessions.MAX_LOGIN], message=message),
        problem.status if problem else 200,
    )
    if problem and "seconds" in problem.params:
        response.headers["Retry-After"] = str(problem.params["seconds"])
    return response


@bp.post("/sign-out")
@staff()
def sign_out() -> Any:
    """End this session."""
    sessions.sign_out(session[TOKEN])
    session.clear()
    return redirect(url_for("org.sign_in"), 303)


@bp.post("/sign-out/everywhere")
@staff()
def sign_out_everywhere() -> Any:
    """End every session of this person."""
    sessions.revoke_sessions(current_user.id)
    db.session.commit()
    session.clear()
    return redirect(url_for("org.sign_in"), 303)


@bp.get("/me")
@staff()
def me() -> str:
    """The person's own page."""
    locale = locales.current()
    names = db.session.scalars(select(Role.name).where(Role.key.in_(current_user.roles)).order_by(Role.key))
    return render_template(
        "org/me.html", roles=[str(localized(name, locale)) for name in names],
        sessions=sessions.open_sessions(current_user.id, clock.now_ms()), now=clock.now_ms(),
    )


@bp.post("/me/language")
@staff()
def language() -> Any:
    """Choose the language of one's screens and messages."""
    chosen = locales.known(request.form.get("language"))
    if chosen:
        people.set_locale(current_user.id, chosen)
    return redirect(url_for("org.me", said="language"), 303)
