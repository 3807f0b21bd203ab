"""The contract of flows: what a node type is, what it may answer, what the engine must be handed from outside.

A node type is one class in one file (see `nodes/`). Its methods are pure: they read a `Ctx` and return an outcome
(`Go`, `Wait`, …) that may carry asks (`Task`, `Timer`, `Message`, …). The engine gives every ask its key, writes the
events and keeps the state; a node type never does. Times are epoch milliseconds UTC, lengths milliseconds.
"""
from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.flows.config import Schema
from app.flows.ctx import Ctx
from app.flows.say import Say
from app.flows.world import World

__all__ = [
    "Action", "Answer", "Ask", "Assign", "Avoid", "Child", "CloseTask", "Ctx", "Decision", "End", "Go", "Job",
    "Joined", "Keep", "Listen", "Mark", "Merge", "Message", "NodeType", "Note", "Outcome", "Owner", "Park", "Port",
    "Question", "Say", "Split", "Task", "Text", "Tick", "Timer", "Wait", "World",
]

Text = str | Mapping[str, str]  # a text, or {locale: text}


@dataclass(frozen=True, slots=True)
class Port:
    """A way out of a node. An `optional` port may stay without an edge: the node then does not take it."""

    id: str
    label: Text = ""
    optional: bool = False


# ---- asks: what an outcome wants done -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Action:
    """One button of a task. `id` is what the actor sends; `requires` False: required answers may stay empty."""

    id: str
    label: Text
    requires: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """Open a task for `assignee`, or for whoever is in `groups` or `people`; `avoid` may not claim it.

    `n` tells several tasks of one visit apart (0: the only one). `due`: when it should be done (None: no own date).
    """

    kind: str  # "claim" | "handle" | "approval"
    assignee: str | None = None
    groups: Sequence[str] = ()
    people: Sequence[str] = ()
    avoid: Sequence[str] = ()
    due: int | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class CloseTask:
    """Close task `n` of this visit without anybody having acted on it."""

    n: int
    outcome: str = "cancelled"


@dataclass(frozen=True, slots=True)
class Timer:
    """Wake the node at `due`. A `side` timer outlives the token (a ladder goes on while the flow goes on)."""

    name: str
    due: int
    kind: str = "timeout"
    side: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """Slow work for a worker; its answer resumes the node. Returned alone it also waits for that answer."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    retry: Mapping[str, int] = field(default_factory=lambda: {"max": 0, "backoff_ms": 0})
    timeout_ms: int = 10_000


@dataclass(frozen=True, slots=True)
class Message:
    """Tell a person (`to` = id), the customer (`to` = None) or a `group` by name. `answered`: the flow waits until it
    is known whether it went out, as for a job."""

    to: str | None
    via: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    group: str | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Give the ticket to a person (None: to nobody, until the next step finds somebody)."""

    person: str | None


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the work that `old` has on this ticket to `person`; votes stay with the voters."""

    old: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Avoid:
    """Whom the next assignment passes over while there is somebody else."""

    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class Question:
    """Ask the customer: their page shows the node's fields until the token leaves."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the event `name` about `subject` (an order number, say), until the token leaves."""

    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class Child:
    """A ticket was opened for this one (`status`: as it is known to stand). `cascade`: what becomes of it when this one
    is withdrawn: cancel, ask or keep."""

    id: str
    no: int
    cascade: str
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Mark:
    """Let the ticket be found by these values while it is open; they are kept as a keyed hash.

    Found by the same node of other tickets, or with a `board` by every step that names it, in whatever flow. `name`
    tells several marks of one visit apart. The next visit's marks take the place of these.
    """

    values: Sequence[Any]
    board: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The ticket goes on as another one, which has its answers: it ends as "merged"."""

    ticket: str
    no: int


@dataclass(frozen=True, slots=True)
class Note:
    """An event of the node's own in the time line."""

    kind: str
    delta: Mapping[str, Any] = field(default_factory=dict)
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """What the side timers of this visit find as `ctx.memo`."""

    memo: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tick:
    """Count something under `key` (of this ticket type; `@…`: of the whole company), for `World.counted`.

    `n` is added to the count of `span`; another span begins a new one. `turn`: what the decision saw; if it is another
    by the time it is saved, somebody came between and everything is decided anew (None: whatever it is).
    """

    key: str
    n: int = 1
    span: int = 0
    turn: int | None = None


Ask = (Keep | Tick | Task | CloseTask | Timer | Job | Message | Owner | Assign | Avoid | Question | Listen | Child
       | Mark | Joined | Note)


# ---- outcomes: where the token goes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Go:
    """Leave through `port`, after setting `set` ({"vars.x" or "form.f": value})."""

    port: str
    set: Mapping[str, Any] = field(default_factory=dict)
    do: Sequence[Ask] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay; the asks say for what. `keep` becomes `ctx.memo` of the next call (None: unchanged)."""

    do: Sequence[Ask] = ()
    keep: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Leave through several ports at once."""

    ports: Sequence[str]


@dataclass(frozen=True, slots=True)
class Merge:
    """Wait for `need` branches (None: all) of the fork, then go on through `out` and cancel the rest."""

    fork: str
    need: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The ticket is over."""

    status: str = "closed"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Park:
    """The node cannot go on and nothing is lost: the token stays, visibly, until somebody retries."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


Outcome = Go | Wait | Job | Split | Merge | End | Park


@dataclass(frozen=True, slots=True)
class Answer:
    """What ended a wait. `kind`: act | timer | job | answer | event; the other parts as they apply.

    act: `name` = action id, `by`, `note`, `task` = number of the task in its visit. timer: `name`. job: `ok`, `result`,
    `error`. event: `name`, `result` = what it brought. Form answers are in the state
    already when the node is asked, and the engine has checked the rights.
    """

    kind: str
    name: str = ""
    by: str | None = None
    note: str = ""
    task: int = 0
    ok: bool = True
    result: Any = None
    error: str = ""


@dataclass(slots=True)
class Decision:
    """What follows from a signal. `ignored`: the signal no longer meant anything; state unchanged, nothing to do."""

    state: dict[str, Any]
    effects: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    ignored: bool = False


# ---- node types -----------------------------------------------------------------------------------------------------


class NodeType:
    """One kind of step. Instances hold no state: one serves every node of every flow."""

    type: ClassVar[str] = ""
    version: ClassVar[int] = 1
    label: ClassVar[Mapping[str, str]] = {}
    group: ClassVar[str] = ""  # trigger | data | branch | assign | task | notify | wait | timer | action | flow
    icon: ClassVar[str] = "box"
    Config: ClassVar[builtins.type[Schema]] = Schema
    outputs: ClassVar[tuple[Port, ...]] = ()
    ports_from: ClassVar[str | None] = None  # "cases[].port": one more port for each row of a config list
    has_input: ClassVar[bool] = True
    attaches: ClassVar[bool] = False  # covers other nodes (`attach`) and is never entered
    waits: ClassVar[bool] = False  # may persist and commit: a person, the customer, a timer or a job
    outside: ClassVar[bool] = False  # its form is filled in by somebody who is not signed in
    pairs: ClassVar[str | None] = None  # the other half of fork and join
    gathers: ClassVar[bool] = False  # the join: entered once, when enough branches have arrived

    def starter(self) -> Mapping[str, Any]:
        """What a new step of it is set to, besides what its Config suggests; texts may be in both languages."""
        return {}

    def summary(self, config: Any, say: Say) -> str:
        """One line for the step's card, in plain words, of a raw config, which may be half made; "" says nothing."""
        return ""

    def ports(self, config: Any) -> list[Port]:
        """The ways out for a raw config, dynamic ones first. Never raises: a draft may hold anything."""
        found: list[Port] = []
        if self.ports_from and isinstance(config, dict):
            key, _, part = self.ports_from.partition("[].")
            rows = config.get(key)
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, dict) and isinstance(row.get(part), str):
                    label = row.get("label", "")
                    found.append(Port(row[part], label if isinstance(label, (str, dict)) else ""))
        return [*found, *self.outputs]

    def upgrade(self, config: dict[str, Any], from_version: int) -> dict[str, Any] | None:
        """The raw settings of an older version as this one wants them, offered as a repair while somebody draws; None:
        nobody but the author can tell. `config` is a copy."""
        return None

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        """The token arrives. Called again with the same ctx it must answer the same."""
        raise NotImplementedError

    def resume(self, ctx: Ctx, config: Any, answer: Answer) -> Outcome:
        """What it waited for has come."""
        raise NotImplementedError

    def aside(self, ctx: Ctx, config: Any, name: str) -> Sequence[Ask]:
        """A side timer is due; there is no token to move."""
        raise NotImplementedError

    def goes_on(self, before: Any, after: Any) -> bool:
        """Whether a ticket that waits here under the settings `before` can go on waiting under `after`."""
        return True

    def rights(self, config: Any) -> Mapping[str, str]:
        """Rights on form fields at this step: {field id | section id | "*": level}; what nobody names is hidden."""
        return getattr(config, "access", None) or {}

    def actions(self, config: Any) -> Sequence[Action]:
        """The buttons of the tasks this node opens."""
        return ()

    def may(self, config: Any) -> Sequence[str]:
        """What an actor may do besides the actions (see config/tasks.py); of a trigger: what its customer may do."""
        return ()

    def simulate(self, config: Any, port: str) -> Mapping[str, Any]:
        """The job answer `{"ok", "result"?, "error"?}` that leads to `port` (the sandbox's stand-in for a worker)."""
        first = self.outputs[0].id if self.outputs else port
        return {"ok": port == first, "error": "" if port == first else "simulated"}
