"""Drawing the customer's pages. Decides nothing: what is shown was decided by the form, the flow and the ticket."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import Response, make_response, render_template, url_for
from flask_babel import format_time, get_locale
from flask_babel import gettext as _
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from app import assets, locales
from app.core.errors import Problem, localized
from app.entries import carried, customer_page, progress, visitor
from app.entries.doors import Door
from app.extensions import parts
from app.forms.base import FormPorts
from app.forms.view import FormView


def words() -> dict[str, str]:
    """The texts that scripts of the form page say."""
    return {
        "row": _("Row %(n)s", n="{n}"), "remove": _("Remove %(name)s", name="{name}"), "sending": _("Uploading…"),
        "failed": _("This did not arrive. The connection may be gone."), "retry": _("Again"),
        "waiting": _("No connection. It goes on by itself when you are back online."),
        "busy": _("The server is busy. It goes on by itself in a moment."),
        "half": _("%(n)s%% has arrived. Choose the same file again, and it goes on from there.", n="{n}"),
        "choose_file": _("Choose the file"), "file_gone": _("No longer kept on the server. Please add it again."),
        "too_many": _("At most %(count)s files", count="{n}"), "too_large": _("Larger than %(mb)s MB", mb="{mb}"),
        "restored": _("Your answers from last time are back."),
        "start_over": _("Start over"), "choose_one": _("Please choose"),
        "choose_first": _("First choose “%(label)s”", label="{label}"),
        "choose": _("Please choose “%(label)s”.", label="{label}"),
        "fill": _("Please fill in “%(label)s”.", label="{label}"),
        "phone": _("“%(label)s” does not look like a phone number. Please check the digits.", label="{label}"),
        "number": _("“%(label)s” takes a number.", label="{label}"),
        "email": _("“%(label)s” does not look like an e-mail address.", label="{label}"),
        "idcard": _("“%(label)s” takes the 18 digits of an identity number; the last may be X.", label="{label}"),
        "unfinished": _("“%(label)s” is not complete.", label="{label}"),
        "filter": _("Search the options"), "matches": _("%(count)s found", count="{n}"),
        "wait_files": _("%(count)s files are still on their way. Please wait a moment.", count="{n}"),
        "offline": _("No connection. Your answers are kept on this phone; send them when you are back online."),
        "unreachable": _("The server cannot be reached. Your answers are kept on this phone; please send them again in"
                         " a moment."),
        "submitting": _("Sending…"), "slow": _("This takes long. You can send again; only one ticket will be made."),
        "located": _("Location added"),
        "signing": _("Your signature is on its way…"),
        "no_list": _("The list could not be loaded. Use the button below, or try again."),
        "no_place": _("The location could not be read. Please type the address."),
    }


def without_lookups(view: FormView) -> FormView:
    """The form without controls that a stranger must not use."""
    inside = {name for name, kind in parts().catalog.fields.items() if not kind.outside}
    sections = (
        replace(section, fields=tuple(field for field in section.fields if field.type not in inside))
        for section in view.sections
    )
    return replace(view, sections=tuple(section for section in sections if section.fields))


def form_page(
    door: Door, view: FormView, *, number: str, key: str = "", signed: Mapping[str, str] | None = None,
    refused: Problem | None = None, status: int = 200,
) -> Response:
    """The public form. `key`: the idempotency key of a form that is drawn again; `signed`: what its link carries."""
    kept: dict[str, Any] = {carried.PARAMETER: carried.sign(door.id, signed)} if signed else {}
    response = make_response(render_template(
        "phone/form.html", view=without_lookups(view), message=_said(refused), words=_data(words()),
        live=_data(view.live), action=url_for("entries.receive", token=door.token, **kept),
        uploads_url=url_for("entries.upload", token=door.token), files_at="/u/",
        draft_key=view.key if door.bundle.form.settings["draft"] else "",
        form_token=visitor.form_token("public", door.id, door.version_id, number, key),
    ), refused.status if refused else status)
    visitor.remember(response, number)
    return calm(response)


def joined_page(door: Door) -> Response:
    """Thanks for a request that was added to an earlier ticket; its form's draft is cleared."""
    return calm(make_response(render_template(
        "phone/message.html", title=_("We have it"), symbol="check", sent_key=door.bundle.form.key,
        text=_("You told us about this a short while ago. What is new has been added to that ticket, where the people"
               " who work on it see it. The link you got then shows how far it is."),
    )))


def _data(value: Any) -> Markup:
    """JSON to stand inside a script element: nothing in it can end the element; letters stay letters, for size."""
    return htmlsafe_json_dumps(value, dumps=_dumps)


def _dumps(value: Any, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _said(refused: Problem | None) -> str:
    return refused.message(locales.current()) if refused else ""


def ticket_page(
    found: customer_page.Found, now: int, ports: FormPorts, *, raw: Mapping[str, Any], number: str, key: str,
    problems: Sequence[Problem], refused: Problem | None, said: str, status: int
) -> Response:
    """The customer's page: what they are asked, how far it is, what they sent."""
    locale = locales.current()
    bundle = found.bundle
    steps = [_step(step, now) for step in customer_page.line(found, locale)]
    now_at = next((step for step in steps if step["state"] == "doing"), steps[-1] if steps else None)
    view = None
    if found.question:
        view = without_lookups(bundle.view(found.question, {**found.state["form"], **raw}, found.state, now, ports,
                                           locale=locale, problems=problems))
    asked = visitor.form_token("answer", found.ticket_id, found.drawn, number, key) if view else ""
    response = make_response(render_template(
        "phone/ticket.html", title=str(localized(bundle.form.title, locale)), no=found.no, steps=steps, state=now_at,
        answers=customer_page.sent(found, now, ports, locale), told=customer_page.told(found), view=view, said=said,
        message=_said(refused), words=_data(words()), live=_data(view.live if view else None),
        form_token=asked, action=url_for("entries.answer", token=found.token), acts=_acts(found, number),
        uploads_url=url_for("entries.answer_upload", token=found.token),
        files_at=url_for("entries.ticket", token=found.token) + "/u/", sent_key=bundle.form.key,
    ), refused.status if refused else status)
    visitor.remember(response, number)
    return calm(response)


def _acts(found: customer_page.Found, number: str) -> dict[str, tuple[str, str]]:
    """What else the customer may do → (address, form token)."""
    return {what: (url_for("entries.urge_or_withdraw", token=found.token, what=what),
                   visitor.form_token(what, found.ticket_id, "", number)) for what in customer_page.may(found)}


def _step(step: progress.Step, now: int) -> dict[str, Any]:
    about = status_words(step.what)
    if (step.what, step.state) == ("closed", "todo"):
        about["name"] = _("The end")
    return {
        **about, "what": step.what, "state": step.state, "who": step.role,
        "time": when(step.at, now) if step.at is not None else "", "iso": iso(step.at) if step.at is not None else "",
    }


def calm(response: Response) -> Response:
    """Every page behind a secret address: kept nowhere, told to nobody, found by no search engine; and compressed."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return assets.squeeze(response)


def when(at: int, now: int) -> str:
    """A moment as people say it: 今天 14:05, 昨天 09:30, 9月23日 14:05."""
    zone = ZoneInfo(parts().settings.timezone)
    moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
    clock = format_time(moment, "HH:mm")
    if moment.date() == today:
        return _("today %(time)s", time=clock)
    if moment.date() == today - timedelta(days=1):
        return _("yesterday %(time)s", time=clock)
    return f"{day_words(moment.date(), year=moment.year != today.year)} {clock}"


def day_words(day: date, *, year: bool = False) -> str:
    """A day as people say it: 9月23日, Sep 23; with the year 2026年9月23日."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return format_skeleton("yMMMd" if year else "MMMd", moment, locale=get_locale())


def iso(at: int) -> str:
    """A moment for machines."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def status_words(what: str) -> dict[str, Any]:
    """Name, tone and icon of a state of a ticket."""
    return {
        "received": {"name": _("Received"), "tone": "", "icon": "check"},
        "waiting": {"name": _("Waiting to be taken up"), "tone": "", "icon": "clock"},
        "handling": {"name": _("Being handled"), "tone": "", "icon": "clock"},
        "approval": {"name": _("Being approved"), "tone": "", "icon": "clock"},
        "told": {"name": _("You are told the result"), "tone": "", "icon": "info"},
        "rating": {"name": _("Your rating"), "tone": "", "icon": "star"},
        "question": {"name": _("Your answer"), "tone": "", "icon": "info"},
        "closed": {"name": _("Finished"), "tone": "good", "icon": "check"},
        "withdrawn": {"name": _("Withdrawn"), "tone": "calm", "icon": "close"},
        "rejected": {"name": _("Not accepted"), "tone": "calm", "icon": "close"},
        "cancelled": {"name": _("Cancelled"), "tone": "calm", "icon": "close"},
        "merged": {"name": _("Merged with your earlier request"), "tone": "calm", "icon": "info"},
    }[what]


