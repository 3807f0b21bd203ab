"""Two tickets about the same thing become one: the later one's answers go to the earlier one, and it ends.

What is compared is kept as a keyed hash beside each open ticket (`listener`), written with the step that asks; looking
and telling the earlier ticket is a job of the later one, so nothing is lost if a process dies in between: telling is a
step under a command of the later ticket's, carried out once.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.core.catalog import Catalog
from app.core.errors import Conflict
from app.definitions import service as definitions
from app.extensions import db
from app.runtime import repeats, seals
from app.runtime.effects.base import Effect, Result, Work
from app.runtime.models import Listener, Ticket
from app.runtime.plan import same_mark
from app.runtime.stepping import Command, Intent, Scene, take_step
from app.runtime.store import stored_command
from app.wire import Wire

MOST = 5  # earlier tickets that may close while they are being told


def merge(ticket_id: str, key: str, values: Sequence[Any], within_ms: int) -> dict[str, Any]:
    """Tell the earliest open ticket that is the same as this one: {"ticket", "no"} of it, {} if there is none.

    `key`: the flow's name for the job. Earlier is who has the smaller number: of two that look at the same moment one
    goes on and the other joins it.
    """
    mine = db.session.scalars(select(Ticket).where(Ticket.id == ticket_id)).one()
    no, since, answers = mine.no, mine.opened_at - within_ms, seals.unseal(ticket_id, mine.data)
    mark = same_mark(definitions.bundle(mine.type_version_id).flow.key, key.partition(":")[0], values)
    db.session.rollback()
    command = Command(f"merge:{ticket_id}:{key}", ["merge", ticket_id, key])
    with Wire() as wire:
        before = stored_command(wire, command.id)
    if before is not None:  # it was told already, and only this flow has not heard of it
        return _named(before[1]["ticket_id"])
    found = db.session.execute(
        select(Ticket.id, Ticket.no).join(Listener, Listener.ticket_id == Ticket.id)
        .where(Listener.mark == mark, Ticket.status == "open", Ticket.opened_at >= since, Ticket.no < no)
        .order_by(Ticket.no).limit(MOST)
    ).all()
    db.session.rollback()
    for first in found:
        if _told(first.id, {"ticket": ticket_id, "no": no}, answers, command):
            return {"ticket": first.id, "no": first.no}
    return {}


def _named(ticket_id: str) -> dict[str, Any]:
    no = db.session.scalar(select(Ticket.no).where(Ticket.id == ticket_id))
    db.session.rollback()
    return {"ticket": ticket_id, "no": no}


def _told(first: str, later: dict[str, Any], answers: dict[str, Any], command: Command) -> bool:
    """Whether the earlier ticket has the answers now; False if it was closed meanwhile."""

    def signal(scene: Scene) -> dict[str, Any]:
        form = scene.bundle.form
        # Files stay with the ticket that they came with, one click away; what the form works out is not told as news.
        values = {name: value for name, value in answers.items() if name in form.fields
                  and not form.fields[name].type.uploads and form.fields[name].formula is None}
        new = repeats.differing(form, scene.state["form"], values)
        return {"kind": "repeat", "trigger": scene.state["ticket"]["source"], "merged": later,
                "answers": seals.seal(form, first, new)}

    try:
        return take_step(Intent("ticket", {"ref": first}, signal, command)) is not None
    except Conflict as problem:
        if problem.code != "ticket_closed":
            raise
        return False


class MergeEffect(Effect):
    """Looks for the earlier ticket and tells it; the flow goes on with what was found."""

    name = "merge"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """Look, and tell."""
        args = work.payload["args"]
        return Result(True, merge(work.ticket_id, work.key, args["values"], int(args["within"])))


def register(catalog: Catalog) -> None:
    """Add it to an application's catalogue."""
    catalog.effects.add(MergeEffect.name, MergeEffect())
