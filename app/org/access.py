"""What roles give: rights (app.core.principal) and whose tickets somebody sees."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.principal import RIGHTS, SYSTEM, Principal, require

__all__ = ["READS", "RIGHTS", "SYSTEM", "Principal", "reads_of", "require"]

READS = ("own", "all")


def reads_of(rights: Iterable[str], reads: Iterable[str]) -> str:
    """Whose tickets someone sees who holds roles with these `rights` and `reads`: the widest counts."""
    return "all" if "all" in reads or "tickets.all" in rights else "own"
