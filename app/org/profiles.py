"""What assignment goes by: people's skills, where they are, and their shifts. Every function that writes is one commit.

A profile is `{"skills": {name: 1 … 5}, "lat", "lng", "shift": calendar}`, each part only where there is something.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.core.errors import NotFound, Problem
from app.extensions import db
from app.flows.directory import point
from app.org.access import Principal, require
from app.org.epoch import changed
from app.org.models import CalendarRow, Department, Person

RIGHT = "org.manage"
MAX_SKILLS, MAX_SKILL, BEST = 30, 40, 5
MAX_TEXT = 2000
# A level stands apart from the name, or right behind a Chinese one: "English 3", "英语3级", but "ISO9001" is a name.
_SKILL = re.compile(r"(.+?)(?:(?:[\s:：=]+|(?<=[^\x00-\x7f]))([0-9]{1,9})\s*级?)?")
_PLACE = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)\s*[,，\s]\s*(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)\s*")


@dataclass(frozen=True)
class Line:
    """One colleague with their profile."""

    id: str
    name: str
    login: str
    active: bool
    department: str
    profile: Mapping[str, Any]


def people() -> list[Line]:
    """Everybody, by name, who works here first. One query."""
    rows = db.session.execute(
        select(Person, Department.name).outerjoin(Department, Department.id == Person.department_id)
        .order_by(Person.active.desc(), Person.name, Person.id))
    return [Line(one.id, one.name, one.login, one.active, department or "", one.profile) for one, department in rows]


def person(ident: str) -> Line:
    """One of them; raises NotFound."""
    row = db.session.execute(
        select(Person, Department.name).outerjoin(Department, Department.id == Person.department_id)
        .where(Person.id == ident)).one_or_none()
    if row is None:
        raise NotFound("person_unknown", where=ident[:60])
    one, department = row
    return Line(one.id, one.name, one.login, one.active, department or "", one.profile)


def read_skills(text: str) -> dict[str, int]:
    """`英语 3, 退款 5` → {"英语": 3, "退款": 5}; a skill without a level is of level 1. Raises Problem."""
    if len(text) > MAX_TEXT:
        raise Problem("profile_skills_many", where="skills", max=MAX_SKILLS)
    found: dict[str, int] = {}
    for part in re.split(r"[,，、;；\n]", text):
        match = _SKILL.fullmatch(part.strip())
        name = match[1].strip() if match else ""
        level = int(match[2] or 1) if match else 0
        if not part.strip():
            continue
        if not name or len(name) > MAX_SKILL or not name.isprintable():
            raise Problem("profile_skill_bad", where="skills", value=part.strip()[:60], max=MAX_SKILL)
        if not 1 <= level <= BEST:
            raise Problem("profile_level_bad", where="skills", value=part.strip()[:60], max=BEST)
        found[name] = level
    if len(found) > MAX_SKILLS:
        raise Problem("profile_skills_many", where="skills", max=MAX_SKILLS)
    return found


def skills_text(profile: Mapping[str, Any]) -> str:
    """Skills as they are typed, the best first: not every database keeps an order."""
    skills = sorted((profile.get("skills") or {}).items(), key=lambda skill: (-skill[1], skill[0]))
    return "，".join(f"{name} {level}" for name, level in skills)


def read_place(text: str) -> dict[str, str]:
    """`30.25, 120.17` → {"lat", "lng"}; {} for nothing. Raises Problem."""
    if not text.strip():
        return {}
    match = _PLACE.fullmatch(text)
    place = {"lat": match[1], "lng": match[2]} if match else {}
    if point(place) is None:
        raise Problem("profile_place_bad", where="place", value=text.strip()[:60])
    return place


def save(ident: str, *, skills: str, place: str, shift: str, actor: Principal) -> None:
    """Set what assignment knows of a person; texts as they are typed, `shift` a calendar's key or ""."""
    require(actor, RIGHT)
    if shift and db.session.get(CalendarRow, shift[:40]) is None:
        raise NotFound("calendar_unknown", where="shift", id=shift[:40])
    profile = {"skills": read_skills(skills), **read_place(place), "shift": shift}
    profile = {key: value for key, value in profile.items() if value}
    if not db.session.execute(
            update(Person).where(Person.id == ident).values(profile=profile).returning(Person.id)).first():
        raise NotFound("person_unknown", where=ident[:60])
    changed()
    db.session.commit()
