"""One request of a script that hands a file over, on any page: a small file at once, a large one piece by piece.

    POST   <uploads>        field, file, size?          the file, or the first piece of one of `size` bytes
    POST   <uploads>/<id>   field, file, offset         the piece that begins at byte `offset`
    DELETE <uploads>/<id>                               given up

Answers: 201 {"id", "name", "size", "kind"} for a file that is there; 202 {"id", "offset"} for one of which the piece
from `offset` is missing (the sender goes on there, whatever it had thought); 204; refusals as everywhere.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, make_response, request

from app.core.errors import Problem
from app.entries import posted, uploads
from app.extensions import parts
from app.forms.base import Field
from app.forms.loader import Form
from app.runtime.models import Upload, UploadPart

MAX_PIECE = 4 * 1024 * 1024  # bytes; our own script sends 480 KB
MAX_SIZE = 1 << 40


def begun() -> bool:
    """Whether the request goes on with a file: a large one takes many."""
    return bool((request.view_args or {}).get("upload_id"))


def take(form: Form, access: Mapping[str, str], owner: str, now: int, upload_id: Any = None) -> Response:
    """Serve the request. `owner`: the stored key of whoever sends."""
    root = parts().settings.uploads
    if request.method == "DELETE":
        uploads.drop(root, str(upload_id), visitor=owner)
        return make_response("", 204)
    name = request.form.get("field", "")
    field, file = posted.field_at(form, access, name), request.files.get("file")
    if field is None or not (field.type.uploads or field.type.photo):
        raise Problem("upload_field_unknown", where="field", field=name[:60])
    if file is None:
        raise Problem("upload_missing", where=name)
    data = file.read()
    if field.type.photo:
        return jsonify(text=field.type.read_photo(field, data))
    if upload_id is not None:
        return _told(uploads.go_on(root, field, str(upload_id), _number("offset", 0), _piece(data), visitor=owner,
                                   now=now))
    size = _number("size", len(data))
    if size > len(data):
        return _told(uploads.begin(root, field, _piece(data), file.filename or "", size, visitor=owner, now=now,
                                   spare=_spare()))
    return _told(whole(field, data, file.filename or "", owner, now))


def whole(field: Field, data: bytes, name: str, owner: str, now: int) -> Upload:
    """A file that came in one request."""
    return uploads.store(parts().settings.uploads, field, data, name, visitor=owner, now=now, spare=_spare())


def _spare() -> int:
    return parts().settings.min_free_mb * 1024 * 1024


def _number(name: str, absent: int) -> int:
    given = request.form.get(name, str(absent))
    if not given.isascii() or not given.isdecimal() or int(given[:20]) > MAX_SIZE:
        raise Problem("upload_number", where=name, name=name)
    return int(given)


def _piece(data: bytes) -> bytes:
    if len(data) > MAX_PIECE:
        raise Problem("upload_piece", where="file", max_mb=MAX_PIECE >> 20)
    return data


def _told(found: Upload | UploadPart) -> Response:
    if isinstance(found, UploadPart):
        return make_response(jsonify(id=found.id, offset=found.received), 202)
    return make_response(jsonify(id=found.id, name=found.name, size=found.size, kind=found.kind), 201)
