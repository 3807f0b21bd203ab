"""Reading request bodies and queries: strict JSON, and refusals in the API's one shape."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from app.core import strictjson
from app.core.errors import Invalid, Malformed, Problem


class StrictParser(FlaskParser):
    """webargs with our JSON reader and our errors: 400 for what cannot be read, 422 by name for what is wrong."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}  # noqa: RUF012 - webargs declares it so

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as an object. Anything else is refused here, whatever content type was claimed."""
        if req.mimetype != "application/json":
            raise Malformed("api_content_type", where="Content-Type")
        body = strictjson.loads(req.get_data(), max_bytes=req.max_content_length or 0)  # as app.security judged it
        if not isinstance(body, dict):
            raise Malformed("json_object")
        return body

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: int | None,
                     error_headers: Mapping[str, str] | None) -> NoReturn:
        """Every wrong key at its place."""
        problems = [Problem("api_value", where=where, reason=reason, name=where)
                    for place in error.normalized_messages().values() for where, reason in _flat(place)]
        raise Invalid(problems or [Problem("api_value", reason=str(error), name="")])


def _flat(messages: Any, where: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        return [item for key, value in messages.items() for item in _flat(value, f"{where}.{key}".lstrip("."))]
    reasons = messages if isinstance(messages, list) else [messages]
    return [(where, str(reason)) for reason in reasons]
