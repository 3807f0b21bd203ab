"""Signing in and out, and finding out who asks: one query for a browser's session, one for an API token."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, update

from app.core.errors import Problem
from app.extensions import begin_write, db, insert_new
from app.flows.directory import grant_group
from app.org.access import Principal, reads_of
from app.org.models import ApiToken, Person, Role, RoleGrant, SignInAttempt, UserSession
from app.org.passwords import verify

MINUTE = 60_000
IDLE_MS = 12 * 60 * MINUTE
ABSOLUTE_MS = 7 * 24 * 60 * MINUTE
SEEN_EVERY_MS = MINUTE  # how exactly `last_seen` is kept: a write per request would cost more than it tells
FORGET_MS = 60 * MINUTE  # a counter that nobody touched for so long starts again at nothing
TOKEN_MARK = "dfl_"  # noqa: S105 - what every token begins with
MAX_LOGIN = 80


@dataclass(frozen=True)
class Brake:
    """After `free` tries without success each further one must wait, twice as long every time, up to `longest_ms`."""

    free: int
    longest_ms: int

    def wait_ms(self, count: int) -> int:
        """How long after the `count`-th try the next one has to wait."""
        over = count - self.free
        return 0 if over < 0 else min(self.longest_ms, 2_000 << min(over, 20))


# Per account and address: whoever guesses. Per account: guesses from many addresses; kept short, or anybody could lock
# a colleague out. Per address: one address trying many accounts (an office shares one, so it starts late).
BRAKES = {"p": Brake(5, 15 * MINUTE), "a": Brake(20, MINUTE), "i": Brake(50, 15 * MINUTE)}


class SignInRefused(Problem):
    """Wrong login or password: which of them is nobody's business."""

    status = 401


class SignInDelayed(Problem):
    """Too many tries; `params["seconds"]` says when to come back (Retry-After)."""

    status = 429


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: `token` goes into the cookie and nowhere else."""

    token: str
    person_id: str
    name: str
    locale: str


def digest(token: str) -> str:
    """How a session or API token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(login: str, password: str, *, ip: str, agent: str, now: int, old_token: str = "") -> SignedIn:
    """Check the password and open a session under a new token; `old_token`'s session ends (commits).

    Raises SignInDelayed (before any check), SignInRefused, or passwords.Busy. A try counts before it is judged, so that
    a hundred at once are not a hundred free ones.
    """
    login = login.strip().lower()[:MAX_LOGIN]
    keys = {"p": f"p:{ip[:60]}:{login}", "a": f"a:{login}", "i": f"i:{ip[:60]}"}
    _count_try(keys, now)
    person = db.session.execute(
        select(Person.id, Person.name, Person.locale, Person.password_hash, Person.active).where(Person.login == login)
    ).one_or_none()
    db.session.commit()  # no transaction waits while the hash is computed
    if not verify(person.password_hash if person and person.active else "", password) or person is None:
        raise SignInRefused("sign_in_refused")
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.key.in_([keys["p"], keys["a"]])))
    db.session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.key == keys["i"], SignInAttempt.count > 0)
        .values(count=SignInAttempt.count - 1)
    )
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.last_at < now - FORGET_MS))
    db.session.execute(delete(UserSession).where(UserSession.expires < now))
    if old_token:
        db.session.execute(update(UserSession).where(UserSession.id == digest(old_token)).values(revoked=True))
    token = secrets.token_urlsafe(32)
    db.session.execute(
        insert(UserSession).values(
            id=digest(token),
            person_id=person.id,
            created=now,
            last_seen=now,
            expires=now + ABSOLUTE_MS,
            revoked=False,
            ip=ip[:60],
            agent=agent[:200],
        )
    )
    db.session.commit()
    return SignedIn(token, person.id, person.name, person.locale)


def _count_try(keys: dict[str, str], now: int) -> None:
    """Count one try under every key, or raise SignInDelayed if one of them must wait (commits)."""
    ordered = sorted(keys.items(), key=lambda item: item[1])
    rows = [{"key": key, "count": 0, "last_at": now} for _, key in ordered]
    db.session.execute(insert_new(SignInAttempt, rows))
    held = {
        row.key: row
        for row in db.session.scalars(
            select(SignInAttempt)
            .where(SignInAttempt.key.in_(keys.values()))
            .order_by(SignInAttempt.key)
            .with_for_update()
        )
    }
    for kind, key in ordered:
        row = held[key]
        if now - row.last_at > FORGET_MS:
            row.count = 0
        free_at = row.last_at + BRAKES[kind].wait_ms(row.count)
        if now < free_at:
            db.session.rollback()
            raise SignInDelayed("sign_in_delayed", seconds=-(-(free_at - now) // 1000))
    for row in held.values():
        row.count += 1
        row.last_at = now
    db.session.commit()


def sign_out(token: str) -> None:
    """End the session of this token; an unknown one is no error (commits)."""
    db.session.execute(update(UserSession).where(UserSession.id == digest(token)).values(revoked=True))
    db.session.commit()


def revoke_sessions(person_id: str) -> int:
    """End every session of a person; how many were open. The caller commits."""
    done = cast(
        CursorResult[Any],
        db.session.execute(
            update(UserSession)
            .where(UserSession.person_id == person_id, UserSession.revoked.is_(False))
            .values(revoked=True)
        ),
    )
    return done.rowcount


def principal(token: str, now: int) -> Principal | None:
    """Who is signed in with this session token, or None. One query (and one write a minute for `last_seen`).

    Must be the request's first use of the database.
    """
    if not token:
        return None
    session_id = digest(token)
    rows = db.session.execute(
        select(
            Person.id,
            Person.name,
            Person.locale,
            UserSession.last_seen,
            RoleGrant.role,
            RoleGrant.scope,
            Role.rights,
            Role.reads,
        )
        .join(Person, Person.id == UserSession.person_id)
        .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(Role, Role.key == RoleGrant.role)
        .where(
            UserSession.id == session_id,
            UserSession.revoked.is_(False),
            UserSession.expires > now,
            UserSession.last_seen > now - IDLE_MS,
            Person.active.is_(True),
        )
    ).all()
    if not rows:
        return None
    if now - rows[0].last_seen >= SEEN_EVERY_MS:
        db.session.commit()  # a reading transaction cannot become a writing one
        begin_write()
        db.session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen=now))
        db.session.commit()
    return replace(_folded(rows), session_id=session_id)


def token_principal(token: str, now: int) -> Principal | None:
    """Whom this API token acts for, with at most the token's rights; None if it is unknown, expired or revoked.

    One query. The person needs the right "api.use".
    """
    if not token.startswith(TOKEN_MARK):
        return None
    rows = db.session.execute(
        select(
            Person.id,
            Person.name,
            Person.locale,
            ApiToken.id.label("token_id"),
            ApiToken.rights.label("token_rights"),
            RoleGrant.role,
            RoleGrant.scope,
            Role.rights,
            Role.reads,
        )
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(Role, Role.key == RoleGrant.role)
        .where(
            ApiToken.hash == digest(token),
            ApiToken.revoked.is_(False),
            Person.active.is_(True),
            (ApiToken.expires.is_(None)) | (ApiToken.expires > now),
        )
    ).all()
    if not rows:
        return None
    found = _folded(rows)
    if "api.use" not in found.rights:
        return None
    rights = found.rights & (frozenset(rows[0].token_rights) | {"api.use"})
    reads = found.reads if "tickets.all" in rows[0].token_rights else "own"
    return replace(found, rights=rights, reads=reads, token_id=rows[0].token_id)


def _folded(rows: Iterable[Any]) -> Principal:
    """One person out of one row per grant."""
    rows = list(rows)
    granted = [row for row in rows if row.role is not None]
    rights = frozenset(right for row in granted for right in row.rights)
    return Principal(
        id=rows[0].id,
        name=rows[0].name,
        locale=rows[0].locale,
        roles=tuple(dict.fromkeys(row.role for row in granted)),
        groups=tuple(dict.fromkeys(grant_group(row.role, row.scope) for row in granted)),
        rights=rights,
        reads=reads_of(rights, (row.reads for row in granted)),
    )
