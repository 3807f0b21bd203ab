"""`flask flows check`: the publish checks on a file, one finding a line."""
from __future__ import annotations

import json
from pathlib import Path

import click

from app.cli._catalog import pure_catalog
from app.cli._files import FILE, read, refuse
from app.core.errors import Problem
from app.flows.check import FormFacts, blocks, check_flow
from app.forms.schema import load_form


@click.command("check")
@click.argument("flow", type=FILE)
@click.option("--form", type=FILE, help="The form of the flow: its fields, types and required answers are checked too.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="Language of the messages.")
def check(flow: Path, form: Path | None, locale: str) -> None:
    """Check the flow in the file FLOW before it is published.

    Prints a JSON line for each finding. Exits with 0 when it may be published (perhaps with warnings), 1 when an error
    forbids it, 2 when a file cannot be read.
    """
    catalog = pure_catalog()
    try:
        place = form
        facts = FormFacts.of(load_form(read(form), catalog)) if form else None
        place = flow
        findings = check_flow(read(flow), catalog, form=facts)
    except Problem as problem:
        refuse(place, problem, locale)
    for finding in findings:
        click.echo(json.dumps(finding.as_dict(locale), ensure_ascii=False))
    raise SystemExit(1 if blocks(findings) else 0)
