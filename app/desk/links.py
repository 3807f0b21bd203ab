"""The public links of the company: where customers come in, with a code to print."""
from __future__ import annotations

import segno
from flask import Blueprint, Response, url_for
from sqlalchemy import select

from app.desk import frame
from app.entries.models import Entry
from app.extensions import db, parts
from app.security import staff

bp = Blueprint("links", __name__)


@bp.get("/links")
@staff()
def links() -> Response:
    """Every open way in."""
    base = parts().settings.base_url
    entries = db.session.scalars(select(Entry).where(Entry.active).order_by(Entry.type_key, Entry.trigger))
    rows = []
    for entry in entries:
        address = base + url_for("entries.form", token=entry.token)
        rows.append({"label": entry.label, "address": address, "code": _code(address)})
    return frame.page("desk/links.html", rows=rows)


def _code(address: str) -> str:
    """The address as a QR code: SVG without a size, black on white whatever the theme."""
    return str(segno.make(address, error="m").svg_inline(omitsize=True, border=2, light="#ffffff"))
