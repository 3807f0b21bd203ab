"""The comments beside a flow over HTTP. Every call answers with all of them, so that nobody looks at old ones."""
from __future__ import annotations

from flask import Blueprint, Response

from app.definitions import comments
from app.designer import bodies, drafts, pages
from app.designer.flow_rights import edits
from app.extensions import clock
from app.org.directory import directory
from app.security import me

bp = Blueprint("flow_comments", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>/comments")
drafts.guard(bp)


@bp.get("")
@edits
def every(key: str) -> Response:
    """{"threads": [{"id", "step", "name", "resolved": null | {"by", "at"}, "comments": [{"id", "by", "mine", "at",
    "text", "unread"}]}]}: the oldest first; a comment without text was deleted."""
    return _all(key)


@bp.post("")
@edits
def write(key: str) -> Response:
    """Begin a thread at "step" (""; the whole flow), or answer in "thread". The same "id" again writes nothing."""
    body = drafts.read(bodies.Comment)
    comments.write(key, body["id"], body["text"], step=body["step"], step_name=body["name"], thread=body["thread"],
                   actor=me(), now=clock.now_ms())
    return _all(key)


@bp.post("/seen")
@edits
def seen(key: str) -> Response:
    """What was written at "steps" up to "upto" is read."""
    body = drafts.read(bodies.Seen)
    comments.look(key, body["steps"], body["upto"], actor=me())
    return _all(key)


@bp.post("/<uuid:id>/resolved")
@edits
def resolved(key: str, id: object) -> Response:
    """A thread is dealt with ("done" true), or open again."""
    comments.resolve(key, str(id), drafts.read(bodies.Resolved)["done"], actor=me(), now=clock.now_ms())
    return _all(key)


@bp.delete("/<uuid:id>")
@edits
def remove(key: str, id: object) -> Response:
    """Delete a comment of one's own."""
    comments.remove(key, str(id), actor=me())
    return _all(key)


def _all(key: str) -> Response:
    person = me()
    people = directory(person.mark)
    return pages.reply({"threads": [
        {"id": one.id, "step": one.step, "name": one.step_name,
         "resolved": one.resolved_at and {"by": pages.name_of(people, one.resolved_by), "at": one.resolved_at},
         "comments": [{"id": said.id, "by": pages.name_of(people, said.by), "mine": said.by == person.id,
                       "at": said.at, "text": said.text, "unread": said.unread} for said in one.comments]}
        for one in comments.threads(key, actor=person)]})
