"""The SLA clocks of a run, as `flows.sla` keeps them: one a ticket and clock, in its calendar, standing on a pause."""
from __future__ import annotations

from app.flows.rehearse.parts import Run
from app.flows.rehearse.shape import NOWHERE, Model


class Clocks:
    """Working time used by each ticket on each clock; a breach is credited to the step where it happened."""

    def __init__(self, model: Model, result: Run) -> None:
        self.model = model
        self.result = result
        self.used = [[0] * model.tickets for _ in model.clocks]
        self._touched = [sorted({*step.clocks, *step.pauses}) for step in model.steps]
        self._hours = [model.hours[clock.hours] for clock in model.clocks]
        self._since = [[-1] * model.tickets for _ in model.clocks]
        self._place = [[NOWHERE] * model.tickets for _ in model.clocks]
        self._active = [[0] * model.tickets for _ in model.clocks]
        self._paused = [[0] * model.tickets for _ in model.clocks]

    def change(self, at: int, ticket: int, change: int, now: int) -> None:
        """A ticket comes to a step (1) or leaves it (-1)."""
        touched = self._touched[at]
        if not touched:
            return
        step = self.model.steps[at]
        for clock in step.clocks:
            self._active[clock][ticket] += change
        for clock in step.pauses:
            self._paused[clock][ticket] += change
        for clock in touched:
            if self._active[clock][ticket] <= 0 or self._paused[clock][ticket]:
                self._stop(clock, ticket, now)
            elif self._since[clock][ticket] < 0:
                self._since[clock][ticket] = now
                self._place[clock][ticket] = at

    def close(self, ticket: int, now: int) -> None:
        """The ticket is over."""
        for clock in range(len(self.model.clocks)):
            self._stop(clock, ticket, now)

    def _stop(self, clock: int, ticket: int, now: int) -> None:
        since = self._since[clock][ticket]
        if since < 0:
            return
        self._since[clock][ticket] = -1
        if now == since:
            return
        due, before, hours = self.model.clocks[clock].due, self.used[clock][ticket], self._hours[clock]
        after = self.used[clock][ticket] = before + hours.worked(now) - hours.worked(since)
        if before < due <= after:
            self.result.breached[self._place[clock][ticket]] += 1

    def over(self, now: int) -> None:
        """The run ends: clocks still running have run until now."""
        for clock, known in enumerate(self.model.clocks):
            for ticket in range(self.model.tickets):
                self._stop(clock, ticket, now)
            used = self.used[clock]
            self.result.levels.append([sum(spent >= length for spent in used) for _, length in known.levels])
            self.result.overdue.append(sum(spent >= known.due for spent in used))
