"""Who holds rights: for telling those who look after something."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import db
from app.org.models import Person, Role, RoleGrant


def with_rights(*rights: str) -> dict[str, str]:
    """Id → locale of the active people whose roles together give all of these rights. One query."""
    rows = db.session.execute(
        select(Person.id, Person.locale, Role.rights)
        .join(RoleGrant, RoleGrant.person_id == Person.id).join(Role, Role.key == RoleGrant.role)
        .where(Person.active.is_(True)).order_by(Person.id)
    ).all()
    held: dict[str, set[str]] = {}
    for row in rows:
        held.setdefault(row.id, set()).update(row.rights)
    return {row.id: row.locale for row in rows if held[row.id].issuperset(rights)}
