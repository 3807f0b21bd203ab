"""Opening a published form to customers: the links that lead to it, and the one call that makes the first."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.core.errors import Denied, Problem
from app.core.principal import Principal
from app.definitions import stock
from app.definitions.queries import Standing
from app.designer.service import standing
from app.entries import doors
from app.entries.doors import Way
from app.extensions import db, parts
from app.flows.checks.facts import Known
from app.flows.directory import Directory
from app.forms.base import Field
from app.forms.loader import Form
from app.forms.schema import load_form
from app.org import choices, live_answers

ROLE, PERSON = "role", "person"


@dataclass(frozen=True, slots=True)
class Handler:
    """Who may be given what customers send: `value` is "role:<key>" or "person:<id>"; `name` a text or one for each
    language; `holders`: how many people at work hold the role."""

    value: str
    name: Any
    holders: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """What making a link asks and tells: who may handle it (the asker first), and the labels of fields that customers
    are not asked. `refused`: why there can be no link."""

    handlers: tuple[Handler, ...] = ()
    staff: tuple[Any, ...] = ()
    refused: Problem | None = None


def ways(key: str) -> list[Way]:
    """The published ticket types of a form, each with its open links. One query."""
    return [way for way in doors.ways() if way.form == key]


def offer(form: Standing, *, actor: Principal, people: Directory, known: Known) -> Offer:
    """What stands between a form and its first link."""
    try:
        staff = _staff(_open(form, actor), people)
    except Problem as problem:
        return Offer(refused=problem)
    return Offer(_handlers(actor, people, known), tuple(field.label for field in staff))


def open_form(key: str, who: str, *, actor: Principal, people: Directory, known: Known, now: int) -> list[Way]:
    """Make a ticket type with a stock flow, named as the form, and its link: all of it or nothing (one commit).

    Returns what leads to the form now. Where there is a link already, or somebody makes one at this moment, that is it.
    Raises Denied, Problem or PublishBlocked.
    """
    form = _open(standing(key), actor)
    staff = _staff(form, people)
    found = ways(key)
    if any(way.entry for way in found):
        return found
    if all(one.value != who for one in _handlers(actor, people, known)):
        raise Problem("opening_nobody", where="who")
    kind, _, ident = who.partition(":")
    try:
        made = stock.make(key, {kind: ident}, [field.id for field in staff], actor=actor, now=now, known=known)
        doors.entries_of(made.key, made.version_id, now=now)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # the second of two: what the first made is read below
    return ways(key)


def keep_up(key: str, *, actor: Principal, people: Directory, known: Known, now: int) -> None:
    """After a new version of the form: what it newly asks of colleagues only is left to them (commits)."""
    try:
        staff = _staff(_open(standing(key), actor), people)
    except Problem:
        return  # nothing is left for customers: publishing says which ticket types keep the form they had
    stock.renew(key, [field.id for field in staff], actor=actor, now=now, known=known)


def _open(form: Standing, actor: Principal) -> Form:
    """The version in force, if this person may open it to customers."""
    if not actor.may("definitions.publish"):
        raise Denied("opening_right")
    if not form.version:
        raise Problem("opening_unpublished")
    return load_form(form.published, parts().catalog)


def _handlers(actor: Principal, people: Directory, known: Known) -> tuple[Handler, ...]:
    everybody = people.members()
    mine = [Handler(f"{PERSON}:{one['id']}", one["name"]) for one in everybody if one["id"] == actor.id]
    held = known.roles or {}
    roles = [Handler(f"{ROLE}:{role['key']}", role["name"], held[role["key"]]) for role in choices.roles()
             if held.get(role["key"])]
    others = [Handler(f"{PERSON}:{one['id']}", one["name"]) for one in everybody if one["id"] != actor.id]
    return (*mine, *roles, *others)


def _staff(form: Form, people: Directory) -> Sequence[Field]:
    """Fields that only colleagues can answer; Problem where nothing is left for customers."""
    asked = [field for field in form.fields.values() if field.type.asked and not field.readonly]
    staff = [field for field in asked if any(_inside(one, people) for one in (field, *field.columns.values()))]
    if len(staff) == len(asked):
        raise Problem("opening_only_staff" if staff else "opening_empty")
    return staff


def _inside(field: Field, people: Directory) -> bool:
    """Whether somebody who is not signed in cannot answer it."""
    source = live_answers.of(people, str(field.settings.get("source") or ""))
    return not field.type.outside or (source is not None and not source[0].outside)
