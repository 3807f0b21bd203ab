"""Who gets a ticket: ways of finding people, limits that pass some of them over, a rule between those who remain.

Ways are tried in their order; the first that finds somebody whom no limit passes over decides. Behind them all stand
the candidates themselves. What was tried, who was passed over and why is kept with the ticket, for whoever asks later.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.flows.base import Note, Tick
from app.flows.ctx import Ctx
from app.flows.ways import WAYS, Found
from app.flows.world import Tally

MANY = 20  # people of whom the record tells
MINUTE = 60_000
Passed = dict[str, list[Any]]  # person → [code, number or word]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen among `candidates` and why; `scores` per person (for least_loaded: open tasks).

    `strategy`: the way that decided, or the rule between the candidates; `found`: what the way went by; `tried`: the
    ways before it, `passed`: people whom a limit passed over.
    """

    person: str | None
    strategy: str
    candidates: Sequence[str]
    reason: str
    scores: Mapping[str, int] = field(default_factory=dict)
    avoided: Sequence[str] = ()
    tried: Sequence[Mapping[str, Any]] = ()
    passed: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""

    def note(self) -> Note:
        """The event that answers "why him?" later, of bounded size."""
        people = [self.person, *(one for one in self.candidates if one != self.person)] if self.person else \
            list(self.candidates)
        shown = [one for one in self.candidates if one in people[:MANY]]
        more: dict[str, Any] = {
            "tried": list(self.tried), "passed": dict(list(self.passed.items())[:MANY]), "found": dict(self.found),
            "rule": self.rule, "more": len(self.candidates) - len(shown),
        }
        return Note("assign.decided", {
            "strategy": self.strategy, "candidates": shown,
            "scores": {one: score for one, score in self.scores.items() if one in shown},
            "chosen": self.person, "reason": self.reason, "avoided": list(self.avoided)[:MANY],
            **{key: value for key, value in more.items() if value},
        })


class Limits:
    """What a step's limits say of people; what it asks of the world for one decision is asked once."""

    def __init__(self, ctx: Any, config: Any) -> None:
        self.ctx: Ctx = ctx  # None only to ask for `any`
        self.config = config
        self._loads: dict[str, int] = {}
        self._duty: dict[str, bool] = {}
        self._tallies: dict[str, Tally] = {}

    @property
    def any(self) -> bool:
        """Whether there are limits at all."""
        return self.counts or self.config.on_duty or self.config.max_open_per_person is not None

    @property
    def counts(self) -> bool:
        """Whether it matters what this step gave to whom."""
        config = self.config
        return config.max_per_day is not None or config.cool_down is not None

    def know(self, people: Sequence[str]) -> None:
        """Ask what the limits need to know of them."""
        new = [person for person in people if person not in self._loads]
        if not new:
            return
        keys = [key for person in new for key in (given_key(self.ctx, person), load_key(person))]
        loads, tallies = self.ctx.world.counted(new, keys if self._asks_tallies else ())
        self._loads |= loads
        self._tallies |= tallies
        if self.config.on_duty:
            self._duty |= self.ctx.world.fact("on_duty", new, self.ctx.state, self.ctx.now)

    @property
    def _asks_tallies(self) -> bool:
        config = self.config
        return self.counts or config.max_open_per_person is not None or \
            getattr(config, "strategy", "") == "round_robin"

    def load(self, person: str) -> int:
        """Their open tasks."""
        return self._loads.get(person, 0)

    def given(self, person: str) -> Tally:
        """What this step gave them."""
        return self._tallies.get(given_key(self.ctx, person), Tally())

    def against(self, person: str) -> list[Any] | None:
        """[code, number?] of what speaks against giving them a ticket now, or None. `know` them first."""
        if self.config.on_duty and not self._duty[person]:
            return ["off_duty"]
        return enough(self.config, self.load(person), self.given(person), self.ctx.now, self.ctx.day)

    def ticks(self, person: str, *, exact: bool) -> list[Tick]:
        """What is to be counted once they have it; `exact`: only if nobody came between."""

        def tick(key: str, span: int = 0) -> Tick:
            return Tick(key, 1, span, self._tallies[key].turn if exact else None)

        found = [tick(load_key(person))] if self.config.max_open_per_person is not None else []
        if self.counts or getattr(self.config, "strategy", "") == "round_robin":
            found.append(tick(given_key(self.ctx, person), self.ctx.day))
        return found


def enough(config: Any, load: int, given: Tally, now: int, today: int) -> list[Any] | None:
    """[code, number] where somebody with so many open tasks, given that by a step, has had enough of it; or None."""
    if config.max_open_per_person is not None and load >= config.max_open_per_person:
        return ["max_open", load]
    if config.max_per_day is not None and given.span == today and given.n >= config.max_per_day:
        return ["max_day", given.n]
    if config.cool_down is not None and given.at and now < given.at + config.cool_down:
        return ["cool_down", -(-(given.at + config.cool_down - now) // MINUTE)]
    return None


def load_key(person: str) -> str:
    """The tally that changes whenever a step that limits open tasks gives this person one."""
    return f"@open:{person}"


def given_key(ctx: Ctx, person: str) -> str:
    """The tally of what this step gave this person."""
    return given_by(ctx.node.id, person)


def given_by(node: str, person: str) -> str:
    """The same for a step by its id."""
    return f"given:{node}:{person}"


def choose(ctx: Ctx, config: Any, limits: Limits, but: Sequence[str] = (), reason: str = "strategy", *,
           among: Sequence[Mapping[str, Any]] | None = None) -> Choice:
    """One of the candidates (`among`: others in their place), or of the people whom a way names; never one of `but`.

    Passes over whom the ticket is to avoid while there is somebody else.
    """
    people = [person for person in ctx.people(config.candidates if among is None else among) if person not in but]
    tried: list[dict[str, Any]] = []
    for way in config.ways:
        if way.when is not None and not ctx.holds(way.when)[0]:
            tried.append({"strategy": way.strategy, "why": "when"})
            continue
        found = WAYS[way.strategy](ctx, way, people)
        named = [person for person in found.people if person not in but]
        able, passed = _sieve(ctx, limits, named)
        passed = {**found.passed, **passed}
        if not able:
            why = found.why or ("passed" if passed else "nobody")
            tried.append(_cut({"strategy": way.strategy, "why": why, "passed": passed, "found": found.about}))
            continue
        best = _first(able, found)
        person, scores = RULES[config.strategy](limits, best)
        rule = config.strategy if len(best) > 1 else ""
        return Choice(person, way.strategy, able, reason, scores, (), tried, passed, found.about, rule)
    return _among(ctx, config, limits, people, tried, reason)


def fall_back(ctx: Ctx, config: Any, limits: Limits, tried: Choice, but: Sequence[str] = ()) -> Choice:
    """One of those who get it if there is nobody: no limit passes them over."""
    people = [person for person in ctx.people(config.fallback) if person not in but]
    avoided = ctx.avoided(people)
    people = [person for person in people if person not in avoided]
    if not people:
        return tried
    limits.know(people)
    person, scores = RULES[config.strategy](limits, people)
    return Choice(person, config.strategy, people, "fallback", scores, avoided, tried.tried, tried.passed)


def _among(ctx: Ctx, config: Any, limits: Limits, people: Sequence[str], tried: Sequence[Mapping[str, Any]],
           reason: str) -> Choice:
    limits.know(people)
    passed = {person: why for person in people if (why := limits.against(person))}
    able = [person for person in people if person not in passed]
    avoided = ctx.avoided(able)
    able = [person for person in able if person not in avoided]
    if not able:
        return Choice(None, config.strategy, [], "nobody", tried=tried, passed=passed)
    person, scores = RULES[config.strategy](limits, able)
    return Choice(person, config.strategy, able, reason, scores, avoided, tried, passed)


def _sieve(ctx: Ctx, limits: Limits, people: Sequence[str]) -> tuple[list[str], Passed]:
    """(those whom nothing speaks against, the others with why). A way never brings back whom the ticket avoids."""
    limits.know(people)
    avoid = ctx.state["ticket"].get("avoid", ())
    passed = {person: why for person in people
              if (why := ["avoided"] if person in avoid else limits.against(person))}
    return [person for person in people if person not in passed], passed


def _first(able: Sequence[str], found: Found) -> list[str]:
    """Those whom the way puts first."""
    if not found.rank:
        return list(able)
    best = min(found.rank[person] for person in able)
    return [person for person in able if found.rank[person] == best]


def _cut(row: dict[str, Any]) -> dict[str, Any]:
    """A line of the record: bounded, without what is empty."""
    row["passed"] = dict(list(row["passed"].items())[:MANY])
    return {key: value for key, value in row.items() if value}


# ---- the rule between several ----------------------------------------------------------------------------------------


def _least_loaded(limits: Limits, people: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Fewest open tasks; between equals the first in the resolver's order, so that the sandbox tells what will be."""
    scores = {person: limits.load(person) for person in people}
    return min(people, key=lambda person: scores[person]), scores


def _round_robin(limits: Limits, people: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Each in turn: whoever got nothing from this step for the longest time; `scores`: how many are before them."""
    order = sorted(people, key=lambda person: limits.given(person).at)
    return order[0], {person: order.index(person) for person in people}


RULES: dict[str, Callable[[Limits, Sequence[str]], tuple[str, dict[str, int]]]] = {
    "least_loaded": _least_loaded, "round_robin": _round_robin,
}
