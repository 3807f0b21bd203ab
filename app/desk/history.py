"""What happened on a ticket, in plain sentences. Codes of flows and forms never reach the reader."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from app.core.errors import text
from app.desk import words
from app.desk.history_names import SHOWS, Line, Names, Reader
from app.desk.why import Why
from app.flows.asks import SIDE
from app.flows.opinions import AGREE, SIGN
from app.runtime.problems import problem_words
from app.runtime.queries import EventLine

__all__ = ["SHOWS", "History", "Line", "Reader"]


class History(Names):
    """Turns events into lines. One instance for one page."""

    def lines(self, events: Iterable[EventLine]) -> list[Line]:
        """The lines of these events, given in order; the newest comes first."""
        found: list[Line] = []
        steps: dict[int, list[EventLine]] = {}
        for event in events:
            steps.setdefault(event.version, []).append(event)
        for step in steps.values():
            for event in step:
                said = _TELL.get(event.kind, History.noted)(self, event, step)
                if said is not None:
                    found.append(said)
        return found[::-1]

    def why(self, events: Iterable[EventLine], person: str) -> Why | None:
        """Why this person has the ticket: the last event that gave it to them, None if none did."""
        reason: Why | None = None
        for event in events:
            delta = event.body.get("delta") or {}
            if event.kind == "assign.decided" and delta.get("chosen") == person:
                reason = self.teller.explain(delta)
            elif event.kind == "task.claimed" and event.actor_id == person:
                reason = Why(_("You claimed it yourself, %(time)s.", time=words.when(event.at, self.reader.now)))
            elif event.kind == "task.assigned" and delta.get("to") == person:
                if delta.get("reason") not in ("relay", "reassigned"):  # else the assignment has said it
                    reason = Why(self._handed(event, delta))
            elif event.kind == "task.opened" and delta.get("assignee") == person and not reason:
                reason = Why(_("The flow gives the step “%(step)s” to you.", step=self.step(event.node)))
        return reason

    def _handed(self, event: EventLine, delta: Mapping[str, Any]) -> str:
        who = self.name(event.actor_id)
        said = {
            "transfer": _("%(who)s handed it over to you.", who=who),
            "delegate": _("%(who)s asks you to do it for them.", who=who),
            "return_to": _("You did this step before; it came back to you."),
            "recall": _("You took it back."), "sign": _("You have asked others about it."),
        }.get(str(delta.get("reason")), _("It was escalated to you."))
        return said + (f" {delta['note']}" if delta.get("note") else "")

    # ---- sentences ----

    def created(self, event: EventLine, _step: list[EventLine]) -> Line:
        door = self.step(event.node)
        if event.actor_type == "customer":
            return self._line(event, "plus", _("The customer sent this in: “%(door)s”", door=door))
        return self._line(event, "plus", _("%(who)s opened this ticket: “%(door)s”", who=self.name(event.actor_id),
                                           door=door))

    def opened(self, event: EventLine, step: list[EventLine]) -> Line | None:
        delta = event.body.get("delta") or {}
        name, who = self.step(event.node), delta.get("assignee")
        if delta.get("kind") == SIGN:
            return self._line(event, "chat", _("%(who)s is asked for an opinion on “%(step)s”", who=self.name(who),
                                               step=name), str(delta.get("note") or ""))
        if delta.get("reason") == "recall":
            return None  # said already
        if who and any(other.kind in ("task.claimed", "assign.decided") for other in step):
            return None  # said already
        if who:
            return self._line(event, "user", _("“%(step)s” is with %(who)s", step=name, who=self.name(who)))
        if delta.get("kind") == "claim":
            return self._line(event, "hand", _("“%(step)s”: open for claiming", step=name))
        return self._line(event, "clock", _("“%(step)s” waits for somebody to take it up", step=name))

    def claimed(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "hand", _("%(who)s claimed the ticket", who=self.name(event.actor_id)))

    def done(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        action = self.action(self._node(event), delta.get("action")) or _("done")
        who = self.name(event.actor_id)
        if delta.get("for"):
            who = _("%(who)s (for %(other)s)", who=who, other=self.name(delta["for"]))
        said = _("%(who)s at “%(step)s”: %(action)s", who=who, step=self.step(event.node), action=action)
        return self._line(event, "check", said, str(delta.get("note") or ""))

    def assigned(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        step, to = self.step(event.node), self.name(delta.get("to"))
        if delta.get("reason") in ("transfer", "delegate"):
            said = (_("%(who)s handed “%(step)s” over to %(to)s", who=self.name(event.actor_id), step=step, to=to)
                    if delta["reason"] == "transfer" else
                    _("%(who)s asked %(to)s to do “%(step)s” for them", who=self.name(event.actor_id), step=step,
                      to=to))
        elif delta.get("reason") == "recall":
            said = _("%(to)s took “%(step)s” back", step=step, to=to)
        else:
            said = _("“%(step)s” has moved to %(to)s", step=step, to=to)
        return self._line(event, "swap", said, str(delta.get("note") or ""))

    def returned(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        said = _("%(who)s sent it back from “%(step)s” to “%(to)s”", who=self.name(event.actor_id),
                 step=self.step(event.node), to=self.step(delta.get("to")))
        return self._line(event, "undo", said, str(delta.get("note") or ""))

    def recalled(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "undo", _("%(who)s took back what they did at “%(step)s”",
                                           who=self.name(event.actor_id), step=self.step(event.node)))

    def planned(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        said = _("%(who)s will be asked once “%(step)s” is done", who=self.name(delta.get("to")),
                 step=self.step(event.node))
        return self._line(event, "chat", said, str(delta.get("note") or ""))

    def given(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        who, step = self.name(event.actor_id), self.step(event.node)
        said = (_("%(who)s agrees with “%(step)s”", who=who, step=step) if delta.get("action") == AGREE
                else _("%(who)s does not agree with “%(step)s”", who=who, step=step))
        return self._line(event, "chat", said, str(delta.get("note") or ""))

    def unasked(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "undo", _("%(who)s asks nobody else about “%(step)s” any more",
                                           who=self.name(event.actor_id), step=self.step(event.node)))

    def urged(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        who = _("The customer") if event.actor_type == "customer" else self.name(event.actor_id)
        said = _("%(who)s urges: %(to)s", who=who, to=self.names(delta.get("to") or ()))
        return self._line(event, "bell", said, str(delta.get("note") or ""))

    def opened_child(self, event: EventLine, _step: list[EventLine]) -> Line:
        no = (event.body.get("delta") or {}).get("no")
        return self._line(event, "branch", _("“%(step)s” opened sub-ticket #%(no)s", step=self.step(event.node), no=no))

    def ended_child(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        said = _("Sub-ticket #%(no)s is over: %(status)s", no=delta.get("no"),
                 status=words.status(str(delta.get("status"))).text)
        return self._line(event, "branch", said)

    def owner(self, event: EventLine, step: list[EventLine]) -> Line | None:
        new = ((event.body.get("delta") or {}).get("owner") or [None, None])[1]
        if new is None or any(other.kind in ("task.claimed", "task.assigned", "assign.decided") for other in step):
            return None
        return self._line(event, "user", _("%(who)s is in charge now", who=self.name(new)))

    def decided(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        if delta.get("chosen") is None:
            return self._line(event, "alert", _("Nobody was found to give this ticket to"), tone="bad")
        said = _("Given to %(who)s", who=self.name(delta["chosen"]))
        line = self._line(event, "user", said, self.teller.lead(delta))
        why = self.teller.explain(delta, self.name(delta["chosen"]))
        return replace(line, why=why) if why.tried or why.others else line

    def guard_raised(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        step, count = self.step(event.node), delta.get("waiting")
        said = (_("“%(step)s” is backed up: %(count)s waiting, the oldest for %(time)s", step=step, count=count,
                  time=words.length(int(delta["minutes"]) * words.MINUTE))
                if delta.get("minutes") else _("“%(step)s” is backed up: %(count)s waiting", step=step, count=count))
        told = _("Told: %(who)s", who=self.names(delta["told"])) if delta.get("told") else ""
        return self._line(event, "alert", said, told, "bad")

    def guard_ended(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        said = _("“%(step)s” is back to normal: %(count)s waiting", step=self.step(event.node),
                 count=delta.get("waiting"))
        return self._line(event, "check", said)

    def guard_helps(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        who = self.names(delta.get("people") or ())
        said = (_("Because of the backlog this one goes to %(who)s", who=who) if delta.get("how") == "divert"
                else _("Because of the backlog %(who)s may take this one too", who=who))
        return self._line(event, "swap", said)

    def relay_ended(self, event: EventLine, _step: list[EventLine]) -> Line:
        people = (event.body.get("delta") or {}).get("people") or ()
        return self._line(event, "alert", _("Nobody is left to pass this on to; %(who)s had it and did nothing with it",
                                            who=self.names(people)), tone="bad")

    def escalated(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        more = ""
        if delta.get("keep_old") and delta.get("from"):
            more = _("%(who)s goes on working on it.", who=self.name(delta["from"]))
        return self._line(event, "up", _("Escalated to %(who)s", who=self.names(delta.get("to") or ())), more)

    def fired(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        node, timer = self._node(event), str((event.body.get("delta") or {}).get("timer") or "")
        if node is not None and node.type.attaches:
            said = _("“%(clock)s” is due: %(level)s", clock=self.words(node.name),
                     level=self.port(node, event.body.get("port")))
            return self._line(event, "clock", said)
        if timer.rpartition(":")[2].startswith(SIDE):
            return None  # the next rung of a ladder: the message itself is told
        return self._line(event, "clock", _("The waiting time of “%(step)s” is over", step=self.step(event.node)))

    def message(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        to = delta.get("to") or {}
        who = self.name(to["person"]) if "person" in to else _("the customer")
        if "group" in to:
            who = _("the group “%(group)s”", group=to["group"])
        return self._line(event, "send", _("Message to %(who)s (%(channel)s)", who=who,
                                           channel=self.channel(delta.get("via"))))

    def read(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "eye", _("%(who)s has read the message", who=self.name(event.actor_id)))

    def job(self, event: EventLine, _step: list[EventLine]) -> Line:
        if (event.body.get("delta") or {}).get("ok"):
            return self._line(event, "check", _("“%(step)s” succeeded", step=self.step(event.node)))
        return self._line(event, "alert", _("“%(step)s” did not succeed", step=self.step(event.node)), tone="bad")

    def asked(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "chat", _("The customer is asked: “%(step)s”", step=self.step(event.node)))

    def answered(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "chat", _("The customer answered: “%(step)s”", step=self.step(event.node)))

    def awaited(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "clock", _("“%(step)s” waits for word of “%(subject)s”", step=self.step(event.node),
                                            subject=(event.body.get("delta") or {}).get("subject", "")))

    def heard(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "check", _("Word has come of “%(subject)s”: “%(step)s” goes on",
                                            step=self.step(event.node),
                                            subject=(event.body.get("delta") or {}).get("subject", "")))

    def merged(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        said = self._line(event, "swap", _("The same as ticket #%(no)s, which goes on with it", no=delta.get("no", "")))
        return replace(said, ticket=str(delta.get("ticket") or ""))

    def customer(self, event: EventLine, _step: list[EventLine]) -> Line:
        return self._line(event, "user", _("“%(step)s” has updated what is known of the customer",
                                           step=self.step(event.node)))

    def repeated(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        origin = delta.get("from") or {}
        said = self._line(event, "plus", _("The same request came in again as ticket #%(no)s", no=origin["no"])
                          if origin else _("The customer sent the same request again"))
        said = replace(said, ticket=str(origin.get("ticket") or ""))
        fields = self.reader.answers(delta.get("answers") or {})
        return replace(said, fields=fields) if fields else replace(said, more=_("Nothing in it is new."))

    def changed(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        listed = self._labels(event)
        if not listed:
            return None
        if event.actor_type == "person":
            said = _("%(who)s filled in: %(fields)s", who=self.name(event.actor_id), fields=listed)
        else:
            said = _("Filled in: %(fields)s", fields=listed)
        return self._line(event, "pen", said)

    def revealed(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        shown = self._labels(event)
        return self._line(event, "eye", _("%(who)s looked at: %(fields)s", who=self.name(event.actor_id),
                                          fields=shown)) if shown else None

    def dropped(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        labels = self._labels(event)
        return self._line(event, "info", _("Not kept, since it was not asked then: %(fields)s", fields=labels)) \
            if labels else None

    def upgraded(self, event: EventLine, _step: list[EventLine]) -> Line:
        old, new = (event.body.get("delta") or {}).get("versions") or ("", "")
        said = _("%(who)s upgraded the form from version %(old)s to version %(new)s", who=self.name(event.actor_id),
                 old=old, new=new)
        told = ((_("Of another kind now: %(fields)s."), "fields"),
                (_("No longer in use, kept: %(fields)s."), "retired"), (_("In use again: %(fields)s."), "returned"))
        more = " ".join(words % {"fields": labels} for words, part in told if (labels := self._labels(event, part)))
        return self._line(event, "up", said, more)

    def flow_upgraded(self, event: EventLine, _step: list[EventLine]) -> Line:
        old, new = (event.body.get("delta") or {}).get("versions") or ("", "")
        if event.actor_type != "person":
            return self._line(event, "up", _("The ticket goes on under version %(new)s of the flow (it was on %(old)s)",
                                             old=old, new=new))
        return self._line(event, "up", _("%(who)s put the ticket on version %(new)s of the flow (it was on %(old)s)",
                                         who=self.name(event.actor_id), old=old, new=new))

    def variables(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        pair = (event.body.get("delta") or {}).get("vars.priority")
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
            return None
        return self._line(event, "flame", _("Priority: %(priority)s", priority=words.priority_name(pair[1])))

    def left(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        node = self._node(event)
        answer = self.port(node, event.body.get("port")) if node and node.type.type == "branch.condition" else ""
        if not answer:
            return None
        return self._line(event, "branch", _("%(question)s: %(answer)s", question=self.step(event.node), answer=answer))

    def passed(self, event: EventLine, _step: list[EventLine]) -> Line:
        by = (event.body.get("delta") or {}).get("by")
        said = _("“%(step)s” counts as approved: %(who)s had submitted it", step=self.step(event.node),
                 who=self.name(by))
        return self._line(event, "check", said)

    def comment(self, event: EventLine, _step: list[EventLine]) -> Line:
        who = _("The customer") if event.actor_type == "customer" else self.name(event.actor_id)
        note = str((event.body.get("delta") or {}).get("note") or "")
        return self._line(event, "chat", _("%(who)s remarked", who=who), note)

    def noted(self, event: EventLine, _step: list[EventLine]) -> Line | None:
        """The note of a plugin's step, in words of its own; one that brings none is for the record only."""
        delta = event.body.get("delta") or {}
        said = delta.get("texts")
        if not isinstance(said, Mapping) or not all(isinstance(said.get(key), str) for key in ("zh", "en")):
            return None
        return self._line(event, "info", text(event.kind, self.reader.locale, delta))

    def problem(self, event: EventLine, _step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        return self._line(event, "alert", self.problem_text(event.node, str(delta.get("code")), delta.get("params")),
                          tone="bad")

    def problem_text(self, node_id: str | None, code: str, params: Any) -> str:
        """A problem of the flow, with names instead of ids."""
        return problem_words(self.bundle, node_id, code, params, self.reader.locale)

    def closed(self, event: EventLine, step: list[EventLine]) -> Line:
        delta = event.body.get("delta") or {}
        if delta.get("status") == "withdrawn":
            who = _("the customer") if event.actor_type == "customer" else self.name(event.actor_id)
            return self._line(event, "undo", _("Withdrawn by %(who)s", who=who), str(delta.get("reason") or ""))
        ends = [other.node for other in step if other.kind == "node.entered"]
        name = self.step(ends[-1]) if ends else ""
        return self._line(event, "check", _("The ticket is finished: “%(end)s”", end=name) if name
                          else _("The ticket is finished"))


Tell = Callable[[History, EventLine, list[EventLine]], Line | None]
_TELL: dict[str, Tell] = {
    "ticket.created": History.created, "task.opened": History.opened, "task.claimed": History.claimed,
    "task.done": History.done, "task.assigned": History.assigned, "owner.changed": History.owner,
    "assign.decided": History.decided, "relay.ended": History.relay_ended,
    "guard.raised": History.guard_raised, "guard.ended": History.guard_ended, "guard.helps": History.guard_helps,
    "escalated": History.escalated, "timer.fired": History.fired,
    "message.queued": History.message, "message.read": History.read, "job.done": History.job,
    "customer.asked": History.asked, "customer.answered": History.answered,
    "event.awaited": History.awaited, "event.received": History.heard,
    "ticket.merged": History.merged, "customer.changed": History.customer,
    "customer.repeated": History.repeated, "form.changed": History.changed, "form.dropped": History.dropped,
    "answer.revealed": History.revealed, "form.upgraded": History.upgraded,
    "flow.upgraded": History.flow_upgraded,
    "task.returned": History.returned, "task.recalled": History.recalled, "sign.planned": History.planned,
    "sign.given": History.given, "sign.cancelled": History.unasked, "ticket.urged": History.urged,
    "subticket.opened": History.opened_child, "subticket.ended": History.ended_child,
    "vars.set": History.variables, "node.left": History.left, "approval.passed": History.passed,
    "comment": History.comment, "problem": History.problem, "ticket.closed": History.closed,
}
