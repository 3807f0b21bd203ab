"""What a form asks while somebody designs it: the company's lists, and nobody's files or customers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.flows.directory import Directory
from app.org.lists import Lists


class DesignerPorts:
    """`FormPorts` of a preview."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._lists = Lists(directory)

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        """A row of a list, archived ones too."""
        return self._lists.row(source, row_id)

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]] | None:
        """The active rows of a list, in their order."""
        return self._lists.rows(source, words)

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Nothing: a preview takes no files."""
        return {}

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        """Nobody: a preview looks up no people."""
        return None

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        """A colleague, those who left too."""
        return self._directory.member(person_id, roles, department)

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        """Colleagues at work."""
        return self._directory.members(roles, department)

    def me(self) -> str | None:
        """A preview is filled in by nobody."""
        return None
