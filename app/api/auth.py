"""Bearer tokens: who calls, before any view of this package runs."""
from __future__ import annotations

import re

from flask import current_app, g, request

from app.core.errors import Denied, Problem
from app.core.principal import Principal
from app.extensions import clock
from app.org import service as org
from app.security import policy_of

KEY = re.compile(r"[A-Za-z0-9_.:\-]{1,70}\Z")


class NoToken(Problem):
    """No token, or none that is good (any more): told apart to nobody."""

    status = 401


def caller() -> Principal:
    """The person this request's token acts for."""
    principal: Principal = g.principal
    return principal


def check_token() -> None:
    """Refuse the request unless its token is good and carries the right that the view declares."""
    policy = policy_of(current_app, request.endpoint or "")
    if policy is None or policy.kind != "bearer":
        return
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    principal = org.token_principal(token.strip(), clock.now_ms()) if kind.lower() == "bearer" and token else None
    if principal is None:
        raise NoToken("api_no_token", where="Authorization")
    if policy.right is not None and not principal.may(policy.right):
        raise Denied("api_right", right=policy.right)
    g.principal = principal


def idempotency_key() -> str:
    """This request's Idempotency-Key, bound to its caller, so that two callers never share one."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not KEY.match(key):
        raise Problem("api_idempotency_key", where="Idempotency-Key")
    return f"api:{caller().id[:40]}:{key}"
