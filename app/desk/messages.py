"""The inbox, and what went out on every channel."""
from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from app import locales
from app.core.errors import Problem, localized
from app.desk import frame
from app.desk.frame import me
from app.extensions import clock, db, parts
from app.notify import service as notify
from app.runtime import service
from app.security import staff

bp = Blueprint("messages", __name__)
bp.register_error_handler(Problem, frame.refused)

PAGES = 10  # of a hundred lines: as far back as "mark everything as read" goes at once


@bp.get("/inbox")
@staff()
def inbox() -> Response:
    """The person's messages, newest first."""
    lines, after = notify.list_inbox(me().id, before=request.args.get("before", ""))
    return frame.page("desk/inbox.html", lines=lines, now=clock.now_ms(),
                      next=url_for("messages.inbox", before=after) if after else "",
                      first=url_for("messages.inbox") if request.args.get("before") else "")


@bp.post("/inbox/<uuid:message_id>")
@staff()
def open_message(message_id: UUID) -> Any:
    """Mark a message as read (which stops its ladder) and go where it leads: to its ticket, mostly."""
    place = urlsplit(notify.link_of(me().id, str(message_id)))
    db.session.rollback()
    service.mark_read([str(message_id)], actor=me(), now=clock.now_ms())
    return redirect(urlunsplit(("", "", place.path, place.query, "")) or url_for("messages.inbox"), 303)


@bp.post("/inbox/read")
@staff()
def read_all() -> Any:
    """Mark everything as read."""
    before = ""
    for _ in range(PAGES):
        lines, before = notify.list_inbox(me().id, before=before, limit=notify.MAX_PAGE)
        unread = [line["id"] for line in lines if line["read_at"] is None]
        db.session.rollback()
        if unread:
            service.mark_read(unread, actor=me(), now=clock.now_ms())
        if not before:
            break
    return redirect(url_for("messages.inbox", said="read"), 303)


@bp.get("/sent")
@staff("messages.sent")
def sent() -> Response:
    """What would have gone to WeCom, by SMS or by phone: to whom, when, in which words."""
    locale = locales.current()
    channels = {name: str(localized(channel.label, locale)) for name, channel in parts().catalog.channels.items()}
    via = request.args.get("via", "")
    via = via if via in channels else ""
    lines, after = notify.list_sent(me(), via=via, before=request.args.get("before", ""))
    return frame.page("desk/sent.html", lines=lines, channels=channels, via=via, now=clock.now_ms(),
                      next=url_for("messages.sent", via=via, before=after) if after else "",
                      first=url_for("messages.sent", via=via) if request.args.get("before") else "")
