"""Forms, flows and ticket types: drafts in, published versions out."""
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.api.auth import caller, check_token
from app.api.parser import StrictParser
from app.api.schemas import Definition, Draft, Nothing
from app.core.errors import NotFound
from app.definitions import service
from app.entries import doors
from app.extensions import clock
from app.locales import current as locale
from app.org import service as org
from app.security import bearer, carries

KINDS = {"forms": "form", "flows": "flow", "ticket-types": "ticket_type"}

bp = Blueprint("api_definitions", __name__, url_prefix="/api/v1", description="Forms, flows and ticket types")
bp.ARGUMENTS_PARSER = StrictParser()
bp.before_request(check_token)


def _kind(kinds: str) -> str:
    if kinds not in KINDS:
        raise NotFound("not_found", where="kinds")
    return KINDS[kinds]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "version": row.get("current_version") or None}


@bp.route("/<any(forms,flows,'ticket-types'):kinds>")
@bearer("definitions.edit")
@bp.response(200, Definition(many=True))
def index(kinds: str) -> list[dict[str, Any]]:
    """All definitions of a kind, without their content."""
    return [_shown(row) for row in service.list_definitions(_kind(kinds))]


@bp.route("/<any(forms,flows,'ticket-types'):kinds>/<string(maxlength=40):key>")
@bearer("definitions.edit")
@bp.response(200, Definition)
def read(kinds: str, key: str) -> dict[str, Any]:
    """A definition with its draft."""
    return _shown(service.draft(_kind(kinds), key))


@bp.route("/<any(forms,flows,'ticket-types'):kinds>/<string(maxlength=40):key>", methods=["PUT"])
@carries(service.MAX_REQUEST, service.too_large)
@bearer("definitions.edit")
@bp.arguments(Draft())
@bp.response(200, Definition)
def store(body: dict[str, Any], kinds: str, key: str) -> dict[str, Any]:
    """Store a draft. `rev` is the revision it was made from; leave it out for a new definition."""
    rev = service.save_draft(_kind(kinds), key, body["content"], body["rev"] or 0, actor=caller(), now=clock.now_ms())
    return {"kind": _kind(kinds), "key": key, "rev": rev}


@bp.route("/<any(forms,flows,'ticket-types'):kinds>/<string(maxlength=40):key>/publish", methods=["POST"])
@bearer("definitions.publish")
@bp.arguments(Nothing(), required=False)
@bp.response(200, Definition)
def publish(_body: dict[str, Any], kinds: str, key: str) -> dict[str, Any]:
    """Freeze the draft as the next version. Refused with the findings (422) if the checks find errors."""
    kind, now = _kind(kinds), clock.now_ms()
    done = service.publish(kind, key, actor=caller(), now=now, known=org.known())
    if kind == "ticket_type":
        doors.ensure_entries(key, now=now)
    return {"kind": kind, "key": key, "version": done.version,
            "warnings": [finding.as_dict(locale()) for finding in done.findings if finding.level == "warning"]}
