"""Warnings: what will run, but perhaps not as its author meant it. Each needs a tick before publishing."""
from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Finding
from app.flows.checks.cases import MAX_CASES, implies
from app.flows.checks.draft import Draft, Step, newest, warning
from app.flows.checks.settings import shown_people
from app.flows.checks.walk import Place, properties
from app.flows.config import Condition, People, Rows, Schema
from app.flows.step import MISTAKES

BURST = 3
WAIT_LIMIT = "P3D"
ROUNDS = 3


def check(draft: Draft, catalog: Catalog) -> Iterator[Finding]:
    """Every warning of the flow."""
    timers = [step for step in draft.steps.values() if step.kind and step.kind.attaches]
    versions = newest(catalog)
    for step in draft.steps.values():
        if step.kind:
            yield from _time(draft, step, timers)
            yield from _swallowed(draft, step)
            yield from _old(step, versions[step.type], catalog)
    yield from _self_approvals(draft)
    yield from _bursts(draft)


def _time(draft: Draft, step: Step, timers: list[Step]) -> Iterator[Finding]:
    kind = step.kind
    assert kind is not None
    settings = properties(kind.Config)
    if "timeout" in step.ports and "timeout" in settings and step.config.get("timeout") is None:
        yield warning("check_wait_no_timeout", step.id, "timeout", "config.timeout", name=step.name,
                      fix={"do": "set_config", "node": step.id, "path": "timeout", "value": WAIT_LIMIT})
    if kind.group == "task" and step.id in draft.main and not any(step.id in timer.attach for timer in timers):
        fix = ({"do": "set_attach", "node": timers[0].id, "attach": [*timers[0].attach, step.id]}
               if len(timers) == 1 else None)
        yield warning("check_task_no_sla", step.id, name=step.name, fix=fix)
    if "exhausted" in step.ports and "max" in settings and step.config.get("max") is None:
        yield warning("check_loop_no_max", step.id, field="config.max", name=step.name,
                      fix={"do": "set_config", "node": step.id, "path": "max", "value": ROUNDS})


def _swallowed(draft: Draft, step: Step) -> Iterator[Finding]:
    key, part, name = _cases(step.kind.Config, step.kind.ports_from) if step.kind else ("", "", "")
    cases = step.config.get(key)
    if not name or not isinstance(cases, list) or len(cases) < 2:
        return
    cases = [case for case in cases[:MAX_CASES] if isinstance(case, Mapping) and isinstance(case.get(part), str)]
    for at, case in enumerate(cases):
        earlier = next((other for other in cases[:at] if implies(case.get(name), other.get(name))), None)
        if earlier:
            yield warning("check_case_swallowed", step.id, case[part], f"config.{key}[{at}].{name}", name=step.name,
                          label=draft.label(step.id, case[part]), earlier=draft.label(step.id, earlier[part]))


@cache
def _cases(schema: type[Schema], ports_from: str | None) -> tuple[str, str, str]:
    """The setting that lists a type's cases, and of a case the names of its way out and of its condition; "": none."""
    key, _, part = (ports_from or "").partition("[].")
    rows = properties(schema).get(key)
    inner = properties(rows.schema) if isinstance(rows, Rows) else {}
    return key, part, next((name for name, prop in inner.items() if isinstance(prop, Condition)), "")


def _old(step: Step, latest: int, catalog: Catalog) -> Iterator[Finding]:
    """A repair only where the newer version says how settings are carried over: they may mean something else in it."""
    if step.version < latest:
        try:
            config = catalog.nodes.get((step.type, latest)).upgrade(copy.deepcopy(dict(step.config)), step.version)
        except MISTAKES:
            config = None
        fix = {"do": "set_version", "node": step.id, "tv": latest, "config": config} if config is not None else None
        yield warning("check_old_version", step.id, name=step.name, version=step.version, latest=latest, fix=fix)


def _selectors(places: list[Place]) -> dict[Any, Mapping[str, Any]]:
    """Whom a step names, by what makes two of them the same."""
    return {frozenset(entry.items()): entry
            for _, prop, value in places if isinstance(prop, People) and isinstance(value, list)
            for entry in value if isinstance(entry, dict) and all(isinstance(text, str) for text in entry.values())}


def _self_approvals(draft: Draft) -> Iterator[Finding]:
    tasks = [step for step in draft.steps.values() if step.kind and step.kind.group == "task"]
    approvals = [step for step in tasks if {"approved", "rejected"} <= set(step.ports)]
    for approval in approvals:
        before = draft.reach_back([approval.id])
        mine = _selectors(draft.properties[approval.id])
        if approval.config.get("same_person", "ask") != "ask":
            continue  # its author has thought of it
        for other in tasks:
            if other.id not in before or other in approvals:
                continue
            both = mine.keys() & _selectors(draft.properties[other.id]).keys()
            if both:
                yield warning("check_self_approval", approval.id, name=approval.name, submits=other.name,
                              who=shown_people(mine[key] for key in both),
                              fix={"do": "set_config", "node": approval.id, "path": "same_person", "value": "skip"})


def _bursts(draft: Draft) -> Iterator[Finding]:
    """Messages to the same people that nothing separates: counted along the steps between two waits."""
    counts: dict[str, dict[Any, int]] = {}
    names: dict[Any, Mapping[str, Any]] = {}
    for node in draft.downstream:
        step = draft.steps[node]
        total: dict[Any, int] = {}
        for link in draft.into[node]:
            if link.source not in draft.pausing:
                for who, count in counts.get(link.source, {}).items():
                    total[who] = max(total.get(who, 0), count)
        if step.kind and step.kind.group == "notify":
            mine = _selectors(draft.properties[step.id]) or {step.type: {}}
            names.update(mine)
            for who in mine:
                total[who] = total.get(who, 0) + 1
            crowded = [who for who in mine if total[who] == BURST]
            if crowded:
                yield warning("check_burst", node, name=step.name, count=BURST,
                              who=shown_people(names[who] for who in crowded))
        counts[node] = total
