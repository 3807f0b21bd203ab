"""Load rehearsal: what a busy day would do to a flow, before the day comes.

`rehearse` lets a plan's tickets go through a flow many times and tells its progress; the last thing it yields is the
outcome. What is approximated against the live engine stands in docs/load-rehearsal.md.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.flows.model import Flow
from app.flows.rehearse.model import model_of
from app.flows.rehearse.plan import MAX_PEOPLE, Past, load_plan, with_more
from app.flows.rehearse.report import Report, facts_of
from app.flows.rehearse.run import run
from app.flows.rehearse.shape import NOWHERE, Line, Model, Team

__all__ = ["Line", "Model", "Outcome", "Past", "Progress", "Report", "load_plan", "model_of", "rehearse", "with_more"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` runs."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report, and the same with one person more where it hurts most (None: nowhere, or nobody can be added)."""

    report: Report
    more: Report | None = None


def rehearse(flow: Flow, org: Mapping[str, Any], plan: Any, past: Past | None = None, *,
             now: int = 0) -> Iterator[Progress | Outcome]:
    """Run the plan with each seed, then once more with one person more at the bottleneck, with the same seeds."""
    model = model_of(flow, org, plan, past, now=now)
    total, facts = 2 * plan.seeds, []
    for seed in range(plan.seeds):
        facts.append(facts_of(model, run(model, seed)))
        yield Progress(seed + 1, total)
    report = Report(model, facts)
    team = _team_to_grow(report)
    if team is None:
        yield Outcome(report)
        return
    grown = model_of(flow, org, with_more(plan, {team.key: team.people + 1}), past, now=now)
    facts = []
    for seed in range(plan.seeds):
        facts.append(facts_of(grown, run(grown, seed)))
        yield Progress(plan.seeds + seed + 1, total)
    yield Outcome(report, Report(grown, facts))


def _team_to_grow(report: Report) -> Team | None:
    worst = report.bottleneck()
    place = NOWHERE if worst is None else report.model.steps[worst].team
    team = report.model.teams[place] if place != NOWHERE else None
    return team if team is not None and team.people < MAX_PEOPLE else None
