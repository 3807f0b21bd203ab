"""The API as one thing: its views, its token check and its OpenAPI document."""
from __future__ import annotations

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Api

from app.api import definitions, events, links, tickets, triggers
from app.api.schemas import Problems
from app.extensions import csrf
from app.security import public

DESCRIPTION = (
    "Forms, flows and tickets. Times are epoch milliseconds UTC. Every refusal is {code, message, where}; `message` is"
    " worded in the language that Accept-Language asks for."
)

bp = Blueprint("api", __name__, url_prefix="/api/v1")


class Document(Api):
    """flask-smorest for parsing and the document only: refusals are worded in one place for the whole product."""

    ERROR_SCHEMA = Problems

    def _register_error_handlers(self) -> None:
        """None of its own."""


@bp.get("/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """The OpenAPI document of this API."""
    document: Document = current_app.extensions["danflow_api"]
    return jsonify(document.spec.to_dict())


def init_app(app: Flask) -> None:
    """Install the API. It reads no cookie, so it asks for no cross-site token."""
    document = Document(app, spec_kwargs={
        "title": "Danflow", "version": "v1", "openapi_version": "3.0.3", "info": {"description": DESCRIPTION},
        "security": [{"token": []}],
    })
    document.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    app.extensions["danflow_api"] = document
    for blueprint in (definitions.bp, events.bp, links.bp, tickets.bp, triggers.bp):
        csrf.exempt(blueprint)
        document.register_blueprint(blueprint)
    app.register_blueprint(bp)
