"""What a form may ask on behalf of somebody without a name: lists, and their own files. Never other customers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from app.entries import uploads
from app.org.directory import directory
from app.org.lists import Lists
from app.org.lookups import ListLookups


class VisitorPorts(ListLookups):
    """`FormPorts` of one request. `visitor`: stored key of the browser; `ticket_id`: the ticket of its link, if any."""

    def __init__(self, visitor: str, ticket_id: str | None = None) -> None:
        super().__init__(lambda: Lists(directory(), outside=True))
        self._visitor = visitor
        self._ticket_id = ticket_id

    @cached_property
    def _ticket_files(self) -> Mapping[str, Mapping[str, Any]]:
        return uploads.of_ticket(self._ticket_id) if self._ticket_id else {}

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The visitor's own files among `ids`, and those of the ticket whose link they hold."""
        if not ids:
            return {}
        ours = {id: self._ticket_files[id] for id in ids if id in self._ticket_files}
        return {**uploads.of_visitor([id for id in ids if id not in ours], self._visitor), **ours}

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        """Nobody: a stranger may not find out who is a customer."""
        return None

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        """Nobody: nobody outside may learn who works here."""
        return None

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        """Nobody."""
        return ()

    def me(self) -> str | None:
        """A visitor is no colleague."""
        return None
