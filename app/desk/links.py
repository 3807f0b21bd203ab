"""The public links of the company: where customers come in, with a code to print."""
from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, send_file
from sqlalchemy import select

from app import locales
from app.core.errors import NotFound, Problem, localized
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.desk import frame
from app.entries import addresses, carried, doors
from app.entries.doors import Way
from app.entries.models import Entry
from app.extensions import db
from app.forms.files import clean_name
from app.forms.loader import Form
from app.security import me, staff

bp = Blueprint("links", __name__)
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@bp.get("/links")
@staff()
def links() -> Response:
    """Every open way in. Whoever may publish can have an address signed that carries values (`entry`, `v.<name>`)."""
    return frame.page("desk/links.html", rows=[_row(way, way.entry) for way in doors.ways() if way.entry])


@bp.get("/links/<uuid:entry_id>/code.<any(svg, png):kind>")
@staff()
def code(entry_id: UUID, kind: str) -> Response:
    """The code of a link as a file to print; with "?with=…", of the address that carries those values."""
    entry = _entry(entry_id)
    values = carried.read(entry.id, request.args.get(carried.PARAMETER, ""))
    data = addresses.file(addresses.address(entry, values), kind)
    name = clean_name(f"{_names(entry)[1]}.{kind}")
    return send_file(BytesIO(data), mimetype=TYPES[kind], as_attachment="download" in request.args, download_name=name)


@bp.get("/links/<uuid:entry_id>/print")
@staff()
def poster(entry_id: UUID) -> Response:
    """A sheet of paper with the code, to stand on a table."""
    entry = _entry(entry_id)
    values = carried.read(entry.id, request.args.get(carried.PARAMETER, ""))
    title, name = _names(entry)
    return frame.page("desk/poster.html", title=title, name=name, code=addresses.svg(addresses.address(entry, values)))


def _entry(entry_id: UUID) -> Entry:
    entry = db.session.scalar(select(Entry).where(Entry.id == str(entry_id), Entry.active))
    if entry is None:
        raise NotFound("link_gone")
    return entry


def _names(entry: Entry) -> tuple[str, str]:
    """What its customers read above the form, and what colleagues call the link."""
    bundle = definitions.bundle(definitions.current_type(entry.type_key).id)
    title = str(localized(bundle.form.title, locales.current()))
    return title, f"{title} {_label(entry, bundle)}"


def _label(entry: Entry, bundle: Bundle) -> str:
    """What colleagues call the way in: the name of the step it leads to."""
    step = bundle.flow.nodes.get(entry.trigger)
    return str(localized(step.name, locales.current())) if step else entry.label


def _row(way: Way, entry: Entry) -> dict[str, Any]:
    bundle = definitions.bundle(way.version_id)
    names = _parameters(bundle.form) if me().may("definitions.publish") else {}
    given = {name: request.args.get(f"v.{name}", "").strip() for name in names}
    values = {name: value for name, value in given.items() if value} if request.args.get("entry") == entry.id else {}
    refused = ""
    try:
        address = addresses.address(entry, values)
    except Problem as problem:
        address, refused = addresses.address(entry), frame.message_of(problem)
    locale = locales.current()
    carries = {carried.PARAMETER: carried.sign(entry.id, values)} if values and not refused else {}
    return {
        "id": entry.id, "label": _label(entry, bundle), "address": address,
        "form": way.form, "title": str(localized(bundle.form.title, locale)),
        "type": str(localized(way.type_name, locale)), "code": addresses.svg(address), "names": names,
        "given": given if values else {}, "carries": carries, "refused": refused,
    }


def _parameters(form: Form) -> dict[str, str]:
    """Parameters that fields of the form take from their link: name → the field's label."""
    return {
        path.removeprefix("link."): str(localized(field.label, locales.current())) for field in form.fields.values()
        for path in (field.prefill, field.type.source(field)) if path and path.startswith("link.")
    }
