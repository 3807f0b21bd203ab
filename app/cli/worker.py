"""`flask worker`, `flask relay`: the processes beside the web server."""
from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from app.extensions import parts
from app.runtime.effects.base import LANES
from app.runtime.outbox import LEASE_MS
from app.runtime.wake import ALL
from app.worker.process import run_relay, run_worker

LEASE = click.option(
    "--lease-s", type=click.FloatRange(0.5, 3600), default=LEASE_MS / 1000, show_default=True,
    help="Seconds after which the work of a process that died is given to another one.",
)


@click.command("worker")
@click.option("--lane", type=click.Choice([ALL, *LANES]), default=ALL, show_default=True,
              help="What to drain. Workers of single lanes need WORKER_LANES=split.")
@LEASE
@with_appcontext
def worker(lane: str, lease_s: float) -> None:
    """Carry out what tickets ask for: messages, calls to other systems, timers. Ends on SIGTERM."""
    split = parts().settings.worker_lanes == "split"
    if split == (lane == ALL):
        hint = "set WORKER_LANES=split" if not split else "name its lane with --lane"
        raise click.UsageError(f"This worker would not hear its wake-ups: {hint}.")
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - threads need the real one
    sys.exit(0 if run_worker(app, lane, int(lease_s * 1000)) else 1)


@click.command("relay")
@LEASE
@with_appcontext
def relay(lease_s: float) -> None:
    """Fire timers, give back the work of dead workers, keep house. Ends on SIGTERM."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - threads need the real one
    sys.exit(0 if run_relay(app, int(lease_s * 1000)) else 1)
