"""What forms and the engine ask while a colleague's step is decided: master data, files, customers."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from app.core.errors import NotFound
from app.customers import service as customers
from app.extensions import db
from app.flows.directory import Directory
from app.org.lookups import Lookups
from app.runtime.models import Upload

ID = re.compile(r"[0-9a-f-]{36}\Z")
MOST_FILES = 200  # asked for at once


def upload_ids(ids: Sequence[Any]) -> list[str]:
    """Those of `ids` that can be a file's: not every database would take the others."""
    return [ident for ident in ids if isinstance(ident, str) and ID.match(ident)][:MOST_FILES]


def about(upload: Upload) -> dict[str, Any]:
    """What forms may know of a file."""
    return {"kind": upload.kind, "size": upload.size, "mime": upload.mime, "name": upload.name, "field": upload.field,
            "ms": upload.ms}


def session_key(person_id: str) -> str:
    """The `upload.session_key` of files that a colleague sent."""
    return f"p:{person_id}"


class StaffPorts(Lookups):
    """`FormPorts` of a colleague (`person_id`; None: the system) at one ticket. Reads in the current session."""

    def __init__(self, directory: Directory, ticket_id: str, person_id: str | None) -> None:
        super().__init__(directory)
        self._ticket_id = ticket_id
        self._person_id = person_id

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Files of this ticket, and those the colleague sent and no ticket has yet."""
        mine = Upload.ticket_id.is_(None) & (Upload.session_key == session_key(self._person_id or ""))
        rows = db.session.scalars(
            select(Upload).where(Upload.id.in_(upload_ids(ids)), or_(Upload.ticket_id == self._ticket_id, mine))
        )
        return {row.id: about(row) for row in rows}

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        """A customer of the company."""
        try:
            return customers.get(customer_id)
        except NotFound:
            return None

    def me(self) -> str | None:
        """Who asks."""
        return self._person_id
