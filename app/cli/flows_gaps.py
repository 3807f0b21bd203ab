"""`flask flows gaps`: where a flow would find nobody in a company, without database or queue."""
from __future__ import annotations

import json
from pathlib import Path

import click

from app.cli._catalog import pure_catalog
from app.cli._files import FILE, read, refuse
from app.core.errors import Problem
from app.definitions.around import around
from app.definitions.bundle import Bundle
from app.flows.gaps import gaps
from app.flows.scenario import load_scenarios


@click.command("gaps")
@click.argument("flow", type=FILE)
@click.option("--form", "form_file", type=FILE, required=True, help="Its form.")
@click.option("--scenarios", type=FILE, required=True, help="Its scenarios: their company is looked at.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="Language of the sentences.")
def gaps_command(flow: Path, form_file: Path, scenarios: Path, locale: str) -> None:
    """Say for whom the flow in the file FLOW would find nobody.

    Prints a JSON line for each gap. Exits with 0 when no ticket would stand still, 1 when one would, 2 when a file
    cannot be read.
    """
    place = scenarios
    try:
        story = load_scenarios(read(scenarios))
        place = form_file
        form = read(form_file)
        place = flow
        bundle = Bundle.load(form, read(flow), pure_catalog())
    except Problem as problem:
        refuse(place, problem, locale)
    found = gaps(bundle.flow, around(bundle, story.org))
    for gap in found:
        click.echo(json.dumps(gap.as_dict(locale), ensure_ascii=False))
    raise SystemExit(1 if any(gap.level == "error" for gap in found) else 0)
