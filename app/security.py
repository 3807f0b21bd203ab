"""Layer 3: who may call a route (declared on every view), response headers, and refusing foreign pages' requests."""
from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask_login import current_user

from app.core.errors import Denied, Malformed, Problem, TooLarge
from app.core.principal import Principal
from app.extensions import login_manager, parts
from app.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Policy:
    """Who a view answers: kind "public", "link", "staff" or "bearer", and the right it asks for (if any)."""

    kind: str
    right: str | None = None


def _declare(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anyone may call this view."""
    return _declare(view, Policy("public"))


def link(view: View) -> View:
    """Reached by an unguessable token in the address; the view looks it up and answers 404 for any other."""
    return _declare(view, Policy("link"))


def staff(right: str | None = None) -> Callable[[View], View]:
    """Only for people who are signed in (else: the sign-in page) and, if named, hold `right` (else: 403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()
            if right is not None and right not in current_user.rights:
                raise Denied("right_missing", right=right)
            return view(*args, **kwargs)

        return _declare(cast(View, guarded), Policy("staff", right))

    return decorate


def me() -> Principal:
    """The person who sends this request; behind @staff() only."""
    return cast(Principal, current_user._get_current_object())


def carries(most: int, refusal: Callable[[], TooLarge]) -> Callable[[View], View]:
    """This view takes bodies of up to `most` bytes, whatever the installation allows others; `refusal` names what is
    too large in its own words."""

    def decorate(view: View) -> View:
        view.carries = most, refusal  # type: ignore[attr-defined]
        return view

    return decorate


def bearer(right: str | None = None) -> Callable[[View], View]:
    """Only with an API token; the API package checks it, and that it carries `right`, before any of its views."""

    def decorate(view: View) -> View:
        return _declare(view, Policy("bearer", right))

    return decorate


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy that the view behind `endpoint` declares."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Policy("public")
    view = app.view_functions[endpoint]
    return getattr(view, "policy", None) or getattr(getattr(view, "view_class", None), "policy", None)


def require_policies(app: Flask) -> None:
    """Refuse to start with a view that does not say who may call it."""
    bare = sorted({rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None})
    if bare:
        raise RuntimeError(
            f"These views declare no policy: {', '.join(bare)}. Put @public, @link, @staff() or @bearer() from"
            " app.security below their route decorator."
        )


def csp_nonce() -> str:
    """This response's nonce, for the rare inline script."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast(str, g.csp_nonce)


def _content_security_policy() -> str:
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    return (
        f"default-src 'none'; script-src 'self'{nonce}; style-src 'self'{nonce}; img-src 'self' data: blob:;"
        " media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _content_security_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")  # links carry tokens: no other site may see them
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self), payment=(), usb=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    elif "v" in request.args:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


class TidyRequest(Request):
    """Closes what it opened for files also when the line was cut before all of them had come."""

    def _get_file_stream(self, *args: Any, **more: Any) -> IO[bytes]:
        stream = super()._get_file_stream(*args, **more)
        self.__dict__.setdefault("opened", []).append(stream)
        return stream

    def close(self) -> None:
        """Let go of all files."""
        super().close()
        for stream in self.__dict__.pop("opened", ()):
            stream.close()


class LengthRequired(Problem):
    """A body whose length is not known beforehand: it would have to be read to be judged, or be cut off silently."""

    status = 411


def _limit_body() -> None:
    """Refuse what is too large by its announced length, before anything reads it."""
    if "Transfer-Encoding" in request.headers and request.content_length is None:
        raise LengthRequired("length_required")
    view = current_app.view_functions.get(request.endpoint or "")
    if carried := getattr(view, "carries", None):
        request.max_content_length, refusal = carried
        if (request.content_length or 0) > carried[0]:
            raise refusal()
        return
    settings = parts().settings
    multipart = request.mimetype == "multipart/form-data"
    limit = settings.max_body_bytes if multipart else settings.max_form_bytes
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise TooLarge("body_too_large", limit_mb=f"{limit / 1024 / 1024:g}")


def _refuse_foreign_pages() -> None:
    """A browser that carries our cookies must be on one of our pages when it changes something."""
    if request.method not in UNSAFE or "Authorization" in request.headers:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Malformed("foreign_page")
        return
    origin = request.headers.get("Origin")
    if origin in (None, "null"):  # old browsers, and pages that hide their referrer: the form's own token decides
        return
    ours = {urlsplit(request.host_url).netloc, urlsplit(parts().settings.base_url).netloc}
    if urlsplit(origin).netloc not in ours:
        raise Malformed("foreign_page")


def init_app(app: Flask, settings: Settings) -> None:
    """Install the checks and headers. First of all `init_app`s: nothing may read a body before its size is judged."""
    app.request_class = TidyRequest
    app.config.update(
        SESSION_COOKIE_NAME="danflow",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        WTF_CSRF_SSL_STRICT=False,  # asks for a Referer, which our pages may withhold; see _refuse_foreign_pages
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch can still be sent
        TRUSTED_HOSTS=settings.hosts,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_form_bytes,
        MAX_FORM_PARTS=4000,
    )
    app.before_request(_limit_body)
    app.before_request(_refuse_foreign_pages)
    app.after_request(_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
