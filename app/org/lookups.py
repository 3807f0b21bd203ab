"""What forms look up in the company, the same for everybody who may: rows of lists, and colleagues."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from app.flows.directory import Directory
from app.org.lists import Lists


class ListLookups:
    """The part of `FormPorts` that is about lists, which are opened when the first is asked for."""

    def __init__(self, lists: Callable[[], Lists]) -> None:
        self._open = lists

    @cached_property
    def _lists(self) -> Lists:
        return self._open()

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        """A row of a list, archived ones too."""
        return self._lists.row(source, row_id)

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]] | None:
        """The rows of a list that are in use, in their order."""
        return self._lists.rows(source, words)


class Lookups(ListLookups):
    """Lists, and colleagues, for those who work here."""

    def __init__(self, directory: Directory) -> None:
        super().__init__(lambda: Lists(directory))
        self._directory = directory

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        """A colleague, those who left too."""
        return self._directory.member(person_id, roles, department)

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        """Colleagues at work."""
        return self._directory.members(roles, department)
