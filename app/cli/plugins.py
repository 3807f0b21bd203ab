"""`flask plugins`: what was found, and why something of it is left out. `flask plugin new`: the beginning of one."""
from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.plugins import Plugin
from app.plugins.base import NAME

HERE = Path(__file__).parent / "scaffold"


@click.command("plugins")
@with_appcontext
def plugins() -> None:
    """List the plugins: name, state, what it brings or the reason why it is left out."""
    found: list[Plugin] = current_app.extensions["plugins"]
    for plugin in found:
        click.echo(f"{plugin.name}\t{plugin.state}\t{plugin.reason or ', '.join(plugin.types)}")
        if plugin.reason:
            click.echo(f"\t{plugin.path}")


@click.group()
def plugin() -> None:
    """Plugins of one's own."""


@plugin.command("new")
@click.argument("name")
@click.option("--field", is_flag=True, help="A field type with its template, instead of a step type.")
@with_appcontext
def new(name: str, field: bool) -> None:
    """Begin a plugin with a step type and its tests in PLUGINS_DIR. NAME: small letters, digits and _."""
    if not NAME.fullmatch(name):
        raise click.ClickException(f"{name!r} is no name: begin with a small letter, then small letters, digits and _")
    folder = current_app.extensions["danflow"].settings.plugins_dir / name
    if folder.exists() or folder.with_suffix(".py").exists():
        raise click.ClickException(f"{folder} is there already. Choose another name or delete it.")
    kind = "".join(word.capitalize() for word in name.split("_"))
    made = [("__init__.py", "__init__.py"), ("tests.py", f"tests/test_{name}.py")]
    made += [("template.html", f"{name}.html")] if field else []
    for source, target in made:
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (HERE / ("field" if field else "step") / f"{source}.txt").read_text(encoding="utf-8")
        path.write_text(text.replace("{name}", name).replace("{Kind}", kind), encoding="utf-8")
        click.echo(path)
    what = "field" if field else "step"
    click.echo(f"\nTry it: python -m pytest {folder}")
    click.echo(f"Then restart the product: the {what} is in the palette. docs/plugins.md tells the rest.")
