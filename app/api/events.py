"""Events: other systems say what has happened, and flows that wait for it go on."""
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.api.auth import caller, check_token, idempotency_key
from app.api.parser import StrictParser
from app.api.schemas import HeardEvent, NewEvent
from app.extensions import clock
from app.runtime import events
from app.security import bearer

bp = Blueprint("api_events", __name__, url_prefix="/api/v1", description="Events of other systems")
bp.ARGUMENTS_PARSER = StrictParser()
bp.before_request(check_token)


@bp.route("/events", methods=["POST"])
@bearer("events.send")
@bp.arguments(NewEvent())
@bp.response(200, HeardEvent)
def send(body: dict[str, Any]) -> dict[str, Any]:
    """Say that `event` has happened to `key` (an order number, say), bringing `data`.

    Every ticket whose flow waits for it goes on at once; `tickets` says how many did. Nobody waiting is no error.
    Send it with the same Idempotency-Key until you have an answer: no ticket hears it twice.
    """
    got = events.receive(body["event"], body["key"].strip(), body["data"], command_id=idempotency_key(), actor=caller(),
                         now=clock.now_ms())
    return {"tickets": got.tickets, "repeated": got.repeated}
