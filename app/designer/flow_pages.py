"""Drawing the pages and answers of the flow designer. Decides nothing."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, make_response, render_template, url_for
from flask_wtf.csrf import generate_csrf

from app import locales
from app.core.errors import Finding
from app.core.principal import Principal
from app.definitions import comments
from app.definitions.queries import Line, Standing
from app.designer import flows, pages
from app.entries.doors import Way
from app.extensions import parts
from app.flows import describe as nodes
from app.flows.check import repair_words
from app.flows.directory import Directory
from app.forms import describe as fields

CALLS = ("draft", "check", "fix", "publish", "affected", "links", "versions", "compare", "restore")


def finding(found: Finding) -> dict[str, Any]:
    """A finding as the editor shows it: level, code, message, node, port, field, and the repair with its words.

    `mark`: what it is known by when a warning is ticked. `reason`: what is said of it right at its setting, or "".
    """
    locale = locales.current()
    return {"node": "", "port": "", "field": "", "fix": None, **found.as_dict(locale),
            "repair": repair_words(found, locale), "mark": flows.mark(found),
            "reason": pages.said(found.params.get("reason"))}


def index(lines: Sequence[Line], ways: Sequence[Way], forms: Mapping[str, Any],
          branches: Mapping[str, tuple[int, int]], person: Principal, people: Directory, now: int,
          words: str, unread: Mapping[str, int]) -> Response:
    """The list of flows; with words those whose name holds them, in any language. `forms`: key → title; `branches`: key
    → how many are open, and ask to be merged; `unread`: key → comments that the reader has not seen."""
    may_edit = person.may("definitions.edit")
    lines = [line for line in lines if may_edit or line.version]
    used = {way.flow for way in ways}
    linked = {way.flow for way in ways if way.entry}
    rows = [{"key": line.key, "title": pages.said(line.title) or line.key, "steps": line.size, "version": line.version,
             "form": pages.said(forms.get(line.form or "")), "changed": line.changed,
             "used": line.key in used, "linked": line.key in linked, "at": line.updated_at,
             "unread": unread.get(line.key, 0) if may_edit else 0, "branches": branches.get(line.key, (0, 0)),
             "by": pages.name_of(people, line.updated_by)} for line in lines if pages.named(line.title, words)]
    return make_response(render_template("designer/flows.html", flows=rows, now=now, words=words, count=len(lines),
                                         may_edit=may_edit))


def new(forms: Sequence[Line], source: Standing | None, chosen: str) -> Response:
    """Ways to begin a flow; `source`: only this one, a copy of it; `chosen`: the form that is marked."""
    copy_of = {"key": source.key, "title": pages.said(source.title)} if source else None
    return make_response(render_template("designer/flow_new.html", copy_of=copy_of, chosen=chosen, forms=[
        {"key": line.key, "title": pages.said(line.title) or line.key} for line in forms if not line.archived]))


def editor(flow: Standing, form: Standing | None, company: Mapping[str, Any], person: Principal, people: Directory,
           judged: Mapping[str, Any], forms: Sequence[Line], used: bool, beside: Mapping[str, Any]) -> Response:
    """The page in which a flow is drawn; what it starts with stands in it as JSON. `judged`: what the checks say of the
    draft, and its cards; `used`: whether a ticket type works with it; `beside`: its branches, or what it is a branch
    of."""
    catalog, locale = parts().catalog, pages.form_locale()
    boot = {
        "locale": locale, "csrf": generate_csrf(), "key": flow.key, "title": pages.said(flow.title), "rev": flow.rev,
        "content": flow.content, "version": flow.version or None,
        "published": {"version": flow.version, "at": flow.published_at} if flow.version else None,
        "changed": bool(flow.version) and flow.content != flow.published, "used": used,
        "saved": {"at": flow.updated_at, "by": pages.name_of(people, flow.updated_by)},
        "me": {"id": person.id, "name": person.name}, "may_publish": person.may("definitions.publish"), **beside,
        "timezone": parts().settings.timezone, "comment_most": comments.MAX_TEXT,
        "catalog": {**fields.describe(catalog), **nodes.describe(catalog, locale)},
        "form": _form(form), "forms": [{"key": line.key, "title": line.title, "version": line.version}
                                       for line in forms if not line.archived or line.key == flow.content.get("form")],
        "company": dict(company), **judged,
        "urls": {
            **{name: url_for(f"flow_calls.{name}", key=flow.key) for name in CALLS},
            "version": url_for("flow_calls.versions", key=flow.key) + "/{id}",
            "open": url_for("flow_calls.open_flow", key=flow.key), "form": url_for("flow_calls.form", key=flow.key),
            "list": url_for("flows.index"), "move": url_for("moves.outlook", key=flow.key),
            "edit_form": url_for("designer.editor", key="KEY"),
            "comments": url_for("flow_comments.every", key=flow.key), "export": url_for("flows.export", key=flow.key),
        },
    }
    return make_response(render_template("designer/flow.html", title=pages.said(flow.title), boot=pages.embedded(boot)))


def _form(form: Standing | None) -> dict[str, Any] | None:
    if form is None:
        return None
    return {"key": form.key, "title": form.title, "version": form.version or None, "content": flows.form_content(form)}


def form_answer(form: Standing | None) -> Response:
    """A form for the editor: its fields are what conditions and rights may name."""
    return pages.reply({"form": _form(form)})


def compared(old: Any, new: Any, locale: str) -> list[dict[str, Any]]:
    """What changed, in words."""
    return [asdict(one) for one in flows.compare(old, new, locale)]

