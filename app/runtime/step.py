"""What goes through the narrow function of `store`: a ticket as it was read, and all that one step writes."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Loaded:
    """A ticket as it stood. `state` is the engine's, answers included (sealed ones still sealed); `now` the
    database's clock; `repeated`: this command was carried out before; `key`: the engine's name for the task, timer
    or effect that was asked for."""

    id: str
    no: int
    type_version_id: str
    token: str
    title: str
    opened_at: int
    version: int
    seq: int
    head: str
    state: dict[str, Any]
    now: int
    repeated: bool
    mark: str  # the organisation's epoch
    key: str


@dataclass
class Step:
    """Everything one step writes. Rows are dicts by column; `ticket` holds those of the ticket's columns that change.

    `history`: this step's row of the history; its number and hash are the ticket's `seq` and `head`. `changed` {id:
    [status, outcome, assignee], None: as it was} concerns tasks that exist; `timer_states` {key: state} timers that
    exist; `ticks` {key, turn, span, n}: tallies that are counted up; `cancelled`: keys of effects no longer wanted;
    `unheard`: keys of listeners that are no more; `uploads`: ids of files that now belong to the ticket; `command`
    {command, request_hash, response, status_code}; `finish` {outbox_id, lease, finish_state, finish_error, attempt_no,
    worker, started} ends an outbox row in the same step.
    """

    ticket_id: str
    version: int
    now: int
    ticket: dict[str, Any]
    history: dict[str, Any]
    tasks: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    listens: list[dict[str, Any]] = field(default_factory=list)
    changed: dict[str, list[str | None]] = field(default_factory=dict)
    timer_states: dict[str, str] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    ticks: list[dict[str, Any]] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    command: dict[str, Any] | None = None
    finish: dict[str, Any] | None = None

    @property
    def status(self) -> str:
        """The ticket's status after this step."""
        return str(self.ticket["state"]["status"])

    @property
    def new(self) -> bool:
        """Whether this step creates the ticket."""
        return self.version == 1
