"""Links for customers that carry what a program knows: an order number, a table, a shop."""
from __future__ import annotations

from typing import Any

from flask import url_for
from flask_smorest import Blueprint

from app.api.auth import check_token
from app.api.parser import StrictParser
from app.api.schemas import Link, NewLink
from app.entries import carried, doors
from app.extensions import parts
from app.security import bearer

bp = Blueprint("api_links", __name__, url_prefix="/api/v1", description="Customers' links")
bp.ARGUMENTS_PARSER = StrictParser()
bp.before_request(check_token)


@bp.route("/links", methods=["POST"])
@bearer("tickets.create")
@bp.arguments(NewLink())
@bp.response(201, Link)
def create(body: dict[str, Any]) -> dict[str, Any]:
    """The address of a public form with values that its customer cannot change, signed. Nothing is stored.

    Hidden fields (`from: "link.order_no"`) take these values only; fields with `prefill: "link.order_no"` open with
    them. Whoever has the link can read the values, and it works as long as the form is public.
    """
    entry = doors.entry(body["type"], body["trigger"])
    signed: dict[str, Any] = {carried.PARAMETER: carried.sign(entry.id, body["values"])}
    return {"address": parts().settings.base_url + url_for("entries.form", token=entry.token, **signed)}
