"""Parallel blocks: a fork opens one token a branch, its join waits for them; nothing may slip in, out or across.

The inside of a branch is what follows the fork's port before the join and still leads to the join.
"""
from __future__ import annotations

from collections.abc import Iterator

from app.core.errors import Finding
from app.flows.checks.draft import Draft, Link, Step, error


def check(draft: Draft) -> Iterator[Finding]:
    """Findings about forks, joins and the edges of their blocks."""
    forks = [step for step in draft.steps.values() if is_fork(step)]
    joins = [step for step in draft.steps.values() if is_join(step)]
    paired: set[str] = set()
    for fork in forks:
        join = draft.steps.get(partner(fork)) if partner(fork) else None
        if join and is_join(join) and partner(join) == fork.id:
            paired.add(join.id)
            yield from _block(draft, fork, join)
        else:
            claimed = [other.id for other in joins if partner(other) == fork.id]
            paired.update(claimed)
            fix = ({"do": "set_config", "node": fork.id, "path": "join", "value": claimed[0]} if len(claimed) == 1
                   else {"do": "insert_join", "fork": fork.id})
            yield error("check_fork_without_join", fork.id, field="join", fix=fix, name=fork.name)
    for join in joins:
        if join.id not in paired:
            free = [fork.id for fork in forks if partner(fork) == join.id]
            yield error("check_join_without_fork", join.id, field="fork", name=join.name,
                        fix={"do": "set_config", "node": join.id, "path": "fork", "value": free[0]} if free else None)


def is_fork(step: Step) -> bool:
    return bool(step.kind and step.kind.pairs and not step.kind.gathers)


def is_join(step: Step) -> bool:
    return bool(step.kind and step.kind.gathers)


def partner(step: Step) -> str:
    """The id that a fork or join names as its other half, "" if none."""
    named = step.config.get("fork" if is_join(step) else "join")
    return named if isinstance(named, str) else ""


def _block(draft: Draft, fork: Step, join: Step) -> Iterator[Finding]:
    count, wanted = len(fork.ports), join.config.get("n")
    if join.config.get("mode") == "n" and isinstance(wanted, int) and wanted > count:
        yield error("check_join_count", join.id, field="config.n", name=join.name, fork=fork.name, wanted=wanted,
                    count=count, fix={"do": "set_config", "node": join.id, "path": "n", "value": count})
    leads = draft.reach_back([join.id], without=[fork.id])
    branch_of: dict[str, str] = {}
    todo: list[tuple[str, str]] = []
    to_join = f"{join.id}:in"
    for link in draft.out[fork.id]:
        if link.target in leads:
            todo.append((link.target, link.port))
        else:
            region = draft.reach([link.target], without=[join.id])
            yield error("check_bypasses_join", fork.id, link.port, name=fork.name, join=join.name,
                        label=draft.label(fork.id, link.port),
                        fix={"do": "move_edges", "edges": _way_out(draft, link, region), "to": to_join})
    # Nearest first: a step that two branches share belongs to the one it is closer to.
    for node, port in todo:
        if node not in branch_of and node not in (fork.id, join.id):
            branch_of[node] = port
            todo += [(link.target, port) for link in draft.out[node] if link.target in leads]
    for link in draft.joined:
        came = link.port if link.source == fork.id else branch_of.get(link.source)
        goes = branch_of.get(link.target)
        if link.target == join.id:
            if came is None:
                yield _crossing("check_enters_block", draft, link, fork, f"{fork.id}:in")
        elif came == goes or (link.source == fork.id and goes is None):
            continue
        elif came is None:
            yield _crossing("check_enters_block", draft, link, fork, f"{fork.id}:in")
        elif goes is None:
            yield _crossing("check_leaves_block", draft, link, fork, to_join)
        else:
            yield _crossing("check_branches_mix", draft, link, fork, to_join)


def _way_out(draft: Draft, first: Link, region: set[str]) -> list[int]:
    """The edges by which a branch that never joins gets away: into an end, or to where others come too."""
    own = region - draft.reach([step.id for step in draft.triggers], without=[first.target])
    own -= {step.id for step in draft.ends}
    out = [first] if first.target not in own else [link for node in own for link in draft.out[node]]
    return sorted(link.index for link in out if link.target not in own)


def _crossing(code: str, draft: Draft, link: Link, fork: Step, to: str) -> Finding:
    return error(code, link.source, link.port, fix={"do": "move_edges", "edges": [link.index], "to": to},
                 name=draft.title(link.source), target=draft.title(link.target), fork=fork.name,
                 label=draft.label(link.source, link.port))
