"""`flask org`: people, API tokens and connectors, for whoever runs the machine (the first administrator has nobody to
ask)."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.core.errors import Problem
from app.extensions import clock
from app.org import masterdata, people
from app.org.access import RIGHTS, SYSTEM

cli = AppGroup("org", help="People, roles, API tokens and connectors.")
DAY_MS = 86_400_000


def _person(login: str) -> str:
    found = people.find_person(login)
    if found is None:
        raise click.ClickException(f"Nobody has the login {login!r}.")
    return found


def _refused(problem: Problem) -> click.ClickException:
    return click.ClickException(problem.message("en"))


@cli.command("person")
@click.argument("login")
@click.argument("name")
@click.option("--admin", is_flag=True, help="Grant the role admin (every right); it is created if missing.")
@click.password_option(help="Asked for if not given.")
def person(login: str, name: str, admin: bool, password: str) -> None:
    """Create a person who signs in as LOGIN."""
    try:
        person_id = people.create_person(login=login, name=name, password=password, actor=SYSTEM, now=clock.now_ms())
        if admin:
            people.save_role(
                "admin", name={"zh": "管理员", "en": "Administrator"}, reads="all", rights=RIGHTS, actor=SYSTEM
            )
            people.grant_role(person_id, "admin", actor=SYSTEM)
    except Problem as problem:
        raise _refused(problem) from problem
    click.echo(person_id)


@cli.command("password")
@click.argument("login")
@click.password_option(help="Asked for if not given.")
def password(login: str, password: str) -> None:
    """Give LOGIN a new password and end every session of theirs."""
    try:
        people.set_password(_person(login), password, actor=SYSTEM)
    except Problem as problem:
        raise _refused(problem) from problem


@cli.command("grant")
@click.argument("login")
@click.argument("role")
@click.option("--scope", default="", help="KEY=VALUE, like store=st_hz1; without it the role holds everywhere.")
def grant(login: str, role: str, scope: str) -> None:
    """Let LOGIN hold ROLE."""
    key, _, value = scope.partition("=")
    try:
        people.grant_role(_person(login), role, {key: value} if scope else {}, actor=SYSTEM)
    except Problem as problem:
        raise _refused(problem) from problem


@cli.command("connector")
@click.argument("key")
@click.argument("address")
@click.option("--name", required=True, help="What people call the other system.")
@click.option("--header", "headers", multiple=True, help="NAME: VALUE, sent with every call; stored sealed.")
@click.option("--secret", default="", envvar="CONNECTOR_SECRET", help="Signs every call; stored sealed.")
@click.option("--allow-host", "hosts", multiple=True, help="HOST or HOST:PORT of our own network that may be called.")
def connector(key: str, address: str, name: str, headers: tuple[str, ...], secret: str, hosts: tuple[str, ...]) -> None:
    """Make or change the connector KEY to another system at ADDRESS."""
    sent = {header.partition(":")[0].strip(): header.partition(":")[2].strip() for header in headers}
    try:
        masterdata.save_connector(
            key, name=name, base_url=address, headers=sent, secret=secret, allow_hosts=hosts, actor=SYSTEM
        )
    except Problem as problem:
        raise _refused(problem) from problem
    kept = [*(f"header {header}" for header in sent), *(["a secret"] if secret else []),
            *(f"may call {host}" for host in hosts)]
    click.echo(f"{key} ({name}): {', '.join([address, *kept])}")


@cli.command("token")
@click.argument("login")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--right", "rights", multiple=True, type=click.Choice(sorted(RIGHTS)), help="May be given several times.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it is valid.")
def token(login: str, name: str, rights: tuple[str, ...], days: int) -> None:
    """Print a new API token that acts for LOGIN; it is shown only now."""
    now = clock.now_ms()
    try:
        made = people.create_token(
            _person(login), name=name, rights=rights, actor=SYSTEM, now=now, expires=now + days * DAY_MS
        )
    except Problem as problem:
        raise _refused(problem) from problem
    click.echo(made)
