"""Another system tells what happened, in its own words; a trigger of a flow makes a ticket of it."""
from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import INCLUDE

from app.api.auth import caller, check_token, idempotency_key
from app.api.parser import StrictParser
from app.api.schemas import Anything, CustomerChange, CustomerNow, Heard, NewMessage, Opened
from app.core.errors import Denied, Invalid, Problem
from app.customers import events
from app.customers import service as customers
from app.entries import messages, news
from app.entries.news import News, Way
from app.extensions import clock, db, parts
from app.flows.config.fills import at
from app.org import service as org
from app.security import bearer

API = "trigger.api"

bp = Blueprint("api_triggers", __name__, url_prefix="/api/v1", description="Triggers")
bp.ARGUMENTS_PARSER = StrictParser()
bp.before_request(check_token)


@bp.route("/triggers/<string(maxlength=64):type_key>/<string(maxlength=64):trigger>", methods=["POST"])
@bearer("tickets.create")
@bp.arguments(Anything(), unknown=INCLUDE)
@bp.response(201, Opened)
def tell(body: dict[str, Any], type_key: str, trigger: str) -> dict[str, Any]:
    """Open a ticket from any JSON object: the trigger's settings say what goes into which field.

    A request is told from a repetition by the unique number whose place the trigger knows, else by an Idempotency-Key
    header. Refusals name the place in what was sent (`where`) and the field in words.
    """
    way = news.way(type_key, trigger, API)
    allowed(way.node.config.tokens)
    place = way.node.config.key
    if place is None or request.headers.get("Idempotency-Key"):
        heard = News(["key", idempotency_key()], body, by=caller().id, strict=True)
    else:
        number = at(body, place)
        if not isinstance(number, str) or not number:
            raise Problem("api_no_number", where=place, path=place)
        heard = News(["number", number], body, by=caller().id)
    received = news.open_from(way, heard, now=clock.now_ms())
    if received.problems:
        raise Invalid([_placed(way, problem) for problem in received.problems])
    return {"id": received.ticket_id, "no": received.no, "version": received.version, "status": received.status,
            "link": f"{parts().settings.base_url}/t/{received.token}", "repeated": received.repeated}


@bp.route("/messages", methods=["POST"])
@bearer("tickets.create")
@bp.arguments(NewMessage())
@bp.response(200, Heard)
def hear(body: dict[str, Any]) -> dict[str, Any]:
    """Tell what a customer wrote in a chat. If a trigger's words are in it, it opens a ticket or joins the customer's.

    The same `id` again changes nothing.
    """
    name = body["customer"].pop("name", "")
    heard = messages.incoming_message(body["customer"], body["text"], body["channel"], message_id=body["id"], name=name,
                                      now=clock.now_ms())
    if heard is None:
        return {"state": "none"}
    ticket = {"ticket_id": heard.received.ticket_id, "no": heard.received.no} if heard.received.ticket_id else {}
    return {"state": heard.state, "type": heard.way.type.key, "trigger": heard.way.node.id, "word": heard.word,
            "repeated": heard.received.repeated, **ticket}


@bp.route("/customers", methods=["POST"])
@bearer("tickets.create")
@bp.arguments(CustomerChange())
@bp.response(200, CustomerNow)
def change_customer(body: dict[str, Any]) -> dict[str, Any]:
    """Tell what is new about a customer: tags, the stage, or something that happened; creates who is unknown.

    Said again it changes nothing, and opens nothing. Flows that wait for it are told within seconds.
    """
    now, name = clock.now_ms(), body["customer"].pop("name", "")
    if body["event"] is not None and body["id"] is None:
        raise Problem("customer_event_id", where="id")
    customer = customers.find_or_create(body["customer"], now=now, name=name)
    for tag in body["add_tags"]:
        events.add_tag(customer["id"], tag, now=now)
    for tag in body["remove_tags"]:
        events.remove_tag(customer["id"], tag, now=now)
    if body["stage"] is not None:
        events.set_stage(customer["id"], body["stage"], now=now)
    if body["event"] is not None:
        events.happened(customer["id"], body["event"], key=f"api:{body['id']}", now=now)
    found = events.profile(customer["id"])
    db.session.commit()
    return found


def allowed(tokens: list[str]) -> None:
    """Denied unless the trigger takes this token."""
    if tokens and org.token_name(caller().token_id) not in tokens:
        raise Denied("api_token_not_taken", where="Authorization")


def _placed(way: Way, problem: Problem) -> Problem:
    """The refusal at the place in the sender's own data, where that is where the field's answer came from."""
    field, dot, rest = problem.where.partition(".")
    taken = {row.to.partition(".")[2]: row.take for row in way.node.config.map}
    problem.where = taken.get(field, field) + dot + rest
    return problem
