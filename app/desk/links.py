"""The public links of the company: where customers come in, with a code to print."""
from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, Response, request, url_for
from sqlalchemy import select

from app import locales
from app.core.errors import Problem, localized
from app.definitions import service as definitions
from app.desk import frame
from app.entries import carried
from app.entries.models import Entry
from app.extensions import db, parts
from app.forms.loader import Form
from app.security import me, staff

bp = Blueprint("links", __name__)


@bp.get("/links")
@staff()
def links() -> Response:
    """Every open way in. Whoever may publish can have an address signed that carries values (`entry`, `v.<name>`)."""
    entries = db.session.scalars(select(Entry).where(Entry.active).order_by(Entry.type_key, Entry.trigger)).all()
    return frame.page("desk/links.html", rows=[_row(entry) for entry in entries])


def _row(entry: Entry) -> dict[str, Any]:
    form = definitions.bundle(definitions.current_type(entry.type_key).id).form
    names = _names(form) if me().may("definitions.publish") else {}
    given = {name: request.args.get(f"v.{name}", "").strip() for name in names}
    values = {name: value for name, value in given.items() if value}
    signed: dict[str, Any] = {}
    refused = ""
    if values and request.args.get("entry") == entry.id:
        try:
            signed = {carried.PARAMETER: carried.sign(entry.id, values)}
        except Problem as problem:
            refused = frame.message_of(problem)
    address = parts().settings.base_url + url_for("entries.form", token=entry.token, **signed)
    return {"id": entry.id, "label": entry.label, "address": address, "code": _code(address), "names": names,
            "given": given if signed or refused else {}, "signed": bool(signed), "refused": refused}


def _names(form: Form) -> dict[str, str]:
    """Parameters that fields of the form take from their link: name → the field's label."""
    return {
        path.removeprefix("link."): str(localized(field.label, locales.current())) for field in form.fields.values()
        for path in (field.prefill, field.type.source(field)) if path and path.startswith("link.")
    }


def _code(address: str) -> str:
    """The address as a QR code: SVG without a size, black on white whatever the theme."""
    return str(segno.make(address, error="m").svg_inline(omitsize=True, border=2, light="#ffffff"))
