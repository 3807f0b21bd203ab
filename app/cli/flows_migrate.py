"""`flask flows migrate`: open tickets go on under the newest version of their flow."""
from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from app.cli._files import refuse
from app.core.errors import Problem
from app.core.principal import SYSTEM
from app.extensions import clock
from app.org.service import known
from app.runtime.flow_moves import Told, move


def _moves(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        old, sign, new = pair.partition("=")
        if not (old and sign and new) or old in found:
            raise Problem("migrate_form", "--map", value=pair[:80])
        found[old] = new
    return found


def _line(told: Told, locale: str) -> str:
    refused = [{"node": problem.where, "code": problem.code, "message": problem.message(locale)}
               for problem in told.problems]
    shown = {"no": told.no, "ticket": told.ticket_id, "version": told.version, "moved": not refused}
    return json.dumps({**shown, **({"refused": refused} if refused else {})}, ensure_ascii=False)


@click.command("migrate")
@click.argument("ticket_type")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW",
              help="A step of the old version, and the one of the new version that takes its place. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each ticket.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="Language of the messages.")
@with_appcontext
def migrate_command(ticket_type: str, pairs: tuple[str, ...], dry_run: bool, locale: str) -> None:
    """Move the open tickets of TICKET_TYPE to the version of its flow that is in force.

    Steps with the same id and type match by themselves. Prints a JSON line for each ticket and last how many were
    moved; a ticket that is refused stays as it was, and running the command again tries it again. Exits with 0 when all
    were moved, 1 when one was refused, 2 when nothing could be tried.
    """
    moved = count = 0
    try:
        for told in move(ticket_type, _moves(pairs), dry_run=dry_run, actor=SYSTEM, now=clock.now_ms(), known=known()):
            click.echo(_line(told, locale))
            count += 1
            moved += not told.problems
    except Problem as problem:
        refuse(ticket_type, problem, locale)
    click.echo(f"{moved} of {count} {'can be moved' if dry_run else 'moved'}")
    raise SystemExit(0 if moved == count else 1)
