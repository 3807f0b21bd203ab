"""Changing what flows and forms refer to: sources (stores), calendars, connectors. Every function is one commit."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app import vault
from app.core.calendar import Calendar
from app.core.errors import Denied, NotFound, Problem
from app.extensions import db
from app.org import columns, words
from app.org.access import SYSTEM, Principal, require
from app.org.epoch import changed
from app.org.models import CalendarRow, Connector, Source, SourceRow
from app.org.tables import MAX_ROWS
from app.outbound import refused_host

MAX_ATTRS = 20
MAX_ADDRESS = 500


def sources() -> list[dict[str, Any]]:
    """The tables that fields may refer to: [{"key", "title", "names", "fills", "columns"}]. One query.

    `names` [{"key", "title"}]: every column. `fills`: those that forms may copy into other fields. `columns` [{"key",
    "title", "choices"}]: those by which flows may decide, which are those of tables that people are responsible for.
    """
    found = []
    for row in db.session.execute(select(Source.key, Source.title, Source.scope, Source.columns).order_by(Source.key)):
        own = columns.stored(row.columns)
        names = [{"key": column.key, "title": column.title} for column in own]
        fills = [name for name, column in zip(names, own, strict=True) if column.fill]
        decides = [{"key": column.key, "title": column.title, "choices": list(column.choices)} for column in own[2:]]
        found.append({"key": row.key, "title": row.title, "names": names, "fills": fills,
                      "columns": decides if row.scope else []})
    return found


def save_source(key: str, *, scope: str, title: Any, actor: Principal, own: Sequence[Mapping[str, Any]] = ()) -> None:
    """Create or change a list of master data; `scope` is the key by which grants name its rows, `own` its columns."""
    require(actor, "org.manage")
    db.session.merge(Source(key=words.key(key), scope=words.key(scope, "scope"), title=words.label(title, "title"),
                            columns=[column.as_json() for column in columns.checked(list(own))]))
    changed()
    db.session.commit()


def save_rows(source: str, rows: Sequence[Mapping[str, Any]], *, actor: Principal) -> None:
    """Create or change rows {"id", "name", …attributes}; rows that are not named stay as they are."""
    require(actor, "org.manage")
    table = db.session.get(Source, source)
    if table is None:
        raise NotFound("source_unknown", where=source[:60], source=source[:40])
    if len(rows) > MAX_ROWS:
        raise Problem("rows_many", where="rows", max=MAX_ROWS)
    shown = columns.stored(table.columns)
    known = {row.id: row for row in db.session.scalars(select(SourceRow).where(SourceRow.source == source))}
    for index, given in enumerate(rows):
        label, attrs = _checked_row(given, f"rows[{index}]")
        row = known.get(given["id"])
        if row is None:
            row = known[given["id"]] = SourceRow(source=source, id=given["id"], active=True, position=len(known))
            db.session.add(row)
        row.label, row.attrs = label, attrs
        row.search = columns.search_text(shown, row.id, label, attrs)
    changed()
    db.session.commit()


def _checked_row(row: Mapping[str, Any], where: str) -> tuple[str, dict[str, Any]]:
    if not isinstance(row.get("id"), str) or not columns.ROW_ID.match(row["id"]):
        raise Problem("row_id_bad", where=f"{where}.id", value=str(row.get("id"))[:60])
    label = words.name(row.get("name"), f"{where}.name", columns.MAX_LABEL)
    attrs = {key: value for key, value in row.items() if key not in ("id", "name")}
    if len(attrs) > MAX_ATTRS:
        raise Problem("rows_many", where=where, max=MAX_ATTRS)
    for key, value in attrs.items():
        words.key(key, where)
        if not isinstance(value, str) or len(value) > columns.MAX_CELL or not value.isprintable():
            raise Problem("row_attr_bad", where=f"{where}.{key}", max=columns.MAX_CELL)
    return label, attrs


def new_calendar_key() -> str:
    """A key that no calendar has."""
    return f"cal_{secrets.token_hex(4)}"


def save_calendar(key: str, spec: Mapping[str, Any], *, actor: Principal) -> None:
    """Create or change working hours; a spec that cannot be read is refused."""
    require(actor, "org.manage")
    Calendar.from_spec({**spec, "id": words.key(key)})
    db.session.merge(CalendarRow(key=key, spec={name: value for name, value in spec.items() if name != "id"}))
    changed()
    db.session.commit()


def save_connector(
    key: str,
    *,
    name: Any,
    base_url: str,
    headers: Mapping[str, str] | None = None,
    secret: str = "",
    allow_hosts: Iterable[str] = (),
    actor: Principal,
) -> None:
    """Create or change a connector. `headers` (say, a token) and `secret` (signs every call) are stored sealed.

    `allow_hosts` ("host" or "host:port") may name places inside our own network, which only the operator of the machine
    may open (the command line); everything else there is refused.
    """
    require(actor, "org.manage")
    hosts = sorted(set(allow_hosts))
    if hosts and actor is not SYSTEM:
        raise Denied("connector_operator", where="allow_hosts")
    if len(base_url) > MAX_ADDRESS:
        raise Problem("connector_address_long", where="base_url", max=MAX_ADDRESS)
    refused = refused_host(base_url, hosts)
    if refused:
        raise Problem(refused, where="base_url")
    db.session.merge(
        Connector(
            key=words.key(key),
            name=words.label(name),
            base_url=base_url.rstrip("/"),
            allow_hosts=hosts,
            headers=vault.seal(json.dumps(dict(headers or {})), f"connector/headers/{key}"),
            secret=vault.seal(secret, f"connector/secret/{key}") if secret else "",
        )
    )
    changed()
    db.session.commit()
