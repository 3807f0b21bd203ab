"""Tables of definitions: one draft each, and versions that never change once they are there. Epoch milliseconds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Json, Model


class Definition(Model):
    """A form, flow or ticket type: its draft, the draft's revision, and the number of the version in force."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(40))
    title: Mapped[Any] = mapped_column(Json)
    draft: Mapped[dict[str, Any]] = mapped_column(Json)
    rev: Mapped[int] = mapped_column(default=1)
    current_version: Mapped[int] = mapped_column(default=0)  # 0: never published
    updated_at: Mapped[int] = mapped_column(BigInteger)
    updated_by: Mapped[str] = mapped_column(String(40))
    archived_at: Mapped[int | None] = mapped_column(BigInteger)  # of a ticket type: when its form was


class DefinitionVersion(Model):
    """A published version. `uses` pins what it was published with: {"form": version id, "flow": version id}.

    A number below 1: never in force, it joins for open tickets their flow with a newer form (see `pairs`).
    """

    __tablename__ = "definition_version"
    __table_args__ = (UniqueConstraint("definition_id", "version"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("definition.id"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    hash: Mapped[str] = mapped_column(String(64))
    uses: Mapped[dict[str, str]] = mapped_column(Json)
    published_at: Mapped[int] = mapped_column(BigInteger)
    published_by: Mapped[str] = mapped_column(String(40))


class FlowBranch(Model):
    """A department's branch of a flow: a definition of kind "branch", edited apart and merged into the flow's draft.

    `base`: what the branch and the flow had in common last, with the scenarios; `base_version`: the version it began
    with. `ended`: "" | merged | discarded. `requested_at`: its people ask for it to be merged, saying `note`.
    """

    __tablename__ = "flow_branch"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    flow: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(80))
    department: Mapped[str] = mapped_column(String(40))
    base: Mapped[dict[str, Any]] = mapped_column(Json)
    base_version: Mapped[int]
    base_at: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[str] = mapped_column(String(40))
    requested_at: Mapped[int | None] = mapped_column(BigInteger)
    requested_by: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    ended: Mapped[str] = mapped_column(String(10), default="")
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[str] = mapped_column(String(40), default="")


class FlowScenarios(Model):
    """The scenarios saved with a flow (`danflow/scenarios/1`): one file, under the flow's key."""

    __tablename__ = "flow_scenarios"

    flow: Mapped[str] = mapped_column(String(40), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    rev: Mapped[int]
    updated_at: Mapped[int] = mapped_column(BigInteger)
    updated_by: Mapped[str] = mapped_column(String(40))


class FlowComment(Model):
    """What somebody wrote beside a flow. `step` "": about the whole of it; `step_name`: what the step was called then.

    `thread`: the id of the comment it answers, its own where it began one. Only the first of a thread is `resolved`;
    its `text` is empty where it was deleted and answers stand below it.
    """

    __tablename__ = "flow_comment"
    __table_args__ = (Index("ix_flow_comment_flow", "flow", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    flow: Mapped[str] = mapped_column(String(40))
    thread: Mapped[str] = mapped_column(String(36))
    step: Mapped[str] = mapped_column(String(40))
    step_name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[int] = mapped_column(BigInteger)  # no two of one flow are alike
    resolved_by: Mapped[str] = mapped_column(String(40), default="")
    resolved_at: Mapped[int | None] = mapped_column(BigInteger)


class FlowCommentSeen(Model):
    """Up to when somebody has read the comments at a step of a flow."""

    __tablename__ = "flow_comment_seen"

    flow: Mapped[str] = mapped_column(String(40), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
