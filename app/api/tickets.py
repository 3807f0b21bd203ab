"""Tickets, their history and their tasks: the same services that the screens use."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.api.auth import caller, check_token, idempotency_key
from app.api.parser import StrictParser
from app.api.schemas import (
    Action,
    Done,
    Event,
    EventQuery,
    NewTicket,
    Note,
    Nothing,
    Opened,
    Revealed,
    Task,
    TaskInFull,
    TaskQuery,
    Ticket,
    TicketPage,
    TicketQuery,
    Urge,
    Withdraw,
)
from app.api.triggers import API, allowed
from app.core.errors import Conflict, Invalid, Problem
from app.definitions import service as definitions
from app.entries import intake
from app.extensions import clock, parts
from app.locales import current as locale
from app.org import live_answers
from app.org.directory import directory
from app.runtime import queries, reveals, serial, service
from app.runtime.ports import StaffPorts
from app.security import bearer

bp = Blueprint("api_tickets", __name__, url_prefix="/api/v1", description="Tickets and tasks")
bp.ARGUMENTS_PARSER = StrictParser()
bp.before_request(check_token)

# Which way in a caller takes who names none, in this order.
API_TRIGGERS = (API, "trigger.chat_sidebar", "trigger.public_form")


def _done(done: service.Done) -> dict[str, Any]:
    return {"ticket_id": done.ticket_id, "no": done.no, "version": done.version, "status": done.status,
            "repeated": done.repeated}


def _trigger(bundle: Any, wanted: str | None) -> str:
    """The entry step to use: the one named, else the first of the kinds that people and programs may start."""
    triggers = {node.id: node.type.type for node in bundle.flow.triggers() if node.type.type in API_TRIGGERS}
    if wanted is not None:
        if wanted not in triggers:
            raise Problem("api_trigger", where="trigger", name=wanted, known=", ".join(triggers))
        return wanted
    for kind in API_TRIGGERS:
        for node_id, found in triggers.items():
            if found == kind:
                return node_id
    raise Problem("api_trigger", where="trigger", name="", known=", ".join(triggers))


@bp.route("/tickets", methods=["POST"])
@bearer("tickets.create")
@bp.arguments(NewTicket())
@bp.response(201, Opened)
def create(body: dict[str, Any]) -> dict[str, Any]:
    """Open a ticket. Needs an Idempotency-Key header: the same key again gives the same ticket.

    `link` is the customer's page; read the ticket itself at /tickets/{ticket_id}.
    """
    actor, key, now = caller(), idempotency_key(), clock.now_ms()
    kind = definitions.current_type(body["type"])
    if kind.archived:
        raise Conflict("type_archived", where="type", name=kind.name)
    bundle = definitions.bundle(kind.id)
    trigger = _trigger(bundle, body["trigger"])
    for_systems = bundle.node(trigger).type.type == API
    if for_systems:
        allowed(bundle.node(trigger).config.tokens)
    live_answers.prepare(bundle.form, body["form"], now=now, mark=actor.mark, keep=True)
    received = intake.open_ticket(
        bundle, kind.id, trigger, body["form"], ports=StaffPorts(directory(actor.mark), "", actor.id), channel="api",
        command_id=key, now=now, by=actor.id, request=[body["type"], trigger, body["form"]],
        recognise=for_systems,
    )
    if received.problems:
        raise Invalid(received.problems)
    return {"id": received.ticket_id, "no": received.no, "version": received.version, "status": received.status,
            "link": f"{parts().settings.base_url}/t/{received.token}", "repeated": received.repeated}


@bp.route("/tickets")
@bearer("api.use")
@bp.arguments(TicketQuery(), location="query")
@bp.response(200, TicketPage)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """The tickets that the token's person may see, newest first. `next` goes into `before` for the page after."""
    filters = {name: query[name] for name in ("status", "type", "q", "owner") if query[name]}
    rows, after = queries.tickets(caller(), filters, before=query["before"], limit=query["limit"])
    return {"items": [serial.ticket_json(row) for row in rows], "next": after or None}


@bp.route("/tickets/<uuid:ticket_id>")
@bearer("api.use")
@bp.response(200, Ticket)
def read(ticket_id: UUID) -> dict[str, Any]:
    """A ticket with the answers this person may read, and its tasks."""
    actor = caller()
    detail = queries.ticket(actor, str(ticket_id))
    view = serial.answers(detail, actor, directory(actor.mark), clock.now_ms(), locale())
    return {**serial.ticket_json(detail.line), "answers": serial.answers_json(view),
            "tasks": [serial.task_in_full(task, detail, actor, locale()) for task in detail.tasks]}


@bp.route("/tickets/<uuid:ticket_id>/events")
@bearer("api.use")
@bp.arguments(EventQuery(), location="query")
@bp.response(200, Event(many=True))
def events(query: dict[str, Any], ticket_id: UUID) -> list[dict[str, Any]]:
    """What happened on a ticket, in order. Read on with `after` = the last `seq` until nothing comes."""
    detail = queries.ticket(caller(), str(ticket_id))
    seen = serial.levels(detail, caller(), definitions.bundle(detail.line.type_version_id))
    return serial.events_json(queries.events_of(str(ticket_id), **query), seen)


@bp.route("/tickets/<uuid:ticket_id>/comments", methods=["POST"])
@bearer("api.use")
@bp.arguments(Note())
@bp.response(200, Done)
def comment(body: dict[str, Any], ticket_id: UUID) -> dict[str, Any]:
    """Write a remark that colleagues see."""
    return _done(service.comment(str(ticket_id), body["note"], actor=caller(), command_id=idempotency_key()))


@bp.route("/tickets/<uuid:ticket_id>/withdraw", methods=["POST"])
@bearer("api.use")
@bp.arguments(Withdraw())
@bp.response(200, Done)
def withdraw(body: dict[str, Any], ticket_id: UUID) -> dict[str, Any]:
    """End a ticket without a result."""
    return _done(service.withdraw(str(ticket_id), body["note"], actor=caller(), command_id=idempotency_key(),
                                  children=body["children"]))


@bp.route("/tickets/<uuid:ticket_id>/urge", methods=["POST"])
@bearer("api.use")
@bp.arguments(Urge())
@bp.response(200, Done)
def urge(body: dict[str, Any], ticket_id: UUID) -> dict[str, Any]:
    """Remind those whom the ticket waits for; not more than once in half an hour."""
    return _done(service.urge(str(ticket_id), body["note"], actor=caller(), command_id=idempotency_key()))


@bp.route("/tickets/<uuid:ticket_id>/answers/<field_id>/reveal", methods=["POST"])
@bearer("api.use")
@bp.arguments(Nothing())
@bp.response(200, Revealed)
def reveal(_body: dict[str, Any], ticket_id: UUID, field_id: str) -> dict[str, Any]:
    """Have a masked answer shown: only with a role that its field names, recorded in the ticket's history, and not more
    than sixty times an hour. Each call counts."""
    actor, now = caller(), clock.now_ms()
    reveals.reveal(str(ticket_id), field_id, actor=actor, now=now)
    detail = queries.ticket(actor, str(ticket_id))
    view = serial.answers(detail, actor, directory(actor.mark), now, locale(), revealed=field_id)
    shown = next((field for field in view.fields() if field.id == field_id), None)
    return {"field": field_id, "label": shown.label if shown else "", "display": shown.display if shown else "",
            "value": shown.value if shown else None}


@bp.route("/tasks")
@bearer("api.use")
@bp.arguments(TaskQuery(), location="query")
@bp.response(200, Task(many=True))
def tasks(query: dict[str, Any]) -> list[dict[str, Any]]:
    """What this person has to do (`todo`) or may claim (`pool`)."""
    wanted = queries.todo if query["view"] == "todo" else queries.pool
    return [serial.task_json(task) for task in wanted(caller(), limit=query["limit"])]


@bp.route("/tasks/<uuid:task_id>")
@bearer("api.use")
@bp.response(200, TaskInFull)
def task(task_id: UUID) -> dict[str, Any]:
    """One task, with what may be done with it besides its buttons and where it can be returned to."""
    actor = caller()
    line = queries.task(actor, str(task_id))
    return serial.task_in_full(line, queries.ticket(actor, line.ticket_id), actor, locale())


@bp.route("/tasks/<uuid:task_id>/actions", methods=["POST"])
@bearer("api.use")
@bp.arguments(Action())
@bp.response(200, Done)
def act(body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    """Act on a task. Needs an Idempotency-Key header; `version` refuses (409) if the ticket moved on since."""
    actor = caller()
    version = queries.version_of(str(task_id)) if body["form"] and directory(actor.mark).asks_elsewhere() else None
    if version:
        live_answers.prepare(definitions.bundle(version).form, body["form"], now=clock.now_ms(), mark=actor.mark,
                             keep=True)
    return _done(service.act(
        str(task_id), body["action"], body["form"], actor=actor, command_id=idempotency_key(), note=body["note"],
        to=body["to"], when=body["when"], expected_version=body["version"],
    ))
