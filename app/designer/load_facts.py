"""The real company and its last days, as a gap report and a rehearsal read them."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.core.calendar import Calendar
from app.core.principal import Principal
from app.definitions import branches, scenarios
from app.definitions import service as definitions
from app.definitions.around import around
from app.definitions.bundle import Bundle
from app.definitions.sandbox import as_played
from app.designer import flow_use
from app.designer.flow_bundles import bundle_of
from app.flows.rehearse import Past
from app.flows.rehearse.staff import OFFICE
from app.flows.scenario import load_scenarios
from app.org import choices
from app.org.directory import TIME_ZONE, organisation
from app.org.sandbox import RealCompany
from app.runtime import trail


@dataclass(frozen=True, slots=True)
class Facts:
    """`org`: the plain data of a Directory with `roles` (names) and `tz`; `scenarios`: how many are saved."""

    org: Mapping[str, Any]
    past: Past
    now: int
    scenarios: int = 0


def facts(actor: Principal, now: int, flow: str, bundle: Bundle, shares: str) -> Facts:
    """The company now, and what became of the flow's tickets that this person may see.

    `shares` "scenarios": how often each way is taken, and what tickets say, as the saved scenarios do on `bundle`.
    """
    org, saved = company(), scenarios.saved(flow).content
    known = around(bundle, org)
    past = replace(_past(actor, now, branches.flow_of(flow), org), labels=known.labels,
                   options={ref: sorted(options) for ref, options in known.options.items()})
    if shares == "scenarios" and saved["scenarios"]:
        read = load_scenarios(saved)
        ports, values = as_played(bundle, read.scenarios, read.org, RealCompany())
        past = replace(past, source="scenarios", ports=ports, values=values)
    return Facts(org, past, now, len(saved["scenarios"]))


def company() -> dict[str, Any]:
    """The company now, as a gap report and a rehearsal read it."""
    return {**organisation(), "roles": {role["key"]: role["name"] for role in choices.roles()}, "tz": TIME_ZONE}


def _past(actor: Principal, now: int, key: str, org: Mapping[str, Any]) -> Past:
    """Of the version in force: a step keeps its id while it is drawn anew."""
    ways, content = flow_use.ways(key), definitions.current_content("flow", key)
    if not ways or content is None:
        return Past()
    specs = org["calendars"]
    hours = Calendar.from_spec(specs[0]) if len(specs) == 1 else OFFICE
    return trail.past(bundle_of(content).flow, [way.type_key for way in ways], actor, now, hours, TIME_ZONE)
