"""Past tickets through a draft: what would have gone otherwise. Reads only; nothing is sent, nothing is changed.

A ticket is told again as a scenario: it begins with its answers, people do what they did when they did it, and other
systems answer as they answered. First on the flow it ran on: where that does not come out as it truly was (an answer
was changed later, a clock struck a moment late), a comparison would mislead, and the ticket is left aside. Then on the
draft.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.core.errors import Problem, text
from app.core.principal import Principal
from app.definitions import service as definitions
from app.definitions import stage
from app.definitions.bundle import Bundle
from app.definitions.models import Definition
from app.definitions.sandbox import judging
from app.extensions import db
from app.flows.opinions import SIGN
from app.flows.sandbox import Company
from app.flows.scenario import SCHEMA, load_scenarios, standing
from app.flows.simulate import Result, simulate
from app.flows.takeback import RECALL
from app.flows.told import Teller
from app.forms.access import at_least
from app.org.sandbox import RealCompany
from app.runtime import queries, seals
from app.runtime.history import EventLine
from app.runtime.models import Ticket
from app.runtime.queries import TicketDetail

DAYS = 30
MOST = 500  # tickets in all
PAGE = 15  # of one call: a few hundred milliseconds
DAY_MS = 86_400_000
FILLS = ("task.done", "customer.answered")
#: What people do with a task besides completing it: where the draft does not let them, the story goes on without it.
ALSO = frozenset({"transfer", "delegate", "add_sign", "agree", "disagree", "return_to", RECALL})
PLACE = re.compile(r"script\[(\d+)\](?!\.)")
#: A scenario, a step of its script and another system's answer with nothing said: what a ticket tells is filled in.
BLANK = load_scenarios({"schema": SCHEMA, "scenarios": [
    {"name": "-", "script": [{"do": "claim"}], "mocks": {"any": {"ok": True}}}]}).scenarios[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket: `what` is same | path | person | status | apart (it cannot be told again, `words` says why). `left`:
    what people did that the draft does not let them do, and that was passed over."""

    id: str
    no: int
    title: str
    what: str
    words: str = ""
    left: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """`total`: how many tickets there are to look at; `next`: the number to go on from, None at the end."""

    rows: Sequence[Row]
    total: int
    next: int | None


def replay(key: str, draft: Bundle, *, actor: Principal, now: int, locale: str, before: int | None = None) -> Page:
    """A page of last month's tickets of the flow `key` that this person may see, the newest first."""
    kinds = [row.key for row in db.session.execute(
        select(Definition.key, Definition.draft).where(Definition.kind == "ticket_type"))
        if row.draft.get("flow") == key]
    wanted = (Ticket.type_key.in_(kinds), Ticket.opened_at >= now - DAYS * DAY_MS, queries.visible(actor))
    numbers = list(db.session.scalars(select(Ticket.no).where(*wanted).order_by(Ticket.no.desc()).limit(MOST)))
    left = [no for no in numbers if before is None or no < before]
    some = left[:PAGE]
    ids = db.session.scalars(select(Ticket.id).where(Ticket.no.in_(some)).order_by(Ticket.no.desc())).all()
    company = RealCompany()
    rows = [_one(queries.ticket(actor, id), draft, company, now, locale) for id in ids]
    return Page(rows, len(numbers), some[-1] if len(left) > len(some) else None)


def _one(detail: TicketDetail, draft: Bundle, company: Company, now: int, locale: str) -> Row:
    line = detail.line

    def row(what: str, words: str = "", left: Sequence[str] = ()) -> Row:
        return Row(line.id, line.no, line.title, what, words, left)

    own = definitions.bundle(line.type_version_id)
    events = queries.events_of(line.id)
    if len(events) == queries.MAX_EVENTS:
        return row("apart", text("replay_long", locale))
    if any(event.kind == "flow.upgraded" for event in events):
        return row("apart", text("replay_moved", locale))
    if line.source not in draft.flow.nodes:
        return row("path", text("replay_no_start", locale))
    then = _told(own, company, locale)
    past = _play(own, detail, events, company, now)
    real = [event.node for event in events if event.kind == "node.entered"]
    if past.failures or _path(past) != real:
        return row("apart", text("replay_otherwise", locale))
    new, teller = _play(draft, detail, events, company, now), _told(draft, company, locale)
    passed = _passed_over(new, list(_script(draft, events, {}, 0)))
    new.failures = [one for one in new.failures if all(one is not other for _, other in passed)]
    return row(*_differs(past, new, then, teller, locale), _left(passed, teller, locale))


def _told(bundle: Bundle, company: Company, locale: str) -> Teller:
    return stage.told(bundle, company.ports({}), {}, locale)


def _path(result: Result) -> list[str]:
    return [event["node"] for event in result.events if event["kind"] == "node.entered"]


# ---- a ticket as a scenario -----------------------------------------------------------------------------------------


def _play(bundle: Bundle, detail: TicketDetail, events: Sequence[EventLine], company: Company, now: int) -> Result:
    line, state = detail.line, detail.state
    answers = seals.unseal(line.id, detail.data)
    customer = {**(state.get("customer") or {}), **({"id": line.customer_id} if line.customer_id else {})}
    scenario = SimpleNamespace(**{
        **vars(BLANK), "name": str(line.no), "trigger": line.source, "at": line.opened_at, "customer": customer,
        "ticket": {key: value for key, value in (state.get("ticket") or {}).items() if key in ("channel", "chat_log")},
        "form": _answers(bundle, line.source, answers), "mocks": _mocks(bundle, events),
        "script": list(_script(bundle, events, answers, line.opened_at)),
        "until": (line.closed_at or now) - line.opened_at,
    })
    judge = judging(bundle, company.ports(customer))
    return simulate(bundle.flow, scenario, {}, judge, world=company.world(), pass_over=ALSO)


def _answers(bundle: Bundle, node: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The ticket's answers to what this step asks."""
    return {key: answers[key] for key, level in bundle.access(node).items()
            if at_least(level, "edit") and answers.get(key) is not None
            and bundle.form.fields[key].type.asked and not bundle.form.fields[key].readonly}


def _script(bundle: Bundle, events: Sequence[EventLine], answers: Mapping[str, Any], start: int) -> Iterator[Any]:
    """What people did, each with the time since the one before. Whoever has the task does it: that may be somebody else
    now."""
    last, planned = start, set[tuple[str, str]]()
    for event in events:
        step = _step(event) or _also(event, planned)
        if step is None:
            continue
        known = bundle.flow.nodes.get(step["node"] or "")
        fills = known is not None and known.fields and event.kind in FILLS
        form = _answers(bundle, known.id, answers) if fills and known else {}
        yield SimpleNamespace(**{**vars(BLANK.script[0]), "after": event.at - last, "form": form,
                                 "who": event.actor_id, **step})
        last = event.at


def _step(event: EventLine) -> dict[str, Any] | None:
    delta = event.body.get("delta") or {}
    if event.kind == "task.claimed":
        return {"as_": event.actor_id, "do": "claim", "node": event.node}
    if event.kind == "task.done":
        return {"as_": None, "do": delta.get("action"), "node": event.node}
    if event.kind == "customer.answered":
        return {"as_": "customer", "do": "answer", "node": event.node}
    if event.kind == "ticket.closed" and delta.get("status") == "withdrawn":
        return {"as_": "customer", "do": "withdraw", "node": None}
    return None


def _also(event: EventLine, planned: set[tuple[str, str]]) -> dict[str, Any] | None:
    """What they did with a task besides completing it. Whom they told or urged changes no way and is left out.

    `planned`: (task, person) of opinions that were to be asked once a task was done; that they are asked then follows.
    """
    delta = event.body.get("delta") or {}
    step = {"as_": None, "node": event.node, "note": str(delta.get("note") or ""), "to": delta.get("to")}
    if event.kind == "task.assigned" and delta.get("reason") in ("transfer", "delegate"):
        return {**step, "do": delta["reason"]}
    if event.kind == "sign.planned":
        planned.add((delta["task"], delta["to"]))
        return {**step, "do": "add_sign", "when": "after"}
    if event.kind == "task.opened" and delta.get("kind") == SIGN and delta.get("reason") is None \
            and (delta["asks"], delta["assignee"]) not in planned:
        return {**step, "do": "add_sign", "to": delta["assignee"]}
    if event.kind == "sign.given":
        return {**step, "as_": event.actor_id, "do": delta["action"], "to": None}
    if event.kind == "task.returned":
        return {**step, "do": "return_to"}
    if event.kind in ("task.recalled", "sign.cancelled") or \
            (event.kind == "task.assigned" and delta.get("reason") == RECALL):
        return {**step, "do": RECALL, "to": None}
    return None


def _mocks(bundle: Bundle, events: Sequence[EventLine]) -> dict[str, list[Any]]:
    """How other systems answered, visit by visit and question by question, and after how long; what was not answered is
    not answered here. What they said is not kept: they say what leads to the way out that the visit took."""
    asked: dict[str, tuple[str, int]] = {}  # job → (step, when), in order
    left = _left_by(events)
    answered: dict[str, dict[str, Any]] = {}
    for event in events:
        delta = event.body.get("delta") or {}
        if event.kind == "job.queued":
            asked[delta["job"]] = (str(event.node), event.at)
        elif event.kind == "job.done" and delta["job"] in asked:
            answered[delta["job"]] = {"ok": delta.get("ok"), "error": str(delta.get("error") or ""),
                                      "after": event.at - asked[delta["job"]][1]}
    found: dict[str, dict[int, Any]] = {}
    for job, (node, _) in asked.items():
        known, visit = bundle.flow.nodes.get(node), int(job.split(":")[1])
        if known is None:
            continue
        port = left.get((node, visit))
        row = SimpleNamespace(**{**vars(BLANK.mocks["any"][0]), "after": None, "again": [], **answered.get(job, {}),
                                 "leads": port if port and known.has_port(port) else None})
        first = found.setdefault(node, {}).setdefault(visit, row)
        if first is not row:
            first.again.append(row)
    return {node: [visits.get(at + 1, next(iter(visits.values()))) for at in range(max(visits))]
            for node, visits in found.items()}


def _left_by(events: Sequence[EventLine]) -> dict[tuple[str, int], str]:
    """(step, visit) → the way out that it took."""
    visits, found = dict[Any, tuple[str, int]](), dict[tuple[str, int], str]()
    for event in events:
        token = event.body.get("token")
        if event.kind == "node.entered":
            visits[token] = (str(event.node), (event.body.get("delta") or {}).get("visit", 0))
        elif event.kind == "node.left" and visits.get(token, ("", 0))[0] == event.node:
            found[visits[token]] = str(event.body.get("port") or "")
    return found


# ---- what is different ----------------------------------------------------------------------------------------------


def _passed_over(result: Result, script: Sequence[Any]) -> list[tuple[Any, Problem]]:
    """(what somebody did besides completing a task, why it was refused) of a story that went on all the same."""
    places = [(PLACE.match(problem.where), problem) for problem in result.failures]
    found = [(script[int(place[1])], problem) for place, problem in places if place]
    return [(step, problem) for step, problem in found if step.do in ALSO]


def _left(passed: Sequence[tuple[Any, Problem]], teller: Teller, locale: str) -> list[str]:
    """What the draft does not let people do, in words."""
    return [text("replay_left", locale, {
        "what": teller.doing({"as": step.who, "do": step.do, "node": step.node}), "why": problem.message(locale)})
        for step, problem in passed]


def _differs(past: Result, new: Result, then: Teller, now: Teller, locale: str) -> tuple[str, str]:
    """(what is different first, in words)."""
    old, path = _path(past), _path(new)
    refused = next((text("replay_refused", locale, {"said": _refusal(one, now, locale)}) for one in new.failures), "")
    same = next((at for at, (one, other) in enumerate(zip(old, path, strict=False)) if one != other),
                min(len(old), len(path)))
    if same < max(len(old), len(path)):
        before = then.node(old[same - 1]) if same else text("told_the_start", locale)
        was = then.node(old[same]) if same < len(old) else text("replay_stands", locale)
        would = now.node(path[same]) if same < len(path) else text("replay_stands", locale)
        words = text("replay_path", locale, {"before": before, "was": was, "would": would})
        return "path", words + (refused if same == len(path) else "")
    if refused:
        return "path", refused
    for one, other in zip(_people(past), _people(new), strict=False):
        if one != other:
            return "person", text("replay_person", locale, {
                "node": now.node(other[0]), "was": _who(then, one[1], locale), "would": _who(now, other[1], locale)})
    was, would = past.state["status"], new.state["status"]
    if was != would:
        return "status", text("replay_status", locale, {
            "was": then.status(was), "would": now.status(would), "where": now.nodes(standing(new.state))})
    return "same", ""


def _refusal(problem: Problem, teller: Teller, locale: str) -> str:
    """Why something cannot be done. A refused answer is named, not told: a reader may know it masked only."""
    field = problem.where.partition(": ")[2].partition("[")[0].partition(".")[0]
    return text("replay_answer", locale, {"field": teller.field(field)}) if field else problem.message(locale)


def _people(result: Result) -> list[tuple[str, str]]:
    return [(event["node"], str(event["delta"].get("assignee") or "")) for event in result.events
            if event["kind"] == "task.opened" and event["delta"]["kind"] != SIGN]


def _who(teller: Teller, person: str, locale: str) -> str:
    return teller.person(person) if person else text("replay_pool", locale)
