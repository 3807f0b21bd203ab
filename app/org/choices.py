"""What a form may name of the company, for those who draw one: roles and departments, with their names."""
from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.org.models import Department, Role


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
