"""What a form asks while somebody designs it: the company's lists, and nobody's files or customers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.org.lookups import Lookups


class DesignerPorts(Lookups):
    """`FormPorts` of a preview."""

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Nothing: a preview takes no files."""
        return {}

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        """Nobody: a preview looks up no people."""
        return None

    def me(self) -> str | None:
        """A preview is filled in by nobody."""
        return None
