"""`flask flows …`: check a flow, and play its scenarios, without database or queue."""
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.cli._catalog import pure_catalog
from app.cli.flows_check import FILE, check
from app.core import strictjson
from app.core.errors import Invalid, Problem
from app.definitions.bundle import Bundle
from app.definitions.sandbox import judging, play
from app.flows.sandbox import MadeUp
from app.flows.scenario import load_scenarios
from app.flows.simulate import Judge

MAX_BYTES = 4_000_000


@click.group("flows")
def cli() -> None:
    """Check flows and play their scenarios."""


cli.add_command(check)


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
    place = scenarios
    try:
        story = load_scenarios(_read(scenarios))
        place = form_file
        form = _read(form_file)
        place = flow_file
        bundle = Bundle.load(form, _read(flow_file), pure_catalog())
        if story.flow is not None and story.flow != bundle.flow.key:
            place = scenarios
            raise Problem("sim_other_flow", "flow", wanted=story.flow, got=bundle.flow.key)
    except Problem as problem:
        _refuse(place, problem, locale)
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


def judge_of(bundle: Bundle, company: Mapping[str, Any], customer: Mapping[str, Any]) -> Judge:
    """The form's judgement in a made-up company."""
    return judging(bundle, MadeUp(company).ports(customer))


def _refuse(place: Path, problem: Problem, locale: str) -> None:
    click.echo(f"{place}: {problem.message(locale)}", err=True)
    for part in problem.problems if isinstance(problem, Invalid) else ():
        click.echo(f"  {part.where}: {part.message(locale)}", err=True)
    raise SystemExit(2)


def _read(path: Path) -> Any:
    return strictjson.loads(path.read_bytes(), max_bytes=MAX_BYTES)
