"""The backlog guard of a step: too much waiting alarms once, brings help, and goes back to normal by itself.

Whether the alarm is on is a tally that changes with every alarm and every end of one: two tickets that come at once
cannot both raise it. It goes on when as much waits as the settings say, and off only at half of that (or `normal`), so
that it does not flutter.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.flows.base import Ask, Message, Note, Tick
from app.flows.ctx import Ctx
from app.flows.world import Backlog, Tally

ON, OFF = 1, 0
MINUTE = 60_000
MANY = 20  # people whom an event names
Selectors = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a guard stands as a ticket arrives: `how` help comes ("" none), and what is to be done."""

    how: str
    asks: Sequence[Ask] = ()


def guard_key(node: str) -> str:
    """The tally whose count says whether the alarm of a step is on."""
    return f"guard:{node}"


def watched(node: Any) -> str | None:
    """The step whose waiting tickets a step's guard counts: its own, or where an assignment leads."""
    if node.type.waits:
        return str(node.id)
    edge = node.outs.get("out")
    return edge.target if edge else None


def turns(guard: Any, tally: Tally, backlog: Backlog, now: int, coming: int = 0) -> int | None:
    """ON or OFF where the alarm should change, else None; `coming`: tickets about to wait too."""
    count, age = backlog.count + coming, now - backlog.since if backlog.since is not None else 0
    if tally.n != ON:
        many = guard.waiting is not None and count >= guard.waiting
        long = guard.oldest is not None and age >= guard.oldest
        return ON if many or long else None
    normal = guard.normal if guard.normal is not None else (guard.waiting or 0) // 2
    few = guard.waiting is None or backlog.count <= normal
    short = guard.oldest is None or age * 2 <= guard.oldest
    return OFF if few and short else None


def arrive(ctx: Ctx, guard: Any, at: str | None) -> Standing:
    """As a ticket arrives at the guarded step; `at`: the step that is counted."""
    if guard is None or at is None:
        return Standing("")
    tally, backlog = _look(ctx, at)
    change = turns(guard, tally, backlog, ctx.now, coming=1)
    asks = _change(ctx, guard, change, tally, Backlog(backlog.count + 1, backlog.since))
    on = tally.n == ON if change is None else change == ON
    if not on or guard.how == "tell":
        return Standing("", asks)
    note = Note("guard.helps", {"how": guard.how, "people": ctx.people(guard.people)[:MANY]})
    return Standing(guard.how, (*asks, note))


def look(ctx: Ctx, guard: Any, at: str | None) -> Sequence[Ask]:
    """Between tickets: time passes and work gets done; nothing where all stays as it is."""
    if guard is None or at is None:
        return ()
    tally, backlog = _look(ctx, at)
    return _change(ctx, guard, turns(guard, tally, backlog, ctx.now), tally, backlog)


def helped(guard: Any, how: str, people: Selectors) -> Selectors:
    """Who is asked: the step's own people, with the helpers or without."""
    if how == "divert":
        return list(guard.people)
    return [*people, *guard.people] if how == "borrow" else people


def _look(ctx: Ctx, at: str) -> tuple[Tally, Backlog]:
    key = guard_key(ctx.node.id)
    return ctx.world.counted((), [key])[1][key], ctx.world.backlog(at)


def _change(ctx: Ctx, guard: Any, change: int | None, tally: Tally, backlog: Backlog) -> list[Ask]:
    if change is None:
        return []
    waiting, minutes = backlog.count, (ctx.now - backlog.since) // MINUTE if backlog.since is not None else 0
    people = ctx.people(guard.tell)
    facts = {"waiting": str(waiting), "minutes": str(minutes)}
    note = Note("guard.raised" if change == ON else "guard.ended",
                {"waiting": waiting, "minutes": minutes, "told": people[:MANY], "how": guard.how})
    template = guard.template if change == ON else guard.over
    # A span of its own for every change: the count is then this one's alone.
    return [Tick(guard_key(ctx.node.id), change, tally.turn + 1, tally.turn), note,
            *(Message(person, "wecom", template, facts) for person in people)]
