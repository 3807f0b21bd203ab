"""Opening sub-tickets through the one way in (`intake`), once for each visit of the step that asks for one."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Conflict, NotFound, Problem, localized
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.others import way_in
from app.entries import intake
from app.org import live_answers
from app.org.directory import directory
from app.runtime import queries
from app.runtime import service as runtime
from app.runtime.effects.base import Effect, EffectError, Result, Work
from app.runtime.ports import StaffPorts
from app.runtime.store import stored_command
from app.wire import Wire

CHANNEL = "subticket"


class SubticketEffect(Effect):
    """Open one ticket for another. Its command is the visit that asked: however often it is tried, there is one."""

    name = "subticket"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """{"id", "no"} of the ticket, or what is wrong with its answers: {"field", "why"}."""
        args, command = work.payload["args"], f"sub:{work.idem_key}"
        with Wire() as wire:
            seen = stored_command(wire, command)
        if seen:
            return Result(True, {"id": seen[1]["ticket_id"], "no": queries.number_of(seen[1]["ticket_id"])})
        try:
            return _open(args, command, work)
        except (NotFound, Conflict) as problem:
            if problem.code == "ticket_busy":
                raise EffectError(problem.code, permanent=False) from problem
            return _refused(problem, None)

    def unwanted(self, payload: Mapping[str, Any], result: Result) -> None:
        """Nobody waits for it any more: the ticket that asked was withdrawn meanwhile, or went on."""
        if result.ok and payload["args"]["cascade"] == "cancel":
            runtime.withdraw_child(result.result["id"], "")


def register(catalog: Catalog) -> None:
    """Add the effect to an application's catalogue."""
    catalog.effects.add(SubticketEffect.name, SubticketEffect())


def _open(args: Mapping[str, Any], command: str, work: Work) -> Result:
    kind = definitions.current_type(args["type"])
    if kind.archived:
        raise Conflict("type_archived", name=kind.name)
    bundle, people = definitions.bundle(kind.id), directory()
    trigger = way_in(bundle)
    if trigger is None:
        raise Conflict("subticket_no_way", name=kind.name)
    given = {key: value for key, value in args["values"].items() if value not in (None, "")}
    live_answers.prepare(bundle.form, given, now=work.now, keep=True)
    parent = {"id": work.ticket_id, "no": work.no, "key": args["key"], "want": args["want"]}
    received = intake.open_ticket(
        bundle, kind.id, trigger, given, ports=StaffPorts(people, work.ticket_id, None), channel=CHANNEL,
        command_id=command, request=[args["type"], args["key"]], now=work.now, facts={"parent": parent},
        known=args["customer"] if args["customer"].get("id") else None,
    )
    if received.problems:
        return _refused(received.problems[0], bundle)
    return Result(True, {"id": received.ticket_id, "no": received.no})


def _refused(problem: Problem, bundle: Bundle | None) -> Result:
    """The refusal with the field it concerns, in both languages."""
    field = bundle.form.fields.get(problem.where.partition("[")[0].partition(".")[0]) if bundle else None
    labels = {locale: f"\u300c{localized(field.label, locale)}\u300d" for locale in ("zh", "en")} if field else ""
    why = {locale: problem.message(locale) for locale in ("zh", "en")}
    return Result(False, {"field": labels, "why": why}, problem.code)
