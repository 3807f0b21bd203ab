"""`flask plugins`: what was found in PLUGINS_DIR, and why something of it is left out."""
from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.plugins import Plugin


@click.command("plugins")
@with_appcontext
def plugins() -> None:
    """List the plugins: name, state, the field types it brings or the reason why it is left out."""
    found: list[Plugin] = current_app.extensions["plugins"]
    for plugin in found:
        click.echo(f"{plugin.name}\t{plugin.state}\t{plugin.reason or ', '.join(plugin.types)}")
        if plugin.reason:
            click.echo(f"\t{plugin.path}")
