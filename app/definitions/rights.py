"""Who may change a definition: whoever edits definitions, and of a flow's branch also the people of its department."""

from __future__ import annotations

from sqlalchemy import select

from app.core.errors import Denied, Problem
from app.core.principal import Principal, require
from app.definitions.models import FlowBranch
from app.extensions import db

BRANCH = "branch_"  # how the keys of branches begin


def kind_of(key: str) -> str:
    """What is drawn under a key: "flow" or "branch". No query for most flows."""
    return "branch" if key.startswith(BRANCH) and _branch(key) is not None else "flow"


def may_edit(kind: str, key: str, actor: Principal, *, lock: bool = False) -> None:
    """Refuse (Denied, Problem) who may not change this definition now. `lock`: before something is stored, so that a
    branch is not changed while it is merged."""
    found = _branch(key, lock) if kind == "branch" else None
    if found is None:
        require(actor, "definitions.edit")
        return
    department, ended = found
    works_on(department, actor)
    if ended:
        raise Problem(f"branch_{ended}")


def works_on(department: str, actor: Principal) -> None:
    """Refuse (Denied) who may not work on branches of this department."""
    if actor.may("definitions.edit"):
        return
    require(actor, "flows.branch")
    if not actor.department:
        raise Denied("branch_no_department")
    if department != actor.department:
        raise Denied("branch_other_department")


def _branch(key: str, lock: bool = False) -> tuple[str, str] | None:
    """(department, how it ended) of a branch."""
    query = select(FlowBranch.department, FlowBranch.ended).where(FlowBranch.key == key)
    row = db.session.execute(query.with_for_update() if lock else query).one_or_none()
    return (row.department, row.ended) if row else None
