"""Who is who: the one resolver of people, groups and calendars, for the sandbox and for the live company.

Built from plain data:
  people       [{id, name, active?, department?, roles: [{role, scope key?: value}], skills?, lat?, lng?, shift?}]
  sources      {"stores": {"scope": "store", "rows": [{id, name, …}]}}
  calendars    [spec of core.calendar]
  departments  [{id, name?, parent?, leader?}]

A role can be held for a part of the company ({"role": "store_manager", "store": "st_hz1"}) or everywhere.
`{"role": R, "of": "form.f_store"}` means those who hold R for that row: the facts of a row are {scope: row id} and its
other columns, and a grant matches if each of its scope keys equals the fact. Without `of` all who hold R are meant.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.core.calendar import Calendar
from app.core.errors import Problem

Selector = Mapping[str, Any]


def grant_group(role: str, scope: Mapping[str, Any]) -> str:
    """The group of those who hold a role for this scope: `R@` everywhere, `R@store=st_hz1` for a part."""
    return f"{role}@" + "&".join(f"{key}={scope[key]}" for key in sorted(scope))


def point(place: Mapping[str, Any]) -> tuple[float, float] | None:
    """(lat, lng) in degrees, where a place says so; it may be anybody's typing."""
    try:
        lat, lng = float(place["lat"]), float(place["lng"])
    except (KeyError, TypeError, ValueError):
        return None
    return (lat, lng) if abs(lat) <= 90 and abs(lng) <= 180 else None


class Directory:
    """Immutable to its users; shared by threads."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._people: dict[str, Mapping[str, Any]] = {person["id"]: person for person in data.get("people", ())}
        self._sources: Mapping[str, Any] = data.get("sources", {})
        self._rows = {key: {row["id"]: row for row in source["rows"]} for key, source in self._sources.items()}
        self._departments = {row["id"]: row for row in data.get("departments", ())}
        self._calendars = {"always": Calendar.always()}
        for spec in data.get("calendars", ()):
            self._calendars[spec["id"]] = Calendar.from_spec(spec)
        self._grants: dict[str, list[tuple[str, dict[str, Any]]]] = {}  # role → (person, scope), in order of people
        # role → keys of a scope → their values → places in the role's grants
        self._scoped: dict[str, dict[tuple[str, ...], dict[tuple[str | None, ...], list[int]]]] = {}
        self._groups: dict[str, frozenset[str]] = {}
        for person in self._people.values():
            if not person.get("active", True):
                continue
            keys = set()
            for grant in person.get("roles", ()):
                scope = {key: value for key, value in grant.items() if key != "role"}
                grants = self._grants.setdefault(grant["role"], [])
                names = tuple(sorted(scope))
                alike = self._scoped.setdefault(grant["role"], {}).setdefault(names, {})
                alike.setdefault(tuple(str(scope[name]) for name in names), []).append(len(grants))
                grants.append((person["id"], scope))
                keys.add(grant_group(grant["role"], scope))
            self._groups[person["id"]] = frozenset(keys)

    # ---- single things ----

    def person(self, id: str) -> dict[str, Any] | None:
        """`{"id", "name", "active"}` or None."""
        found = self._people.get(id)
        if found is None:
            return None
        return {"id": id, "name": found.get("name") or id, "active": found.get("active", True)}

    def members(self, roles: Sequence[str] = (), department: str = "") -> list[dict[str, Any]]:
        """Active people by name: who hold one of the roles for any part of the company, within the department."""
        within = self._below(department) if department else None
        holders = {person for role in roles for person, _ in self._grants.get(role, ())} if roles else self._groups
        found = [{"id": id, "name": person.get("name") or id} for id, person in self._people.items()
                 if id in self._groups and id in holders and (within is None or person.get("department") in within)]
        return sorted(found, key=lambda person: person["name"])

    def member(self, id: str, roles: Sequence[str] = (), department: str = "") -> dict[str, Any] | None:
        """As `person`; None for those outside roles or department."""
        if (roles or department) and all(id != person["id"] for person in self.members(roles, department)):
            return None
        return self.person(id)

    def fact(self, kind: str, people: Sequence[str], now: int) -> dict[str, Any]:
        """`skills`, `places` or `on_duty` of each of them, as `World.fact` says."""
        read = {"skills": self._skills, "places": self._places, "on_duty": lambda one: self._on_duty(one, now)}[kind]
        return {person: read(self._people.get(person, {})) for person in people}

    @staticmethod
    def _skills(person: Mapping[str, Any]) -> Mapping[str, int]:
        return person.get("skills") or {}

    def _on_duty(self, person: Mapping[str, Any], now: int) -> bool:
        shift = self._calendars.get(person.get("shift") or "always")
        return shift is None or shift.is_open(now)  # a shift that is gone keeps nobody from work

    def _places(self, person: Mapping[str, Any]) -> list[tuple[float, float]]:
        own = point(person)
        if own:
            return [own]
        scopes = {source["scope"]: key for key, source in self._sources.items()}
        rows = (self.row(scopes[key], str(value)) for grant in person.get("roles", ()) for key, value in grant.items()
                if key in scopes)
        return [found for row in rows if row and (found := point(row))]

    def skills(self) -> dict[str, int]:
        """Every skill with the highest level that somebody at work has."""
        best: dict[str, int] = {}
        for person in self._groups:
            for name, level in self._skills(self._people[person]).items():
                best[name] = max(level, best.get(name, 0))
        return best

    def cells(self, source: str) -> dict[str, set[str]]:
        """Column → what stands there, of a source that people are responsible for; {} of any other."""
        found: dict[str, set[str]] = {}
        for row in self.rows(source) if self._sources.get(source, {}).get("scope") else ():
            for key, value in row.items():
                if key not in ("id", "name"):
                    found.setdefault(key, set()).add(str(value))
        return found

    def calendar(self, id: str) -> Calendar:
        """The calendar; "always" exists everywhere. Problem("flow_calendar_unknown") otherwise."""
        found = self._calendars.get(id)
        if found is None:
            raise Problem("flow_calendar_unknown", id=id)
        return found

    def source(self, key: str) -> Mapping[str, Any] | None:
        """What is known of a source: its scope, and its columns where it has any."""
        return self._sources.get(key)

    def asks_elsewhere(self) -> bool:
        """Whether rows of any source live in another system."""
        return any(source.get("live") for source in self._sources.values())

    def row(self, source: str, id: str) -> Mapping[str, Any] | None:
        """A row of a source."""
        return self._rows.get(source, {}).get(id)

    def rows(self, source: str) -> list[Mapping[str, Any]]:
        """All rows of a source, in order."""
        return list(self._rows.get(source, {}).values())

    def groups_of(self, person: str) -> frozenset[str]:
        """The groups an active person is in; nobody else is in any."""
        return self._groups.get(person, frozenset())

    # ---- what the engine asks ----

    def people(self, selectors: Sequence[Selector], state: Mapping[str, Any]) -> list[str]:
        """Active people whom any of the selectors means: each once, in the order of the selectors and of the data."""
        found = (person for selector in selectors for person in self._meant(selector, state))
        return [person for person in dict.fromkeys(found) if person in self._groups]

    def line(self, person: str) -> list[str | None]:
        """Who leads this person's department, and each one above it, the person left out; None where nobody at work
        does."""
        found: list[str | None] = []
        department, seen = self._people.get(person, {}).get("department"), set[str]()
        while department is not None and department in self._departments and department not in seen:
            seen.add(department)
            leader = self._departments[department].get("leader")
            if leader != person:
                found.append(leader if leader in self._groups else None)
            department = self._departments[department].get("parent")
        return found

    def groups(self, selectors: Sequence[Selector], state: Mapping[str, Any]) -> list[str]:
        """The groups that role selectors admit, whether anybody is in them today or not."""
        found: list[str] = []
        for selector in selectors:
            role = selector.get("role")
            if role is None:
                continue
            found.append(grant_group(role, {}))
            facts = list(self._facts(selector, state)) if "of" in selector else None
            found += [grant_group(role, {key: value}) for fact in facts or () for key, value in fact.items()]
            found += [grant_group(role, scope) for _, scope in self._held(role, facts)]
        return list(dict.fromkeys(found))

    def may(self, person: str, groups: Sequence[str], people: Sequence[str]) -> bool:
        """Whether an active person is one of `people` or in one of `groups`."""
        return person in self._groups and (person in people or not self._groups[person].isdisjoint(groups))

    # ---- selectors ----

    def _meant(self, selector: Selector, state: Mapping[str, Any]) -> Iterator[str]:
        if "role" in selector:
            facts = list(self._facts(selector, state)) if "of" in selector else None
            yield from (person for person, _ in self._held(selector["role"], facts))
        elif "ref" in selector:
            yield from _values(state, selector["ref"])
        elif "person" in selector:
            yield selector["person"]
        elif "department" in selector:
            within = self._below(selector["department"])
            yield from (id for id, person in self._people.items() if person.get("department") in within)
        elif "leader_of" in selector:
            yield from self._leaders(selector["leader_of"], state)

    def _facts(self, selector: Selector, state: Mapping[str, Any]) -> Iterator[dict[str, str]]:
        """What is known of each row that `of` names: its id under the source's scope, and its short columns."""
        source = selector.get("source") or ""
        if source not in self._sources:
            return
        for id in _values(state, selector["of"]):
            row = self.row(source, id)
            if row is not None:
                facts = {key: str(value) for key, value in row.items()
                         if key not in ("id", "name") and isinstance(value, (str, int)) and len(str(value)) <= 40}
                yield {**facts, self._sources[source]["scope"]: id}

    def _held(self, role: str, facts: Sequence[Mapping[str, str]] | None) -> list[tuple[str, dict[str, Any]]]:
        """(person, scope) of the grants that hold for any of these rows; None: no row was asked for."""
        grants = self._grants.get(role, [])
        if facts is None:
            return grants
        places = {place for keys, values in self._scoped.get(role, {}).items() for fact in facts or ({},)
                  for place in values.get(tuple(fact.get(key) for key in keys), ())}
        return [grants[place] for place in sorted(places)]

    def _below(self, department: str) -> set[str]:
        found, size = {department}, 0
        while size != len(found):
            size = len(found)
            found |= {id for id, row in self._departments.items() if row.get("parent") in found}
        return found

    def _leaders(self, of: str, state: Mapping[str, Any]) -> Iterator[str]:
        """The leader of a department, or of the departments of the people whom a reference names.

        Who leads the own department is led by the next one up.
        """
        wanted: list[tuple[Any, str | None]] = [(of, None)]
        if "." in of:
            wanted = [(self._people.get(person, {}).get("department"), person) for person in _values(state, of)]
        for department, person in wanted:
            seen: set[str] = set()
            while department in self._departments and department not in seen:
                seen.add(department)
                leader = self._departments[department].get("leader")
                if leader and leader != person:
                    yield leader
                    break
                department = self._departments[department].get("parent")


class Staffed:
    """The part of a `World` that its directory answers."""

    directory: Directory

    def people(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        """Active people whom `selectors` mean for this ticket."""
        return self.directory.people(selectors, state)

    def line(self, person: str) -> list[str | None]:
        """Who leads them, from the next one up."""
        return self.directory.line(person)

    def groups(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        """Group keys whose members may act."""
        return self.directory.groups(selectors, state)

    def may(self, person: str, groups: Sequence[str], people: Sequence[str]) -> bool:
        """Whether an active person is one of `people` or in one of `groups`."""
        return self.directory.may(person, groups, people)


def _values(state: Mapping[str, Any], ref: str) -> list[str]:
    """The ids a reference holds: one, several or none."""
    found: Any = state
    for name in ref.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found] if found else []
    return [entry for entry in found if isinstance(entry, str)] if isinstance(found, list) else []
