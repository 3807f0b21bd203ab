"""`flask demo`: the example company. Refused in production, where everybody would know its password."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.demo.seed import seed, summary
from app.extensions import clock, parts

cli = AppGroup("demo", help="The example company: its people, its complaint desk.")


@cli.command("seed")
def seed_command() -> None:
    """Fill in the example company; what is there already stays as it is."""
    settings = parts().settings
    if settings.env == "production":
        raise click.ClickException("The demo's password is known to everybody. Use `flask org person` in production.")
    seed(settings.base_url, clock.now_ms())


@cli.command("people")
def people_command() -> None:
    """Print addresses and people of the demo."""
    found = summary(parts().settings.base_url)
    click.echo(f"\n  员工登录 Staff sign-in   {found.base_url}/")
    for label, address in found.links:
        click.echo(f"  客户入口 Public form     {address}  {label}")
    click.echo(f"\n  演示密码 Demo password   {found.password}\n")
    for person in found.people:
        click.echo(f"    {person.login:<8}{person.name}（{person.roles}）")
