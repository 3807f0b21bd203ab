"""Who an anonymous browser is to us: a random number in a signed cookie, and forms that are bound to it.

A visitor owns the files it uploaded and the forms it was shown; it is never a person. The form's token carries the
idempotency key and the published version the form was drawn from, so that an old page is judged by its own rules.
"""
from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from flask import Response, current_app, request
from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer

from app.core.errors import Malformed

COOKIE = "visitor"
COOKIE_S = 30 * 24 * 3600
FORM_S = 14 * 24 * 3600  # a page left open over a holiday can still be sent
MAX_TOKEN = 1000


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a form knows of itself: whose it is, what it was drawn from, and the key that makes it one ticket."""

    subject: str  # entry id, or ticket id
    version: str  # type version id, or the node that asks
    key: str  # idempotency key


def _secret() -> str:
    return str(current_app.secret_key)


def _signer() -> Signer:
    return Signer(_secret(), salt="danflow.visitor", digest_method=hashlib.sha256)


def _forms(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        _secret(), salt=f"danflow.form.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
    )


def known() -> str:
    """The visitor's number from the cookie, or "" for a browser that has none (or a forged one)."""
    try:
        return _signer().unsign(request.cookies.get(COOKIE, "")[:200]).decode("ascii")
    except (BadSignature, UnicodeError):
        return ""


def key_of(number: str) -> str:
    """What is stored instead of the number: a dump of the database is no set of cookies."""
    return hashlib.sha256(f"visitor:{number}".encode()).hexdigest()


def new() -> str:
    """A number that nobody guesses."""
    return secrets.token_urlsafe(18)


def remember(response: Response, number: str) -> None:
    """Set (or prolong) the cookie."""
    response.set_cookie(
        COOKIE, _signer().sign(number).decode("ascii"), max_age=COOKIE_S, httponly=True, samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def form_token(purpose: str, subject: str, version: str, number: str, key: str = "") -> str:
    """A signed token for one drawing of a form; `key` is kept when the same form is drawn again."""
    return _forms(purpose).dumps([subject, version, key or secrets.token_urlsafe(16), key_of(number)[:32]])


def read_form_token(purpose: str, token: str, subject: str, number: str) -> FormToken:
    """The token's content; Malformed("form_token_bad") if it is forged, too old, or another form's or visitor's."""
    try:
        if not number or len(token) > MAX_TOKEN:
            raise BadSignature("")
        found, version, key, owner = _forms(purpose).loads(token, max_age=FORM_S)
    except (BadSignature, ValueError, TypeError):
        raise Malformed("form_token_bad") from None
    if found != subject or not secrets.compare_digest(owner, key_of(number)[:32]):
        raise Malformed("form_token_bad")
    return FormToken(subject, version, key)
