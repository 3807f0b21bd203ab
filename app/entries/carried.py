"""What a link carries for its form, signed by us: an order number that nobody can change on the way.

The values stand in one parameter of the address, readable by whoever holds the link (so: nothing secret), bound to one
door, for good. Without a key of ours nobody can make or alter one, and hidden fields believe no other parameter.
"""
from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from app.core.errors import Malformed, Problem

PARAMETER = "with"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_VALUES, MAX_VALUE, MAX_TEXT = 20, 200, 1500


def sign(door_id: str, values: Mapping[str, str]) -> str:
    """The parameter's text for the door (entry) with this id; Problem for names that no form can ask for, and sizes."""
    for name, value in values.items():
        if not NAME.fullmatch(name):
            raise Problem("link_value_name", where="values", name=name[:60])
        if len(value) > MAX_VALUE:
            raise Problem("link_value_long", where=f"values.{name}", max=MAX_VALUE)
    text = _serializer(door_id).dumps(dict(values))
    if len(values) > MAX_VALUES or len(text) > MAX_TEXT:
        raise Problem("link_values_long", where="values", max=MAX_TEXT)
    return str(text)


def read(door_id: str, text: str) -> dict[str, str]:
    """The values that the parameter carries, {} for none; Malformed if it was not made by us for this door."""
    if not text:
        return {}
    try:
        if len(text) > MAX_TEXT:
            raise BadData("")
        return dict(_serializer(door_id).loads(text))
    except (BadData, ValueError, TypeError):
        raise Malformed("link_values_bad") from None


def _serializer(door_id: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        str(current_app.secret_key), salt=f"danflow.link.{door_id}", signer_kwargs={"digest_method": hashlib.sha256}
    )
