"""Use cases of the flow editor. The acting person and the time are arguments."""
from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.core.errors import Finding, Problem
from app.core.principal import Principal
from app.definitions import queries
from app.definitions import service as definitions
from app.definitions.rights import kind_of
from app.definitions.service import PublishBlocked, Published
from app.definitions.spread import Brought, bring_to_types
from app.extensions import db, parts
from app.flows import diff
from app.flows.check import apply_fix
from app.flows.diff import Change
from app.flows.directory import Directory
from app.flows.say import Names, Say
from app.flows.summaries import summaries
from app.notify.templates import PLACE
from app.org import choices, masterdata
from app.org import service as org

KIND = "flow"
_AROUND = re.compile(r"[\s：:，,]*" + PLACE.pattern + r"[\s：:]*")


@dataclass(frozen=True)
class Company:
    """What a flow may name here: lists of {"key" or "id", "name"} as the editor offers them."""

    roles: list[dict[str, Any]]
    departments: list[dict[str, str]]
    people: list[dict[str, Any]]
    calendars: list[dict[str, Any]]
    connectors: list[dict[str, Any]]
    templates: list[dict[str, Any]]
    channels: list[dict[str, Any]]


class Unticked(PublishBlocked):
    """There are warnings that the person who publishes has not ticked; `findings` holds everything."""

    def __init__(self, findings: list[Finding], count: int) -> None:
        Problem.__init__(self, "publish_unticked", count=count)
        self.findings = findings


def company(people: Directory) -> Company:
    """What stands around every flow of this installation. Four queries."""
    catalog = parts().catalog
    return Company(
        roles=choices.roles(), departments=choices.departments(), people=people.members(),
        calendars=choices.calendars(), connectors=choices.connectors(),
        templates=[{"key": key, "to": one.to, "name": _called(one.title), "body": _locales(one.body)}
                   for key, one in catalog.templates.items()],
        channels=[{"key": key, "name": _locales(one.label), "reaches": list(one.reaches)}
                  for key, one in catalog.channels.items()],
    )


def ticket_types(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every ticket type in use, with the fields of its form: [{"key", "name", "fields": [{"id", "label", "type"}]}].

    Those of this flow have the form that it is drawn for, also before there is one: a flow may name its own tickets
    from the first."""
    form, own = form_content(form_of(content)), definitions.own_types(str(content.get("key")))
    drawn = [{part: field.get(part) for part in ("id", "label", "type")}
             for field in (form or {}).get("fields", ()) if isinstance(field, Mapping)]
    found = {kind.key: {"key": kind.key, "name": kind.name, "fields": drawn if kind.key in own else [
        {"id": field.id, "label": field.label, "type": field.type.type}
        for field in definitions.bundle(kind.id).form.fields.values()
    ]} for kind in definitions.current_types()}
    return [*found.values(), *({"key": key, "name": content.get("name"), "fields": drawn}
                               for key in own if key not in found)]


def names(known: Company, form: Any) -> Names:
    """The company's names, for telling what steps are set to."""
    by_key: dict[str, dict[str, Any]] = {
        part: {one["key"]: one["name"] for one in getattr(known, part)}
        for part in ("roles", "departments", "calendars", "connectors", "templates", "channels")
    }
    kinds = {kind.type: kind.label for _, kind in parts().catalog.nodes.items()}
    return Names(people={one["id"]: one["name"] for one in known.people}, fields=_labels(form), nodes=kinds,
                 ticket_types={kind.key: kind.name for kind in definitions.current_types()},
                 sources={row["key"]: row["title"] for row in masterdata.sources()}, **by_key)


def _labels(form: Any) -> dict[str, Any]:
    """Reference → label of the fields and columns of a form's raw definition."""
    found: dict[str, Any] = {}
    for field in form.get("fields", ()) if isinstance(form, Mapping) else ():
        if isinstance(field, Mapping):
            found[f"form.{field.get('id')}"] = field.get("label")
            for column in field.get("fields") or ():
                if isinstance(column, Mapping):
                    found[f"form.{field.get('id')}.{column.get('id')}"] = column.get("label")
    return found


def _called(title: Mapping[str, str]) -> dict[str, str]:
    """What a template is called: its title without the facts that it names."""
    return _locales({language: _AROUND.sub(" " if language == "en" else "", words).strip()
                     for language, words in title.items()})


def _locales(text: Mapping[str, str]) -> dict[str, str]:
    return {"zh-CN": text["zh"], "en": text["en"]}


def form_of(content: Any) -> queries.Standing | None:
    """The form of a flow's raw definition, None where there is none of this key."""
    key = content.get("form") if isinstance(content, Mapping) else None
    return queries.find("form", key) if isinstance(key, str) else None


def form_content(form: queries.Standing | None) -> Any:
    """What the flow is drawn for: the version in force, until there is one the draft."""
    return None if form is None else form.published if form.version else form.content


def check(key: str, content: Any) -> list[Finding]:
    """What publishing would say of a content that need not be stored. Raises TooLarge, or Problem of what is none."""
    if not isinstance(content, dict):
        raise Problem("definition_not_object")
    return definitions.find_problems(KIND, content, org.known())


def cards(content: Any, people: Directory, locale: str) -> dict[str, str]:
    """The line on each step's card."""
    told = names(company(people), form_content(form_of(content)))
    own = definitions.own_types(str(content.get("key"))) if isinstance(content, Mapping) else []
    told = replace(told, ticket_types={**dict.fromkeys(own, content.get("name")), **told.ticket_types})
    return summaries(content, parts().catalog, Say(told, locale))


def repaired(content: Any, fix: Mapping[str, Any]) -> dict[str, Any]:
    """The flow after a one-click repair. Raises Problem("fix_unknown" or "fix_stale")."""
    if not isinstance(content, dict):
        raise Problem("definition_not_object")
    return apply_fix(content, fix)


def compare(old: Any, new: Any, locale: str) -> list[Change]:
    """What changed between two contents, in words."""
    return diff.compare(old, new, locale, parts().catalog)


def mark(found: Finding) -> str:
    """What a finding is known by while its place stays what it is."""
    return f"{found.code}/{found.node}/{found.port}/{found.field}"


def publish(
    key: str, rev: int, ticked: Collection[str], *, actor: Principal, now: int
) -> tuple[Published, list[Brought]]:
    """Freeze the draft at `rev` (commits) and bring the version to the flow's ticket types.

    `ticked`: marks of the warnings that the person has seen; raises Unticked where there are others, PublishBlocked
    where there are errors, Conflict where the draft or the version has moved.
    """
    known = org.known()
    done = definitions.freeze(KIND, key, actor=actor, now=now, known=known, rev=rev)
    unseen = [one for one in done.findings if one.level == "warning" and mark(one) not in ticked]
    if unseen:
        raise Unticked(list(done.findings), len(unseen))
    db.session.commit()
    return done, bring_to_types("flow", key, actor=actor, now=now, known=known)


def standing(key: str) -> queries.Standing:
    """The draft of a flow or a branch, and the version in force; raises NotFound."""
    return queries.standing(kind_of(key), key)
