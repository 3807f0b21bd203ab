"""A form and a flow in the sandbox: scenarios played, each condition's clauses noted. Nothing is sent or stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Invalid
from app.core.expressions import trace_condition
from app.definitions.bundle import Bundle
from app.flows.checks.walk import properties
from app.flows.conditions import SYSTEM_TYPES
from app.flows.config import Condition, Rows
from app.flows.ctx import Ctx
from app.flows.model import VAR_TYPES, Node
from app.flows.sandbox import Company, MadeUp
from app.flows.scenario import REAL
from app.flows.simulate import Judge, Result, Watch, simulate
from app.forms.base import FormPorts


def judging(bundle: Bundle, ports: FormPorts) -> Judge:
    """The form's judgement, as the live ticket would get it."""

    def judge(node: str, action: str | None, submitted: Mapping[str, Any], state: Mapping[str, Any],
              now: int) -> Mapping[str, Any]:
        judged = bundle.judge(node, submitted, state, now, ports, action=action)
        if judged.problems:
            raise Invalid(judged.problems)
        return judged.values

    return judge


def company_of(scenario: Any, org: Mapping[str, Any], real: Company | None) -> Company:
    """Where a loaded scenario plays: in the company it names, its own or its file's (`org`)."""
    if scenario.org == REAL:
        return real or MadeUp({})
    return MadeUp(scenario.org or org)


def play(bundle: Bundle, scenario: Any, org: Mapping[str, Any], real: Company | None = None, *,
         watched: bool = False) -> Result:
    """Play one loaded scenario. `real`: the real company, where there is one; a scenario that wants it fails without.

    `watched`: events of steps that ask conditions carry "checked": [{"port", "holds", "clauses"}], each clause as
    `trace_condition` tells it, for the cases that were looked at.
    """
    company = company_of(scenario, org, real)
    world = None if scenario.org == REAL and real is None else company.world()
    judge = judging(bundle, company.ports(scenario.customer))
    return simulate(bundle.flow, scenario, org, judge, world=world, watch=watching(bundle) if watched else None)


def as_played(bundle: Bundle, scenarios: Sequence[Any], org: Mapping[str, Any], real: Company | None = None) -> \
        tuple[dict[str, dict[str, int]], dict[str, list[Any]]]:
    """What loaded scenarios do: step → port → how often it was taken, and reference → what stood there in the end."""
    ports: dict[str, dict[str, int]] = {}
    values: dict[str, list[Any]] = {}
    for scenario in scenarios:
        result = play(bundle, scenario, org, real)
        for event in result.events:
            if event["kind"] == "node.left" and event.get("port"):
                taken = ports.setdefault(event["node"], {})
                taken[event["port"]] = taken.get(event["port"], 0) + 1
        for root in ("form", "customer", "vars"):
            for name, value in (result.state.get(root) or {}).items():
                if isinstance(value, (str, int)):
                    values.setdefault(f"{root}.{name}", []).append(value)
    return ports, values


def watching(bundle: Bundle) -> dict[str, Watch]:
    """node → what tells how its conditions turned out, for every step that has a list of cases."""
    flow = bundle.flow
    types = {**SYSTEM_TYPES, **bundle.form.types(flow.raw),
             **{f"vars.{var.key}": VAR_TYPES[var.type] for var in flow.vars.values()}}
    found: dict[str, Watch] = {}
    for node in flow.nodes.values():
        asked = _conditions(node)
        if asked:
            found[node.id] = _Cases(node, *asked, types)
    return found


def _conditions(node: Node) -> tuple[str, str] | None:
    """(the setting that lists cases, the setting of a case that is its condition)."""
    for name, prop in properties(node.type.Config).items():
        if isinstance(prop, Rows):
            for inner, part in properties(prop.schema).items():
                if isinstance(part, Condition):
                    return name, inner
    return None


class _Cases:
    """Looks at the cases of one step in their order, until one holds."""

    def __init__(self, node: Node, rows: str, when: str, types: Mapping[str, str]) -> None:
        self._rows: list[Mapping[str, Any]] = node.raw.get(rows) or []
        self._when = when
        self._types = types
        self._loaded = getattr(node.config, rows, ())

    def __call__(self, ctx: Ctx) -> list[dict[str, Any]]:
        out = []
        for raw, row in zip(self._rows, self._loaded, strict=True):
            if raw.get(self._when) is None:
                continue
            holds, _ = ctx.holds(getattr(row, self._when))
            clauses = trace_condition(raw[self._when], self._known(ctx), ctx.scope(), ctx.env)
            for clause in clauses:
                clause["got"] = ctx.value(clause["ref"])
            out.append({"port": raw.get("port"), "holds": holds, "any": "any" in raw[self._when], "clauses": clauses})
            if holds:
                break
        return out

    def _known(self, ctx: Ctx) -> dict[str, str]:
        """What is known of a customer differs: the rest of it are texts, as for the condition itself."""
        more = {f"customer.{key}": "text" for key in ctx.state["customer"]}
        return {**more, **self._types}
