"""`flask flows rehearse`: what a busy day would do to a flow, without database or queue."""
from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from app.cli._files import FILE, read, refuse
from app.cli._flow_files import loaded
from app.core.errors import Problem, localized, text
from app.definitions.around import around
from app.definitions.bundle import Bundle
from app.definitions.sandbox import as_played
from app.flows.rehearse import Outcome, Past, load_plan, rehearse, with_more
from app.flows.rehearse.words import length

PEAK = re.compile(r"(\d{1,2})-(\d{1,2})x(\d{1,2})")


@click.command("rehearse")
@click.argument("flow", type=FILE)
@click.option("--form", "form_file", type=FILE, required=True, help="Its form.")
@click.option("--scenarios", type=FILE, required=True,
              help="Its scenarios: their company does the work, the ways they take give the shares.")
@click.option("--plan", type=FILE, help="Settings as JSON (docs/load-rehearsal.md).")
@click.option("--tickets", type=int, help="How many tickets.")
@click.option("--seeds", type=int, help="How many runs, 1 to 20.")
@click.option("--peak", help="A rush: 20-22x3, from 20 to 22 o'clock three times as many.")
@click.option("--people", multiple=True, metavar="ROLE=N", help="So many people in a role.")
@click.option("--plus", multiple=True, metavar="ROLE=N", help="Compare with so many people more in a role.")
@click.option("--json", "as_json", is_flag=True, help="The whole report as one JSON line.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="Language of the sentences.")
def rehearse_command(flow: Path, form_file: Path, scenarios: Path, plan: Path | None, locale: str, as_json: bool,
                     **wanted: Any) -> None:
    """Let many tickets go through the flow in the file FLOW and say where they queue.

    Prints sentences, a table of the steps people work on, and what was assumed. Exits with 2 when a file or a setting
    cannot be read.
    """
    bundle, story = loaded(flow, form_file, scenarios, locale)
    try:
        settings = load_plan(_settings(read(plan) if plan else {}, wanted))
        past = _past(bundle, story)
        outcome = _last(bundle, story.org, settings, past)
        other = _last(bundle, story.org, _plus(settings, outcome, wanted["plus"]), past) if wanted["plus"] else None
    except Problem as problem:
        refuse(plan or "settings", problem, locale)
    if as_json:
        click.echo(json.dumps({**outcome.report.as_dict(), "other": other.report.as_dict() if other else None},
                              ensure_ascii=False))
        return
    _tell(outcome, locale)
    if other is not None:
        click.echo("\n+ " + ", ".join(wanted["plus"]))
        _tell(replace(other, more=None), locale)
    click.echo("")
    for line in outcome.report.model.assumptions:
        click.echo("- " + text(line.code, locale, line.params))


def _settings(data: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Problem("flow_not_object")
    settings = {**data, **{key: wanted[key] for key in ("tickets", "seeds") if wanted[key] is not None}}
    if wanted["peak"]:
        found = PEAK.fullmatch(wanted["peak"])
        if not found:
            raise Problem("load_bad_peak", "--peak")
        settings["peak"] = dict(zip(("from", "to", "times"), map(int, found.groups()), strict=True))
    for team, count in _counts(wanted["people"], "--people").items():
        settings["staff"] = {**settings.get("staff", {}), team: {**settings.get("staff", {}).get(team, {}),
                                                                 "people": count}}
    return settings


def _counts(given: tuple[str, ...], option: str) -> dict[str, int]:
    found = {}
    for entry in given:
        role, sign, count = entry.partition("=")
        if not sign or not count.isdecimal() or not role:
            raise Problem("load_bad_people", option, value=entry[:60])
        found[role if ":" in role else f"role:{role}"] = int(count)
    return found


def _plus(settings: Any, outcome: Outcome, given: tuple[str, ...]) -> Any:
    teams = {team.key: team.people for team in outcome.report.model.teams}
    more = _counts(given, "--plus")
    for team in more:
        if team not in teams:
            raise Problem("load_no_team", "--plus", team=team, teams=", ".join(teams))
    return with_more(settings, {team: teams[team] + count for team, count in more.items()})


def _past(bundle: Bundle, story: Any) -> Past:
    """How often each way out was taken in the scenarios, and what their tickets say."""
    ports, values = as_played(bundle, story.scenarios, story.org)
    known = around(bundle, story.org)
    return Past("scenarios", ports, values=values, options=known.options, labels=known.labels)


def _last(bundle: Bundle, org: Mapping[str, Any], settings: Any, past: Past) -> Outcome:
    found = list(rehearse(bundle.flow, org, settings, past, now=round(time.time() * 1000)))[-1]
    assert isinstance(found, Outcome)
    return found


def _tell(outcome: Outcome, locale: str) -> None:
    report = outcome.report
    for line in report.lines(outcome.more):
        click.echo(text(line.code, locale, line.params))
    click.echo("")
    click.echo(f"{'visits':>8} {'p50':>10} {'p95':>10} {'queue':>6} {'busy':>5} {'late':>6}  step")
    for step in report.as_dict()["steps"]:
        if step["work"]:
            click.echo(_row(step, locale))


def _row(step: Mapping[str, Any], locale: str) -> str:
    p50, p95 = (length(step[key]["mean"])[locale] for key in ("wait50", "wait95"))
    busy = f"{100 * step['busy']['mean']:.0f}%" if step["busy"] else ""
    return (f"{step['visits']['mean']:>8.0f} {p50:>10} {p95:>10} {step['longest']['mean']:>6.0f} {busy:>5} "
            f"{step['late']['mean']:>6.0f}  {localized(step['name'], locale)}")


