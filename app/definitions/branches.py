"""Departments' branches of flows: opened from the version in force, edited apart, merged into the flow's draft.

A branch is a definition of its own (kind "branch") with scenarios of its own, so whatever edits, checks and plays a
flow works on it; it is never published. What came of both is brought together by `app.flows.branch`, and a person
decides where they differ. Every change is one commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from app.core.errors import Conflict, NotFound, Problem
from app.core.principal import Principal, require
from app.definitions import queries, scenarios, service
from app.definitions.models import Definition, FlowBranch
from app.definitions.rights import BRANCH, kind_of, works_on
from app.extensions import db
from app.flows.branch import Conflict as Difference
from app.flows.branch import merge, same

MOST_OPEN = 10  # of one flow
ENDED_SHOWN = 10
MAX_NAME = 40  # code points
MAX_NOTE = 300


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch as lists show it. Times are epoch milliseconds."""

    key: str
    flow: str
    name: str
    department: str
    base_version: int
    base_at: int
    created_at: int
    created_by: str
    updated_at: int
    updated_by: str
    requested_at: int | None
    requested_by: str
    note: str
    ended: str  # "" | merged | discarded
    ended_at: int | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a merge would do: `before` → `after` are contents of what is merged into; `open`: paths to be decided.

    `ours`, `theirs`: what is merged into what. `revs`: what was looked at; `merge_now` refuses when it has moved.
    """

    key: str  # of the definition that is merged into
    ours: Any
    theirs: Any
    before: Any
    after: Any
    stories: Any  # the file of scenarios, as it would be
    stories_change: bool
    conflicts: tuple[Difference, ...]
    open: tuple[str, ...]
    revs: dict[str, int]


# ---- reading --------------------------------------------------------------------------------------------------------


def find(key: str) -> Branch:
    """One branch; raises NotFound. One query."""
    found = _rows(FlowBranch.key == key)
    if not found:
        raise NotFound("branch_unknown", where=key[:60])
    return found[0]


def flow_of(key: str) -> str:
    """The flow that a branch was opened from; any other key is that of a flow itself."""
    return find(key).flow if kind_of(key) == "branch" else key


def of_flow(flow: str, actor: Principal) -> list[Branch]:
    """The branches of a flow that this person may see: those open, the oldest first, then the last that ended."""
    found = [one for one in _rows(FlowBranch.flow == flow) if _sees(one.department, actor)]
    ended = sorted((one for one in found if one.ended), key=lambda one: -(one.ended_at or 0))
    return [one for one in found if not one.ended] + ended[:ENDED_SHOWN]


def open_counts(actor: Principal) -> dict[str, tuple[int, int]]:
    """flow → (open branches that this person may see, those whose people ask for the merge). One query."""
    rows = db.session.execute(
        select(FlowBranch.flow, FlowBranch.department, func.count().label("all"),
               func.count(FlowBranch.requested_at).label("asked"))
        .where(FlowBranch.ended == "").group_by(FlowBranch.flow, FlowBranch.department))
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        if _sees(row.department, actor):
            had, asked = found.get(row.flow, (0, 0))
            found[row.flow] = (had + row.all, asked + row.asked)
    return found


def _sees(department: str, actor: Principal) -> bool:
    return actor.may("definitions.edit") or (actor.may("flows.branch") and department == actor.department != "")


def _rows(wanted: Any) -> list[Branch]:
    rows = db.session.execute(
        select(FlowBranch, Definition.updated_at, Definition.updated_by)
        .join(Definition, (Definition.kind == "branch") & (Definition.key == FlowBranch.key))
        .where(wanted).order_by(FlowBranch.created_at, FlowBranch.key).execution_options(populate_existing=True))
    return [Branch(row.key, row.flow, row.name, row.department, row.base_version, row.base_at, row.created_at,
                   row.created_by, at, by, row.requested_at, row.requested_by, row.note, row.ended, row.ended_at,
                   row.ended_by) for row, at, by in rows]


# ---- its life -------------------------------------------------------------------------------------------------------


def open_branch(flow: str, name: str, department: str, *, actor: Principal, now: int) -> str:
    """A new branch of the version in force, with the flow's scenarios; returns its key. Raises Denied or Problem."""
    works_on(department, actor)
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME:
        raise Problem("branch_name", where="name", max=MAX_NAME)
    if not department:
        raise Problem("branch_department", where="department")
    found = queries.standing("flow", flow)
    if not found.version:
        raise Problem("branch_unpublished", where=flow)
    _room(flow)
    key, stories = f"{BRANCH}{secrets.token_hex(6)}", scenarios.saved(flow)
    db.session.add(FlowBranch(
        key=key, flow=flow, name=name, department=department, base=_whole(found.published, stories.content),
        base_version=found.version, base_at=now, created_at=now, created_by=actor.id, ended=""))
    db.session.flush()
    service.begin("branch", key, {**found.published, "key": key}, actor=actor, now=now)
    if stories.rev:
        scenarios.put(key, {**stories.content, "flow": key}, 0, actor=actor, now=now)
    db.session.commit()
    return key


def _room(flow: str) -> None:
    """Refuse one more than there may be. Two at once wait for each other at the flow's row."""
    db.session.execute(select(Definition.id).where(Definition.kind == "flow", Definition.key == flow).with_for_update())
    count = db.session.scalar(select(func.count()).where(FlowBranch.flow == flow, FlowBranch.ended == ""))
    if (count or 0) >= MOST_OPEN:
        raise Problem("branch_many", max=MOST_OPEN)


def request(key: str, note: str, *, actor: Principal, now: int) -> None:
    """Its people ask for the merge. Again: with another note."""
    _open(key, actor)
    if len(note.strip()) > MAX_NOTE:
        raise Problem("branch_note", where="note", max=MAX_NOTE)
    _set(key, requested_at=now, requested_by=actor.id, note=note.strip())
    db.session.commit()


def take_back(key: str, *, actor: Principal) -> None:
    """The request no longer stands."""
    _open(key, actor)
    _set(key, requested_at=None, requested_by="", note="")
    db.session.commit()


def discard(key: str, *, actor: Principal, now: int) -> Branch:
    """End a branch without merging it; `bring_back` undoes it."""
    found = _open(key, actor)
    _set(key, ended="discarded", ended_at=now, ended_by=actor.id)
    db.session.commit()
    return found


def bring_back(key: str, *, actor: Principal) -> Branch:
    """Go on with a branch that ended; what was merged stays in the flow's draft. Again changes nothing."""
    found = find(key)
    works_on(found.department, actor)
    if found.ended:
        _room(found.flow)
        _set(key, ended="", ended_at=None, ended_by="", requested_at=None, requested_by="", note="")
    db.session.commit()
    return found


def _open(key: str, actor: Principal) -> Branch:
    found = find(key)
    works_on(found.department, actor)
    if found.ended:
        raise Problem(f"branch_{found.ended}")
    return found


def _set(key: str, **values: Any) -> None:
    db.session.execute(update(FlowBranch).where(FlowBranch.key == key).values(**values))


# ---- merging --------------------------------------------------------------------------------------------------------


def look(key: str, way: str, choose: Mapping[str, str], *, actor: Principal) -> Look:
    """What merging would do, with what was decided so far; nothing is stored. `way`: "into" the flow, or "update" the
    branch from the flow's draft. Raises NotFound, Denied or Problem."""
    found = _open(key, actor)
    base = db.session.scalar(select(FlowBranch.base).where(FlowBranch.key == key))
    sides = {}
    for kind, name in (("flow", found.flow), ("branch", key)):
        draft, stories = queries.standing(kind, name), scenarios.saved(name)
        sides[kind] = (draft, stories, _whole(draft.content, stories.content))
    mine, other = ("flow", "branch") if way == "into" else ("branch", "flow")
    draft, stories, ours = sides[mine]
    theirs = sides[other][2]
    done = merge(base, ours, theirs, choose)
    after = {name: value for name, value in done.content.items() if name != "scenarios"}
    return Look(
        draft.key, ours, theirs, draft.content, after, {**done.content["scenarios"], "flow": draft.key},
        not same(done.content["scenarios"], ours["scenarios"]), done.conflicts, done.open,
        {part: number for kind, (row, kept, _) in sides.items()
         for part, number in ((kind, row.rev), (f"{kind}_scenarios", kept.rev))})


def merge_now(key: str, way: str, choose: Mapping[str, str], revs: Mapping[str, int], *, actor: Principal,
              now: int) -> int:
    """Carry out what `look` showed: the draft that is merged into has a new revision, which is returned.

    "into" ends the branch and needs the right to change the flow; nothing is published. Raises Conflict
    ("branch_moved") where one of `revs` has moved on, Problem("branch_open") where something is undecided.
    """
    if way == "into":
        require(actor, "definitions.edit")
    db.session.execute(select(FlowBranch.key).where(FlowBranch.key == key).with_for_update())  # saves wait, see rights
    seen = look(key, way, choose, actor=actor)
    if seen.revs != dict(revs):
        raise Conflict("branch_moved", where="revs")
    if seen.open:
        raise Problem("branch_open", where="choose", count=len(seen.open))
    kind = "flow" if way == "into" else "branch"
    if seen.after != seen.before:
        service.put_draft(kind, seen.key, seen.after, seen.revs[kind], actor=actor, now=now)
    if seen.stories_change:
        scenarios.put(seen.key, seen.stories, seen.revs[f"{kind}_scenarios"], actor=actor, now=now)
    if way == "into":
        _set(key, ended="merged", ended_at=now, ended_by=actor.id)
    else:
        _set(key, base=seen.theirs, base_at=now)
    db.session.commit()
    return queries.standing(kind, seen.key).rev


def _whole(content: Any, stories: Mapping[str, Any]) -> dict[str, Any]:
    """A flow with its scenarios, as they are merged: whose they are is not a part of them."""
    return {**content, "scenarios": {name: value for name, value in stories.items() if name != "flow"}}
