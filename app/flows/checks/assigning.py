"""Assignment: rows of decision tables that never fit, skills that nobody has, columns that a table lacks.

Found by the classes of the properties, as everything about settings is; the raw settings may be of any shape.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import marshmallow as ma

from app.core.errors import Finding
from app.flows.checks.cases import implies
from app.flows.checks.draft import Draft, Step, error, warning
from app.flows.checks.facts import Known
from app.flows.config import CHIP, DecisionTable, Need, Rows
from app.flows.config.assigning import cell

MAX_COMPARED = 300  # rows of one table


def check(draft: Draft, known: Known) -> Iterator[Finding]:
    """Every finding about assignment; `field` is the JSON path within the node."""
    for step in draft.steps.values():
        for path, prop, value in draft.properties[step.id]:
            if isinstance(prop, DecisionTable) and isinstance(value, Mapping):
                yield from _table(draft, step, path, value, known)
            elif isinstance(prop, Rows) and prop.schema is Need and known.skills is not None:
                yield from _needs(step, path, value, known.skills)


# ---- skills ----------------------------------------------------------------------------------------------------------


def _needs(step: Step, path: str, needs: Any, best: Mapping[str, int]) -> Iterator[Finding]:
    """Skills that nobody at work has, or not to that level."""
    for at, need in enumerate(needs if isinstance(needs, list) else ()):
        skill = need.get("skill") if isinstance(need, Mapping) else None
        level = need.get("level", 1) if isinstance(need, Mapping) else 1
        if not isinstance(skill, str) or not skill.strip() or CHIP.search(skill) or not isinstance(level, int):
            continue
        if best.get(skill.strip(), 0) < level:
            yield warning("check_skill_nobody", step.id, field=f"{path}[{at}].skill", name=step.name,
                          skill=skill.strip()[:60], level=level)


# ---- decision tables -------------------------------------------------------------------------------------------------


def _table(draft: Draft, step: Step, path: str, table: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    columns = [one if isinstance(one, Mapping) else {} for one in _list(table, "columns")]
    yield from _columns(step, path, columns, known)
    choices = [_choices(draft, column, known) for column in columns]
    rows = [_cells(row, len(columns)) for row in _list(table, "rows")[:MAX_COMPARED]]
    first = table.get("match", "first") == "first"
    earlier: list[tuple[int, Any]] = []
    for at, cells in enumerate(rows):
        if cells is None:
            continue  # the loader says what is wrong with it
        never = next((place for place, (values, allowed) in enumerate(zip(cells, choices, strict=True))
                      if values and allowed is not None and not _possible(values, allowed)), None)
        if never is not None:
            yield warning("check_row_never", step.id, field=f"{path}.rows[{at}].is[{never}]", name=step.name,
                          row=at + 1, value="、".join(cells[never])[:60])
            continue
        fits = _condition(cells)
        taken = next((other for other, was in earlier if (implies(fits, was) if first else fits == was)), None)
        if taken is not None:
            yield warning("check_row_swallowed", step.id, field=f"{path}.rows[{at}].is", name=step.name, row=at + 1,
                          earlier=taken + 1)
        else:
            earlier.append((at, fits))


def _columns(step: Step, path: str, columns: list[Mapping[str, Any]], known: Known) -> Iterator[Finding]:
    """Columns that the table which a field chooses from does not have."""
    for at, column in enumerate(columns):
        there = _source(column, known)
        attr = column.get("attr")
        if isinstance(attr, str) and there is not None and attr not in there:
            yield error("check_table_column", step.id, field=f"{path}.columns[{at}].attr", name=step.name,
                        column=attr[:60], columns="、".join(sorted(there))[:200] or "–")


def _source(column: Mapping[str, Any], known: Known) -> Mapping[str, Collection[str]] | None:
    """Columns of the rows that a dimension is chosen from → the values that stand there; None where not known."""
    source = known.form.sources.get(str(column.get("ref"))) if known.form else None
    return known.cells.get(source) if known.cells is not None and source else None


def _choices(draft: Draft, column: Mapping[str, Any], known: Known) -> Collection[str] | None:
    """All that a dimension can hold; None where that is open or not known."""
    root, _, name = str(column.get("ref")).partition(".")
    if column.get("attr"):
        there = _source(column, known)
        return there.get(str(column["attr"])) if there else None
    if root == "vars":
        variables = [one for one in _list(draft.data, "vars") if isinstance(one, Mapping)]
        var = next((one for one in variables if one.get("key") == name), {})
        values = var.get("values") if var.get("type") == "choice" else None
        return [one for one in values if isinstance(one, str)] if isinstance(values, list) else None
    fact = known.form.fields.get(name) if root == "form" and known.form else None
    return fact.options if fact else None


def _possible(values: list[str], allowed: Collection[str]) -> bool:
    """Whether any of a cell's values can come (a range of numbers always may)."""
    return bool(cell(values).spans) or any(value.strip() in allowed for value in values)


def _cells(row: Any, wanted: int) -> list[list[str]] | None:
    """The cells of a row, as many as there are dimensions; None where it is not like that."""
    cells = row.get("is") if isinstance(row, Mapping) else None
    fine = isinstance(cells, list) and len(cells) == wanted and all(
        isinstance(one, list) and all(isinstance(value, str) for value in one) for one in cells)
    try:
        return [[value for value in one if cell([value]) is not None and value.strip()] for one in cells] \
            if fine and isinstance(cells, list) else None
    except ma.ValidationError:
        return None


def _condition(cells: list[list[str]]) -> dict[str, Any]:
    """A row as a condition on its dimensions: the judge of cases then knows rows too."""
    return {"all": [_one(f"#{at}", values) for at, values in enumerate(cells) if values]}


def _one(ref: str, values: list[str]) -> dict[str, Any]:
    found = cell(values)
    ways: list[dict[str, Any]] = [{"ref": ref, "op": "in", "value": sorted(found.texts)}] if found.texts else []
    for low, with_low, high, with_high in found.spans:
        if low is not None and high is not None:
            ways.append({"ref": ref, "op": "between", "value": [str(low), str(high)]})
        elif low is not None:
            ways.append({"ref": ref, "op": "gte" if with_low else "gt", "value": str(low)})
        else:
            ways.append({"ref": ref, "op": "lte" if with_high else "lt", "value": str(high)})
    return ways[0] if len(ways) == 1 else {"any": ways}


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []
