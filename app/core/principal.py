"""Who acts, and what they may. Deny by default: a right that no role grants is nobody's.

A right is one key of RIGHTS. What a person may do with one ticket follows from the ticket (its tasks, its flow's field
access); rights open whole rooms: publishing, the company's tickets, people, the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.errors import Denied

# right → what it opens, for the screens that list rights (worded through gettext there).
RIGHTS: Mapping[str, str] = {
    "definitions.edit": "Read and change drafts of forms, flows and ticket types",
    "flows.branch": "Change their own department's branches of flows, apart from the flow in use",
    "definitions.publish": "Publish forms, flows and ticket types",
    "tickets.all": "Read every ticket",
    "tickets.create": "Open tickets for customers, here and through the API",
    "events.send": "Tell flows through the API what has happened elsewhere",
    "messages.sent": "See which messages were sent",
    "sources.edit": "Change the tables that forms refer to",
    "org.manage": "Manage people, roles, stores, calendars and connectors",
    "api.use": "Use the API with a token",
}


@dataclass(frozen=True)
class Principal:
    """A person (or this installation itself) who acts: built once per request, passed as an argument below the edge.

    `groups` are the claim groups of the person's grants (app.flows.directory); `reads` is "own" or "all" tickets.
    """

    id: str
    name: str
    locale: str = "zh_CN"
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rights: frozenset[str] = field(default_factory=frozenset)
    reads: str = "own"
    department: str = ""  # where the person works
    session_id: str = ""  # empty for an API token
    token_id: str = ""  # empty for a browser session
    mark: str | None = field(default=None, compare=False)  # the organisation's epoch as it was looked up

    def may(self, right: str) -> bool:
        """Whether this person holds `right`; a right that does not exist is a programming error."""
        if right not in RIGHTS:
            raise KeyError(right)
        return right in self.rights


# The command line and the demo data act as the installation itself: whoever reaches them owns the machine.
SYSTEM = Principal(id="system", name="Danflow", rights=frozenset(RIGHTS), reads="all")


def require(principal: Principal, right: str) -> None:
    """Raise Denied("right_missing") unless `principal` holds `right`."""
    if not principal.may(right):
        raise Denied("right_missing", where=right, right=right)
