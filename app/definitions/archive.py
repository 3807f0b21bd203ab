"""Forms that are no longer used: out of the list, their public links closed, their open tickets going on; and back."""

from __future__ import annotations

from sqlalchemy import select, update

from app.core.errors import NotFound
from app.core.principal import Principal, require
from app.definitions.models import Definition, DefinitionVersion
from app.definitions.queries import IN_FORCE
from app.extensions import db


def archive(form: str, *, actor: Principal, now: int) -> None:
    """Archive a form with the ticket types that run on it (commits); again changes nothing."""
    require(actor, "definitions.publish")
    row = _form(form)
    if row.archived_at is None:
        types = db.session.execute(
            select(Definition.id, DefinitionVersion.content)
            .join(DefinitionVersion, IN_FORCE)
            .where(Definition.kind == "ticket_type", Definition.archived_at.is_(None))
        )
        ids = [row.id, *(found.id for found in types if found.content.get("form") == form)]
        db.session.execute(update(Definition).where(Definition.id.in_(ids)).values(archived_at=now))
    db.session.commit()


def bring_back(form: str, *, actor: Principal) -> None:
    """Bring an archived form back with the ticket types that went with it (commits); again changes nothing."""
    require(actor, "definitions.publish")
    row = _form(form)
    if row.archived_at is not None:
        together = Definition.archived_at == row.archived_at
        db.session.execute(update(Definition).where(together).values(archived_at=None))
    db.session.commit()


def _form(key: str) -> Definition:
    row = db.session.scalar(
        select(Definition).where(Definition.kind == "form", Definition.key == key)
        .execution_options(populate_existing=True).with_for_update()
    )
    if row is None:
        raise NotFound("definition_unknown", where=key[:60], key=key[:60])
    return row
