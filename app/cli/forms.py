"""`flask forms …`: check a form without database or queue."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.cli._catalog import pure_catalog
from app.cli._files import FILE, MAX_BYTES
from app.core import strictjson
from app.core.errors import Problem
from app.forms.check import check_form
from app.forms.schema import load_form


@click.group("forms")
def cli() -> None:
    """Check forms."""


@cli.command("check")
@click.argument("form", type=FILE)
@click.option("--published", type=FILE, help="The version in force: its types are locked, its options must stay.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="Language of the messages.")
def check(form: Path, published: Path | None, locale: str) -> None:
    """Check the form in the file FORM as the designer and publishing do.

    Prints a JSON line for each finding. Exits with 0 when it may be published (perhaps with warnings and advice), 1
    when an error forbids it, 2 when a file cannot be read.
    """
    catalog, before = pure_catalog(), None
    place = published or form
    try:
        if published:
            before = _read(published)
            load_form(before, catalog)
        place = form
        findings = check_form(_read(form), catalog, before)
    except Problem as problem:
        click.echo(f"{place}: {problem.message(locale)}", err=True)
        raise SystemExit(2) from None
    for finding in findings:
        click.echo(json.dumps(finding.as_dict(locale), ensure_ascii=False))
    raise SystemExit(1 if any(finding.level == "error" for finding in findings) else 0)


def _read(path: Path) -> Any:
    return strictjson.loads(path.read_bytes(), max_bytes=MAX_BYTES)
