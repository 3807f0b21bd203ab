"""Tables of people, rights, sign-in and master data. Times are epoch milliseconds UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model


class Department(Model):
    """A department: its place in the tree and who leads it."""

    __tablename__ = "department"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    leader_id: Mapped[str | None] = mapped_column(String(40))


class Person(Model):
    """Somebody who works here. `password_hash` empty: cannot sign in with a password.

    `profile`: what assignment goes by, see app.org.profiles.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str] = mapped_column(String(20), default="zh_CN")
    phone: Mapped[str | None] = mapped_column(Text)  # sealed
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    profile: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    created_at: Mapped[int] = mapped_column(BigInteger)


class Role(Model):
    """A role: the flow names it by `key`; `reads` says whose tickets it sees; `rights` are keys of access.RIGHTS."""

    __tablename__ = "role"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[Any] = mapped_column(Json)  # text or {locale: text}
    reads: Mapped[str] = mapped_column(String(10), default="own")  # own | all
    rights: Mapped[list[str]] = mapped_column(Json, default=list)


class RoleGrant(Model):
    """A person holds a role, within `scope` ({"store": "st_1"}; {} = everywhere). `scope_key` is its canonical text."""

    __tablename__ = "role_grant"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(ForeignKey("role.key"), primary_key=True)
    scope_key: Mapped[str] = mapped_column(String(200), primary_key=True, default="")
    scope: Mapped[dict[str, str]] = mapped_column(Json, default=dict)

    __table_args__ = (Index(None, "role"),)


class UserSession(Model):
    """A sign-in. `id` is the SHA-256 of the token in the browser's cookie: the table alone opens nothing."""

    __tablename__ = "user_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created: Mapped[int] = mapped_column(BigInteger)
    last_seen: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger, index=True)
    revoked: Mapped[bool] = mapped_column(default=False)
    ip: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class SignInAttempt(Model):
    """How often a sign-in was tried without success, per account and address together, per account, per address."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[int] = mapped_column(BigInteger, index=True)


class ApiToken(Model):
    """A program's key, acting for a person with at most `rights`. `hash` is the SHA-256 of the token."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    rights: Mapped[list[str]] = mapped_column(Json, default=list)
    created: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int | None] = mapped_column(BigInteger)
    revoked: Mapped[bool] = mapped_column(default=False)


class Source(Model):
    """A table that fields refer to (stores, courses). `columns`: see app.org.columns; `version` counts every change.

    `scope` is the key its rows are granted by ("store"); "": nobody is responsible for single rows. The rows of a table
    with a scope are part of the organisation, which every process keeps in memory. `live` (see app.org.live): another
    system is asked for the rows; those here are the ones that answers name.
    """

    __tablename__ = "source"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    title: Mapped[Any] = mapped_column(Json)
    columns: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    live: Mapped[dict[str, Any] | None] = mapped_column(Json)


class SourceRow(Model):
    """One row of a source: `attrs` ({"region": "east"}) scope people and stand in conditions.

    `search` is what a look-up compares, in small letters. `version` is the table's when the row was last changed.
    """

    __tablename__ = "source_row"

    source: Mapped[str] = mapped_column(ForeignKey("source.key", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    attrs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    search: Mapped[str] = mapped_column(Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __table_args__ = (Index("ix_source_row_order", "source", "active", "position"),)


class SourceAnswer(Model):
    """What another system answered when it was asked for `words`: `rows` as JSON text. A cache, for a day at most."""

    __tablename__ = "source_answer"

    source: Mapped[str] = mapped_column(ForeignKey("source.key", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_source_answer_age", "source", "at"),)


class SourceChange(Model):
    """Who changed what in a table: the row (row_id "": its title and columns) before and after; None: was not there."""

    __tablename__ = "source_change"

    source: Mapped[str] = mapped_column(ForeignKey("source.key", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(40))
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)


class SheetUpload(Model):
    """A sheet between its preview and its import: the cells as packed JSON. Kept for a day at most."""

    __tablename__ = "sheet_upload"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("source.key", ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[str] = mapped_column(String(120))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class CalendarRow(Model):
    """Working hours, as `app.core.calendar` reads them."""

    __tablename__ = "calendar"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    spec: Mapped[dict[str, Any]] = mapped_column(Json)


class Connector(Model):
    """Another company system that flows call. `headers` and `secret` are sealed; `allow_hosts` may be private."""

    __tablename__ = "connector"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[Any] = mapped_column(Json)
    base_url: Mapped[str] = mapped_column(String(500))
    headers: Mapped[str] = mapped_column(Text, default="")
    secret: Mapped[str] = mapped_column(Text, default="")
    allow_hosts: Mapped[list[str]] = mapped_column(Json, default=list)


class OrgEpoch(Model):
    """One row whose `value` changes with every change of people or master data: what caches are keyed by."""

    __tablename__ = "org_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(32))
