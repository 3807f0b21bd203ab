"""`flask outbox`: effects that were given up, and sending them once more."""
from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from app.extensions import clock
from app.runtime import outbox


@click.group("outbox")
def cli() -> None:
    """Effects on the world that could not be carried out."""


@cli.command("dead")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@with_appcontext
def dead(limit: int) -> None:
    """List what was given up, newest first, as JSON lines."""
    for row in outbox.dead(limit):
        click.echo(json.dumps(row, ensure_ascii=False))


@cli.command("redrive")
@click.argument("ids", type=int, nargs=-1, required=True)
@with_appcontext
def redrive(ids: tuple[int, ...]) -> None:
    """Try given-up effects again, with as many tries as before."""
    click.echo(f"{outbox.redrive(ids, clock.now_ms())} of {len(ids)} will be tried again")
