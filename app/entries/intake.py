"""The one way in: judged answers become a ticket, with the customer behind them. Edges differ, this does not."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Conflict, Problem
from app.customers import service as customers
from app.definitions.bundle import Bundle
from app.entries.doors import Door
from app.entries.ports import VisitorPorts
from app.forms.base import FormPorts
from app.forms.loader import Form
from app.runtime import repeats
from app.runtime import service as runtime

BY_TYPE = {"phone": "phone", "email": "email"}  # field type → kind of identity


@dataclass(frozen=True, slots=True)
class Received:
    """A ticket's link and how it began, or what the sender must change. `repeated`: this very form had made its
    ticket before; `joined`: it was added to a ticket that is not necessarily the sender's to see."""

    token: str = ""
    repeated: bool = False
    joined: bool = False
    problems: tuple[Problem, ...] = ()
    ticket_id: str = ""
    no: int = 0
    version: int = 0
    status: str = ""
    customer_id: str = ""


def submit(
    door: Door, raw: Mapping[str, Any], problems: Sequence[Problem], *, key: str, visitor: str, now: int,
    link: Mapping[str, str] | None = None,
) -> Received:
    """Judge raw answers of a public form and open a ticket: one for each `key`, however often it comes. The same
    request in another form joins the first ticket, or is refused, where the door says so.

    `problems`: what was wrong before (refused files); with any of them nothing is stored. `link`: what a signed link
    carried for hidden fields.
    """
    return open_ticket(
        door.bundle, door.version_id, door.trigger, raw, problems, ports=VisitorPorts(visitor), channel=door.channel,
        command_id=f"form:{door.id}:{key}", request=[door.id], now=now, recognise=True,
        link=link,
    )


def open_ticket(
    bundle: Bundle, version_id: str, trigger: str, raw: Mapping[str, Any], problems: Sequence[Problem] = (), *,
    ports: FormPorts, channel: str, command_id: str, now: int, by: str | None = None, request: Any = None,
    recognise: bool = False, link: Mapping[str, str] | None = None, known: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Received:
    """The same for every edge. `by`: the colleague who opens it; `request`: see runtime.service.submit; `recognise`:
    whether a repeated request is looked for, as customers make them (systems have their keys, colleagues their eyes);
    `known`: the customer, where the edge knows them already; `facts`: what else the flow may read as `ticket.…`.
    """
    judged = bundle.judge(trigger, raw, bundle.opening(trigger, known), now, ports, link=link)
    if judged.problems or problems:
        return Received(problems=(*problems, *judged.problems))
    customer = dict(known) if known else customer_of(bundle.form, judged.values, now=now)
    if customer is not None and not known:
        # Judged again knowing who it is: for rules about the customer, and for what their record fills in.
        judged = bundle.judge(trigger, raw, bundle.opening(trigger, customer), now, ports, link=link)
        if judged.problems:
            return Received(problems=tuple(judged.problems))
    same = repeats.same_as(bundle, version_id, trigger, judged.values, customer or {}) if recognise else None
    try:
        done = runtime.submit(
            version_id, trigger, judged.values, command_id=command_id, customer=customer,
            ticket={**(facts or {}), "channel": channel},
            by=by, request=request, same=same, dropped=judged.dropped,
        )
    except Conflict as problem:  # taken already, or a file of this form went into another ticket meanwhile
        return Received(problems=(problem,))
    return Received(
        done.token, done.repeated, done.joined, ticket_id=done.ticket_id, no=done.no, version=done.version,
        status=done.status, customer_id=(customer or {}).get("id", ""),
    )


def identities(form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    """What tells who the sender is: the fields that the form's customer field looks up by, else any phone or e-mail."""
    named = [path.partition(".")[2] for _, lookup in _lookups(form) for path in lookup["by"]] or list(form.fields)
    found: dict[str, str] = {}
    for name in named:
        field = form.fields.get(name)
        kind = BY_TYPE.get(field.type.type) if field else None
        if kind and isinstance(values.get(name), str):
            found.setdefault(kind, values[name])
    return found


def identity_fields(form: Form, kind: str) -> list[str]:
    """The fields that tell who somebody is by a phone or an e-mail, those that a customer field looks up by first."""
    named = [path.partition(".")[2] for _, lookup in _lookups(form) for path in lookup["by"]]
    found = [name for name in (*named, *form.fields) if BY_TYPE.get(form.fields[name].type.type) == kind]
    return list(dict.fromkeys(found))


def recognised(form: Form) -> frozenset[str]:
    """Customer fields that other answers fill in: nobody has to know an id."""
    return frozenset(field_id for field_id, lookup in _lookups(form) if lookup["by"])


def customer_of(form: Form, values: Mapping[str, Any], *, now: int) -> dict[str, str] | None:
    """The customer behind the answers, found or created; None where the form does not ask who. Does not commit."""
    found = identities(form, values)
    if not found:
        return None
    name = next((values[target] for _, lookup in _lookups(form) for target, path in lookup["fill"].items()
                 if path == "customer.name" and isinstance(values.get(target), str)), "")
    return customers.find_or_create(found, now=now, name=name)


def known_fields(form: Form) -> frozenset[str]:
    """Fields that may hold what the company knew before: customers, and all that their look-ups fill.

    The sender's page leaves them out: else anybody could learn a stranger's name by typing their number.
    """
    return frozenset(name for field_id, lookup in _lookups(form) for name in (field_id, *lookup["fill"]))


def _lookups(form: Form) -> list[tuple[str, Mapping[str, Any]]]:
    """(customer field, its look-up settings)."""
    return [(field.id, field.settings["lookup"]) for field in form.fields.values() if field.type.type == "customer"]
