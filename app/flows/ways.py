"""Ways of finding people for a ticket: each says whom it finds, by what, and who was passed over."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

from app.core.expressions.errors import Fail
from app.core.expressions.values import read_number
from app.flows.config.assigning import Cell
from app.flows.ctx import Ctx
from app.flows.directory import point

EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Found:
    """`people` whom a way names; `rank`: who comes first (the smallest, if any is given); `why` a code if there is
    nobody; `about`: what it went by, `passed`: people whom it left out, for the record."""

    people: Sequence[str] = ()
    rank: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    passed: Mapping[str, list[Any]] = field(default_factory=dict)


def _vip_manager(ctx: Ctx, way: Any, people: Sequence[str]) -> Found:
    """The customer's own manager, a candidate or not."""
    found = ctx.people([{"ref": way.manager}])
    return Found(found, why="" if found else "no_manager")


def _served_before(ctx: Ctx, way: Any, people: Sequence[str]) -> Found:
    """Candidates who had an earlier ticket of this customer, the latest first."""
    if not ctx.state["customer"].get("id"):
        return Found(why="no_customer")
    since = ctx.now - way.within
    served = {person: at for person, at in ctx.world.fact("served", people, ctx.state, ctx.now).items()
              if at is not None and at >= since}
    return Found([person for person in people if person in served], {person: -at for person, at in served.items()},
                 "" if served else "not_served", {"served": served} if served else {"days": way.within // 86_400_000})


def _skill(ctx: Ctx, way: Any, people: Sequence[str]) -> Found:
    """Candidates with every skill that this ticket needs."""
    needs: dict[str, int] = {}
    for need in way.needs:
        if need.when is None or ctx.holds(need.when)[0]:
            name = str(ctx.render(need.skill) or "").strip()
            if name:
                needs[name] = max(need.level, needs.get(name, 0))
    if not needs:
        return Found(why="no_needs")
    skills = ctx.world.fact("skills", people, ctx.state, ctx.now)
    passed = {person: ["skill", missing] for person in people
              if (missing := next((name for name, level in needs.items() if skills[person].get(name, 0) < level), ""))}
    able = [person for person in people if person not in passed]
    rank = {person: -sum(skills[person][name] for name in needs) for person in able} if way.best else {}
    return Found(able, rank, "" if able else "no_skilled", {"needs": needs}, passed)


def _nearest(ctx: Ctx, way: Any, people: Sequence[str]) -> Found:
    """Candidates by the distance of their places from where it is."""
    here = _place(ctx, way.place)
    if here is None:
        return Found(why="no_place")
    places = ctx.world.fact("places", people, ctx.state, ctx.now)
    km = {person: round(min(_km(here, place) for place in places[person]), 1) for person in people if places[person]}
    passed: dict[str, list[Any]] = {person: ["placeless"] for person in people if person not in km}
    if way.km is not None:
        passed |= {person: ["far", away] for person, away in km.items() if away > way.km}
    able = [person for person in people if person not in passed]
    return Found(able, {person: km[person] for person in able}, "" if able else "nobody_near",
                 {"km": {person: km[person] for person in sorted(able, key=lambda one: km[one])[:5]}}, passed)


def _place(ctx: Ctx, where: Mapping[str, Any]) -> tuple[float, float] | None:
    value = ctx.value(where["ref"])
    if isinstance(value, str) and where["source"]:
        value = ctx.world.row(where["source"], value)
    return point(value) if isinstance(value, Mapping) else None


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The way as the crow flies."""
    (lat1, lng1), (lat2, lng2) = ((radians(lat), radians(lng)) for lat, lng in (a, b))
    part = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(part)))


# ---- decision tables -------------------------------------------------------------------------------------------------


def _table(ctx: Ctx, way: Any, people: Sequence[str]) -> Found:
    """Those whom the row that fits names, candidates or not."""
    table = way.table
    values = [_values(ctx, column) for column in table.columns]
    fits = [at for at, row in enumerate(table.rows)
            if all(cell.any or lets(cell, value) for cell, value in zip(row.is_, values, strict=True))]
    at = None
    if fits:  # `min` keeps the first of equals
        at = fits[0] if table.match == "first" else min(fits, key=lambda one: sum(c.any for c in table.rows[one].is_))
    about: dict[str, Any] = {"values": ["、".join(value)[:40] for value in values]}
    if at is None and not table.otherwise:
        return Found(why="no_row", about=about)
    found = ctx.people(table.rows[at].to if at is not None else table.otherwise)
    about["row"] = 0 if at is None else at + 1
    return Found(found, why="" if found else "row_empty", about=about)


def _values(ctx: Ctx, column: Any) -> list[str]:
    """What a dimension holds: one text, several (a multiple choice) or none."""
    value = ctx.value(column.ref["ref"])
    if column.attr:
        row = ctx.world.row(column.ref["source"] or "", value) if isinstance(value, str) else None
        value = (row or {}).get(column.attr)
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return [] if value is None or isinstance(value, (Mapping, bool)) or value == "" else [str(value)]


def lets(cell: Cell, values: Sequence[str]) -> bool:
    """Whether a cell lets any of these values through."""
    return any(value in cell.texts or _within(cell, value) for value in values)


def _within(cell: Cell, value: str) -> bool:
    if not cell.spans:
        return False
    try:
        number = read_number(value)
    except Fail:
        return False
    return isinstance(number, Decimal) and any(
        (low is None or number > low or (with_low and number == low))
        and (high is None or number < high or (with_high and number == high))
        for low, with_low, high, with_high in cell.spans)


WAYS: dict[str, Callable[[Ctx, Any, Sequence[str]], Found]] = {
    "vip_manager": _vip_manager, "served_before": _served_before, "skill": _skill, "table": _table,
    "nearest": _nearest,
}
