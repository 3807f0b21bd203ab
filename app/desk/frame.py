"""What every staff page shares: who is here, the counts in the navigation, refusals as pages of the desk."""
from __future__ import annotations

import re
import uuid
from typing import Any, cast

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_login import current_user

from app import locales
from app.core.errors import Invalid, Malformed, Problem
from app.desk import words
from app.extensions import db
from app.notify import service as notify
from app.runtime import queries
from app.security import me

KEY = re.compile(r"[A-Za-z0-9-]{8,64}\Z")


def counts() -> dict[str, int]:
    """{"todo", "pool", "unread"} for the navigation: two queries, once a request."""
    if "desk_counts" not in g:
        person = me()
        g.desk_counts = {**queries.counts(person), "unread": notify.unread_count(person.id)}
    return cast(dict[str, int], g.desk_counts)


def new_key() -> str:
    """A key for one drawing of a form: sent twice, it acts once."""
    return uuid.uuid4().hex


def command_id() -> str:
    """The idempotency key of the form that was sent, bound to its sender."""
    key = request.form.get("_key", "")
    if not KEY.match(key):
        raise Malformed("form_expired")
    return f"desk:{me().id}:{key}"


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A page of the desk, with the note of what just happened."""
    context.setdefault("note", words.said(request.args.get("said", ""), request.args.get("no", "")[:12]))
    return make_response(render_template(template, key=new_key, **context), status)


def message_of(problem: Problem) -> str:
    """A refusal in the reader's language, with its parts."""
    locale = locales.current()
    if isinstance(problem, Invalid):
        return " ".join(part.message(locale) for part in problem.problems[:5])
    return problem.message(locale)


def refused(problem: Problem) -> Response:
    """A refusal inside the desk: what is wrong, and a way back."""
    db.session.rollback()
    if not current_user.is_authenticated:
        return make_response(render_template("phone/message.html", title="", text=message_of(problem), symbol="info"),
                             problem.status)
    return page("desk/problem.html", problem.status, text=message_of(problem), code=problem.status,
                back=url_for("desk.todo"), note="")


def init_app(app: Flask) -> None:
    """Give templates the words and counts of the desk."""
    app.jinja_env.globals.update(
        desk_counts=counts, since=words.since, due_chip=words.due, priority_chip=words.priority,
        status_chip=words.status, desk_said=words.said, when=words.when, device=words.device,
    )
