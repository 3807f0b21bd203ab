"""`flask flows …`: check a flow, play its scenarios, rehearse a busy day; move tickets to its newest version."""
from __future__ import annotations

import json
from pathlib import Path

import click

from app.cli._files import FILE, refuse
from app.cli._flow_files import loaded
from app.cli.flows_check import check
from app.cli.flows_gaps import gaps_command
from app.cli.flows_load import rehearse_command
from app.cli.flows_migrate import migrate_command
from app.core.errors import Problem
from app.definitions.sandbox import play


@click.group("flows")
def cli() -> None:
    """Check flows, play their scenarios, rehearse busy days, move tickets to a new version."""


cli.add_command(check)
cli.add_command(rehearse_command)
cli.add_command(gaps_command)
cli.add_command(migrate_command)


@cli.command("simulate")
@click.argument("scenarios", type=FILE)
@click.option("--flow", "flow_file", type=FILE, required=True, help="The flow to play.")
@click.option("--form", "form_file", type=FILE, required=True, help="Its form, which judges every answer.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="Language of the messages.")
def simulate_command(scenarios: Path, flow_file: Path, form_file: Path, locale: str) -> None:
    """Play the SCENARIOS of a flow with a virtual clock; nothing is sent.

    Prints each scenario's events as JSON lines and its verdict, last how many passed. Exits with 0 when all did, 1 when
    one did not, 2 when a file cannot be read.
    """
    bundle, story = loaded(flow_file, form_file, scenarios, locale)
    if story.flow is not None and story.flow != bundle.flow.key:
        refuse(scenarios, Problem("sim_other_flow", "flow", wanted=story.flow, got=bundle.flow.key), locale)
    passed = 0
    for scenario in story.scenarios:
        result = play(bundle, scenario, story.org)
        for event in result.events:
            click.echo(json.dumps({"scenario": result.name, **event}, ensure_ascii=False))
        verdict = {key: value for key, value in result.as_dict(locale).items() if key != "events"}
        click.echo(json.dumps(verdict, ensure_ascii=False))
        passed += result.ok
    click.echo(f"{passed} of {len(story.scenarios)} passed")
    raise SystemExit(0 if passed == len(story.scenarios) else 1)
