"""The address of a public link, and its code to scan: on the screen, and as a file to print."""
from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import segno
from flask import url_for

from app.entries import carried
from app.entries.models import Entry
from app.extensions import parts

PIXELS = 24  # a module of a printed code: about 1000 pixels for the whole


def address(entry: Entry, values: Mapping[str, str] | None = None) -> str:
    """Where the link leads; with values that it carries, signed. Problem for values that no form can ask for."""
    signed: dict[str, Any] = {carried.PARAMETER: carried.sign(entry.id, values)} if values else {}
    return parts().settings.base_url + url_for("entries.form", token=entry.token, **signed)


def svg(text: str) -> str:
    """An address as a QR code without a size, black on white whatever the theme."""
    return str(segno.make(text, error="m").svg_inline(omitsize=True, border=2, light="#ffffff"))


def file(text: str, kind: str) -> bytes:
    """The same as a file: "svg" or "png"."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind=kind, scale=PIXELS, border=4, light="#ffffff")
    return out.getvalue()
