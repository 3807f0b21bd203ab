"""Calling another system through a connector: its address, headers and signature; the flow's path and body.

Every call carries `Idempotency-Key` (a repeated call must not pay twice) and, if the connector has a secret,
`X-Danflow-Signature: v1=<hex HMAC-SHA256 of "METHOD\\npath\\nkey\\nbody">`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from app import vault
from app.core.errors import NotFound
from app.extensions import db
from app.org.models import Connector
from app.outbound import MAX_BODY, OutboundError, request

MAX_PATH = 1000
PATH_SAFE = "/?&=%-._~!$'()*+,;:@"


@dataclass(frozen=True)
class ConnectorInfo:
    """A connector with its sealed parts opened: never logged, never shown."""

    key: str
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    secret: str = field(repr=False)
    allow_hosts: tuple[str, ...]


class Called(NamedTuple):
    """`ok`: the other side accepted (2xx). `result`: its JSON object, else {"text": first 2,000 characters}."""

    ok: bool
    status: int
    result: dict[str, Any]


def connector(key: str) -> ConnectorInfo:
    """The connector, opened; raises NotFound. One query."""
    row = db.session.get(Connector, key)
    if row is None:
        raise NotFound("connector_unknown", where=key[:60], connector=key[:40])
    return ConnectorInfo(
        key=row.key,
        base_url=row.base_url,
        headers=json.loads(vault.open_(row.headers, f"connector/headers/{row.key}")) if row.headers else {},
        secret=vault.open_(row.secret, f"connector/secret/{row.key}") if row.secret else "",
        allow_hosts=tuple(row.allow_hosts),
    )


def sign(secret: str, method: str, path: str, idem_key: str, body: bytes) -> str:
    """The value of X-Danflow-Signature: what the other side computes too, over the path as it arrives."""
    message = f"{method}\n{path}\n{idem_key}\n".encode() + body
    return "v1=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def call(
    to: ConnectorInfo, method: str, path: str, body: Any, headers: Mapping[str, str], timeout_ms: int, idem_key: str
) -> Called:
    """One call; raises OutboundError if no answer came (its `permanent` says whether trying again can help).

    `path` starts with "/" and is appended to the connector's address; it cannot lead to another host. `body` becomes
    JSON unless it is None. Opens no transaction: close yours before calling.
    """
    url = address(to.base_url, path)
    payload = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if len(payload) > MAX_BODY:
        raise OutboundError("outbound_body_large", f"{len(payload)} bytes", permanent=True)
    # The connector's own headers win: a flow must not replace the credentials it is allowed to use.
    sent = {**headers, **to.headers, "Accept": "application/json", "Idempotency-Key": idem_key}
    if body is not None:
        sent["Content-Type"] = "application/json; charset=utf-8"
    if to.secret:
        parts = urlsplit(url)
        arriving = parts.path + (f"?{parts.query}" if parts.query else "")
        sent["X-Danflow-Signature"] = sign(to.secret, method, arriving, idem_key, payload)
    answer = request(method, url, body=payload, headers=sent, timeout_s=timeout_ms / 1000, allow_hosts=to.allow_hosts)
    return Called(200 <= answer.status < 300, answer.status, _result(answer.body))


def address(base_url: str, path: str) -> str:
    """The address of a path below a connector's; OutboundError("outbound_path") for one that leads elsewhere."""
    # Servers read "%2e" as a dot, and some a backslash as a slash.
    names = re.split(r"[/\\]", unquote(path.partition("?")[0]))
    if not path.startswith("/") or path.startswith("//") or len(path) > MAX_PATH or not {".", ".."}.isdisjoint(names):
        raise OutboundError(
            "outbound_path", "the path must start with one / and stay below the connector's address", permanent=True
        )
    return base_url.rstrip("/") + quote(path, safe=PATH_SAFE)


def _result(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {"text": body.decode("utf-8", "replace")[:2000]}
    return value if isinstance(value, dict) else {"value": value}
