"""Layer 3: structured logs. One JSON object a line (coloured text for a person), with a request id and no secrets."""
from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user

from app.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECRET_KEYS = re.compile(
    r"pass(word|wd)?|secret|token|authorization|cookie|api_?key|signature|phone|mobile|email|id_?card|address", re.I
)
HIDDEN = "[hidden]"
# What must not reach a log even inside a sentence: links with tokens, bearer tokens, phone and identity numbers,
# e-mail addresses, and passwords in addresses of services.
HIDE = (
    (re.compile(r"(/[ft]/)[A-Za-z0-9_-]{8,}"), r"\1" + HIDDEN),
    (re.compile(r"([?&](?:token|key|code|state|signature)=)[^&\s\"]+", re.I), r"\1" + HIDDEN),
    (re.compile(r"(Bearer )[\w.~+/=-]+"), r"\1" + HIDDEN),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), r"\1" + HIDDEN + "@"),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)"), HIDDEN),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), HIDDEN),
    # Looked for at the beginning of a word only: from each letter on it would cost the square of a long word's length.
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,128}@[\w-]+\.[\w.-]+"), HIDDEN),
)


def hide(text: str) -> str:
    """`text` without tokens, phone and identity numbers, e-mail addresses and passwords."""
    for pattern, replacement in HIDE:
        text = pattern.sub(replacement, text)
    return text


def _clean(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return hide(value)
    if depth < 4 and isinstance(value, Mapping):
        return {key: HIDDEN if SECRET_KEYS.search(str(key)) else _clean(item, depth + 1) for key, item in value.items()}
    if depth < 4 and isinstance(value, list | tuple):
        return [_clean(item, depth + 1) for item in value]
    return value


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: the last before rendering."""
    for key, value in event.items():
        event[key] = HIDDEN if SECRET_KEYS.search(key) else _clean(value)
    return event


class StandardError(logging.StreamHandler):
    """Writes to whatever standard error is at that moment (tests replace it)."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def configure(settings: Settings) -> None:
    """Send structlog and the standard library's logging through one chain to standard error."""
    as_json = settings.log_json
    if as_json is None:
        as_json = not (settings.env == "development" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if as_json:
        shared.append(structlog.processors.format_exc_info)
    renderer: Any = structlog.dev.ConsoleRenderer()
    if as_json:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide_secrets, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if not isinstance(kept, StandardError)]
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in ("rq.worker", "alembic", "werkzeug"):
        logging.getLogger(name).setLevel("WARNING")


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint in ("static", "health.livez", "health.readyz"):
        return response
    structlog.get_logger("danflow.web").info(
        "request",
        method=request.method,
        # The rule, not the path: paths carry tokens.
        route=str(request.url_rule) if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        person=getattr(current_user, "id", None) if "_login_user" in g else None,
    )
    return response


def init_app(app: Flask, settings: Settings) -> None:
    """Log every request once; bind its id to every line logged meanwhile."""
    configure(settings)
    app.before_request(_begin)
    app.after_request(_end)
