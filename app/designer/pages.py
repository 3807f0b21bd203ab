"""Drawing the designer's pages and answers. Decides nothing."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from flask import Response, make_response, render_template, send_file, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from app import locales, sheets
from app.core.errors import Finding, Invalid, Problem, localized, text
from app.core.expressions import Formula
from app.core.principal import Principal
from app.definitions.queries import Line, Standing
from app.definitions.service import PublishBlocked
from app.definitions.spread import Brought
from app.definitions.templates import templates
from app.definitions.usage import Use
from app.designer.opening import Handler, Offer
from app.entries import addresses
from app.entries.doors import Way
from app.extensions import parts
from app.flows.directory import Directory
from app.forms.describe import describe
from app.forms.fields.lookup import plain
from app.forms.files import clean_name
from app.forms.trial import Step, failed
from app.forms.view import FormView

CALLS = ("draft", "check", "preview", "publish", "links", "formula", "versions", "compare", "restore", "usage")


def reply(data: Any, status: int = 200) -> Response:
    """JSON with letters as letters and keys in their own order."""
    return Response(_dumps(data), status, mimetype="application/json")


def _dumps(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def embedded(value: Any) -> Markup:
    """JSON to stand inside a script element: nothing in it can end the element."""
    return htmlsafe_json_dumps(value, dumps=_dumps)


def form_locale() -> str:
    """The reader's language as definitions call it."""
    return "zh-CN" if locales.current().startswith("zh") else "en"


def said(text: Any) -> str:
    """A text that may be one for each language, in the reader's."""
    return str(localized(text, locales.current()) or "")


def name_of(people: Directory, person_id: str) -> str:
    """Who it was; the product's own name for what it did by itself."""
    return str((people.person(person_id) or {}).get("name") or "Danflow")


def finding(found: Finding) -> dict[str, Any]:
    """One finding as the editor shows it; `repair` is a labelled JSON patch or null."""
    return {
        "level": found.level, "code": found.code, "message": text(found.code, locales.current(), found.params),
        "where": found.where, "field": found.field, "repair": found.fix,
    }


def tried(formula: Formula, steps: Sequence[Step] | None) -> dict[str, Any]:
    """What the formula editor shows; a part without a value says why ("error")."""
    out: dict[str, Any] = {"ok": True, "type": formula.type, "refs": formula.refs}
    if steps is not None:
        shown = [{"text": step.text, "value": None if (code := failed(step.value)) else step.value,
                  "error": text(code, locales.current()) if code else None} for step in steps]
        out |= {"result": shown[-1], "steps": shown[:-1]}
    return out


def brought(one: Brought) -> dict[str, Any]:
    """A ticket type after publishing: {"key", "title", "version", "reason"}: why it keeps the old form, or ""."""
    locale = locales.current()
    why = " ".join(text(found.code, locale, found.params) for found in one.findings[:3])
    reason = "" if one.version else why or _("Somebody else is publishing it. Publish the form again in a moment.")
    return {"key": one.key, "title": str(localized(one.name, locale)), "version": one.version, "reason": reason}


def use(found: Use) -> dict[str, Any]:
    """A place that names a field: {"kind", "key", "title", "where"} in the reader's words."""
    locale = locales.current()
    step = str(localized(found.step, locale))
    where = {
        "access": _("Step “%(name)s”: who may fill it in", name=step),
        "setting": _("Step “%(name)s”: its settings", name=step) if step else _("Settings of the flow"),
        "form": _("Works with this form"),
    }[found.what]
    return {"kind": found.kind, "key": found.key, "title": str(localized(found.title, locale)), "where": where}


def refused(problem: Problem, back: str = "designer.index") -> Response:
    """A refusal as a page, with the way back to the list of forms, or to another."""
    locale = locales.current()
    shown = problem.problems[:5] if isinstance(problem, Invalid) else [problem]
    return make_response(render_template(
        "designer/problem.html", words=" ".join(part.message(locale) for part in shown), code=problem.status, back=back,
    ), problem.status)


def index(lines: Sequence[Line], ways: Sequence[Way], people: Directory, now: int, words: str, *, archived: bool,
          away: int) -> Response:
    """The list of forms, of those in use or of the archived ones, which are `away` in all; with words those whose name
    holds them, in any language."""
    locale = locales.current()
    used = {way.form for way in ways}
    linked = {way.form for way in ways if way.entry}
    forms = [{"key": line.key, "title": str(localized(line.title, locale)) or line.key, "fields": line.size,
              "version": line.version, "changed": line.changed, "at": line.updated_at, "used": line.key in used,
              "linked": line.key in linked, "by": name_of(people, line.updated_by)}
             for line in lines if named(line.title, words)]
    return make_response(render_template("designer/index.html", forms=forms, now=now, words=words, count=len(lines),
                                         archived=archived, away=away))


def named(title: Any, words: str) -> bool:
    """Whether a title holds the words, in any language."""
    wanted = plain(words.strip())
    names = title.values() if isinstance(title, Mapping) else (title,)
    return not wanted or any(wanted in plain(str(name)) for name in names)


def links(form: Standing, ways: Sequence[Way], offer: Offer) -> dict[str, Any]:
    """The links of a form, and what making the first one asks: {"who": [{"value", "name"}], "staff", "refused"}."""
    locale = locales.current()
    return {
        **opened(ways),
        "offer": {
            "who": [{"value": one.value, "name": _handler(one, position)}
                    for position, one in enumerate(offer.handlers)],
            "staff": [str(localized(label, locale)) for label in offer.staff],
            "refused": offer.refused.message(locale) if offer.refused else "",
        },
    }


def opened(ways: Sequence[Way]) -> dict[str, Any]:
    """The links of ticket types: {"links": [{"name", "label", "address", "svg", "png", "print"}], "used"}. Several of
    one type have the name of their way in, too."""
    locale = locales.current()
    each = Counter(way.type_key for way in ways)
    return {
        "links": [
            {"name": " · ".join([str(localized(way.type_name, locale)), way.entry.label][:each[way.type_key]]),
             "label": way.entry.label,
             "address": addresses.address(way.entry),
             **{kind: url_for("links.code", entry_id=way.entry.id, kind=kind) for kind in ("svg", "png")},
             "print": url_for("links.poster", entry_id=way.entry.id)}
            for way in ways if way.entry
        ],
        "used": bool(ways),
    }


def _handler(one: Handler, position: int) -> str:
    name = str(localized(one.name, locales.current()))
    if one.holders:
        return ngettext("%(name)s (%(num)s person)", "%(name)s (%(num)s people)", one.holders, name=name)
    return _("%(name)s (me)", name=name) if position == 0 else name


def customers(form: Standing, ways: Sequence[Way], offer: Offer, refused: Problem | None = None) -> Response:
    """The page of a form's links."""
    locale = locales.current()
    said = (refused.findings if isinstance(refused, PublishBlocked) else ())[:3]
    why = [text(one.code, locale, one.params) for one in said] or ([refused.message(locale)] if refused else [])
    return make_response(render_template(
        "designer/customers.html", key=form.key, title=str(localized(form.title, locale)), refused=" ".join(why),
        **links(form, ways, offer),
    ), refused.status if refused else 200)


def new(source: Standing | None) -> Response:
    """Ways to begin a form; `source`: only this one, a copy of it."""
    locale = locales.current()
    library = [{
        "key": one.key, "title": localized(one.content["title"], locale), "industry": localized(one.industry, locale),
        "about": localized(one.about, locale), "fields": len(one.content["fields"]),
    } for one in templates()]
    copy_of = {"key": source.key, "title": str(localized(source.title, locale))} if source else None
    return make_response(render_template("designer/new.html", library=library, copy_of=copy_of,
                                         columns=sheets.MAX_COLUMNS))


def exported(found: Standing) -> Response:
    """The draft as a JSON file to keep."""
    data = json.dumps(found.content, ensure_ascii=False, indent=2).encode()
    name = clean_name(f"{localized(found.title, locales.current())}.json")
    return send_file(BytesIO(data), mimetype="application/json", as_attachment=True, download_name=name)


def editor(form: Standing, person: Principal, people: Directory, company: Mapping[str, Any], used: bool) -> Response:
    """The page in which a form is edited; what it starts with stands in it as JSON. `company`: what fields may name;
    `used`: whether a ticket type works with it."""
    boot = {
        "locale": form_locale(), "csrf": generate_csrf(), "key": form.key, "rev": form.rev, "content": form.content,
        "published": {"version": form.version, "at": form.published_at} if form.version else None,
        "used": used, "changed": bool(form.version) and form.content != form.published,
        "saved": {"at": form.updated_at, "by": name_of(people, form.updated_by)},
        "catalog": describe(parts().catalog), "may_publish": person.may("definitions.publish"),
        "timezone": parts().settings.timezone, **company, "me": {"name": person.name},
        "urls": {
            **{name: url_for(f"designer_calls.{name}", key=form.key) for name in CALLS},
            "version": url_for("designer_calls.versions", key=form.key) + "/{id}",
            "published": url_for("upgrades.published", key=form.key),
            "list": url_for("designer.index"), "flow": url_for("flows.new", form=form.key),
            "open": url_for("designer_calls.open_form", key=form.key),
        },
    }
    title = str(localized(form.title, locales.current()))
    return make_response(render_template("designer/editor.html", title=title, boot=embedded(boot)))


def preview(view: FormView, locale: str, sent: bool) -> Response:
    """A customer's page of the form, with nothing in it that runs or sends; `sent`: it could have been sent so."""
    with force_locale(locales.known(locale) or locales.DEFAULT):
        message = _("This could be sent as it is. In the preview nothing is.") if sent else ""
        return make_response(render_template("designer/preview.html", view=view, message=message, other_locale=None))
