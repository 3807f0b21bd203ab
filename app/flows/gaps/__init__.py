"""The gap report: where a flow would find nobody, or the wrong people, in the company as it is today.

Publish checks say whether a flow is well drawn; gaps say whether the company can carry it: for which shops a step has
nobody, for which combinations of region and customer's level nobody is assigned, whose work only people who left could
do, who would approve what they handed in themselves, which messages reach nobody, which cases no answer can meet, who
decides on what they do not see.
"""
from __future__ import annotations

from app.flows.gaps import combos, people, ways
from app.flows.gaps.facts import Around, Gap
from app.flows.model import Flow

__all__ = ["Around", "Gap", "gaps"]


def gaps(flow: Flow, around: Around) -> list[Gap]:
    """Errors first, then in the flow's order. Of a table with very many sorts of rows only some are looked at, which is
    said."""
    look = people.Look(flow, around)
    found = [*people.find(look), *combos.find(look), *ways.find(look)]
    found += [Gap("advice", "gap_cut", "", "", people.MAX_SORTS, count, {"source": source, "kept": people.MAX_SORTS,
                                                                         "count": count})
              for source, count in look.cut.items()]
    order = {id: place for place, id in enumerate(flow.nodes)}
    rank = {"error": 0, "warning": 1, "advice": 2}
    return sorted(found, key=lambda gap: (rank[gap.level], order.get(gap.node, len(order))))
