"""Who does the work of a flow in a rehearsal: teams, crews, their hours.

The company is changed as the plan says (fewer or more people in a role) and then asked through its own resolver
(`flows.directory`), so that a rehearsal and the live flow mean the same people by the same selector.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.calendar import Calendar
from app.core.errors import localized
from app.flows.dimensions import say
from app.flows.directory import Directory
from app.flows.model import Flow, Node
from app.flows.rehearse.plan import TIME_ZONE
from app.flows.rehearse.shape import Hours, Line, Team, Who, Worker
from app.flows.whom import OWNER, doers, some

MAX_ROWS = 2_000  # of a table: each stands for some others
OFFICE = Calendar.from_spec({"id": "09:00-12:00, 13:00-18:00", "days": "mon-fri", "tz": TIME_ZONE,
                             "hours": ["09:00-12:00", "13:00-18:00"]})


def team_keys(selectors: Sequence[Mapping[str, Any]]) -> list[str]:
    """The teams that selectors name, those of people who are named by themselves excepted."""
    found = []
    for selector in selectors:
        if "role" in selector:
            found.append(f"role:{selector['role']}")
        elif "department" in selector:
            found.append(f"department:{selector['department']}")
        elif selector.get("ref", OWNER) != OWNER:
            found.append(f"ref:{selector['ref']}")
    return list(dict.fromkeys(found))


def _holds(person: Mapping[str, Any], team: str) -> bool:
    kind, _, key = team.partition(":")
    if not person.get("active", True):
        return False
    if kind == "department":
        return person.get("department") == key
    return kind == "role" and any(grant["role"] == key for grant in person.get("roles", ()))


class Staff:
    """The people of the rehearsal. `org`: the plain data of a Directory, and `roles`: {key: name}."""

    def __init__(self, flow: Flow, org: Mapping[str, Any], plan: Any, keys: Sequence[str],
                 span: tuple[int, int]) -> None:
        self.plan = plan
        self.span = span
        self.lines: list[Line] = []
        self.people: list[Worker] = []
        self.crews: list[tuple[int, ...]] = []
        self.hours: list[Hours] = []
        self.refs: list[tuple[str, tuple[str, ...]]] = []
        self.teams: list[Team] = []
        self._org = org
        self._places: dict[str, int] = {}  # person → number
        self._crew_of: dict[tuple[int, ...], int] = {}
        self._hours_of: dict[str, int] = {}  # name of the hours → number
        self._ref_of: dict[str, int] = {}
        self._keys = keys
        people = [dict(person) for person in org.get("people", ())]
        counts = {team: sum(_holds(person, team) for person in people) for team in keys}
        for team in keys:
            wanted = plan.staff[team].people if team in plan.staff else None
            if wanted is None:
                wanted = 1 if team.startswith("ref:") else counts[team]
            self._fit(people, team, counts[team], wanted)
        self.known = {person["id"]: person for person in people}
        self.directory = Directory({**org, "people": people})
        self._named = {spec["id"] for spec in org.get("calendars", ())}  # one that is gone is for the checks
        self._calendars = {team: self._calendar(flow, team) for team in keys}
        self.teams = [self._team(team, counts[team]) for team in keys]

    # ---- teams ----

    def _fit(self, people: list[dict[str, Any]], team: str, has: int, wanted: int) -> None:
        """As many people in the team as are wanted: the last ones leave it, new ones may do all of it."""
        kind, _, key = team.partition(":")
        for person in reversed(people):
            if has <= wanted:
                break
            if _holds(person, team):
                has -= 1
                if kind == "role":
                    person["roles"] = [grant for grant in person["roles"] if grant["role"] != key]
                else:
                    person["department"] = None
        for number in range(1, wanted - has + 1):
            extra = {"id": f"+{team}:{number}", "name": f"+{number}", "extra": team}
            people.append({**extra, "roles": [{"role": key}]} if kind == "role" else {**extra, "department": key})

    def _team(self, team: str, has: int) -> Team:
        names = self._org.get("roles", {}) if team.startswith("role:") else {
            row["id"]: row.get("name") for row in self._org.get("departments", ())}
        key = team.partition(":")[2]
        now = sum(_holds(person, team) or person.get("extra") == team for person in self.known.values())
        return Team(team, names.get(key) or key, has, now, self._told(self._calendars[team].id))

    def _told(self, calendar: str) -> dict[str, str]:
        """The hours of a calendar as people read them: 「09:00-21:00」, with its name where it has one."""
        if calendar == "always":
            return {"zh": "全天", "en": "round the clock"}
        spec = next((one for one in self._org.get("calendars", ()) if one["id"] == calendar), None)
        if spec is None:
            return {"zh": calendar.replace(", ", "、"), "en": calendar}  # hours of the plan, which are their own name
        said = {}
        for locale, sign, around in (("zh", "、", "（{}）"), ("en", ", ", " ({})")):
            name = localized(spec.get("name"), locale)
            said[locale] = sign.join(spec["hours"]) + (around.format(name) if name else "")
        return said

    def _calendar(self, flow: Flow, team: str) -> Calendar:
        """When a team is at work: as planned, else as the clock over its steps, else as the company or an office."""
        staff = self.plan.staff.get(team)
        if staff is not None and staff.own is not None:
            return staff.own
        if staff is not None and staff.calendar:
            return self.directory.calendar(staff.calendar)
        for clock in flow.clocks:
            name = getattr(clock.config, "calendar", "always")
            steps = (flow.nodes[id] for id in clock.attach if id in flow.nodes)
            if name in self._named and any(team in team_keys(doers(flow, node)[0]) for node in steps):
                return self.directory.calendar(name)
        return self._house()

    def _house(self) -> Calendar:
        """The company's hours, where it has one calendar; else those of an office."""
        return self.directory.calendar(*self._named) if len(self._named) == 1 else OFFICE

    # ---- hours ----

    def _hours_at_work(self, team: str, person: Mapping[str, Any]) -> Calendar:
        """As planned for the team; else the person's own shift; else as the team is supposed to be at work."""
        staff = self.plan.staff.get(team)
        planned = staff is not None and (staff.own is not None or staff.calendar)
        if person.get("shift") in self._named and not planned:
            return self.directory.calendar(person["shift"])
        return self._calendars.get(team) or self._house()

    def hours_number(self, calendar: Calendar) -> int:
        """The calendar as intervals, each once."""
        number = self._hours_of.get(calendar.id)
        if number is None:
            number = self._hours_of[calendar.id] = len(self.hours)
            self.hours.append(Hours(calendar.id, calendar.spans(*self.span)))
        return number

    # ---- crews ----

    def who(self, node: Node, selectors: Sequence[Mapping[str, Any]]) -> Who:
        """Whose work a step is."""
        owner = any(selector.get("ref") == OWNER for selector in selectors)
        others = [selector for selector in selectors if selector.get("ref") != OWNER]
        if any(selector.get("leader_of") == OWNER for selector in others):
            state = [{"ticket": {"owner": person.id}} for person in self.people]
            crews = {number: self._crew(others, each) for number, each in enumerate(state)}
            return Who((self._crew(others, {}),), by_owner=crews)
        named = [selector for selector in others if "of" in selector]
        if not named or owner:
            return Who((self._crew(others, {}),), owner=owner)
        ref = named[0]["of"]
        number = self.rows_of(node, ref, named[0]["source"] or "")
        if number is None:
            return Who((self._crew(others, {}),))
        return Who(tuple(self._crew(others, say({ref: row})) for row in self.refs[number][1]), ref=number)

    def rows_of(self, node: Node, ref: str, source: str) -> int | None:
        """The number of a reference that names rows of a table; each is as likely. None: there are no rows."""
        if ref not in self._ref_of:
            rows = self.directory.rows(source)
            if not rows:
                return None
            if len(rows) > MAX_ROWS:
                cut = {"source": source, "count": len(rows), "kept": MAX_ROWS}
                self.lines.append(Line("load_rows_cut", node.id, cut))
                rows = some(rows, MAX_ROWS)
            self._ref_of[ref] = len(self.refs)
            self.refs.append((ref, tuple(row["id"] for row in rows)))
            self.lines.append(Line("load_rows", "", {"source": source, "count": len(rows)}))
        return self._ref_of[ref]

    def line(self, node: Node) -> Who:
        """The leaders above whoever had the ticket before, as an approval up the line asks them."""
        config, last = node.config, set(self.directory.people(node.config.until or [], {}))
        crews = {}
        for number, person in enumerate(list(self.people)):
            found: list[str] = []
            for leader in self.directory.line(person.id)[:config.levels]:
                found += [leader] if leader is not None else []
                if leader in last:
                    break
            crews[number] = self._crew([{"person": leader} for leader in dict.fromkeys(found)], {})
        return Who((self._crew([], {}),), by_owner=crews, before=config.line_of == "previous")

    def _crew(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> int:
        found = self.directory.people(selectors, state)
        keys = set(team_keys(selectors))
        found += [id for id, person in self.known.items() if person.get("extra", "").startswith("ref:")
                  and person["extra"] in keys]
        members = tuple(self._place(id) for id in dict.fromkeys(found))
        if members not in self._crew_of:
            self._crew_of[members] = len(self.crews)
            self.crews.append(members)
        return self._crew_of[members]

    def _place(self, id: str) -> int:
        place = self._places.get(id)
        if place is None:
            place = self._places[id] = len(self.people)
            person = self.known.get(id, {})
            teams = tuple(team for team in self._keys if _holds(person, team) or person.get("extra") == team)
            calendar = self._hours_at_work(teams[0] if teams else "", person)
            self.people.append(Worker(id, person.get("name") or id, self.hours_number(calendar), teams,
                                      "extra" in person))
        return place
