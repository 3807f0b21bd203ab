"""What forms and flows may name of the company, for those who draw them: roles, departments, calendars, connectors."""
from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.org.models import CalendarRow, Connector, Department, Role


def roles() -> list[dict[str, Any]]:
    """[{"key", "name"}]; a name is a text or {locale: text}. One query."""
    found = db.session.execute(select(Role.key, Role.name).order_by(Role.key))
    return [{"key": row.key, "name": row.name} for row in found]


def departments() -> list[dict[str, str]]:
    """[{"key", "name"}], each below the one it belongs to; the name begins with those above it. One query."""
    rows = {row.id: row for row in db.session.execute(select(Department.id, Department.name, Department.parent_id))}

    def path(key: str | None) -> list[str]:
        names: list[str] = []
        seen: set[str] = set()
        while key is not None and key in rows and key not in seen:
            seen.add(key)
            names.insert(0, rows[key].name)
            key = rows[key].parent_id
        return names

    return [{"key": key, "name": " / ".join(path(key))} for key in sorted(rows, key=lambda key: (path(key), key))]


def calendars() -> list[dict[str, Any]]:
    """Working hours: [{"key", "name", "days", "hours"}]. One query."""
    rows = db.session.execute(select(CalendarRow.key, CalendarRow.spec).order_by(CalendarRow.key))
    return [{"key": row.key, "name": row.spec.get("name") or row.key, "days": row.spec.get("days", ""),
             "hours": row.spec.get("hours", [])} for row in rows]


def connectors() -> list[dict[str, Any]]:
    """Connections to other systems: [{"key", "name"}]. One query."""
    found = db.session.execute(select(Connector.key, Connector.name).order_by(Connector.key))
    return [{"key": row.key, "name": row.name} for row in found]
