"""Files of visitors and colleagues: judged and re-encoded, written to disk, then known to the database; never the other
way round. A large one comes in pieces (docs/forms.md, "Uploads"): the database says how much of it is safe on disk, and
only what came whole and passed the field's judgement becomes an upload.
"""
from __future__ import annotations

import hashlib
import mmap
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update

from app.core.errors import NotFound, Problem
from app.entries import storage
from app.extensions import db
from app.forms.base import Field
from app.forms.files import HEAD, Bytes, clean_name
from app.runtime.models import Upload, UploadPart
from app.runtime.ports import about, upload_ids

GB = 1 << 30
MAX_UNBOUND = 60  # files that one visitor may have waiting, those on their way included
MAX_UNBOUND_BYTES = 4 * GB  # … and how large they may be together
MAX_COMING_BYTES = 20 * GB  # of all files on their way, what has come
UNBOUND_MS = 24 * 3600 * 1000  # and as long for one on its way of which nothing more came
CLEAN_BATCH = 200


def store(root: Path, field: Field, data: bytes, name: str, *, visitor: str, now: int, spare: int = 0) -> Upload:
    """Keep one file for a visitor (`visitor` is the stored key, not the number). One commit.

    `spare`: bytes that must stay free on the disk.
    """
    _check_room(root, len(data), visitor, spare)
    db.session.rollback()  # nobody waits for the database while a picture is encoded
    return _keep(root, field, data, name, str(uuid.uuid4()), visitor, now)


def begin(
    root: Path, field: Field, head: bytes, name: str, size: int, *, visitor: str, now: int, spare: int = 0
) -> UploadPart:
    """Keep the first piece of a file of `size` bytes; refuse what can be refused by it or by the size. One commit."""
    field.type.admit(field, head[:HEAD], name, size)
    _check_room(root, size, visitor, spare)
    db.session.rollback()
    key = storage.write(root, head)
    part = UploadPart(
        id=str(uuid.uuid4()), session_key=visitor, field=field.id, name=clean_name(name), size=size, received=len(head),
        storage_key=key, at=now,
    )
    _commit_with_file(root, key, part)
    return part


def go_on(root: Path, field: Field, ident: str, offset: int, data: bytes, *, visitor: str, now: int
          ) -> UploadPart | Upload:
    """Keep one more piece if it is the next one; the last makes it an upload, or is refused with all that came.

    Returns how far the file is: a piece from another place changes nothing, and one sent twice is kept once. NotFound
    for a file of somebody else, or given up. One commit.
    """
    mine = (UploadPart.id == ident, UploadPart.session_key == visitor, UploadPart.field == field.id)
    key = db.session.scalar(select(UploadPart.storage_key).where(*mine))
    if key is None:
        return visitors(ident, visitor)  # it is whole already, or never was
    with storage.held(root, key) as handle:
        part = db.session.scalar(select(UploadPart).where(*mine).execution_options(populate_existing=True))
        if part is None:
            return visitors(ident, visitor)
        db.session.expunge(part)
        db.session.rollback()
        end = offset + len(data)
        if offset != part.received or not data or end > part.size:
            return part
        storage.put(handle, offset, data)
        if end == part.size:
            return _finish(root, field, part, handle, now)
        known = update(UploadPart).where(UploadPart.id == ident).values(received=end, at=now).returning(UploadPart.id)
        still = db.session.scalar(known)
        db.session.commit()
        if still is None:
            raise NotFound("upload_gone")  # given up, or forgotten, just now
        part.received = end
    return part


def _finish(root: Path, field: Field, part: UploadPart, handle: int, now: int) -> Upload:
    with mmap.mmap(handle, part.size, access=mmap.ACCESS_READ) as data:
        try:
            return _keep(root, field, data, part.name, part.id, part.session_key, now, came_as=part.storage_key)
        except storage.DiskFull:
            raise  # there may be room later
        except Problem:
            drop(root, part.id, visitor=part.session_key)
            raise


def _keep(root: Path, field: Field, data: Bytes, name: str, ident: str, visitor: str, now: int, came_as: str = ""
          ) -> Upload:
    """The upload that a whole file becomes; `came_as`: where it lies already, in pieces put together."""
    accepted = field.type.accept(field, data, name)
    stays = bool(came_as) and accepted.data is data
    key = came_as if stays else storage.write(root, accepted.data)
    upload = Upload(
        id=ident, session_key=visitor, ticket_id=None, field=field.id, kind=accepted.kind, mime=accepted.mime,
        size=len(accepted.data), sha256=hashlib.sha256(accepted.data).hexdigest(), name=accepted.name, storage_key=key,
        at=now, ms=accepted.ms,
    )
    if came_as and not db.session.scalar(delete(UploadPart).where(UploadPart.id == ident).returning(UploadPart.id)):
        db.session.rollback()
        if not stays:
            storage.remove(root, key)
        raise NotFound("upload_gone")
    _commit_with_file(root, "" if stays else key, upload)
    if came_as and not stays:
        storage.remove(root, came_as)
    return upload


def _commit_with_file(root: Path, key: str, row: Upload | UploadPart) -> None:
    """Make the row known, or forget the file that was written for it."""
    try:
        db.session.add(row)
        db.session.commit()
    except Exception:
        if key:
            storage.remove(root, key)
        raise


def _check_room(root: Path, size: int, visitor: str, spare: int) -> None:
    """Problem if this visitor, all of them together, or the disk has no room for `size` bytes more."""
    waiting = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Upload.size), 0))
        .where(Upload.session_key == visitor, Upload.ticket_id.is_(None))
    ).one()
    coming = db.session.execute(
        select(func.count(), func.coalesce(func.sum(UploadPart.size), 0)).where(UploadPart.session_key == visitor)
    ).one()
    if waiting[0] + coming[0] >= MAX_UNBOUND:
        raise Problem("upload_many", max=MAX_UNBOUND)
    if waiting[1] + coming[1] + size > MAX_UNBOUND_BYTES:
        raise Problem("upload_much", max_gb=MAX_UNBOUND_BYTES // GB)
    # What has come, not what was announced: nobody shuts others out by announcing much.
    if (db.session.scalar(select(func.sum(UploadPart.received))) or 0) > MAX_COMING_BYTES:
        raise storage.DiskFull("upload_disk_full")
    storage.check_room(root, size, spare)


def drop(root: Path, ident: str, *, visitor: str) -> None:
    """Forget a file of this visitor that is still coming; of any other, nothing happens. One commit."""
    key = db.session.scalar(
        delete(UploadPart).where(UploadPart.id == ident, UploadPart.session_key == visitor)
        .returning(UploadPart.storage_key)
    )
    db.session.commit()
    if key is not None:
        storage.remove(root, key)


def of_visitor(ids: Sequence[str], visitor: str) -> dict[str, dict[str, Any]]:
    """Those of `ids` that this visitor sent: id → what forms may know of it; others do not exist."""
    wanted = upload_ids(ids)
    if not wanted or not visitor:
        return {}
    rows = db.session.scalars(select(Upload).where(Upload.id.in_(wanted), Upload.session_key == visitor))
    return {row.id: about(row) for row in rows}


def of_ticket(ticket_id: str) -> dict[str, dict[str, Any]]:
    """The ticket's files: id → what forms may know of it."""
    return {row.id: about(row) for row in db.session.scalars(select(Upload).where(Upload.ticket_id == ticket_id))}


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
    """Forget files that no ticket took within a day, and those on their way of which nothing came for as long; returns
    how many. Called by the relay now and then.

    The rows go first: a crash in between leaves bytes nobody can reach, never a row without its bytes.
    """
    before = now - UNBOUND_MS
    return sum(_forget(root, model, stale) for model, stale in (
        (Upload, Upload.ticket_id.is_(None) & (Upload.at < before)), (UploadPart, UploadPart.at < before),
    ))


def _forget(root: Path, model: type[Upload] | type[UploadPart], stale: Any) -> int:
    old = select(model.id).where(stale).order_by(model.at).limit(CLEAN_BATCH)
    keys = db.session.scalars(delete(model).where(model.id.in_(old), stale).returning(model.storage_key)).all()
    db.session.commit()
    for key in keys:
        storage.remove(root, key)
    return len(keys)
