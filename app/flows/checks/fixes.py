"""One-click repairs: what a finding's `fix` says, done to the raw definition.

Repairs work on copies and never guess beyond what the finding named: the designer offers each as one undo step.
"""
from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from app.core.errors import Finding, Problem, has_text, text

Raw = dict[str, Any]


def apply_fix(flow: Mapping[str, Any], fix: Mapping[str, Any]) -> Raw:
    """A repaired copy of `flow`. Problem "fix_unknown": no such repair; "fix_stale": its place is gone."""
    repair = _REPAIRS.get(str(fix.get("do")))
    if repair is None:
        raise Problem("fix_unknown", do=str(fix.get("do"))[:40])
    changed: Raw = copy.deepcopy(dict(flow))
    try:
        repair(changed, fix)
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        raise Problem("fix_stale", do=str(fix.get("do"))) from None
    return changed


def repair_words(finding: Finding, locale: str) -> str:
    """What the button of a finding's repair says; "" where it has none."""
    if not finding.fix:
        return ""
    told = f"repair_{finding.code}"
    return text(told if has_text(told) else f"repair_{finding.fix['do']}", locale)


def _node(flow: Raw, node: str) -> Raw:
    return next(raw for raw in flow["nodes"] if isinstance(raw, dict) and raw.get("id") == node)


def _fresh(items: list[Any], wanted: str) -> str:
    """`wanted`, or with the first number that makes it unused."""
    taken = {raw.get("id") for raw in items if isinstance(raw, dict)}
    number, name = 2, wanted
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _add_edge(flow: Raw, fix: Mapping[str, Any]) -> None:
    flow["edges"].append({"id": _fresh(flow["edges"], "e_fix"), "from": fix["from"], "to": fix["to"]})


def _remove_edge(flow: Raw, fix: Mapping[str, Any]) -> None:
    del flow["edges"][fix["index"]]


def _move_edges(flow: Raw, fix: Mapping[str, Any]) -> None:
    for index in fix["edges"]:
        flow["edges"][index]["to"] = fix["to"]


def _rename_edge(flow: Raw, fix: Mapping[str, Any]) -> None:
    edge = flow["edges"][fix["index"]]
    edge["id"] = _fresh(flow["edges"], edge["id"])


def _rename_node(flow: Raw, fix: Mapping[str, Any]) -> None:
    node = flow["nodes"][fix["index"]]
    node["id"] = _fresh(flow["nodes"], node["id"])


def _add_node(flow: Raw, fix: Mapping[str, Any]) -> str:
    kind = fix["node"]["type"]
    node = {"id": _fresh(flow["nodes"], kind.rpartition(".")[2]), "tv": 1, **copy.deepcopy(fix["node"])}
    flow["nodes"].append(node)
    return node["id"]


def _remove_node(flow: Raw, fix: Mapping[str, Any]) -> None:
    node = fix["node"]
    flow["nodes"].remove(_node(flow, node))
    flow["edges"] = [edge for edge in flow["edges"]
                     if node not in (edge["from"].partition(":")[0], edge["to"].partition(":")[0])]
    for other in flow["nodes"]:
        if isinstance(other.get("attach"), list):
            other["attach"] = [item for item in other["attach"] if item != node]


def _set_config(flow: Raw, fix: Mapping[str, Any]) -> None:
    """Sets `path` (keys by dots, numbers are places in lists), or removes it when the fix has no `value`."""
    holder: Any = _node(flow, fix["node"]).setdefault("config", {})
    *keys, last = (int(key) if key.isdigit() else key for key in fix["path"].split("."))
    for key in keys:
        holder = holder[key] if isinstance(key, int) else holder.setdefault(key, {})
    if "value" in fix:
        holder[last] = copy.deepcopy(fix["value"])
    else:
        del holder[last]


def _set_version(flow: Raw, fix: Mapping[str, Any]) -> None:
    node = _node(flow, fix["node"])
    node["tv"] = fix["tv"]
    if "config" in fix:
        node["config"] = copy.deepcopy(fix["config"])


def _set_attach(flow: Raw, fix: Mapping[str, Any]) -> None:
    _node(flow, fix["node"])["attach"] = list(fix["attach"])


def _add_var(flow: Raw, fix: Mapping[str, Any]) -> None:
    flow.setdefault("vars", []).append(copy.deepcopy(fix["var"]))


def _insert_fork(flow: Raw, fix: Mapping[str, Any]) -> None:
    """Several edges out of one port become the branches of a fork, gathered again by a join."""
    edges = [edge for edge in flow["edges"] if edge["from"] == fix["from"]]
    branches = [{"port": f"b{number}", "label": _node(flow, edge["to"].partition(":")[0])["name"]}
                for number, edge in enumerate(edges, 1)]
    fork = _add_node(flow, {"node": {"type": "branch.parallel", "name": {"zh": "同时进行", "en": "At the same time"},
                                     "config": {"branches": branches}}})
    for edge, branch in zip(edges, branches, strict=True):
        edge["from"] = f"{fork}:{branch['port']}"
    _add_edge(flow, {"from": fix["from"], "to": f"{fork}:in"})
    _insert_join(flow, {"fork": fork})


def _insert_join(flow: Raw, fix: Mapping[str, Any]) -> None:
    """A join where the fork's branches first come together again, else before their ends."""
    fork = fix["fork"]
    onward: dict[str, list[str]] = {}
    for edge in flow["edges"]:
        onward.setdefault(edge["from"].partition(":")[0], []).append(edge["to"].partition(":")[0])
    starts = onward.get(fork, [])
    reached = [_in_order(onward, start, fork) for start in starts]
    meeting = next((node for node in reached[0] if all(node in others for others in reached)), None)
    ends = {raw["id"] for raw in flow["nodes"] if raw["id"] not in onward}
    target = meeting or next(node for node in reached[0] if node in ends)
    inside = set().union(*reached)
    if meeting:
        inside -= set(_in_order(onward, meeting, fork))
    join = _add_node(flow, {"node": {"type": "branch.join", "name": {"zh": "汇合", "en": "Join"},
                                     "config": {"fork": fork, "mode": "all"}}})
    _node(flow, fork)["config"]["join"] = join
    for edge in flow["edges"]:
        source, goal = edge["from"].partition(":")[0], edge["to"].partition(":")[0]
        if (source in inside or source == fork) and (goal == target if meeting else goal in ends):
            edge["to"] = f"{join}:in"
    _add_edge(flow, {"from": f"{join}:out", "to": f"{target}:in"})


def _in_order(onward: Mapping[str, list[str]], start: str, without: str) -> list[str]:
    """`start` and what follows it, nearest first."""
    seen = [start]
    for node in seen:
        seen += [target for target in dict.fromkeys(onward.get(node, ())) if target not in seen and target != without]
    return seen


_REPAIRS: dict[str, Callable[[Raw, Mapping[str, Any]], Any]] = {
    "add_edge": _add_edge, "remove_edge": _remove_edge, "move_edges": _move_edges, "rename_edge": _rename_edge,
    "add_node": _add_node, "remove_node": _remove_node, "rename_node": _rename_node,
    "set_config": _set_config, "set_version": _set_version, "set_attach": _set_attach, "add_var": _add_var,
    "insert_fork": _insert_fork, "insert_join": _insert_join,
}
