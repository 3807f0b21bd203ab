"""A colleague opens a ticket for a customer, at the ways in that flows make for them: what is known is filled in."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from app import locales
from app.core.errors import Conflict, NotFound, Problem, localized
from app.customers import service as customers
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.service import TypeVersion
from app.desk import frame
from app.desk.frame import me
from app.entries import intake, pages, posted, taking, uploads
from app.entries.routes import serve, with_files
from app.extensions import clock
from app.org import live_answers
from app.org.directory import directory
from app.runtime import past, queries
from app.runtime.ports import StaffPorts, session_key
from app.security import staff

bp = Blueprint("opening", __name__, url_prefix="/new")
bp.register_error_handler(Problem, frame.refused)
RIGHT = "tickets.create"
KIND = "trigger.chat_sidebar"
MAX_PHONE = 30
WAY = "/<string(maxlength=64):type_key>/<string(maxlength=64):trigger>"


@dataclass(frozen=True)
class Way:
    """One way in: the ticket type in force and its step. `name`: in the reader's language."""

    type: TypeVersion
    trigger: str
    bundle: Bundle

    @property
    def name(self) -> str:
        """What the ticket type is called."""
        return str(localized(self.type.name, locales.current()))


@dataclass(frozen=True)
class Known:
    """The customer of a phone number: {"id", "name", "level", "phone"} or nobody yet; why the number was refused."""

    phone: str = ""
    customer: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


def _ways() -> list[Way]:
    """Every published way in for colleagues."""
    found = [(kind, definitions.bundle(kind.id)) for kind in definitions.current_types()]
    return [Way(kind, node.id, bundle) for kind, bundle in found
            for node in bundle.flow.triggers() if node.type.type == KIND]


def _way(type_key: str, trigger: str) -> Way:
    kind = definitions.current_type(type_key)
    if kind.archived:
        raise Conflict("type_archived", where="type", name=kind.name)
    bundle = definitions.bundle(kind.id)
    if all(node.id != trigger or node.type.type != KIND for node in bundle.flow.triggers()):
        raise NotFound("not_found")
    return Way(kind, trigger, bundle)


def _known(phone: str) -> Known:
    phone = phone.strip()[:MAX_PHONE]
    if not phone:
        return Known()
    try:
        found = customers.find({"phone": phone})
    except Problem as problem:
        return Known(phone, refused=frame.message_of(problem))
    return Known(phone, {**found, "phone": customers.normal("phone", phone)} if found else {})


@bp.get("/")
@staff(RIGHT)
def index() -> Any:
    """Which kind of ticket; the only one at once."""
    ways = _ways()
    if len(ways) == 1:
        return redirect(url_for("opening.show", type_key=ways[0].type.key, trigger=ways[0].trigger))
    return frame.page("desk/new_which.html", ways=ways)


@bp.get(WAY)
@staff(RIGHT)
def show(type_key: str, trigger: str) -> Response:
    """The form; `?phone=` whose customer it is, with what is known of them."""
    way, known, now = _way(type_key, trigger), _known(request.args.get("phone", "")), clock.now_ms()
    form = way.bundle.form
    given = dict.fromkeys(intake.identity_fields(form, "phone")[:1], known.phone)
    history = past.answers(me(), known.customer["id"], way.bundle) if known.customer else {}
    values = way.bundle.initial(trigger, way.bundle.opening(trigger, known.customer), now, _ports(), history=history,
                                given=given)
    return _page(way, known, values, now)


def _page(
    way: Way, known: Known, values: Mapping[str, Any], now: int, *, problems: Sequence[Problem] = (), status: int = 200,
) -> Response:
    bundle = way.bundle
    view = bundle.view(way.trigger, values, bundle.opening(way.trigger, known.customer), now, _ports(),
                       locale=locales.current(), problems=problems)
    earlier = past.tickets(me(), known.customer["id"]) if known.customer else []
    return frame.page(
        "desk/new.html", status, way=way, recognised=intake.recognised(bundle.form), known=known, view=view,
        words=pages.words(), earlier=earlier, now=now, form_key=request.form.get("_key") or frame.new_key())


def _ports() -> StaffPorts:
    return StaffPorts(directory(me().mark), "", me().id)


@bp.post(WAY)
@staff(RIGHT)
def send(type_key: str, trigger: str) -> Any:
    """Open the ticket; or draw the form again, with one change or with what is wrong."""
    command = frame.command_id()
    way, now = _way(type_key, trigger), clock.now_ms()
    form, access = way.bundle.form, way.bundle.access(trigger)
    sent, problems = with_files(form, access, session_key(me().id), now)
    known = _known(sent.get("_phone", ""))
    sent.poplist("csrf_token")
    raw = posted.answers(form, access, sent)
    do = posted.Do.read(request.form.get("_do", ""))
    live_answers.prepare(form, raw, now=now, mark=me().mark, keep=do is None)
    if do is not None:
        return _page(way, known, posted.change(form, raw, sent, do), now, problems=problems)
    done = intake.open_ticket(
        way.bundle, way.type.id, trigger, raw, problems, ports=_ports(), by=me().id, now=now, command_id=command,
        channel=str(getattr(way.bundle.node(trigger).config, "channel", "") or ""), request=[type_key, trigger],
    )
    if done.problems:
        return _page(way, known, raw, now, problems=done.problems, status=422)
    if queries.may_see(me(), done.ticket_id):
        return redirect(url_for("ticket.show", ticket_id=done.ticket_id, said="opened", no=done.no), 303)
    return redirect(url_for("desk.todo", said="opened", no=done.no), 303)


@bp.post(f"{WAY}/uploads")
@bp.route(f"{WAY}/uploads/<uuid:upload_id>", methods=["POST", "DELETE"])
@staff(RIGHT)
def upload(type_key: str, trigger: str, upload_id: Any = None) -> Response:
    """A file of a script, or a piece of one: see `taking`."""
    way = _way(type_key, trigger)
    return taking.take(way.bundle.form, way.bundle.access(trigger), session_key(me().id), clock.now_ms(), upload_id)


@bp.get("/files/<uuid:upload_id>")
@staff(RIGHT)
def file(upload_id: Any) -> Response:
    """A file that this colleague just sent."""
    return serve(uploads.visitors(str(upload_id), session_key(me().id)))
