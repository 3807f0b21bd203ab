"""Layer 3: which language a reader gets, and texts that come in several."""
from __future__ import annotations

from babel import Locale
from flask import Flask, Response, g, has_request_context, request
from flask_babel import get_locale
from flask_login import current_user

from app.extensions import babel

DEFAULT = "zh_CN"
LOCALES = {"zh": "zh_CN", "en": "en"}  # what a browser may ask for → our catalogue
PARSED = {name: Locale.parse(name) for name in LOCALES.values()}  # parsing a name costs a third of a millisecond
COOKIE = "lang"
YEAR_S = 365 * 24 * 3600


def known(name: str | None) -> str | None:
    """Our name of the language that `name` ("zh-CN", "en_US", "zh") stands for, or None."""
    return LOCALES.get((name or "").replace("_", "-").split("-")[0].lower())


def select() -> Locale:
    """The reader's language: asked for in the address, the person's own, the browser's choice before, its setting."""
    return PARSED[_select() if has_request_context() else DEFAULT]


def _select() -> str:
    asked = known(request.args.get("lang"))
    if asked:
        return asked
    # Only a person who is already loaded: asking would cost public pages a query, and error pages may have no database.
    if "_login_user" in g and (own := known(getattr(current_user, "locale", None))):
        return own
    kept = known(request.cookies.get(COOKIE))
    if kept:
        return kept
    for name, _quality in request.accept_languages:
        if found := known(name):
            return found
    return DEFAULT


def current() -> str:
    """The language in force ("zh_CN" or "en"), also inside `force_locale`."""
    locale = get_locale()
    return DEFAULT if locale is None else LOCALES.get(locale.language, DEFAULT)


def other() -> str:
    """The language to offer instead, as an address would ask for it: "en" or "zh"."""
    return "en" if current().startswith("zh") else "zh"


def _remember(response: Response) -> Response:
    asked = known(request.args.get("lang"))
    if asked:
        response.set_cookie(COOKIE, asked, max_age=YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


def init_app(app: Flask) -> None:
    """Install language selection; templates get `locale` and `other_locale`."""
    babel.init_app(app, default_locale=DEFAULT, default_timezone=app.extensions["danflow"].settings.timezone,
                   locale_selector=select)
    app.after_request(_remember)
    app.context_processor(lambda: {"locale": current(), "other_locale": other()})
