"""What many runs say together: a mean and a range for every number, the bottleneck, and the sentences to read first.

A range holds nine of ten runs. Times are milliseconds; `share`s go from 0 to 1.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.calendar import DAY
from app.flows.rehearse.parts import Run
from app.flows.rehearse.shape import WORK, Line, Model
from app.flows.rehearse.words import length

RANGE = 0.9
SHORT = 30_000  # a wait of which nobody speaks


@dataclass(frozen=True, slots=True)
class Seen:
    """The mean of a number over the runs, and between which values nine of ten of them lie."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Seen:
        """From one value a run."""
        ordered, cut = sorted(values), int(len(values) * (1 - RANGE) / 2)
        return cls(sum(ordered) / len(ordered), ordered[cut], ordered[-1 - cut])

    def as_dict(self) -> dict[str, float]:
        """Rounded: a rehearsal is no measurement."""
        return {"mean": _round(self.mean), "low": _round(self.low), "high": _round(self.high)}


def _round(value: float) -> float:
    return round(value) if abs(value) >= 100 else round(value, 3)


def quantile(values: list[int], share: float) -> float:
    """The value that `share` of them do not exceed; 0 of none. Sorts in place."""
    if not values:
        return 0.0
    values.sort()
    return values[min(len(values) - 1, int(share * len(values)))]


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers of one run; the lists by step, team or clock."""

    visits: list[int]
    wait50: list[float]
    wait95: list[float]
    waited: list[float]
    queued: list[int]
    longest: list[int]
    longest_at: list[int]
    late: list[int]
    breached: list[int]
    stuck: list[int]
    busy: list[float]
    team95: list[float]
    levels: list[list[int]]
    overdue: list[int]
    spent50: float
    spent95: float
    closed: int
    closed_in_time: int
    endless: int
    alarms: list[int]


def facts_of(model: Model, run: Run) -> Facts:
    """One run in numbers; what it took to find them may then be forgotten."""
    busy = []
    for team in model.teams:
        members = [number for number, worker in enumerate(model.people) if team.key in worker.teams]
        hours = sum(run.open[number] for number in members)
        busy.append(sum(run.busy[number] for number in members) / hours if hours else 0.0)
    return Facts(
        run.visits, [quantile(waits, 0.5) for waits in run.waits], [quantile(waits, 0.95) for waits in run.waits],
        [sum(waits) / len(waits) if waits else 0.0 for waits in run.waits], run.queued, run.longest, run.longest_at,
        run.late, run.breached, run.stuck, busy,
        [quantile([wait for wait in waits if wait >= 0], 0.95) for waits in run.queues], run.levels, run.overdue,
        quantile(run.spent, 0.5), quantile(run.spent, 0.95), len(run.spent), run.closed_in_time, run.endless,
        run.alarms,
    )


class Report:
    """What `facts` of several runs of one model say."""

    def __init__(self, model: Model, facts: Sequence[Facts]) -> None:
        self.model = model
        self.facts = facts

    def seen(self, name: str, place: int | None = None) -> Seen:
        """A number of the runs, of one step, team or clock where it has one for each."""
        values = [getattr(fact, name) for fact in self.facts]
        return Seen.of([value[place] for value in values] if place is not None else values)

    def bottleneck(self) -> int | None:
        """The step where most working time is waited; None where nobody waits to speak of (SHORT a piece of work)."""
        work = [place for place, step in enumerate(self.model.steps) if step.kind == WORK]
        queued = {place: self.seen("queued", place).mean for place in work}
        worst = max(queued, key=lambda place: queued[place], default=None)
        if worst is None or queued[worst] < SHORT * max(1.0, self.seen("visits", worst).mean):
            return None
        return worst

    def step(self, place: int) -> dict[str, Any]:
        """One step's numbers."""
        step = self.model.steps[place]
        parts = ("visits", "wait50", "wait95", "waited", "queued", "longest", "late", "breached", "stuck")
        peak = max(self.facts, key=lambda fact: fact.longest[place]).longest_at[place]
        return {
            "id": step.id, "name": step.name, "work": step.kind == WORK, "peak_at": peak,
            "team": self.model.teams[step.team].key if step.team >= 0 else None,
            **{part: self.seen(part, place).as_dict() for part in parts},
            "busy": self.seen("busy", step.team).as_dict() if step.team >= 0 else None,
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything, steps in the flow's order, only those that a ticket entered or could not leave."""
        model = self.model
        return {
            "tickets": model.tickets, "seeds": len(self.facts), "begins": model.begins, "ends": model.ends,
            "run": {part: self.seen(part).as_dict() for part in ("spent50", "spent95", "closed", "closed_in_time",
                                                                 "endless")},
            "steps": [self.step(place) for place in range(len(model.steps)) if self.seen("visits", place).mean],
            "teams": [{"key": team.key, "name": team.name, "has": team.has, "people": team.people, "hours": team.hours,
                       "busy": self.seen("busy", place).as_dict(), "wait95": self.seen("team95", place).as_dict()}
                      for place, team in enumerate(model.teams)],
            "clocks": [{"id": clock.id, "name": clock.name, "overdue": self.seen("overdue", place).as_dict(),
                        "levels": {port: Seen.of([fact.levels[place][at] for fact in self.facts]).as_dict()
                                   for at, (port, _) in enumerate(clock.levels)}}
                       for place, clock in enumerate(model.clocks)],
            "bottleneck": None if (worst := self.bottleneck()) is None else model.steps[worst].id,
        }

    def lines(self, more: Report | None = None) -> list[Line]:
        """The result in sentences, the most important first. `more`: with one person more at the bottleneck."""
        found, run = [], self.model
        worst = self.bottleneck()
        if worst is None:
            found.append(Line("load_no_queue", "", {"spent": length(self.seen("spent95").mean)}))
        else:
            step = run.steps[worst]
            queue = round(self.seen("longest", worst).mean)
            if more is None:
                wait = length(self.seen("wait95", worst).mean)
                found.append(Line("load_worst", step.id, {"name": step.name, "queue": queue, "wait": wait}))
            else:
                before, after = self.seen("team95", step.team), more.seen("team95", step.team)
                code = "load_worst_more" if after.mean < 0.95 * before.mean else "load_worst_no_help"
                found.append(Line(code, step.id, {
                    "name": step.name, "queue": queue, "wait": length(before.mean, at_work=True),
                    "after": length(after.mean, at_work=True),
                    "team": run.teams[step.team].name}))
        days = round((run.ends - run.begins) / DAY)
        found.append(Line("load_spent" if days == 1 else "load_spent_days", "", {
            "half": length(self.seen("spent50").mean), "most": length(self.seen("spent95").mean), "days": days,
            "closed": round(self.seen("closed_in_time").mean), "tickets": run.tickets}))
        found += [Line("load_overdue", clock.id, {"name": clock.name, "count": round(late), "tickets": run.tickets})
                  for place, clock in enumerate(run.clocks) if (late := self.seen("overdue", place).mean) >= 0.5]
        found += [Line("load_stuck", step.id, {"name": step.name, "count": max(1, round(stuck))})
                  for place, step in enumerate(run.steps) if (stuck := self.seen("stuck", place).mean) > 0]
        found += [Line("load_late", step.id, {"name": step.name, "count": round(late)})
                  for place, step in enumerate(run.steps)
                  if step.kind == WORK and (late := self.seen("late", place).mean) >= 0.5]
        found += [Line("load_alarms", step.id, {"name": step.name, "count": round(count)})
                  for place, step in enumerate(run.steps) if (count := self.seen("alarms", place).mean) >= 0.5]
        found += [Line("load_overworked", "", {"team": team.name, "share": round(100 * busy)})
                  for place, team in enumerate(run.teams) if (busy := self.seen("busy", place).mean) > 0.85]
        if self.seen("endless").mean:
            found.append(Line("load_endless", "", {"count": max(1, round(self.seen("endless").mean))}))
        return found
