"""Files of visitors: judged and re-encoded, written to disk, then known to the database; never the other way round."""
from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from app.core.errors import NotFound, Problem
from app.entries import storage
from app.extensions import db
from app.forms.base import Field
from app.runtime.models import Upload
from app.runtime.ports import upload_ids

MAX_UNBOUND = 60  # files that one visitor may have waiting
UNBOUND_MS = 24 * 3600 * 1000
CLEAN_BATCH = 200


def store(root: Path, field: Field, data: bytes, name: str, *, visitor: str, now: int) -> Upload:
    """Keep one file for a visitor (`visitor` is the stored key, not the number). One commit."""
    accepted = field.type.accept(field, data, name)
    waiting = db.session.scalar(
        select(func.count()).select_from(Upload).where(Upload.session_key == visitor, Upload.ticket_id.is_(None))
    )
    if (waiting or 0) >= MAX_UNBOUND:
        raise Problem("upload_many", max=MAX_UNBOUND)
    key = storage.write(root, accepted.data)
    upload = Upload(
        id=str(uuid.uuid4()), session_key=visitor, ticket_id=None, field=field.id, kind=accepted.kind,
        mime=accepted.mime, size=len(accepted.data), sha256=hashlib.sha256(accepted.data).hexdigest(),
        name=accepted.name, storage_key=key, at=now,
    )
    try:
        db.session.add(upload)
        db.session.commit()
    except Exception:
        storage.remove(root, key)
        raise
    return upload


def of_visitor(ids: Sequence[str], visitor: str) -> dict[str, dict[str, Any]]:
    """Those of `ids` that this visitor sent: id → {"kind", "size", "mime", "name"}; others do not exist."""
    wanted = upload_ids(ids)
    if not wanted or not visitor:
        return {}
    rows = db.session.scalars(select(Upload).where(Upload.id.in_(wanted), Upload.session_key == visitor))
    return {row.id: about(row) for row in rows}


def of_ticket(ticket_id: str) -> dict[str, dict[str, Any]]:
    """The ticket's files: id → {"kind", "size", "mime", "name"}."""
    return {row.id: about(row) for row in db.session.scalars(select(Upload).where(Upload.ticket_id == ticket_id))}


def about(upload: Upload) -> dict[str, Any]:
    """What forms may know of a file."""
    return {"kind": upload.kind, "size": upload.size, "mime": upload.mime, "name": upload.name}


def visitors(upload_id: str, visitor: str) -> Upload:
    """The file, if this visitor sent it; NotFound otherwise, whether it exists or not."""
    return _only(select(Upload).where(Upload.id == upload_id, Upload.session_key == visitor))


def tickets(upload_id: str, ticket_id: str) -> Upload:
    """The file, if it belongs to this ticket; NotFound otherwise."""
    return _only(select(Upload).where(Upload.id == upload_id, Upload.ticket_id == ticket_id))


def _only(query: Any) -> Upload:
    upload: Upload | None = db.session.scalar(query)
    if upload is None:
        raise NotFound("link_gone")
    return upload


def clean(root: Path, now: int) -> int:
    """Forget files that no ticket took within a day; returns how many. Called by the relay now and then.

    The rows go first: a crash in between leaves bytes nobody can reach, never a row without its bytes.
    """
    old = db.session.execute(
        select(Upload.id, Upload.storage_key)
        .where(Upload.ticket_id.is_(None), Upload.at < now - UNBOUND_MS).order_by(Upload.at).limit(CLEAN_BATCH)
    ).all()
    gone = set()
    if old:
        ids = [row.id for row in old]
        gone = set(db.session.scalars(
            delete(Upload).where(Upload.id.in_(ids), Upload.ticket_id.is_(None)).returning(Upload.id)
        ))
    db.session.commit()
    for row in old:
        if row.id in gone:
            storage.remove(root, row.storage_key)
    return len(gone)
