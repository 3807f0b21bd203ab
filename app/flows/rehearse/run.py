"""One run of a load rehearsal: the tickets' way through the steps, as events on a heap."""
from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Any

from app.flows.rehearse.chance import Draws
from app.flows.rehearse.clocks import Clocks
from app.flows.rehearse.desk import Desk
from app.flows.rehearse.parts import OVER, WAITING, Branch, Item, Run, Token
from app.flows.rehearse.rules import Rules
from app.flows.rehearse.shape import ASSIGN, END, FORK, JOIN, LOOP, NOWHERE, PASS, WAIT, WORK, Model, Step, Who

MAX_VISITS = 200  # of one step by one ticket: a circle that nobody breaks ends here
_ARRIVE, _DONE, _MOVE, _LATE, _AGAIN = range(5)


def run(model: Model, seed: int) -> Run:
    """Let the tickets of `model` come, once."""
    return _Running(model, seed).play()


class _Running:
    """A run under way."""

    def __init__(self, model: Model, seed: int) -> None:
        self.model = model
        self.steps = model.steps
        self.draws = Draws(seed, model.tickets)
        self.result = Run.of(model)
        self.clocks = Clocks(model, self.result)
        self.desk = Desk(model, self.result, self._finish)
        self.rules = self.desk.rules = Rules(model, self.desk, self.draws, self.result, self._again)
        self.guarded = bool(self.rules.open)
        self.now = model.begins
        self.heap: list[tuple[int, int, int, Any, Any]] = []
        self.pushed = 0
        self.visits: list[dict[int, int]] = [{} for _ in range(model.tickets)]
        self.owner = [-1] * model.tickets
        self.last = [-1] * model.tickets  # who worked on it last
        self.opened = [0] * model.tickets
        self.closed = [False] * model.tickets

    # ---- time ----

    def play(self) -> Run:
        """Until nothing more can happen, or the rehearsal's end."""
        model, heap, desk = self.model, self.heap, self.desk
        for ticket, at in enumerate(model.arrive(self.draws.shares("arrive"))):
            self.pushed += 1
            heap.append((at, self.pushed, _ARRIVE, ticket, None))
        heapify(heap)
        opening = desk.opening()
        while heap or desk.waiting:
            if heap and heap[0][0] < opening:
                now, _, kind, one, other = heappop(heap)
                if now >= model.horizon:
                    break
                self.now = now
                self._happen(kind, one, other)
            elif opening >= model.horizon:
                break
            else:
                self.now = opening
                desk.open(opening)
                opening = desk.opening()
        for item in desk.over():
            desk.waited(item, self._members(item), self.now)
        self.clocks.over(self.now)
        return self.result

    def _happen(self, kind: int, one: Any, other: Any) -> None:
        if kind == _DONE:
            self._done(one, other)
        elif kind == _ARRIVE:
            self.opened[one] = self.now
            self._enter(Token(one), self._start(one))
        elif kind == _MOVE:
            if one.alive:
                self._leave(one)
                self._enter(one, other)
        elif kind == _LATE:
            self._expire(one)
        else:
            self.desk.again(one, self.now)

    def _push(self, at: int, kind: int, one: Any, other: Any = None) -> None:
        self.pushed += 1
        heappush(self.heap, (at, self.pushed, kind, one, other))

    def _finish(self, at: int, item: Item, person: int) -> None:
        self._push(at, _DONE, item, person)

    def _again(self, at: int, person: int) -> None:
        self._push(at, _AGAIN, person)

    # ---- a ticket's way ----

    def _start(self, ticket: int) -> int:
        starts = self.model.starts
        share = self.draws.shares("start")[ticket] if len(starts) > 1 else 0.0
        return next((step for until, step in starts if share < until), starts[-1][1])

    def _way(self, at: int, ticket: int) -> int:
        step = self.steps[at]
        if len(step.ways) <= 1:
            return step.ways[0][1] if step.ways else NOWHERE
        return self.draws.way(step, self.visits[ticket][at], ticket)

    def _enter(self, token: Token, at: int) -> None:
        """Go on until something has to be waited for."""
        ticket = token.ticket
        visits, counts, steps = self.visits[ticket], self.result.visits, self.steps
        if self.closed[ticket]:
            return
        while at != NOWHERE:
            step = steps[at]
            visit = visits[at] = visits.get(at, 0) + 1
            if visit > MAX_VISITS:
                self.result.endless += 1
                return
            counts[at] += 1
            kind = step.kind
            if kind == PASS:
                at = step.ways[0][1] if len(step.ways) == 1 else self._way(at, ticket)
            elif kind in (WORK, WAIT):
                token.at = at
                self.clocks.change(at, ticket, 1, self.now)
                if kind == WORK:
                    self._ask(token, at, visit)
                else:
                    self._await(token, at, visit)
                return
            elif kind == LOOP:
                at = step.ways[0][1] if step.most is None or visit <= step.most else step.late
            elif kind == FORK:
                self._fork(token, step)
                return
            elif kind == JOIN:
                if not self._join(token, step):
                    counts[at] -= 1  # it is entered once, by the token that goes on
                    visits[at] -= 1
                    return
                at = self._way(at, ticket)
            elif kind == ASSIGN:
                at = self._assign(token, at)
            elif kind == END:
                self._close(ticket)
                return

    def _await(self, token: Token, at: int, visit: int) -> None:
        step, ticket = self.steps[at], token.ticket
        lasts = self.draws.takes(step, visit, ticket)
        answers = step.answered >= 1.0 or self.draws.share("answer", step.id, visit, ticket) < step.answered
        if step.timeout is not None and (lasts > step.timeout or not answers):
            self.result.late[at] += 1
            self._push(self.now + step.timeout, _MOVE, token, step.late)
        elif answers:
            self._push(self.now + lasts, _MOVE, token, self._way(at, ticket))

    def _fork(self, token: Token, step: Step) -> None:
        token.alive = False
        branch = Branch(token.branch, len(step.ways))
        made = [(Token(token.ticket, branch), target) for _, target, _ in step.ways]
        above: Branch | None = branch
        while above is not None:
            above.tokens += [child for child, _ in made]
            above = above.above
        for child, target in made:
            if child.alive:
                self._enter(child, target)

    def _join(self, token: Token, step: Step) -> bool:
        """Whether the ticket goes on, in this token; the others have ended."""
        branch = token.branch
        if branch is None:
            return True
        branch.arrived += 1
        if branch.arrived < (step.most or branch.need):
            token.alive = False
            return False
        for other in branch.tokens:
            if other is not token and other.alive:
                other.alive = False
                self._leave(other)
        token.branch = branch.above
        return True

    def _leave(self, token: Token) -> None:
        """A token stops waiting where it stands."""
        if token.at != NOWHERE:
            for item in token.items:
                if item.state == WAITING:
                    self.desk.withdraw(item)
                    if self.guarded:
                        self.rules.goes(item, self.now)
            token.items = []
            self.clocks.change(token.at, token.ticket, -1, self.now)
            token.at = NOWHERE

    def _close(self, ticket: int) -> None:
        self.closed[ticket] = True
        self.clocks.close(ticket, self.now)
        self.result.spent.append(self.now - self.opened[ticket])
        self.result.closed_in_time += self.now <= self.model.ends

    # ---- who ----

    def _crew(self, who: Who, ticket: int) -> int:
        if who.by_owner is not None:
            return who.by_owner.get((self.last if who.before else self.owner)[ticket], who.crews[0])
        if who.ref < 0:
            return who.crews[0]
        return who.crews[int(self.draws.shares("row", str(who.ref))[ticket] * len(who.crews))]

    def _able(self, step: Step, ticket: int) -> int:
        """The crew of a step, or of those who stand in for it."""
        assert step.who is not None
        crew = self._crew(step.who, ticket)
        if not self.model.crews[crew] and step.backup is not None:
            crew = self._crew(step.backup, ticket)
        return crew

    def _members(self, item: Item) -> tuple[int, ...]:
        return self.model.crews[self._able(self.steps[item.step], item.token.ticket)]

    def _assign(self, token: Token, at: int) -> int:
        """Whoever has the least to do gets the ticket, or whom the step's rules choose. Returns where it goes; with
        nobody there, it stays."""
        step = self.steps[at]
        if step.rules is not None:
            return self._assign_by_rules(token, at)
        members = self.model.crews[self._able(step, token.ticket)]
        if members:
            self.owner[token.ticket] = self.desk.least_loaded(members)
            return self._way(at, token.ticket)
        self.result.stuck[at] += step.late == NOWHERE
        return step.late

    def _assign_by_rules(self, token: Token, at: int) -> int:
        step, ticket = self.steps[at], token.ticket
        visit = self.visits[ticket][at]
        found = self.rules.enter(at, ticket, visit, self.owner[ticket], self.now)
        if found.owner != NOWHERE:
            self.owner[ticket] = found.owner
        if found.port:
            return step.late if found.port == "none" else self._way(at, ticket)
        if not found.members:
            self.result.stuck[at] += 1
            return NOWHERE
        token.at = at  # whoever may takes it from the pool
        self.clocks.change(at, ticket, 1, self.now)
        item = self._item(token, at, self.draws.takes(step, visit, ticket))
        self.desk.offer(item, self.desk.lane(found.members, at), self.now)
        return NOWHERE

    # ---- work ----

    def _ask(self, token: Token, at: int, visit: int) -> None:
        step, ticket = self.steps[at], token.ticket
        assert step.who is not None
        lasts = self.draws.takes(step, visit, ticket)
        if step.claims:
            self.owner[ticket] = -1
        if step.rules is not None:
            self._ask_by_rules(token, at, visit, lasts)
            return
        if step.who.owner and self.owner[ticket] >= 0:
            self.desk.hand(self._item(token, at, lasts), self.owner[ticket], self.now)
            return
        crew = self._able(step, ticket)
        members = self.model.crews[crew]
        if not members:
            self._nobody(token, at)
            return
        item = self._item(token, at, lasts)
        if step.timeout is not None:
            self._push(self.now + step.timeout, _LATE, item)
        if self.desk.limited(at):
            self.desk.offer(item, self.desk.lane(members, at), self.now)
        elif step.votes == "one" or len(members) == 1:
            self.desk.offer(item, crew, self.now)
        else:
            self.desk.hand(item, members[0], self.now)
            if step.votes != "turn":
                for n, person in enumerate(members[1:], visit + 1):
                    self.desk.hand(self._item(token, at, self.draws.takes(step, n, ticket)), person, self.now)

    def _ask_by_rules(self, token: Token, at: int, visit: int, lasts: int) -> None:
        step, ticket = self.steps[at], token.ticket
        found = self.rules.enter(at, ticket, visit, self.owner[ticket], self.now)
        if not found.members:
            self._nobody(token, at)
            return
        item = self._item(token, at, lasts)
        if step.timeout is not None:
            self._push(self.now + step.timeout, _LATE, item)
        if found.theirs:
            self.desk.hand(item, found.members[0], self.now)
        else:
            self.desk.offer(item, self.desk.lane(found.members, at), self.now)

    def _nobody(self, token: Token, at: int) -> None:
        step = self.steps[at]
        self.result.stuck[at] += 1
        if step.timeout is not None:
            self.result.late[at] += 1
            self._push(self.now + step.timeout, _MOVE, token, step.late)

    def _item(self, token: Token, at: int, lasts: int) -> Item:
        self.pushed += 1
        item = Item(self.pushed, at, token, self.now, lasts)
        token.items.append(item)
        if self.guarded:
            self.rules.comes(item)
        return item

    def _done(self, item: Item, person: int) -> None:
        item.state = OVER
        if self.guarded:
            self.rules.goes(item, self.now)
        self.desk.ending(person)
        token = item.token
        if token.alive and item in token.items:
            self._answered(token, item.step, person)
        self.desk.free(person, self.now)

    def _answered(self, token: Token, at: int, person: int) -> None:
        """One person has done their part: the step is over when enough have."""
        step, ticket = self.steps[at], token.ticket
        if step.claims or step.kind == ASSIGN:
            self.owner[ticket] = person
        if step.votes != "one":
            members = self.model.crews[self._able(step, ticket)]
            done = sum(item.state == OVER for item in token.items)
            if step.votes == "turn" and done < len(members):
                lasts = self.draws.takes(step, self.visits[ticket][at] + done, ticket)
                self.desk.hand(self._item(token, at, lasts), members[done], self.now)
                return
            if done < (-(-len(members) * int(step.votes) // 100) if step.votes.isdecimal() else len(members)):
                return
        self._leave(token)
        if step.votes != "turn":  # an approval does not make its approver the one before the next
            self.last[ticket] = person
        self._enter(token, self._way(at, ticket))

    def _expire(self, item: Item) -> None:
        """Nobody began in time."""
        if item.state == WAITING and item.token.alive:
            token, at = item.token, item.step
            self.result.late[at] += 1
            self.desk.waited(item, self._members(item), self.now)
            self._leave(token)
            self._enter(token, self.steps[at].late)
