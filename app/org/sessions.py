"""Signing in and out, and finding out who asks: one query for a browser's session, one for an API token."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, update

from app.core.errors import Problem
from app.extensions import begin_write, db, insert_new
from app.flows.directory import grant_group
from app.org import epoch
from app.org.access import Principal, reads_of
from app.org.models import ApiToken, Person, SignInAttempt, UserSession
from app.org.passwords import verify
from app.wire import Read

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
    # What cannot be printed is in nobody's login, and not every database would take it.
    login = "".join(letter if letter.isprintable() else "?" for letter in login.strip().lower()[:MAX_LOGIN])
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


def open_sessions(person_id: str, now: int) -> list[UserSession]:
    """Where a person is signed in, the last used first."""
    return list(
        db.session.scalars(
            select(UserSession)
            .where(
                UserSession.person_id == person_id,
                UserSession.revoked.is_(False),
                UserSession.expires > now,
                UserSession.last_seen > now - IDLE_MS,
            )
            .order_by(UserSession.last_seen.desc())
        )
    )


# One row per grant. Every request asks this, so it goes straight to the driver.
WHO = (
    f"SELECT p.id, p.name, p.locale, g.role, g.scope, r.rights, r.reads, {epoch.SQL}, {{more}}, p.department_id"  # noqa: S608 - constants
    " FROM {door} d JOIN person p ON p.id = d.person_id"
    " LEFT JOIN role_grant g ON g.person_id = p.id LEFT JOIN role r ON r.key = g.role"
    " WHERE {known} AND NOT d.revoked AND p.active"
)
SESSION = Read(
    WHO.format(more="d.last_seen", door="user_session",
               known="d.id = :id AND d.expires > :now AND d.last_seen > :now - :idle"),
    json_at=(4, 5),
)
TOKEN = Read(
    WHO.format(more="d.id, d.rights", door="api_token",
               known="d.hash = :hash AND (d.expires IS NULL OR d.expires > :now)"),
    json_at=(4, 5, 9),
)


def principal(token: str, now: int) -> Principal | None:
    """Who is signed in with this session token, or None. One query (and one write a minute for `last_seen`).

    Must be the request's first use of the database.
    """
    if not token:
        return None
    session_id = digest(token)
    rows = SESSION(id=session_id, now=now, idle=IDLE_MS)
    if not rows:
        return None
    last_seen = rows[0][8]
    if now - last_seen >= SEEN_EVERY_MS:
        begin_write()
        db.session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen=now))
        db.session.commit()
    return _folded(rows, session_id=session_id)


def token_principal(token: str, now: int) -> Principal | None:
    """Whom this API token acts for, with at most the token's rights; None if it is unknown, expired or revoked.

    One query. The person needs the right "api.use".
    """
    if not token.startswith(TOKEN_MARK):
        return None
    rows = TOKEN(hash=digest(token), now=now)
    if not rows:
        return None
    token_id, token_rights = rows[0][8:10]
    found = _folded(rows, token_id=token_id)
    if "api.use" not in found.rights:
        return None
    rights = found.rights & (frozenset(token_rights) | {"api.use"})
    reads = found.reads if "tickets.all" in token_rights else "own"
    return replace(found, rights=rights, reads=reads)


def token_name(token_id: str) -> str:
    """What a token is called, "" for an unknown one."""
    return db.session.scalar(select(ApiToken.name).where(ApiToken.id == token_id)) or ""


def _folded(rows: Sequence[tuple[Any, ...]], **ids: str) -> Principal:
    """One person out of one row per grant."""
    granted = [row[3:7] for row in rows if row[3] is not None]
    held = frozenset(right for _, _, rights, _ in granted for right in rights)
    id, name, locale = rows[0][:3]
    return Principal(
        id=id,
        name=name,
        locale=locale,
        roles=tuple(dict.fromkeys(role for role, _, _, _ in granted)),
        groups=tuple(dict.fromkeys(grant_group(role, scope) for role, scope, _, _ in granted)),
        rights=held,
        reads=reads_of(held, (reads for _, _, _, reads in granted)),
        mark=rows[0][7] or "",
        department=rows[0][-1] or "",
        **ids,
    )
