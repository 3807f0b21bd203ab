"""The people of a run and the work that lies before them.

Whoever becomes free takes first what is theirs alone (an assigned task), then the oldest piece of work that they may
do. Work stops when the hours of its person end and goes on when they begin again.
"""
from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from app.flows.rehearse.parts import AT_WORK, OVER, WAITING, Item, Run
from app.flows.rehearse.shape import NOWHERE, Model

_BUSY, _FREE, _ENDING = range(3)


class Rules(Protocol):
    """What limits say of a person who could begin."""

    def allows(self, at: int, person: int, now: int) -> bool:
        """Whether they may get a piece of work of a step now."""

    def took(self, at: int, person: int, now: int) -> None:
        """They have begun it."""


class Desk:
    """`finish(at, item, person)` is called when work begins: it is done at `at`. `rules` say who has had enough."""

    rules: Rules

    def __init__(self, model: Model, result: Run, finish: Callable[[int, Item, int], None]) -> None:
        self.model = model
        self.result = result
        self.finish = finish
        self.waiting = 0  # pieces of work that lie before somebody who will come
        self._line = [0] * len(model.steps)  # how long the queue of each step is now
        self._state = [_FREE] * len(model.people)
        self._own: list[deque[Item]] = [deque() for _ in model.people]
        self._members: list[tuple[int, ...]] = list(model.crews)
        self._queues: list[deque[Item]] = [deque() for _ in model.crews]
        self._lane_of: dict[tuple[tuple[int, ...], int], int] = {}
        self._limited = frozenset(at for at, step in enumerate(model.steps) if step.limited is not None)
        self._limits: dict[int, int] = {}  # id of a queue → the step whose limits hold for it
        self._turn = [0] * len(model.crews)
        self._lanes: list[list[deque[Item]]] = [[own] for own in self._own]  # what each person looks through
        for crew, members in enumerate(model.crews):
            for person in members:
                self._lanes[person].append(self._queues[crew])
        self._hours_of = [worker.hours for worker in model.people]
        self._hours = [model.hours[worker.hours] for worker in model.people]
        self._team = [step.team for step in model.steps]
        self._until = [0] * len(model.hours)  # when the hours that have begun end
        self._next = [0] * len(model.hours)  # which interval begins next
        self._begins = [hours.opens[0] if hours.opens else model.horizon for hours in model.hours]
        self._staff: list[list[int]] = [[] for _ in model.hours]
        for person, hours in enumerate(self._hours_of):
            self._staff[hours].append(person)

    # ---- hours ----

    def opening(self) -> int:
        """When people next come to work."""
        return min(self._begins, default=self.model.horizon)

    def open(self, now: int) -> None:
        """People come to work."""
        for hours, begins in enumerate(self._begins):
            if begins != now:
                continue
            known, place = self.model.hours[hours], self._next[hours]
            self._until[hours] = known.closes[place]
            self._next[hours] = place + 1
            self._begins[hours] = known.opens[place + 1] if place + 1 < len(known.opens) else self.model.horizon
            for person in self._staff[hours]:
                if self._state[person] == _FREE:
                    self._take_next(person, now)

    # ---- work comes ----

    def hand(self, item: Item, person: int, now: int) -> None:
        """Work for this person and nobody else."""
        own = self._own[person]
        if self._state[person] != _BUSY and not own and now < self._until[self._hours_of[person]]:
            self._begin(item, person, now)
        else:
            own.append(item)
            self._wait(item, now)

    def lane(self, members: tuple[int, ...], step: int) -> int:
        """The queue of a step's own before these people: where limits hold, or rules have chosen them."""
        found = self._lane_of.get((members, step))
        if found is None:
            found = self._lane_of[members, step] = len(self._queues)
            queue: deque[Item] = deque()
            self._queues.append(queue)
            self._members.append(members)
            self._turn.append(0)
            for person in members:
                self._lanes[person].append(queue)
            if step in self._limited:
                self._limits[id(queue)] = step
        return found

    def limited(self, step: int) -> bool:
        """Whether a step's limits may pass people over."""
        return step in self._limited

    def offer(self, item: Item, crew: int, now: int) -> None:
        """Work for whoever of the crew (or of a `lane`) comes first."""
        queue, members = self._queues[crew], self._members[crew]
        limits = self._limits.get(id(queue), NOWHERE)
        while queue and queue[0].state != WAITING:
            queue.popleft()
        if not queue:  # else nobody who could begin is free
            size, turn = len(members), self._turn[crew]
            for n in range(turn, turn + size):
                person = members[n % size]
                if self._state[person] == _FREE and now < self._until[self._hours_of[person]] and (
                        limits == NOWHERE or self.rules.allows(limits, person, now)):
                    self._turn[crew] = (n + 1) % size
                    self._begin(item, person, now)
                    return
        queue.append(item)
        self._wait(item, now)

    def least_loaded(self, members: tuple[int, ...]) -> int:
        """Who of them has the least to do; the first of equals."""
        return min(members, key=self.load)

    def load(self, person: int) -> int:
        """How much they have to do."""
        return len(self._own[person]) + (self._state[person] != _FREE)

    def at_work(self, person: int, now: int) -> bool:
        """Whether their hours have begun and not ended."""
        return now < self._until[self._hours_of[person]]

    def withdraw(self, item: Item) -> None:
        """It need not be done any more."""
        if item.state == WAITING:
            self.waiting -= 1
            self._line[item.step] -= 1
            item.state = OVER

    # ---- work is done ----

    def ending(self, person: int) -> None:
        """A piece of work ends: what follows on it they may go on with, work of others still has to wait."""
        self._state[person] = _ENDING

    def free(self, person: int, now: int) -> None:
        """Ready for the next piece, unless what followed has begun already."""
        if self._state[person] == _ENDING:
            self._state[person] = _FREE
            self._take_next(person, now)

    def again(self, person: int, now: int) -> None:
        """They may get what they could not get before."""
        if self._state[person] == _FREE:
            self._take_next(person, now)

    def waited(self, item: Item, members: tuple[int, ...], now: int) -> None:
        """Count the wait of work that nobody began."""
        hours = self._hours[members[0]] if members else None
        self._count(item, now, hours.worked(now) - hours.worked(item.since) if hours else 0)

    def over(self) -> list[Item]:
        """The run ends: work that still waits."""
        begins, ends = self.model.begins, self.model.ends
        self.result.open += [hours.worked(ends) - hours.worked(begins) for hours in self._hours]
        return [item for queue in (*self._own, *self._queues) for item in queue if item.state == WAITING]

    # ---- inside ----

    def _wait(self, item: Item, now: int) -> None:
        self.waiting += 1
        length = self._line[item.step] = self._line[item.step] + 1
        if length > self.result.longest[item.step]:
            self.result.longest[item.step] = length
            self.result.longest_at[item.step] = now

    def _count(self, item: Item, now: int, worked: int) -> None:
        at = item.step
        self.result.waits[at].append(now - item.since)
        self.result.queued[at] += worked
        team = self._team[at]
        if team >= 0:
            queues, ticket = self.result.queues[team], item.token.ticket
            queues[ticket] = worked if queues[ticket] < 0 else queues[ticket] + worked

    def _take_next(self, person: int, now: int) -> None:
        if now >= self._until[self._hours_of[person]]:
            return
        best: deque[Item] | None = None
        lanes, limits = self._lanes[person], self._limits
        for queue in lanes:
            while queue and queue[0].state != WAITING:
                queue.popleft()
            if queue and (best is None or queue[0].number < best[0].number):
                if limits and id(queue) in limits and not self.rules.allows(limits[id(queue)], person, now):
                    continue
                best = queue
                if queue is lanes[0]:
                    break
        if best is not None:
            item = best.popleft()
            self.waiting -= 1
            self._line[item.step] -= 1
            self._begin(item, person, now)

    def _begin(self, item: Item, person: int, now: int) -> None:
        self._state[person] = _BUSY
        item.state = AT_WORK
        if item.step in self._limited:
            self.rules.took(item.step, person, now)
        hours, ends = self._hours[person], self.model.ends
        self._count(item, now, hours.worked(now) - hours.worked(item.since) if now > item.since else 0)
        end: int | None = now + item.lasts
        if now + item.lasts > self._until[self._hours_of[person]]:
            end = hours.finish(now, item.lasts)
        if end is not None and end <= ends:
            self.result.busy[person] += item.lasts
        elif now < ends:
            self.result.busy[person] += hours.worked(ends) - hours.worked(now)
        if end is not None:
            self.finish(end, item, person)
