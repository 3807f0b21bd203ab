"""The scenarios saved with a flow: kept, and played again before the flow is published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core.catalog import Catalog
from app.core.errors import Conflict, Finding, Invalid, Problem, TooLarge
from app.core.principal import Principal
from app.definitions.bundle import Bundle
from app.definitions.models import FlowScenarios
from app.definitions.queries import find
from app.definitions.rights import kind_of, may_edit
from app.definitions.sandbox import company_of, play
from app.definitions.stage import told
from app.extensions import db
from app.flows.brought import Names, bring, company
from app.flows.sandbox import Company
from app.flows.scenario import SCHEMA, load_scenarios

MOST = 100  # of one flow: publishing plays all of them
MAX_BYTES = 2_000_000
LOCALES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Saved:
    """The file of a flow's scenarios; `rev` 0: nothing was ever saved."""

    content: dict[str, Any]
    rev: int = 0
    at: int = 0
    by: str = ""


def saved(flow: str) -> Saved:
    """What is saved with a flow; an empty file if nothing is. One query."""
    row = db.session.execute(
        select(FlowScenarios.content, FlowScenarios.rev, FlowScenarios.updated_at, FlowScenarios.updated_by)
        .where(FlowScenarios.flow == flow)
    ).one_or_none()
    return Saved(*row) if row else Saved({"schema": SCHEMA, "flow": flow, "scenarios": []})


def save(flow: str, content: Any, rev: int, *, actor: Principal, now: int) -> int:
    """Keep a file of scenarios and return its new revision (commits).

    `rev`: the one it was made from, 0 for the first. Raises Conflict("scenarios_moved"), or Invalid with JSON paths.
    """
    put(flow, content, rev, actor=actor, now=now)
    db.session.commit()
    return rev + 1


def put(flow: str, content: Any, rev: int, *, actor: Principal, now: int) -> None:
    """As `save`, and leaves it to the caller to commit."""
    may_edit(kind_of(flow), flow, actor, lock=True)
    check(flow, content)
    values = {"content": {**content, "flow": flow}, "rev": rev + 1, "updated_at": now, "updated_by": actor.id}
    try:
        if rev:
            known = (FlowScenarios.flow == flow, FlowScenarios.rev == rev)
            done = db.session.execute(update(FlowScenarios).where(*known).values(values).returning(FlowScenarios.rev))
            if done.first() is None:
                raise Conflict("scenarios_moved", where="rev")
        else:
            db.session.add(FlowScenarios(flow=flow, **values))
            db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict("scenarios_moved", where="rev") from error


def check(flow: str, content: Any) -> None:
    """Refuse what cannot be kept with this flow: Invalid with JSON paths, TooLarge, Problem."""
    try:
        size = len(json.dumps(content, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError):
        raise Problem("definition_not_object") from None
    if size > MAX_BYTES:
        raise TooLarge("definition_too_large", limit_mb=MAX_BYTES // 1_000_000)
    if not isinstance(content, dict):
        raise Problem("definition_not_object")
    file = load_scenarios(content)
    if file.flow is not None and file.flow != flow:
        raise Problem("scenarios_other_flow", where="flow", wanted=file.flow)
    if len(file.scenarios) > MOST:
        raise Problem("scenarios_large", where="scenarios", max=MOST)
    seen: set[str] = set()
    for at, scenario in enumerate(file.scenarios):
        if scenario.name in seen:
            raise Problem("scenario_same_name", where=f"scenarios[{at}].name", name=scenario.name)
        seen.add(scenario.name)


def carried(flow: str) -> dict[str, Any] | None:
    """The scenarios of a flow that go along with a copy or a file of it; None where there are none."""
    content = saved(flow).content
    return content if content["scenarios"] else None


def brought(data: Any, content: Any, catalog: Catalog) -> dict[str, Any]:
    """The scenarios of a file, told for this content of a flow: {"scenarios", "org" (None: the file has none), "lost":
    names of steps that this flow lacks}.

    `data`: an exported flow, or a file of scenarios whose flow is known here; else ids are taken as they are. Raises
    Problem or Invalid with JSON paths.
    """
    if not isinstance(data, dict):
        raise Problem("definition_not_object")
    file = data.get("scenarios") if "nodes" in data else data
    if not isinstance(file, dict) or "scenarios" not in file:
        raise Problem("scenarios_none", where="scenarios")
    read = load_scenarios(file)
    known = None if "nodes" in data or read.flow is None else find("flow", read.flow)
    names = Names(data if "nodes" in data else known.content if known else content, content, catalog)
    told_anew = [bring(scenario, names) for scenario in file["scenarios"]]
    org = company(file["org"], names) if file.get("org") else None
    return {"scenarios": told_anew, "org": org, "lost": list(names.lost.values())}


def findings(flow: Any, form: Any, catalog: Catalog, real: Company | None) -> list[Finding]:
    """An error for each saved scenario that does not pass with this content of the flow, at `scenarios[n]`."""
    file = saved(str(flow["key"])).content
    if not file["scenarios"] or form is None:
        return []
    try:
        read = load_scenarios(file)
    except Invalid as invalid:
        return [Finding("error", "scenarios_bad", params={"count": len(invalid.problems)}, where="scenarios")]
    bundle = Bundle.load(form, flow, catalog)
    found = []
    for at, scenario in enumerate(read.scenarios):
        result = play(bundle, scenario, read.org, real)
        if not result.ok:
            ports = company_of(scenario, read.org, real).ports(scenario.customer)
            why = {locale: told(bundle, ports, {}, locale).failure(result.failures[0], file["scenarios"][at])
                   for locale in LOCALES}
            found.append(Finding("error", "scenario_failed", params={"name": scenario.name, "why": why},
                                 where=f"scenarios[{at}]"))
    return found
