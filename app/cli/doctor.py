"""`flask doctor`: is everything as it must be?"""
from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from app.extensions import clock, parts
from app.org import calendars
from app.runtime.outbox import LEASE_MS
from app.runtime.verify import verify


@click.command("doctor")
@click.option("--lease-s", type=float, default=LEASE_MS / 1000, show_default=True,
              help="The workers' lease in seconds.")
@with_appcontext
def doctor(lease_s: float) -> None:
    """Check tickets, history, timers, effects and files. Prints JSON lines; exit code 1 if something is wrong.

    A line with a "warning" is no violation yet: calendars whose public holidays will soon not be known.
    """
    count = 0
    for warning in calendars.running_out(clock.now_ms()):
        click.echo(json.dumps({"warning": warning.code, "detail": warning.message("en")}, ensure_ascii=False))
    for violation in verify(clock.now_ms(), parts().settings.uploads, lease_ms=int(lease_s * 1000)):
        count += 1
        click.echo(json.dumps(asdict(violation), ensure_ascii=False))
    click.echo(json.dumps({"violations": count}))
    sys.exit(1 if count else 0)
