"""Assignments that find people by rules (decision tables, skills, the nearest …): for which combinations of what a
ticket says (its store or region, options, the customer's level) they find nobody. Asked of the code that assigns live.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from types import SimpleNamespace
from typing import Any

from app.core.errors import localized
from app.core.expressions import Env
from app.flows.assign import Limits, choose, fall_back
from app.flows.checks.walk import walk
from app.flows.config import DecisionTable
from app.flows.ctx import Ctx
from app.flows.dimensions import asked, closed, compared, say
from app.flows.gaps.facts import MAX_SHOWN, Gap
from app.flows.gaps.people import Look, by_rules
from app.flows.model import Node
from app.flows.news import CUSTOMER
from app.flows.sandbox import SandboxWorld
from app.flows.whom import named, some

MAX_COMBINATIONS = 2_000
OTHER = {"zh": "其他", "en": "anything else"}
NO_LIMITS = {"max_open_per_person": None, "max_per_day": None, "cool_down": None, "on_duty": False}
BLANK: Mapping[str, Any] = {"form": {}, "vars": {}, "customer": {}, "ticket": {}, "tasks": {}, "messages": {}}


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a ticket may say at one reference: values that are alike to the step stand together, with their words."""

    name: Any
    ref: str
    values: Sequence[tuple[Any, Mapping[str, str]]]


def find(look: Look) -> Iterator[Gap]:
    """The combinations for which an assignment finds nobody, or only those who stand in."""
    for node in look.flow.nodes.values():
        if by_rules(node):
            yield from _of(look, node)


def _of(look: Look, node: Node) -> Iterator[Gap]:
    dimensions = [one for one in _dimensions(look, node) if len(one.values) > 1]
    every = prod(len(one.values) for one in dimensions)
    combinations = list(islice(product(*(range(len(one.values)) for one in dimensions)), 50 * MAX_COMBINATIONS))
    world = SandboxWorld({}, look.now)
    lost: dict[str, list[tuple[int, ...]]] = {"gap_nobody": [], "gap_stand_in": []}
    looked = some(combinations, MAX_COMBINATIONS)
    for places in looked:
        code = _lost(node, world, {one.ref: one.values[at][0] for one, at in zip(dimensions, places, strict=True)})
        if code:
            lost[code].append(places)
    if len(looked) < every:
        yield Gap("advice", "gap_cut_when", node.id, "config.ways", len(looked), every,
                  {"name": node.name, "count": every, "kept": len(looked)})
    for code, found in lost.items():
        if found:
            level = "error" if code == "gap_nobody" and "none" not in node.outs else "warning"
            params = {"name": node.name, "rows": len(found), "of": len(looked), "which": _which(dimensions, found),
                      "instead": look.who(node.config.fallback), "who": look.who(node.config.candidates)}
            when = "_when" if len(found) < len(looked) else ""
            where = "config.ways" if when else "config.candidates"
            yield Gap(level, code + when, node.id, where, len(found), len(looked), params)


def _lost(node: Node, world: SandboxWorld, said: Mapping[str, Any]) -> str:
    """The code of what is missing for a ticket that says this, "" if somebody is found; on a day without any load."""
    config = SimpleNamespace(**{**vars(node.config), **NO_LIMITS})
    ctx = Ctx(node, 1, {**BLANK, **say(said)}, 0, world, Env(0, ()))
    limits = Limits(ctx, config)
    choice = choose(ctx, config, limits)
    if choice.person is not None:
        return ""
    return "gap_nobody" if fall_back(ctx, config, limits, choice).person is None else "gap_stand_in"


# ---- what a ticket may say -------------------------------------------------------------------------------------------


def _dimensions(look: Look, node: Node) -> Iterator[Dimension]:
    known, told = closed(look.flow, look.around.options, look.now), compared(look.flow)
    selectors = [selector for one in named(look.flow, node) for selector in one.selectors]
    for ref in dict.fromkeys([*asked(node), *(selector["of"] for selector in selectors if "of" in selector)]):
        name = look.around.labels.get(ref) or CUSTOMER.get(ref) or ref
        source = look.flow.sources.get(ref, "")
        if look.now.rows(source):
            yield Dimension(name, ref, _sorts(look, node, ref, source, {one.get("role") for one in selectors}))
        elif ref in known:
            yield Dimension(name, ref, [(value, {"zh": value, "en": value}) for value in sorted(known[ref])])
        else:
            values: list[tuple[Any, Mapping[str, str]]] = [(value, {"zh": value, "en": value})
                                                           for value in told.get(ref, ())]
            yield Dimension(name, ref, [*values, (None, OTHER)])


def _sorts(look: Look, node: Node, ref: str, source: str, roles: Collection[str | None]) -> \
        list[tuple[Any, Mapping[str, str]]]:
    """The rows of a table, one for each sort that neither a grant nor a column of a decision table tells apart."""
    rows, columns = look.now.rows(source), _columns(node, ref)
    sorts: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for alike in look.alike(rows, source, roles):
        for row in alike:
            sorts.setdefault((str(alike[0]["id"]), *(str(row.get(column)) for column in columns)), []).append(row)
    return [(same[0]["id"], look.rows(same, rows, source)) for same in sorts.values()]


def _columns(node: Node, ref: str) -> list[str]:
    """The columns of a reference's rows that decision tables look at."""
    return [column["attr"] for _, prop, raw in walk(node.type.Config, node.raw)
            if isinstance(prop, DecisionTable) and isinstance(raw, Mapping)
            for column in raw.get("columns") or () if column.get("ref") == ref and column.get("attr")]


# ---- words -----------------------------------------------------------------------------------------------------------


def _which(dimensions: Sequence[Dimension], found: Sequence[tuple[int, ...]]) -> dict[str, str]:
    """The combinations: by what they share where that says it all, else the first of them one by one."""
    sets = [sorted({places[at] for places in found}) for at in range(len(dimensions))]
    if prod(len(one) for one in sets) == len(found) and all(
            len(one) <= MAX_SHOWN or len(one) == len(dimensions[at].values) for at, one in enumerate(sets)):
        told = [(dimensions[at], one) for at, one in enumerate(sets) if len(one) < len(dimensions[at].values)]
        return {"zh": "，".join(_said(one, places, "zh") for one, places in told),
                "en": ", ".join(_said(one, places, "en") for one, places in told)}
    shown = [{locale: sign.join(_said(one, [at], locale) for one, at in zip(dimensions, places, strict=True))
              for locale, sign in (("zh", "、"), ("en", " and "))} for places in found[:MAX_SHOWN]]
    more = len(found) > MAX_SHOWN
    return {"zh": "；".join(one["zh"] for one in shown) + (f" 等 {len(found)} 种" if more else ""),
            "en": "; ".join(one["en"] for one in shown) + (f" and {len(found) - MAX_SHOWN} more" if more else "")}


def _said(dimension: Dimension, places: Sequence[int], locale: str) -> str:
    """「客户等级：VIP 或 其他」."""
    equals, other = ("：", " 或 ") if locale == "zh" else (": ", " or ")
    values = other.join(dimension.values[at][1][locale] for at in places)
    return f"{localized(dimension.name, locale)}{equals}{values}"
