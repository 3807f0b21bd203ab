"""Settings of the steps: people, rights on fields, references, and the names of things kept elsewhere.

What to look at is found by the class of a property in the node type's `Config`: a plugin's step is checked like ours.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from app.core.errors import Finding
from app.flows.checks import others
from app.flows.checks.draft import Draft, Step, error
from app.flows.checks.facts import FieldFact, FormFacts, Known
from app.flows.checks.walk import MISSING, Place, properties
from app.flows.config import (
    Access,
    Answers,
    CalendarRef,
    Channel,
    Connector,
    FieldOf,
    Fills,
    FillsOther,
    FormField,
    People,
    Property,
    SourceRef,
    Template,
    TicketType,
    TokenName,
    WriteTo,
    counts,
    filled_by,
)

Kept = tuple[tuple[type[Property], str, Collection[str] | None], ...]
FILLABLE = ("edit", "required")


def check(draft: Draft, known: Known) -> Iterator[Finding]:
    """Findings about what steps are set to; `field` is the JSON path within the node (`config.to[0].role`)."""
    kept = _kept(known)
    for step in draft.steps.values():
        yield from _settings(step, draft.properties[step.id], known, kept)
    if known.form:
        yield from _never_filled(draft, known.form)


def shown_people(selectors: Iterable[Mapping[str, Any]]) -> str:
    """Selectors in words: the names that stand in them."""
    return "、".join(str(next(iter(entry.values()), ""))[:60] for entry in selectors)


def _kept(known: Known) -> Kept:
    """Settings that name something kept elsewhere: the code where it is not there, and the names that are."""
    calendars = None if known.calendars is None else {"always", *known.calendars}
    return ((Template, "check_missing_template", known.templates), (Channel, "check_missing_channel", known.channels),
            (Connector, "check_missing_connector", known.connectors),
            (TicketType, "check_missing_ticket_type", known.ticket_types),
            (CalendarRef, "check_missing_calendar", calendars), (SourceRef, "check_missing_source", known.sources),
            (TokenName, "check_missing_token", known.tokens))


def _settings(step: Step, places: Iterable[Place], known: Known, kept: Kept) -> Iterator[Finding]:
    for path, prop, value in places:
        look = _look(type(prop))  # type: ignore[arg-type]  # mypy takes the hash of its instances for its own
        if look is not None:
            yield from look(step, path, prop, value, known)
        elif isinstance(value, str) and isinstance(prop, NAMES):
            for kind, code, names in kept:
                # A trigger's channel is a way in: only ways out need a sender.
                if isinstance(prop, kind) and names is not None and value not in names and not (
                        kind is Channel and step.kind and step.kind.group == "trigger"):
                    # A step goes on without a message that need not be, and without working hours: round the clock.
                    off = {"do": "set_config", "node": step.id, "path": _dotted(path)}
                    yield error(code, step.id, field=path, name=step.name, key=value[:60],
                                fix=off if isinstance(prop, (Template, CalendarRef)) and not prop.required else None)


def _accesses(step: Step, path: str, prop: Access, value: Any, known: Known) -> Iterator[Finding]:
    if known.form and isinstance(value, dict):
        yield from _access(step, path, value, known.form)
        if step.kind and step.kind.outside:
            yield from _outside(step, path, value, known.form, known.inside)


def _written(step: Step, path: str, prop: WriteTo, value: Any, known: Known) -> Iterator[Finding]:
    fact = known.form.fields.get(str(value).removeprefix("form.")) if known.form else None
    if fact and fact.computed:
        yield error("check_set_computed", step.id, field=path, name=step.name, field_name=fact.label)


def _answers(step: Step, path: str, prop: Answers, value: Any, known: Known) -> Iterator[Finding]:
    if known.form and isinstance(value, dict):
        yield from (_missing(step, path, key) for key in value if key not in known.form.fields)


def _asked(step: Step, path: str, prop: FormField, value: Any, known: Known) -> Iterator[Finding]:
    fact = known.form.fields.get(str(value).removeprefix("form.")) if known.form else None
    if fact and not fact.asked:
        yield error("check_fill_readonly", step.id, field=path, name=step.name, field_name=fact.label)


def _people(step: Step, path: str, prop: People, value: Any, known: Known) -> Iterator[Finding]:
    if value is MISSING or value is None or value == []:
        # One that is shown beside other settings only is missed where it counts; deeper in, the loader says it.
        own = step.kind and properties(step.kind.Config).get(path.removeprefix("config.")) is prop
        if prop.required or (prop.needed and own and step.kind and counts(step.kind.Config, prop, step.config)):
            mine = {"do": "set_config", "node": step.id, "path": "assignee", "value": [{"ref": "ticket.owner"}]}
            yield error("check_no_assignee", step.id, field=path, name=step.name, label=prop.metadata["label"],
                        fix=mine if path == "config.assignee" else None)
        return
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield from _selector(step, f"{path}[{index}]", entry, known)


def _selector(step: Step, path: str, entry: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    """Whom a selector names must be known here: it may come from another installation, or people have left since."""
    off = {"do": "set_config", "node": step.id, "path": _dotted(path)}
    role = entry.get("role")
    if isinstance(role, str) and known.roles is not None and not known.roles.get(role):
        code, fix = ("check_empty_role", None) if role in known.roles else ("check_unknown_role", off)
        yield error(code, step.id, field=f"{path}.role", name=step.name, role=role[:60], fix=fix)
    leader_of = entry.get("leader_of")
    of_department = leader_of if isinstance(leader_of, str) and "." not in leader_of else None
    for key, code, found, there in (("person", "check_unknown_person", entry.get("person"), known.people),
                                    ("department", "check_unknown_department", entry.get("department"),
                                     known.departments),
                                    ("leader_of", "check_unknown_department", of_department, known.departments)):
        if isinstance(found, str) and there is not None and found not in there:
            yield error(code, step.id, field=f"{path}.{key}", name=step.name, key=found[:60], fix=off)


def _dotted(path: str) -> str:
    """`config.to[0]` as a repair names it: `to.0`."""
    return path.removeprefix("config.").replace("[", ".").replace("]", "")


def _access(step: Step, path: str, spec: Mapping[str, Any], form: FormFacts) -> Iterator[Finding]:
    within = path.removeprefix("config.")
    for key, level in spec.items():
        fact = form.fields.get(key)
        if fact is None and key != "*" and key not in form.sections:
            yield _missing(step, path, key)
        elif fact and level == "required" and not fact.asked:
            yield error("check_required_readonly", step.id, field=f"{path}.{key}", name=step.name,
                        field_name=fact.label,
                        fix={"do": "set_config", "node": step.id, "path": f"{within}.{key}", "value": "read"})


def _missing(step: Step, path: str, key: str) -> Finding:
    """A field is named that the form does not have."""
    return error("check_missing_field", step.id, field=f"{path}.{key}", name=step.name, field_name=key[:60],
                 fix={"do": "set_config", "node": step.id, "path": f"{path.removeprefix('config.')}.{key}"})


def _outside(
    step: Step, path: str, spec: Mapping[str, Any], form: FormFacts, inside: Collection[str]
) -> Iterator[Finding]:
    """What a form requires of somebody who is not signed in must be theirs to answer, or nobody gets past it."""
    for key, fact in form.fields.items():
        level = _level(spec, key, fact)
        needed = level == "required" or (level == "edit" and fact.required)
        if needed and fact.asked and not (fact.outside and fact.source not in inside):
            yield error("check_required_inside", step.id, field=f"{path}.{key}", name=step.name, field_name=fact.label,
                        fix={"do": "set_config", "node": step.id, "path": f"{path.removeprefix('config.')}.{key}",
                             "value": "hidden"})


# ---- required fields that nobody can fill in ------------------------------------------------------------------------


def _never_filled(draft: Draft, form: FormFacts) -> Iterator[Finding]:
    """A field that the form requires must be open to whoever files the ticket, or to a later step."""
    required = {key: fact for key, fact in form.fields.items() if fact.required and fact.asked and not fact.filled}
    rights = {step.id: spec for step in draft.steps.values() if (spec := _rights(draft.properties[step.id]))}
    fillable = {node: {key for key, fact in required.items() if _level(spec[1], key, fact) in FILLABLE}
                for node, spec in rights.items()}
    for trigger in draft.triggers:
        if trigger.id not in rights:
            continue
        later = set().union(*(fillable.get(node, ()) for node in draft.reach([trigger.id])))
        path, _, asks = rights[trigger.id]
        within = path.removeprefix("config.")
        for key, fact in required.items():
            if key in later:
                continue
            if asks:
                yield error("check_required_hidden", trigger.id, field=f"{path}.{key}", name=trigger.name,
                            field_name=fact.label,
                            fix={"do": "set_config", "node": trigger.id, "path": f"{within}.{key}", "value": "edit"})
            else:
                yield error("check_required_unfilled", trigger.id, field=path, name=trigger.name, field_name=fact.label)


def _rights(places: list[Place]) -> tuple[str, Mapping[str, Any], bool] | None:
    """(path, spec, whether somebody is asked) of a step's rights on form fields; None for a step without any.

    A trigger that fills the form in by itself has a right on what it fills in; nobody is asked there.
    """
    fills = next((path for path, prop, _ in places if isinstance(prop, Fills)), None)
    access = next(((path, value if isinstance(value, dict) else {})
                   for path, prop, value in places if isinstance(prop, Access)), None)
    if fills is not None:
        return fills, {**(access[1] if access else {}), **dict.fromkeys(filled_by(places), "edit")}, False
    return (*access, True) if access else None


def _level(spec: Mapping[str, Any], key: str, fact: FieldFact) -> Any:
    """The most specific of field, section and "*"; what nobody names is hidden."""
    return spec.get(key) or spec.get(fact.section or "") or spec.get("*", "hidden")


Look = Callable[[Step, str, Any, Any, Known], Iterator[Finding]]
LOOKS: tuple[tuple[type[Property], Look], ...] = (
    (People, _people), (Access, _accesses), (WriteTo, _written), (Answers, _answers), (FormField, _asked),
    (FieldOf, others.field_of), (FillsOther, others.needs))
NAMES = (Template, Channel, Connector, TicketType, CalendarRef, SourceRef, TokenName)  # as `_kept` has them


@cache
def _look(kind: type) -> Look | None:
    """What looks at settings of this class; most are of no concern here."""
    return next((look for looked_at, look in LOOKS if issubclass(kind, looked_at)), None)
