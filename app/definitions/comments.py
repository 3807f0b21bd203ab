"""What people write to each other beside a flow: threads at its steps, and at the whole of it.

They are no part of the definition: writing one makes no revision, publishing and restoring leave them alone, and those
at a step that is gone stay. Whoever may see the flow in the designer reads and writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, delete, func, or_, select, update

from app.core.errors import Conflict, Denied, NotFound, Problem
from app.core.principal import Principal
from app.definitions.models import Definition, FlowComment, FlowCommentSeen
from app.definitions.rights import kind_of, may_edit
from app.extensions import db
from app.forms.text import clean_text

MOST = 500  # of one flow; then the oldest thread that is resolved makes room
MAX_TEXT = 1000
MAX_LABEL, MAX_NAME = 200, 80  # of a step, as it comes and as it is kept


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `text` "": deleted, and still there because of the answers below it."""

    id: str
    by: str
    at: int
    text: str
    unread: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and the answers to it, in the order in which they were written; `resolved_at` None: open."""

    id: str
    step: str
    step_name: str
    resolved_by: str
    resolved_at: int | None
    comments: tuple[Comment, ...]


def threads(flow: str, *, actor: Principal) -> list[Thread]:
    """All threads of a flow, the oldest first. Two queries."""
    may_edit(kind_of(flow), flow, actor)
    seen = _seen(flow, actor)
    found: dict[str, Thread] = {}
    for row in db.session.scalars(select(FlowComment).where(FlowComment.flow == flow).order_by(FlowComment.at)):
        unread = row.by != actor.id and bool(row.text) and row.at > seen.get(row.step, 0)
        one = Comment(row.id, row.by, row.at, row.text, unread)
        if row.thread in found:
            found[row.thread] = replace(found[row.thread], comments=(*found[row.thread].comments, one))
        else:
            found[row.thread] = Thread(row.thread, row.step, row.step_name, row.resolved_by, row.resolved_at, (one,))
    return list(found.values())


def unread(actor: Principal) -> dict[str, int]:
    """flow → how many comments of others in open threads this person has not read. One query."""
    first = FlowComment.__table__.alias("first")
    seen = and_(FlowCommentSeen.flow == FlowComment.flow, FlowCommentSeen.step == FlowComment.step,
                FlowCommentSeen.person == actor.id)
    rows = db.session.execute(
        select(FlowComment.flow, func.count()).join(first, first.c.id == FlowComment.thread)
        .outerjoin(FlowCommentSeen, seen)
        .where(first.c.resolved_at.is_(None), FlowComment.by != actor.id, FlowComment.text != "",
               FlowComment.at > func.coalesce(FlowCommentSeen.at, 0))
        .group_by(FlowComment.flow)
    )
    return {row[0]: row[1] for row in rows}


def write(flow: str, id: str, text: str, *, step: str = "", step_name: str = "", thread: str = "", actor: Principal,
          now: int) -> None:
    """Begin a thread, or with `thread` answer in one, which opens it again (commits); the same `id` again does nothing.

    Raises Problem for an empty text or a full flow, NotFound for a thread that is gone, Conflict for a taken id.
    """
    may_edit(kind_of(flow), flow, actor)
    text = clean_text(text, max_length=MAX_TEXT, lines=True)
    if not text:
        raise Problem("comment_empty", where="text")
    _lock(flow)
    there = db.session.get(FlowComment, id)
    if there is not None:
        if (there.flow, there.by) != (flow, actor.id):
            raise Conflict("comment_taken", where="id")
        return
    if thread:
        first = _first(flow, thread)
        step, step_name = first.step, first.step_name
        first.resolved_by, first.resolved_at = "", None
    _make_room(flow, keep=thread)
    last = db.session.scalar(select(func.max(FlowComment.at)).where(FlowComment.flow == flow)) or 0
    name = clean_text(step_name, max_length=MAX_LABEL)[:MAX_NAME]
    db.session.add(FlowComment(id=id, flow=flow, thread=thread or id, step=step, step_name=name, text=text, by=actor.id,
                               at=max(now, last + 1)))
    db.session.commit()


def resolve(flow: str, thread: str, done: bool, *, actor: Principal, now: int) -> None:
    """Say that a thread is dealt with, or open it again (commits); again changes nothing."""
    may_edit(kind_of(flow), flow, actor)
    _lock(flow)
    first = _first(flow, thread)
    if done != (first.resolved_at is not None):
        first.resolved_by, first.resolved_at = (actor.id, now) if done else ("", None)
    db.session.commit()


def remove(flow: str, id: str, *, actor: Principal) -> None:
    """Delete a comment of one's own (commits); one with answers leaves its place behind, which goes with the last of
    them. Again changes nothing. Raises Denied for another person's."""
    may_edit(kind_of(flow), flow, actor)
    _lock(flow)
    row = db.session.scalar(select(FlowComment).where(FlowComment.flow == flow, FlowComment.id == id))
    if row is None:
        return
    if row.by != actor.id:
        raise Denied("comment_others", where="id")
    others = db.session.scalars(
        select(FlowComment).where(FlowComment.thread == row.thread, FlowComment.id != id)
    ).all()
    if row.thread == id and others:
        row.text = ""
    else:
        db.session.delete(row)
        if len(others) == 1 and others[0].id == row.thread and not others[0].text:
            db.session.delete(others[0])
    db.session.commit()


def look(flow: str, steps: Sequence[str], upto: int, *, actor: Principal) -> None:
    """This person has read the comments at these steps that were written up to `upto`, epoch ms (commits)."""
    may_edit(kind_of(flow), flow, actor)
    _lock(flow)
    known = _seen(flow, actor)
    there = set(db.session.scalars(
        select(FlowComment.step).where(FlowComment.flow == flow, FlowComment.step.in_(list(steps))).distinct()
    ))
    later = [step for step in there if step in known and known[step] < upto]
    mine = (FlowCommentSeen.flow == flow, FlowCommentSeen.person == actor.id)
    db.session.execute(update(FlowCommentSeen).where(*mine, FlowCommentSeen.step.in_(later)).values(at=upto))
    db.session.add_all(FlowCommentSeen(flow=flow, step=step, person=actor.id, at=upto) for step in there - known.keys())
    db.session.commit()


def _seen(flow: str, actor: Principal) -> dict[str, int]:
    """step → up to when this person has read what was written there."""
    rows = db.session.execute(
        select(FlowCommentSeen.step, FlowCommentSeen.at)
        .where(FlowCommentSeen.flow == flow, FlowCommentSeen.person == actor.id)
    )
    return {row.step: row.at for row in rows}


def _lock(flow: str) -> None:
    """One writer of a flow's comments at a time: their order and their number hold."""
    known = select(Definition.id).where(Definition.kind == kind_of(flow), Definition.key == flow).with_for_update()
    if db.session.scalar(known) is None:
        raise NotFound("definition_unknown", where=flow[:60], key=flow[:60])


def _first(flow: str, thread: str) -> FlowComment:
    row = db.session.scalar(
        select(FlowComment).where(FlowComment.flow == flow, FlowComment.id == thread, FlowComment.thread == thread)
    )
    if row is None:
        raise NotFound("comment_gone", where="thread")
    return row


def _make_room(flow: str, keep: str) -> None:
    count = db.session.scalar(select(func.count()).select_from(FlowComment).where(FlowComment.flow == flow)) or 0
    if count < MOST:
        return
    oldest = db.session.scalar(
        select(FlowComment.id)
        .where(FlowComment.flow == flow, FlowComment.resolved_at.is_not(None), FlowComment.id != keep)
        .order_by(FlowComment.resolved_at, FlowComment.id).limit(1)
    )
    if oldest is None:
        raise Problem("comments_full", where="text", max=MOST)
    db.session.execute(delete(FlowComment).where(or_(FlowComment.id == oldest, FlowComment.thread == oldest)))
