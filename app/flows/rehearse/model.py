"""From a flow, a company, a plan and the past to the numbers a rehearsal runs on, with every assumption said."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from app.core.calendar import DAY, Calendar, tz_table
from app.core.errors import Problem
from app.flows.assign import Limits
from app.flows.config import Duration, reader
from app.flows.dimensions import asked, closed, compared
from app.flows.model import Flow, Node
from app.flows.news import CUSTOMER as SAID
from app.flows.rehearse.plan import TIME_ZONE, Past
from app.flows.rehearse.shape import (
    ASSIGN,
    END,
    FORK,
    JOIN,
    LOOP,
    NOWHERE,
    PASS,
    WAIT,
    WORK,
    Clock,
    Line,
    Model,
    Spread,
    Step,
)
from app.flows.rehearse.staff import Staff, team_keys
from app.flows.rehearse.words import few, lengths, listed
from app.flows.sla import level_ms
from app.flows.whom import OWNER, doers, goes_up, named

MINUTE, HOUR = 60_000, 3_600_000
OVERTIME = 30 * DAY  # how long after the window what is left is still worked off
#: Tickets by hour of the day where nothing is known: a quiet morning, two humps, a late evening.
CURVE = (0, 0, 0, 0, 0, 0, 0, 1, 3, 6, 8, 8, 6, 5, 7, 8, 8, 7, 6, 6, 5, 3, 1, 0)
#: How long things take where nothing is known: least, likely, most.
CLAIM = (20_000, MINUTE, 3 * MINUTE)
HANDLE = (5 * MINUTE, 15 * MINUTE, 40 * MINUTE)
APPROVAL = (2 * MINUTE, 5 * MINUTE, 15 * MINUTE)
CUSTOMER = (10 * MINUTE, 3 * HOUR, 24 * HOUR)
CHILD = (HOUR, 4 * HOUR, 24 * HOUR)  # another ticket that has to end first
MACHINE = (500, 2_000, 10_000)
DATE = (HOUR, DAY, 3 * DAY)  # until a date that a ticket names
ANSWERED = 60  # percent of customers who answer, where it is possible not to
MAIN, FAILS = 85, 2  # percent: a person's first way out; a machine's failures
LEAST_SEEN = 5  # so many cases make a history of a step
LEAST_TICKETS = 100  # and so many tickets one of a day


def model_of(flow: Flow, org: Mapping[str, Any], plan: Any, past: Past | None = None, *, now: int = 0) -> Model:
    """The model of one rehearsal.

    `org`: the plain data of a Directory with `roles` ({key: name}) and `tz`; `plan`: see `load_plan`; `now`: the first
    Monday after it is the day, unless the plan names one. Raises Problem for a calendar that does not exist.
    """
    return _Building(flow, org, plan, past or Past(), now).model()


class _Building:
    def __init__(self, flow: Flow, org: Mapping[str, Any], plan: Any, past: Past, now: int) -> None:
        self.flow, self.plan, self.past = flow, plan, past
        self.lines: list[Line] = []
        self.zone = ZoneInfo(org.get("tz", TIME_ZONE))
        self.day: date = plan.start or _monday(now, self.zone)
        self.begins = self._midnight(0)
        self.ends = self._midnight(plan.days)
        self.nodes = [node for node in flow.nodes.values() if not node.type.attaches]
        self.at = {node.id: place for place, node in enumerate(self.nodes)}
        keys = [key for node in self.nodes if _kind(node) in (WORK, ASSIGN)
                for part in (*doers(flow, node), *_chosen(flow, node)) for key in team_keys(part)]
        self.staff = Staff(flow, org, plan, list(dict.fromkeys(keys)), (self.begins, self.ends + OVERTIME))

    def model(self) -> Model:
        arrivals, starts = self._arrivals(), self._starts()
        self.lines += [Line("load_team", "", {"team": team.name, "people": team.people, "hours": team.hours},
                            f"staff.{team.key}") for team in self.staff.teams]
        clocks = tuple(self._clock(node) for node in self.flow.clocks)
        # Whoever leads an owner is known when all who may own a ticket are.
        made = {node.id: self._step(node) for node in sorted(self.nodes, key=self._asks_leaders)}
        steps = tuple(made[node.id] for node in self.nodes)
        values = self._values([step.rules for step in steps if step.rules is not None])
        if clocks:
            self.lines.append(Line("load_clocks_only_count"))
        return Model(
            flow=self.flow.key, steps=steps, starts=starts, people=tuple(self.staff.people),
            crews=tuple(self.staff.crews), refs=tuple(self.staff.refs), values=values, clocks=clocks,
            hours=tuple(self.staff.hours), directory=self.staff.directory,
            tz=tuple((since, minutes) for since, minutes in tz_table(self.zone.key, self.begins)),
            arrivals=arrivals, tickets=self.plan.tickets, begins=self.begins, ends=self.ends,
            horizon=self.ends + OVERTIME, teams=tuple(self.staff.teams),
            assumptions=(*self.lines, *self.staff.lines),
        )

    def _asks_leaders(self, node: Node) -> bool:
        return goes_up(node) or any("leader_of" in selector for part in doers(self.flow, node) for selector in part)

    # ---- when ----

    def _midnight(self, days: int) -> int:
        day = self.day + timedelta(days=days)
        return round(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp() * 1000)

    def _arrivals(self) -> tuple[tuple[float, int, int], ...]:
        plan, curve, source = self.plan, self.plan.curve, "plan"
        if curve is None and self.past.curve and self.past.tickets >= LEAST_TICKETS:
            curve, source = list(self.past.curve), "history"
        if curve is None:
            curve, source = list(CURVE), "default"
        self.lines.append(Line("load_tickets", "", {"tickets": plan.tickets, "days": plan.days,
                                                    "day": self.day.isoformat()}, "tickets"))
        self.lines.append(Line(f"load_curve_{source}", "", {}, "curve"))
        peak = plan.peak
        if peak is not None:
            rush = {"begins": peak.from_, "ends": peak.to, "times": peak.times}
            self.lines.append(Line("load_peak", "", rush, "peak"))
            curve = [weight * (peak.times if peak.from_ <= hour < peak.to else 1) for hour, weight in enumerate(curve)]
        if not any(curve):
            raise Problem("load_empty_curve", "curve")
        slots = [(weight, self._midnight(day) + hour * HOUR) for day in range(plan.days)
                 for hour, weight in enumerate(curve) if weight]
        total = sum(weight for weight, _ in slots)
        ends = accumulate(weight / total for weight, _ in slots)
        return tuple((end, begins, HOUR) for end, (_, begins) in zip(ends, slots, strict=True))

    def _starts(self) -> tuple[tuple[float, int], ...]:
        triggers = [node for node in self.flow.triggers() if node.id in self.at]
        if not triggers:
            raise Problem("load_no_trigger", "nodes")
        given = {node.id: self.plan.starts.get(node.id, 0) for node in triggers}
        weights = given if any(given.values()) else {node.id: 1 for node in triggers}
        if len(triggers) > 1:
            shares = [(node.name, weights[node.id]) for node in triggers]
            self.lines.append(Line("load_starts", "", {"shares": listed(shares)}, "starts"))
        total = sum(weights.values())
        ends = accumulate(weight / total for weight in weights.values())
        return tuple((end, self.at[id]) for end, id in zip(ends, weights, strict=True))

    # ---- steps ----

    def _step(self, node: Node) -> Step:
        kind, config = _kind(node), node.config
        covers = tuple(place for place, clock in enumerate(self.flow.clocks) if node.id in clock.attach)
        pauses = tuple(place for place, clock in enumerate(self.flow.clocks)
                       if node.type.type in (clock.config.pause_on or ()))
        parts: dict[str, Any] = {"clocks": covers, "pauses": pauses}
        late = self._late(node, kind)
        if kind in (WORK, ASSIGN):
            main, backup = doers(self.flow, node)
            parts.update(team=self._team(main),
                         who=self.staff.line(node) if goes_up(node) else self.staff.who(node, main),
                         backup=self.staff.who(node, backup) if backup else None,
                         claims=node.has_port("claimed"), votes=_votes(config),
                         rules=node if _by_rules(node) else None,
                         limited=node if kind == WORK and _limits(node) else None)
            for selectors in _chosen(self.flow, node):
                self.staff.who(node, selectors)  # so that they are there
        if kind in (WORK, WAIT):
            parts["takes"] = self._takes(node, kind)
            if late is not None and isinstance(getattr(config, "timeout", None), int):
                parts.update(timeout=config.timeout, late=self.at.get(node.outs[late].target, NOWHERE))
                if kind == WAIT:
                    parts["answered"] = self._answered(node) / 100
        elif kind == ASSIGN:
            parts["takes"] = Spread("range", CLAIM)  # where nobody may get it, whoever may claims it
            if late is not None:
                parts["late"] = self.at[node.outs[late].target]
        elif kind == LOOP:
            again, out = node.outs.get("again"), node.outs.get("exhausted")
            parts.update(most=config.max, late=self.at[out.target] if out else NOWHERE,
                         ways=((1.0, self.at[again.target] if again else NOWHERE, "again"),))
        elif kind == JOIN:
            parts["most"] = {"all": None, "any": 1, "n": config.n}.get(config.mode)
        if kind not in (LOOP, END):
            parts["ways"] = self._ways(node, kind, late)
        return Step(node.id, node.name, kind, **parts)

    def _values(self, nodes: Sequence[Node]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        """What tickets say where rules ask: what scenarios say, or everything that may be chosen, each as often."""
        found: dict[str, tuple[Any, ...]] = {}
        known, told = closed(self.flow, self.past.options, self.staff.directory), compared(self.flow)
        for node in nodes:
            for ref in asked(node):
                rows = self.staff.rows_of(node, ref, self.flow.sources[ref]) if ref in self.flow.sources else None
                if rows is None and ref not in found:
                    seen = self.past.values.get(ref)
                    found[ref] = tuple(seen or (sorted(known[ref]) if ref in known else [*told.get(ref, ()), None]))
                    if len(found[ref]) > 1:
                        some = [str(one) for one in dict.fromkeys(found[ref]) if one is not None]
                        params = {"field": self.past.labels.get(ref) or SAID.get(ref) or ref, "values": few(some)}
                        self.lines.append(Line("load_values_seen" if seen else "load_values", node.id, params))
        return tuple(found.items())

    def _late(self, node: Node, kind: int) -> str | None:
        """The way out that time takes, or that is taken when there is nobody: never a matter of shares."""
        name = "none" if kind == ASSIGN else "timeout"
        return name if kind in (ASSIGN, WORK, WAIT) and name in node.outs else None

    def _ways(self, node: Node, kind: int, late: str | None) -> tuple[tuple[float, int, str], ...]:
        ports = [port for port in node.ports if port.id in node.outs and port.id != late]
        if not ports:
            return ()
        if kind == FORK or len(ports) == 1:
            weights, source = {port.id: 1 for port in ports}, ""
        else:
            weights, source = self._weights(node, kind, [port.id for port in ports])
            shares = [(port.label or port.id, weights[port.id]) for port in ports]
            self.lines.append(Line(f"load_ways_{source}", node.id, {"name": node.name, "shares": listed(shares)},
                                   f"ports.{node.id}"))
        total = sum(weights.values())
        ends = accumulate(weights[port.id] / total for port in ports)
        return tuple((end, self.at.get(node.outs[port.id].target, NOWHERE), port.id)
                     for end, port in zip(ends, ports, strict=True))

    def _weights(self, node: Node, kind: int, ports: Sequence[str]) -> tuple[dict[str, int], str]:
        """How often each way is taken: as planned, as it was, or by a rule of thumb."""
        given = {port: self.plan.ports.get(node.id, {}).get(port, 0) for port in ports}
        if any(given.values()):
            return given, "plan"
        seen = {port: self.past.ports.get(node.id, {}).get(port, 0) for port in ports}
        if sum(seen.values()) >= (LEAST_SEEN if self.past.source == "history" else 1):
            return seen, self.past.source
        if kind == PASS and node.type.group == "branch":
            return dict.fromkeys(ports, 1), "equal"
        rest = 100 - MAIN if kind == WORK else FAILS * (len(ports) - 1)
        others = len(ports) - 1
        return {port: rest if place else (100 - rest) * others for place, port in enumerate(ports)}, "usual"

    def _takes(self, node: Node, kind: int) -> Spread:
        planned = self.plan.steps.get(node.id)
        if planned is not None and planned.takes is not None:
            found, source = planned.takes, "plan"
        elif len(self.past.takes.get(node.id, ())) >= 2:
            found, source = Spread("marks", tuple(self.past.takes[node.id])), "history"
        else:
            found, source = self._usual(node, kind), "usual"
        self.lines.append(Line(f"load_takes_{source}", node.id, {"name": node.name, "takes": lengths(found)},
                               f"steps.{node.id}"))
        return found

    def _usual(self, node: Node, kind: int) -> Spread:
        if kind == WORK:
            ports = {port.id for port in node.ports}
            return Spread("range", CLAIM if "claimed" in ports else APPROVAL if "approved" in ports else HANDLE)
        if node.type.group == "timer":
            lengths = [getattr(node.config, name, None) for name, prop in reader(node.type.Config).fields.items()
                       if isinstance(prop, Duration)]
            known = next((length for length in lengths if length), None)
            return Spread("range", DATE if known is None else (known, known, known))
        if "done" in {port.id for port in node.ports} and getattr(node.config, "wait", False):
            return Spread("range", CHILD)
        return Spread("range", CUSTOMER if node.type.group == "wait" else MACHINE)

    def _answered(self, node: Node) -> int:
        planned, seen = self.plan.steps.get(node.id), self.past.ports.get(node.id, {})
        total = sum(seen.values())
        if planned is not None and planned.answered is not None:
            share, source = planned.answered, "plan"
        elif total >= (LEAST_SEEN if self.past.source == "history" else 1):
            share, source = round(100 * (total - seen.get("timeout", 0)) / total), self.past.source
        else:
            share, source = ANSWERED, "usual"
        self.lines.append(Line(f"load_answered_{source}", node.id, {"name": node.name, "share": share},
                               f"steps.{node.id}"))
        return share

    def _clock(self, node: Node) -> Clock:
        try:
            calendar = self.staff.directory.calendar(node.config.calendar)
        except Problem:
            calendar = Calendar.always()
            self.lines.append(Line("load_clock_always", node.id, {"name": node.name}))
        levels = tuple((level.port, level_ms(node, level)) for level in node.config.levels)
        return Clock(node.id, node.name, node.config.due, levels, self.staff.hours_number(calendar))

    def _team(self, selectors: Sequence[Mapping[str, Any]]) -> int:
        """The team to which somebody could be added: the step's own, or that of those who get tickets at all."""
        keys = team_keys(selectors)
        if not keys and any(selector.get("ref") == OWNER for selector in selectors):
            keys = [key for node in self.nodes if _kind(node) == ASSIGN or node.has_port("claimed")
                    for key in team_keys(doers(self.flow, node)[0])]
        return next((place for place, team in enumerate(self.staff.teams) if team.key in keys), NOWHERE)


def _monday(now: int, zone: ZoneInfo) -> date:
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    return today + timedelta(days=7 - today.weekday())


def _votes(config: Any) -> str:
    mode = getattr(config, "mode", "any")
    if mode == "ratio":
        return str(config.ratio)
    return {"any": "one", "all": "all"}.get(mode, "turn")


def _limits(node: Node) -> bool:
    """Whether the step limits what a person gets."""
    return hasattr(node.config, "max_per_day") and Limits(None, node.config).any


def _by_rules(node: Node) -> bool:
    """Whether people are chosen by more than who has least to do: then the step itself is asked."""
    config = node.config
    if getattr(config, "guard", None) is not None:
        return True
    return _kind(node) == ASSIGN and bool(config.ways or config.strategy != "least_loaded" or _limits(node))


def _chosen(flow: Flow, node: Node) -> list[Sequence[Mapping[str, Any]]]:
    """Whom rules may choose besides those who do the step anyway: rows of tables, helpers."""
    return [one.selectors for one in named(flow, node) if (one.path.count(".") > 1 or "[" in one.path)
            and not one.path.endswith(".tell")] if _by_rules(node) else []


def _kind(node: Node) -> int:
    """What a step is to a rehearsal, told from the contract of its type."""
    kind, ports = node.type, {port.id for port in node.ports}
    if kind.gathers:
        return JOIN
    if kind.pairs:
        return FORK
    if {"again", "exhausted"} <= ports:
        return LOOP
    if kind.group == "task":
        return WORK
    if kind.type == "assign.auto":
        return ASSIGN
    if kind.waits:
        return WAIT
    return PASS if ports else END
