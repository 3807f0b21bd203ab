"""Times, states and priorities as people say them. Texts are in the reader's language."""
from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.entries.pages import when

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SOON_MS = HOUR  # what is due within this time is amber


@dataclass(frozen=True, slots=True)
class Chip:
    """A short word with an icon. `tone`: "" (brand) | red | amber | green | plain."""

    text: str
    tone: str = ""
    icon: str = ""


def length(ms: int) -> str:
    """A stretch of time in the units people would use: 25 分钟, 3 小时 20 分钟, 2 天."""
    minutes = max(1, ms // MINUTE)
    if minutes < 60:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 4 and rest:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
    if hours < 48:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s day", "%(num)s days", hours // 24)


def since(at: int, now: int) -> str:
    """How long ago something began: 刚刚, 12 分钟前, then the day and time."""
    if now - at < MINUTE:
        return _("just now")
    if now - at < HOUR:
        return _("%(time)s ago", time=length(now - at))
    return when(at, now)


def due(at: int | None, now: int) -> Chip | None:
    """What is left until `at`; after it, by how much it is overdue: never a bare date."""
    if at is None:
        return None
    if now >= at:
        return Chip(_("%(time)s overdue", time=length(now - at)), "red", "alert")
    left = _("%(time)s left", time=length(at - now))
    return Chip(left, "amber" if at - now <= SOON_MS else "plain", "clock")


def priority(value: str | None) -> Chip | None:
    """The chip of a priority; ordinary tickets wear none. Words that we do not know are the designer's own."""
    if not value or value == "normal":
        return None
    known = {
        "urgent": Chip(_("Urgent"), "amber", "bolt"),
        "red": Chip(_("Red alert"), "red", "flame"),
    }
    return known.get(value) or Chip(value, "plain", "info")


def priority_name(value: str) -> str:
    """A priority as a word in a sentence."""
    chip = priority(value)
    return chip.text if chip else _("Normal")


def status(value: str) -> Chip:
    """The chip of a ticket's status; a step type of somebody else's may end one in a word of its own."""
    known = {
        "open": Chip(_("In progress"), "", "clock"),
        "closed": Chip(_("Finished"), "green", "check"),
        "rejected": Chip(_("Not accepted"), "plain", "close"),
        "cancelled": Chip(_("Cancelled"), "plain", "close"),
        "withdrawn": Chip(_("Withdrawn"), "plain", "close"),
        "merged": Chip(_("Merged"), "plain", "swap"),
    }
    return known.get(value) or Chip(value, "plain", "info")


def said(key: str, no: str = "") -> str:
    """What just happened, for the page that follows a button; "" for an unknown key."""
    return {
        "opened": _("Ticket %(no)s has been opened.", no=no),
        "claimed": _("It is yours now. Thank you for taking it."),
        "done": _("Ticket %(no)s: your step is done.", no=no),
        "transferred": _("Ticket %(no)s has been handed over.", no=no),
        "delegated": _("Ticket %(no)s: a colleague does it for you now.", no=no),
        "returned": _("Ticket %(no)s went back to the earlier step.", no=no),
        "asked": _("Your colleague has been asked."),
        "recalled": _("You have taken it back."),
        "urged": _("A reminder is on its way to whoever has it now."),
        "commented": _("Your remark has been added."),
        "copied": _("A copy is on its way to your colleague."),
        "withdrawn": _("The ticket has been withdrawn."),
        "retried": _("The step that was stuck has been started again."),
        "read": _("Everything is marked as read."),
        "rows": ngettext("%(num)s row saved.", "%(num)s rows saved.", _number(no)),
        "imported": ngettext("%(num)s row imported.", "%(num)s rows imported.", _number(no)),
        "saved": _("Saved. New tickets go by it from now on."),
        "managers": ngettext("%(num)s customer saved.", "%(num)s customers saved.", _number(no)),
        "table": _("The table has been saved."),
        "archived": _("The form is archived. Its links take nothing new; open tickets go on."),
        "back": _("The form is in use again, with its links."),
        "branch_discarded": _("The branch is discarded. It can be brought back from the list below."),
        "branch_back": _("The branch is open again."),
        "still_refused": _("It still could not become a ticket; the reasons are below."),
        "language": _("The language has been changed."),
    }.get(key, "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


_BROWSERS = (("wxwork", "企业微信 WeCom"), ("MicroMessenger", "微信 WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
            ("Linux", "Linux"))


def device(agent: str) -> str:
    """A browser's long name for itself as a person would say it: "Chrome · Windows"; "" if it says nothing known."""
    found = (next((name for sign, name in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return " · ".join(name for name in found if name)
