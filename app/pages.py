"""Layer 9: every refusal and every failure, as a page or as JSON, never as a stack trace."""
from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, SecurityError

from app import locales
from app.core.errors import Problem
from app.driver import OUT_OF_REACH

log = structlog.get_logger(__name__)

# HTTP status → message code for what the framework itself refuses.
CODES = {
    400: "bad_request", 401: "sign_in_first", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    408: "too_slow", 409: "conflict", 411: "length_required", 413: "too_large", 414: "address_too_long",
    415: "unsupported_type", 422: "unprocessable", 429: "too_many", 431: "headers_too_large",
    500: "failed", 503: "unavailable",
}


def wants_json() -> bool:
    """Whether the caller is a program: an API address, a JSON body, or JSON preferred over HTML."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def _titles(status: int) -> str:
    return {
        400: _("This could not be read"),
        401: _("Please sign in"),
        403: _("You may not do this"),
        404: _("There is nothing here"),
        410: _("This is closed"),
        405: _("This cannot be done here"),
        409: _("Somebody was faster"),
        413: _("This is too large"),
        422: _("Something needs to be changed"),
        429: _("Too many requests"),
        503: _("Not available right now"),
    }.get(status, _("Something went wrong on our side") if status >= 500 else _("This did not work"))


def refuse(problem: Problem, status: int | None = None) -> Response:
    """The response for a Problem: `{code, message, where}` for programs, a page that says what to do for people."""
    status = status or problem.status
    body = problem.as_dict(locales.current())
    if wants_json():
        response = jsonify(body)
    else:
        problems = body.get("problems") or []
        text = " ".join([body["message"], *(item["message"] for item in problems[:5])])
        response = make_response(
            render_template(
                "phone/message.html", title=_titles(status), text=text, symbol="info",
                retry=request.full_path.rstrip("?") if status in (429, 500, 503) and request.method == "GET" else None,
            )
        )
    response.status_code = status
    return response


def _problem(problem: Problem) -> Response:
    return refuse(problem)


def _csrf(error: CSRFError) -> Response:
    log.info("csrf_refused", reason=error.description)
    return refuse(Problem("form_expired"), 400)


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if isinstance(error, SecurityError):  # a Host that is not ours: pages cannot make addresses for it
        return Response(Problem("bad_request").message("en"), 400, mimetype="text/plain")
    if status < 400 or error.response is not None:
        return error
    response = refuse(Problem(CODES.get(status, "failed" if status >= 500 else "bad_request")), status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _too_many(error: RateLimitExceeded) -> Response:
    response = refuse(Problem("too_many"), 429)
    response.headers["Retry-After"] = str(error.limit.limit.get_expiry() if error.limit else 60)
    return response


def _busy(error: Exception) -> Response:
    """The database cannot be reached, is locked or has no connection free: nothing was stored, try again."""
    log.error("database_unavailable", error=str(getattr(error, "orig", error)))
    response = refuse(Problem("unavailable"), 503)
    response.headers["Retry-After"] = "5"
    return response


def _failed(error: Exception) -> Response:
    log.exception("request_failed", exc_info=error)
    problem = Problem("failed_with_id", id=g.get("request_id", ""))
    return refuse(problem, 500)


def init_app(app: Flask) -> None:
    """Install the error handlers."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(HTTPException, _http)
    for unavailable in (OperationalError, NoConnectionFree, *OUT_OF_REACH):
        app.register_error_handler(unavailable, _busy)
    app.register_error_handler(Exception, _failed)
