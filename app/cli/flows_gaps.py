"""`flask flows gaps`: where a flow would find nobody in a company, without database or queue."""
from __future__ import annotations

import json
from pathlib import Path

import click

from app.cli._files import FILE
from app.cli._flow_files import loaded
from app.definitions.around import around
from app.flows.gaps import gaps


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
    bundle, story = loaded(flow, form_file, scenarios, locale)
    found = gaps(bundle.flow, around(bundle, story.org))
    for gap in found:
        click.echo(json.dumps(gap.as_dict(locale), ensure_ascii=False))
    raise SystemExit(1 if any(gap.level == "error" for gap in found) else 0)
