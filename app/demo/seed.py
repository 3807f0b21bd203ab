"""Filling an empty installation with the example company. Again changes nothing that is there already.

Who is in it comes from the scenarios of the complaint template, so that what the sandbox proves is what the demo does.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from app.core.errors import localized
from app.customers import service as customers
from app.definitions import scenarios
from app.definitions import service as definitions
from app.definitions.models import Definition
from app.entries.doors import ensure_entries
from app.entries.models import Entry
from app.extensions import db
from app.org import masterdata, people
from app.org.access import SYSTEM
from app.org.models import CalendarRow, Connector, Department, Person, Role, RoleGrant, Source
from app.org.service import known

LIBRARY = Path(__file__).parent.parent / "definitions" / "library" / "restaurant_complaint"
COMPANY = Path(__file__).with_name("company.json")
TYPE_KEY = "complaint"
PASSWORD = "danflow-demo"  # noqa: S105 - known to everybody on purpose: the demo is refused in production


@dataclass(frozen=True)
class DemoPerson:
    """A demo colleague and what they are."""

    login: str
    name: str
    roles: str


@dataclass(frozen=True)
class Summary:
    """What a newcomer needs to try the demo."""

    base_url: str
    password: str
    people: tuple[DemoPerson, ...]
    links: tuple[tuple[str, str], ...]  # (label, address of the public form)


def seed(base_url: str, now: int) -> None:
    """Make the company, its people, stores, calendar, connector, complaint desk and a few customers (commits)."""
    company = _read(COMPANY)
    org = _read(LIBRARY / "scenarios.json")["org"]
    _roles(company["roles"])
    _places(company, org)
    _people(company, org, now)
    _connector(base_url)
    _publish(now)
    for customer in company["customers"]:
        customers.find_or_create({"phone": customer["phone"]}, now=now, name=customer["name"], level=customer["level"])
    db.session.commit()
    ensure_entries(TYPE_KEY, now=now)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _roles(roles: list[dict[str, Any]]) -> None:
    there = set(db.session.scalars(select(Role.key)))
    for role in roles:
        if role["key"] not in there:
            people.save_role(role["key"], name=role["name"], reads=role["reads"], rights=role["rights"], actor=SYSTEM)


def _places(company: Mapping[str, Any], org: Mapping[str, Any]) -> None:
    if db.session.get(Source, "stores") is None:
        masterdata.save_source("stores", scope="store", title={"zh": "门店", "en": "Stores"}, actor=SYSTEM,
                               own=company["store_columns"])
        masterdata.save_rows("stores", [*org["stores"], *company["stores"]], actor=SYSTEM)
    for calendar in org["calendars"]:
        if db.session.get(CalendarRow, calendar["id"]) is None:
            named = {**calendar, "name": company["calendars"][calendar["id"]]}
            masterdata.save_calendar(calendar["id"], named, actor=SYSTEM)


def _people(company: Mapping[str, Any], org: Mapping[str, Any], now: int) -> None:
    there = set(db.session.scalars(select(Person.id)))
    new = [
        {"login": company["logins"].get(person["id"]), **person}
        for person in [*org["people"], *company["people"]]
        if person["id"] not in there
    ]
    places = set(db.session.scalars(select(Department.id)))
    for row in company["departments"]:
        if row["id"] not in places:
            people.save_department(row["id"], name=row["name"], actor=SYSTEM)
    for person in new:
        people.create_person(
            id=person["id"],
            login=person["login"],
            name=person["name"],
            password=PASSWORD,
            phone=company["phones"].get(person["id"], ""),
            department_id=person.get("department"),
            actor=SYSTEM,
            now=now,
        )
    grants = [{"person": person["id"], **grant} for person in new for grant in person["roles"]]
    added = {person["id"] for person in new}
    grants += [grant for grant in company["grants"] if grant["person"] in added]
    for grant in grants:
        scope = {key: value for key, value in grant.items() if key not in ("person", "role")}
        people.grant_role(grant["person"], grant["role"], scope, actor=SYSTEM)


def _connector(base_url: str) -> None:
    """The demo ERP lives in this application: its address moves with ours, its secret stays."""
    address = f"{base_url}/demo/erp"
    row = db.session.get(Connector, "erp")
    if row is None or row.base_url != address:
        masterdata.save_connector(
            "erp",
            name={"zh": "演示 ERP", "en": "Demo ERP"},
            base_url=address,
            secret=secrets.token_urlsafe(32),
            allow_hosts=[urlsplit(base_url).netloc],
            actor=SYSTEM,
        )


def _publish(now: int) -> None:
    ticket_type = {
        "schema": "danflow/ticket_type/1",
        "key": TYPE_KEY,
        "name": {"zh-CN": "餐饮客诉", "en": "Restaurant complaint"},
        "form": "complaint",
        "flow": "restaurant_complaint",
    }
    contents = {"form": _read(LIBRARY / "form.json"), "flow": _read(LIBRARY / "flow.json"), "ticket_type": ticket_type}
    for kind, content in contents.items():
        key = str(content["key"])
        row = db.session.scalar(select(Definition).where(Definition.kind == kind, Definition.key == key))
        if row is None:
            definitions.save_draft(kind, key, content, 0, actor=SYSTEM, now=now)
        if row is None and kind == "flow":
            scenarios.save(key, _read(LIBRARY / "scenarios.json"), 0, actor=SYSTEM, now=now)
        if row is None or not row.current_version:
            definitions.publish(kind, key, actor=SYSTEM, now=now, known=known())


def summary(base_url: str, locale: str = "zh_CN") -> Summary:
    """Addresses and people of the demo as they are in the database; people without a role are left out."""
    rows = db.session.execute(
        select(Person.login, Person.name, Role.name.label("role"))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Role, Role.key == RoleGrant.role)
        .where(Person.active)
        .order_by(Person.login, Role.key)
    )
    held: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        held.setdefault((row.login, row.name), {})[str(localized(row.role, locale))] = None
    entries = db.session.scalars(select(Entry).where(Entry.active, Entry.type_key == TYPE_KEY).order_by(Entry.trigger))
    return Summary(
        base_url=base_url,
        password=PASSWORD,
        people=tuple(DemoPerson(login, name, "、".join(roles)) for (login, name), roles in held.items()),
        links=tuple((entry.label, f"{base_url}/f/{entry.token}") for entry in entries),
    )
