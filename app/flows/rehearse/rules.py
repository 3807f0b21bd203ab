"""Steps that choose people by rules, played by the flow's own step types: decision tables and other ways of finding
people, limits, turns, backlog guards. What the live engine asks of the world is answered from the run.
"""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.calendar import DAY, Calendar
from app.core.expressions import Env
from app.flows.assign import Limits, enough, given_by
from app.flows.base import Ask, Go, Note, Owner, Task, Tick, Wait
from app.flows.ctx import Ctx
from app.flows.dimensions import say
from app.flows.guard import look, watched
from app.flows.model import Node
from app.flows.rehearse.chance import Draws
from app.flows.rehearse.desk import Desk
from app.flows.rehearse.parts import OVER, Item, Run
from app.flows.rehearse.shape import NOWHERE, Model
from app.flows.world import Backlog, Tally

MINUTE = 60_000
FOREVER = 1 << 62
BLANK = Tally()


@dataclass(slots=True)
class Entered:
    """What a step did as a ticket came: `port` it leaves by ("": it waits), `owner` it gave it, `members` who may do
    what it waits for; `theirs`: it is assigned to the only one."""

    port: str = ""
    owner: int = NOWHERE
    members: tuple[int, ...] = ()
    theirs: bool = False


class Rules:
    """The rules of one run. `again(at, person)` is asked for when a limit is over that held somebody back."""

    def __init__(self, model: Model, desk: Desk, draws: Draws, result: Run, again: Callable[[int, int], None]) -> None:
        self.model = model
        self.desk = desk
        self.draws = draws
        self.result = result
        self.again = again
        self.places = {worker.id: place for place, worker in enumerate(model.people)}
        self.at = {step.id: place for place, step in enumerate(model.steps)}
        self.open: dict[int, deque[Item]] = {}  # step that a guard counts → its work, begun or not, the oldest first
        self.count: dict[int, int] = {}
        self.world = _World(self)
        self._guards: dict[int, list[Node]] = {}  # step → the guarded steps that count it
        for step in model.steps:
            if step.rules is not None and getattr(step.rules.config, "guard", None) is not None:
                counted = self.at.get(watched(step.rules) or "")
                if counted is not None:
                    self._guards.setdefault(counted, []).append(step.rules)
                    self.open[counted], self.count[counted] = deque(), 0
        self._states: dict[int, dict[str, Any]] = {}
        self._crews: dict[Any, tuple[int, ...]] = {}
        self._limited = {at: (step.limited, Limits(None, step.limited.config).counts)
                         for at, step in enumerate(model.steps) if step.limited is not None}
        self._since = self._until = self._offset = 0  # from when until when the offset of the zone holds
        self._waits: dict[int, int] = {}  # person → when a limit is over that is waited for

    # ---- as a ticket comes ----

    def enter(self, at: int, ticket: int, visit: int, owner: int, now: int) -> Entered:
        """Let the step decide."""
        node = self.model.steps[at].rules
        assert node is not None
        state = self._state(ticket)
        state["ticket"]["owner"] = self.model.people[owner].id if owner != NOWHERE else None
        outcome = node.type.enter(self._ctx(node, visit, state, now), node.config)
        assert isinstance(outcome, (Go, Wait))
        found = Entered(outcome.port if isinstance(outcome, Go) else "")
        self._heed(at, outcome.do, now, found)
        return found

    def _heed(self, at: int, asks: Iterable[Ask], now: int, found: Entered) -> None:
        """Count what is to be counted; what would be sent or armed is nobody's work here."""
        for ask in asks:
            if isinstance(ask, Tick):
                self.world.tick(ask, now)
            elif isinstance(ask, Owner):
                found.owner = self.places.get(ask.person or "", NOWHERE)
            elif isinstance(ask, Task):
                found.members, found.theirs = self._members(ask), ask.assignee is not None
            elif isinstance(ask, Note) and ask.kind == "guard.raised":
                self.result.alarms[at] += 1

    def _members(self, task: Task) -> tuple[int, ...]:
        if task.assignee is not None:
            place = self.places.get(task.assignee)
            return () if place is None else (place,)
        key = (tuple(task.groups), tuple(task.people), tuple(task.avoid))
        if key not in self._crews:
            may = self.model.directory.may
            self._crews[key] = tuple(place for id, place in self.places.items()
                                     if id not in task.avoid and may(id, task.groups, task.people))
        return self._crews[key]

    def _ctx(self, node: Node, visit: int, state: Mapping[str, Any], now: int) -> Ctx:
        self.world.now = now
        return Ctx(node, visit, state, now, self.world, Env(now, self.model.tz))

    def _state(self, ticket: int) -> dict[str, Any]:
        """What a ticket says, as far as rules ask: the same in every run of a seed."""
        found = self._states.get(ticket)
        if found is None:
            said: dict[str, Any] = {}
            for number, (ref, rows) in enumerate(self.model.refs):
                said[ref] = rows[int(self.draws.shares("row", str(number))[ticket] * len(rows))]
            for ref, values in self.model.values:
                said[ref] = values[int(self.draws.shares("value", ref)[ticket] * len(values))]
            blank: dict[str, Any] = {"form": {}, "vars": {}, "customer": {}, "ticket": {}, "tasks": {}, "messages": {}}
            found = self._states[ticket] = {**blank, **say(said)}
        return found

    # ---- limits ----

    def allows(self, at: int, person: int, now: int) -> bool:
        """Whether nothing speaks against giving them work of a step that limits it; they are at work."""
        node, counts = self._limited[at]
        given = self.world.tallies.get(given_by(node.id, self.model.people[person].id), BLANK) if counts else BLANK
        against = enough(node.config, self.desk.load(person), given, now, self._day(now))
        if against is None:
            return True
        if against[0] == "cool_down":
            self._wait(person, now, now + against[1] * MINUTE)
        elif against[0] == "max_day":
            self._wait(person, now, (self._day(now) + 1) * DAY - self._offset)
        return False

    def took(self, at: int, person: int, now: int) -> None:
        """They have begun: that counts."""
        node, counts = self._limited[at]
        if counts:
            self.world.tick(Tick(given_by(node.id, self.model.people[person].id), 1, self._day(now)), now)

    def _day(self, now: int) -> int:
        """The number of the day where the company is."""
        if not self._since <= now < self._until:
            rows = self.model.tz
            at = max([place for place, (since, _) in enumerate(rows) if since <= now], default=0)
            self._since, self._until = rows[at][0] if at else 0, rows[at + 1][0] if at + 1 < len(rows) else FOREVER
            self._offset = rows[at][1] * MINUTE
        return (now + self._offset) // DAY

    def _wait(self, person: int, now: int, until: int) -> None:
        if not now < self._waits.get(person, 0) <= until:
            self._waits[person] = until
            self.again(until, person)

    # ---- backlogs ----

    def comes(self, item: Item) -> None:
        """A piece of work is there."""
        if item.step in self.open:
            self.open[item.step].append(item)
            self.count[item.step] += 1

    def goes(self, item: Item, now: int) -> None:
        """It is done, or need not be done: an alarm may be over."""
        if item.step in self.open:
            self.count[item.step] -= 1
            for node in self._guards[item.step]:
                ctx = self._ctx(node, 1, self._state(item.token.ticket), now)
                self._heed(self.at[node.id], look(ctx, node.config.guard, watched(node)), now, Entered())

    def backlog(self, step: int) -> Backlog:
        """What lies there."""
        lies = self.open.get(step)
        while lies and lies[0].state == OVER:
            lies.popleft()
        return Backlog(self.count.get(step, 0), lies[0].since if lies else None)


class _World:
    """What step types ask of the world (`flows.world.World`)."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.directory = rules.model.directory
        self.now = 0
        self.tallies: dict[str, Tally] = {}
        self._people: dict[Any, list[str]] = {}
        self._groups: dict[Any, list[str]] = {}

    def people(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        key = _key(selectors, state)
        if key not in self._people:
            self._people[key] = [id for id in self.directory.people(selectors, state) if id in self.rules.places]
        return self._people[key]

    def groups(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        key = _key(selectors, state)
        if key not in self._groups:
            self._groups[key] = self.directory.groups(selectors, state)
        return self._groups[key]

    def line(self, person: str) -> list[str | None]:
        return self.directory.line(person)

    def may(self, person: str, groups: Sequence[str], people: Sequence[str]) -> bool:
        return self.directory.may(person, groups, people)

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]:
        load, places = self.rules.desk.load, self.rules.places
        return ({person: load(places[person]) for person in people},
                {key: self.tallies.get(key) or BLANK for key in keys})

    def tick(self, ask: Tick, now: int) -> None:
        """Count, as the runtime does when it saves a step."""
        self.tallies[ask.key] = (self.tallies.get(ask.key) or BLANK).after(ask.n, ask.span, now)

    def fact(self, kind: str, people: Sequence[str], state: Mapping[str, Any], now: int) -> dict[str, Any]:
        if kind == "on_duty":
            return {person: self.rules.desk.at_work(self.rules.places[person], now) for person in people}
        if kind == "served":  # a rehearsal's customers come for the first time
            return dict.fromkeys(people)
        return self.directory.fact(kind, people, now)

    def backlog(self, node: str) -> Backlog:
        return self.rules.backlog(self.rules.at[node])

    def row(self, source: str, id: str) -> Mapping[str, Any] | None:
        return self.directory.row(source, id)

    def calendar(self, id: str) -> Calendar:
        return self.directory.calendar(id)

    def person(self, id: str) -> Mapping[str, Any] | None:
        return self.directory.person(id)

    def tz(self, now: int) -> Sequence[Sequence[int]]:
        return self.rules.model.tz


def _key(selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> Any:
    """What decides whom selectors mean: themselves, and what the ticket says where they look."""
    told = []
    for selector in selectors:
        for name in ("of", "ref", "leader_of"):
            if name in selector:
                found: Any = state
                for part in str(selector[name]).split("."):
                    found = found.get(part) if isinstance(found, Mapping) else None
                told.append(str(found))
    return tuple(tuple(selector.items()) for selector in selectors), tuple(told)
