"""Changing people, roles, grants and API tokens. Every function is one commit and needs a right of its actor.

Nobody hands out more than they hold: roles and tokens carry at most the rights of whoever grants them.
"""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app import vault
from app.core.errors import Conflict, Denied, NotFound, Problem
from app.extensions import db
from app.org import words
from app.org.access import READS, RIGHTS, Principal, require
from app.org.epoch import changed
from app.org.models import ApiToken, Department, Person, Role, RoleGrant
from app.org.passwords import hash_password
from app.org.sessions import MAX_LOGIN, TOKEN_MARK, digest, revoke_sessions

VALUE = re.compile(r"[^\x00-\x1f=&@]{1,40}\Z")
MAX_ROLE = 38  # with a scope and its value it must fit into a group's key
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}\Z")


def create_person(
    *,
    login: str,
    name: str,
    actor: Principal,
    now: int,
    id: str = "",
    password: str = "",
    locale: str = "zh_CN",
    phone: str = "",
    department_id: str | None = None,
) -> str:
    """A new colleague; returns the id. Without a password they cannot sign in with one."""
    require(actor, "org.manage")
    login = login.strip().lower()
    if not LOGIN.match(login) or len(login) > MAX_LOGIN:
        raise Problem("login_bad", where="login", value=login[:60])
    if department_id and db.session.get(Department, department_id) is None:
        raise NotFound("department_unknown", where="department_id", department=department_id[:40])
    person_id = words.key(id, "id") if id else uuid.uuid4().hex
    db.session.add(
        Person(
            id=person_id,
            login=login,
            name=words.name(name),
            active=True,
            locale=locale,
            department_id=department_id,
            password_hash=hash_password(password) if password else "",
            phone=vault.seal(phone, f"person/phone/{person_id}") if phone else None,
            created_at=now,
        )
    )
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict("person_exists", where="login", login=login) from error
    changed()
    db.session.commit()
    return person_id


def find_person(login: str) -> str | None:
    """The id of the person with this login."""
    return db.session.scalar(select(Person.id).where(Person.login == login.strip().lower()))


def person_phone(person_id: str) -> str:
    """The opened mobile number of a colleague, "" if none is kept."""
    sealed = db.session.scalar(select(Person.phone).where(Person.id == person_id))
    return vault.open_(sealed, f"person/phone/{person_id}") if sealed else ""


def set_password(person_id: str, password: str, *, actor: Principal) -> None:
    """Give a person a new password; every session of theirs ends. Oneself, or with the right to manage people."""
    if actor.id != person_id:
        require(actor, "org.manage")
        _not_above(actor, _rights_of(person_id))
    found = db.session.execute(
        update(Person).where(Person.id == person_id).values(password_hash=hash_password(password)).returning(Person.id)
    ).first()
    if not found:
        raise NotFound("person_unknown", where=person_id[:60])
    revoke_sessions(person_id)
    db.session.commit()


def set_locale(person_id: str, locale: str) -> None:
    """The language in which a person reads screens and messages: their own choice, nobody else's."""
    db.session.execute(update(Person).where(Person.id == person_id).values(locale=locale))
    db.session.commit()


def set_active(person_id: str, active: bool, *, actor: Principal) -> None:
    """Let a person in or out; out: sessions end at once, and flows no longer find them."""
    require(actor, "org.manage")
    _not_above(actor, _rights_of(person_id))
    found = db.session.execute(
        update(Person).where(Person.id == person_id).values(active=active).returning(Person.id)
    ).first()
    if not found:
        raise NotFound("person_unknown", where=person_id[:60])
    if not active:
        revoke_sessions(person_id)
    changed()
    db.session.commit()


def save_role(key: str, *, name: Any, reads: str = "own", rights: Iterable[str] = (), actor: Principal) -> None:
    """Create or change a role."""
    require(actor, "org.manage")
    wanted = sorted(set(rights))
    unknown = [right for right in wanted if right not in RIGHTS]
    if unknown:
        raise Problem("right_unknown", where="rights", right=unknown[0])
    if reads not in READS:
        raise Problem("reads_bad", where="reads", value=str(reads)[:20])
    if len(words.key(key)) > MAX_ROLE:
        raise Problem("role_key_long", where="key", max=MAX_ROLE)
    role = db.session.get(Role, key)
    _not_above(actor, {*wanted, *(role.rights if role else ())}, reads)
    if role is None:
        role = Role(key=key)
        db.session.add(role)
    role.name, role.reads, role.rights = words.label(name), reads, wanted
    changed()
    db.session.commit()


def grant_role(person_id: str, role_key: str, scope: Mapping[str, str] | None = None, *, actor: Principal) -> None:
    """Let a person hold a role, everywhere or within one scope value ({"store": "st_hz1"}); again changes nothing."""
    require(actor, "org.manage")
    clean = _scope(scope or {})
    role = db.session.get(Role, role_key)
    if role is None:
        raise NotFound("role_unknown", where="role", role=role_key[:40])
    if db.session.get(Person, person_id) is None:
        raise NotFound("person_unknown", where=person_id[:60])
    _not_above(actor, role.rights, role.reads)
    db.session.merge(RoleGrant(person_id=person_id, role=role_key, scope_key=_scope_key(clean), scope=clean))
    changed()
    db.session.commit()


def revoke_role(person_id: str, role_key: str, scope: Mapping[str, str] | None = None, *, actor: Principal) -> None:
    """Take a grant back: effective with the person's next request."""
    require(actor, "org.manage")
    db.session.execute(
        delete(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role_key,
            RoleGrant.scope_key == _scope_key(_scope(scope or {})),
        )
    )
    changed()
    db.session.commit()


def save_department(
    department_id: str, *, name: str, parent_id: str | None = None, leader_id: str | None = None, actor: Principal
) -> None:
    """Create or change a department."""
    require(actor, "org.manage")
    if parent_id == department_id:
        raise Problem("department_circle", where="parent_id")
    db.session.merge(
        Department(id=words.key(department_id, "id"), name=words.name(name), parent_id=parent_id, leader_id=leader_id)
    )
    changed()
    db.session.commit()


def create_token(
    person_id: str, *, name: str, rights: Iterable[str], actor: Principal, now: int, expires: int | None = None
) -> str:
    """A new API token for a person, shown this once; it never does more than its person may at that moment."""
    if actor.id != person_id:
        require(actor, "org.manage")
    held = _rights_of(person_id)
    wanted = sorted({*rights, "api.use"})
    missing = [right for right in wanted if right not in held]
    if missing:
        raise Denied("right_missing", where=missing[0], right=missing[0])
    _not_above(actor, wanted)
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    db.session.add(
        ApiToken(
            id=str(uuid.uuid4()),
            hash=digest(token),
            name=words.name(name),
            person_id=person_id,
            rights=wanted,
            created=now,
            expires=expires,
            revoked=False,
        )
    )
    db.session.commit()
    return token


def revoke_token(token_id: str, *, actor: Principal) -> None:
    """Make a token useless at once: one's own, or any with the right to manage people."""
    row = db.session.get(ApiToken, token_id)
    if row is None or (row.person_id != actor.id and not actor.may("org.manage")):
        raise NotFound("token_unknown", where=token_id[:60])
    row.revoked = True
    db.session.commit()


def _scope(scope: Mapping[str, str]) -> dict[str, str]:
    # One value per grant: a claim group is then one key, and a second store is simply a second grant.
    if len(scope) > 1:
        raise Problem("scope_one", where="scope", count=len(scope))
    for key, value in scope.items():
        words.key(key, "scope")
        if not isinstance(value, str) or not VALUE.match(value):
            raise Problem("scope_value", where=f"scope.{key}", value=str(value)[:60])
    return dict(scope)


def _scope_key(scope: Mapping[str, str]) -> str:
    return json.dumps(scope, sort_keys=True, ensure_ascii=False) if scope else ""


def _rights_of(person_id: str) -> set[str]:
    rows = db.session.scalars(
        select(Role.rights).join(RoleGrant, RoleGrant.role == Role.key).where(RoleGrant.person_id == person_id)
    )
    return {right for rights in rows for right in rights}


def _not_above(actor: Principal, rights: Iterable[str], reads: str = "own") -> None:
    above = sorted(set(rights) - actor.rights)
    if above:
        raise Denied("grant_above", where=above[0], right=above[0])
    if reads == "all" and actor.reads != "all":
        raise Denied("grant_above", where="reads", right="tickets.all")
