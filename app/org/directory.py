"""The organisation as flows and forms see it: built from the database, kept as long as its epoch stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import func, literal, select, union_all

from app.core.calendar import Calendar, tz_table
from app.extensions import db
from app.flows.checks.facts import Known
from app.flows.directory import Directory, Staffed
from app.flows.world import Backlog, Tally
from app.org import epoch
from app.org.models import ApiToken, CalendarRow, Connector, Department, Person, Role, RoleGrant, Source, SourceRow

TIME_ZONE = "Asia/Shanghai"
KEPT = 4

_kept: dict[str, Directory] = {}


def directory(mark: str | None = None) -> Directory:
    """Everybody and everything a flow may name. One query while nothing changes; none if the caller read the mark."""
    if mark is None:
        mark = epoch.current()
    found = _kept.get(mark)
    if found is None:
        found = Directory(organisation())
        if mark:  # an organisation that never changed has no mark, and nothing worth keeping
            for old in list(_kept)[: max(0, len(_kept) - KEPT + 1)]:  # other threads may be doing the same
                _kept.pop(old, None)
            _kept[mark] = found
    return found


def organisation() -> dict[str, Any]:
    """The plain data a Directory is built from: people with their grants, calendars, departments, and tables.

    The rows of tables that nobody is responsible for stay in the database (app.org.lists): there may be many.
    """
    grants: dict[str, list[dict[str, Any]]] = {}
    for grant in db.session.execute(
        select(RoleGrant.person_id, RoleGrant.role, RoleGrant.scope).order_by(RoleGrant.role, RoleGrant.scope_key)
    ):
        grants.setdefault(grant.person_id, []).append({"role": grant.role, **grant.scope})
    people = db.session.execute(
        select(Person.id, Person.name, Person.active, Person.department_id, Person.profile)
        .order_by(Person.id))
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in db.session.scalars(
        select(SourceRow)
        .join(Source, Source.key == SourceRow.source)
        .where(SourceRow.active.is_(True), Source.scope != "")
        .order_by(SourceRow.source, SourceRow.position, SourceRow.id)
    ):
        rows.setdefault(row.source, []).append({**row.attrs, "id": row.id, "name": row.label})
    return {
        "people": [
            {
                "id": row.id,
                "name": row.name,
                "active": row.active,
                "department": row.department_id,
                "roles": grants.get(row.id, []),
                **row.profile,
            }
            for row in people
        ],
        "sources": {
            row.key: {"scope": row.scope, "columns": row.columns, "live": row.live, "rows": rows.get(row.key, [])}
            for row in db.session.execute(select(Source.key, Source.scope, Source.columns, Source.live))
        },
        "calendars": [
            {**row.spec, "id": row.key} for row in db.session.execute(select(CalendarRow.key, CalendarRow.spec))
        ],
        "departments": [
            {"id": row.id, "name": row.name, "parent": row.parent_id, "leader": row.leader_id}
            for row in db.session.scalars(select(Department).order_by(Department.id))
        ],
    }


def known() -> Known:
    """What publish checks may know of the organisation: roles with their holders, people, tables."""
    there: dict[str, set[str]] = {kind: set() for kind in _NAMED}
    for kind, key in db.session.execute(_NAMES):
        there[kind].add(key)
    holders = dict.fromkeys(there["role"], 0)
    counted = db.session.execute(
        select(RoleGrant.role, func.count(RoleGrant.person_id.distinct()).label("holders"))
        .join(Person, Person.id == RoleGrant.person_id)
        .where(Person.active.is_(True))
        .group_by(RoleGrant.role)
    )
    holders.update((row.role, row.holders) for row in counted)
    sources = {row.key: row.live for row in db.session.execute(select(Source.key, Source.live))}
    company = directory()
    return Known(
        roles=holders,
        connectors=there["connector"],
        calendars={*there["calendar"], "always"},
        people=there["person"],
        departments=there["department"],
        sources=set(sources),
        inside={key for key, live in sources.items() if live and not live["outside"]},
        skills=company.skills(),
        cells={key: company.cells(key) for key in sources},
        tokens=there["token"],
    )


_NAMED = {
    "role": select(literal("role"), Role.key),
    "connector": select(literal("connector"), Connector.key),
    "calendar": select(literal("calendar"), CalendarRow.key),
    "person": select(literal("person"), Person.id).where(Person.active.is_(True)),
    "department": select(literal("department"), Department.id),
    "token": select(literal("token"), ApiToken.name).where(ApiToken.revoked.is_(False)),
}
_NAMES = union_all(*_NAMED.values())


class Books(Protocol):
    """What the runtime knows of people's work."""

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]: ...

    def served(self, people: Sequence[str], customer: str, before: int) -> dict[str, int | None]: ...

    def backlog(self, node: str) -> Backlog: ...


@dataclass(frozen=True)
class LiveWorld(Staffed):
    """What the engine asks of the real company; `books` are the runtime's."""

    directory: Directory
    books: Books

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]:
        """Open tasks of these people and what was counted under these keys, at one moment."""
        return self.books.counted(people, keys)

    def fact(self, kind: str, people: Sequence[str], state: Mapping[str, Any], now: int) -> dict[str, Any]:
        """One kind of fact about each of them, as World says."""
        if kind == "served":
            return self.books.served(people, str(state["customer"]["id"]), state["ticket"]["opened"])
        return self.directory.fact(kind, people, now)

    def backlog(self, node: str) -> Backlog:
        """What waits at a step."""
        return self.books.backlog(node)

    def row(self, source: str, id: str) -> Mapping[str, Any] | None:
        """A row of a source that people are responsible for."""
        return self.directory.row(source, id)

    def calendar(self, id: str) -> Calendar:
        """The business calendar of this name."""
        return self.directory.calendar(id)

    def person(self, id: str) -> Mapping[str, Any] | None:
        """{"id", "name", "active"} or None."""
        return self.directory.person(id)

    def tz(self, now: int) -> Sequence[Sequence[int]]:
        """Offsets of the company's time zone around `now`."""
        return tz_table(TIME_ZONE, now)
