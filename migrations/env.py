"""How migrations run: on the application's own engine, in one transaction on both databases."""
from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON

migrate = current_app.extensions["migrate"]
database = migrate.db


def number_revisions(migration_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Revisions are called 0001, 0002, …: the order is seen in the folder. Nothing changed: no file."""
    script = directives[0]
    if migration_context.opts.get("autogenerate") and script.upgrade_ops.is_empty():
        directives.clear()
        return
    head = context.script.get_current_head()
    script.rev_id = f"{int(head) + 1 if head else 1:04d}"


def include_object(_thing: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """SQLite's own bookkeeping is not ours to change."""
    return not (kind == "table" and (name or "").startswith("sqlite_"))


def render_item(kind: str, thing: Any, autogenerate: Any) -> str | bool:
    """Write our JSON columns as they are declared; Alembic's own text for the variant cannot be run."""
    if kind == "type" and isinstance(thing, JSON) and "postgresql" in thing._variant_mapping:
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def run() -> None:
    engine = database.engine
    arguments = {**current_app.extensions["migrate"].configure_args}
    # Our SQLite connections say BEGIN themselves, so that schema changes are part of a transaction there too.
    arguments.update(
        target_metadata=database.metadata, process_revision_directives=number_revisions, include_object=include_object,
        render_item=render_item, transactional_ddl=True, render_as_batch=engine.dialect.name == "sqlite",
    )
    with engine.connect() as connection:
        context.configure(connection=connection, **arguments)
        with context.begin_transaction():
            context.run_migrations()


run()
