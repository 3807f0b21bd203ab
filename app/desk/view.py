"""A ticket as one colleague may see it, with what they may do. Reads only; the services check again."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.core.errors import localized
from app.core.principal import Principal
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.desk.history import History, Reader
from app.extensions import db, parts
from app.flows import opinions, verbs
from app.flows.directory import Directory
from app.flows.takeback import recallable
from app.forms.access import Reader as Eyes
from app.forms.view import FieldView, FormView, SectionView
from app.org.directory import directory
from app.org.models import Person
from app.runtime import queries, seals, serial, service
from app.runtime.ports import StaffPorts
from app.runtime.queries import EventLine, TaskLine, TicketDetail

MAX_LINES = 2000  # events of one ticket that the page reads
MOST_PEOPLE = 2000
# What a step's `may` allows besides its buttons, as the page lists it; remarks need no step.
ASIDE = ("add_sign", "delegate", "transfer", "return_to", "cc")


@dataclass(frozen=True, slots=True)
class Button:
    """One action of a task: `id` as the service takes it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Something they did that can still be taken back: `kind` is done, lent (a delegation) or asked (opinions)."""

    task_id: str
    step: str
    kind: str


@dataclass(frozen=True, slots=True)
class Relative:
    """A ticket that this one was opened for, or that was opened for it. `id` is "" where they may not see it; `step`
    opened it; `asks`: whether somebody who withdraws this one chooses what becomes of it."""

    no: int
    id: str = ""
    status: str = ""
    step: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """An answer that somebody changed while another was filling it in: who, when (ms), and what it is now."""

    field: str
    label: str
    who: str
    at: int
    display: str


@dataclass(frozen=True)
class Seen:
    """A ticket in the eyes of `actor`. `tasks`: the open ones they may act on, the one to draw first; `revealed`: the
    masked answer that this one drawing shows, since they asked and it was recorded; `retired`: answers to what the form
    asks no more."""

    actor: Principal
    detail: TicketDetail
    bundle: Bundle
    directory: Directory
    state: Mapping[str, Any]
    levels: Mapping[str, str]
    events: Sequence[EventLine]
    tasks: Sequence[TaskLine]
    now: int
    locale: str
    retired: Sequence[FieldView] = ()
    revealed: str = ""

    @property
    def id(self) -> str:
        """The ticket's id."""
        return self.detail.line.id

    @property
    def ports(self) -> StaffPorts:
        """What forms may ask for this reader."""
        return StaffPorts(self.directory, self.id, self.actor.id)

    def history(self) -> History:
        """The teller of what happened."""
        reader = Reader(self.locale, self.levels, self.apart, {view.id: view.label for view in self.retired},
                        self.now)
        return History(self.bundle, self.directory, parts().catalog, reader)

    def apart(self, stored: Mapping[str, Any]) -> list[FieldView]:
        """Answers that were stored beside the ticket's (sealed where they are sensitive), as this reader may see them.
        """
        state = {**self.state, "form": {**self.state["form"], **seals.unseal(self.id, stored)}}
        view = self.bundle.answers_view(self.levels, state, self.now, self.ports, locale=self.locale)
        return [field for field in view.fields() if field.id in stored]

    def name(self, person: str | None) -> str:
        """A colleague's name, "" for nobody."""
        found = self.directory.person(person) if person else None
        return str(found["name"]) if found else ""

    def words(self, label: Any) -> str:
        """A label of the definition in the reader's language."""
        return str(localized(label, self.locale))

    def task(self, task_id: str | None) -> TaskLine | None:
        """The open task of theirs with this id; without an id the first."""
        if task_id is None:
            return self.tasks[0] if self.tasks else None
        return next((task for task in self.tasks if task.id == task_id), None)

    def buttons(self, task: TaskLine) -> list[Button]:
        """The task's actions with the definition's own words; none while it waits for opinions."""
        if self.held(task):
            return []
        return [Button(str(row["port"]), self.words(row.get("label") or "") or str(row["port"]))
                for row in task.actions]

    def may(self, task: TaskLine) -> list[str]:
        """What else the step allows: ASIDE."""
        allowed = verbs.aside(self.bundle.flow, self.state, task.key)
        return [name for name in ASIDE if name in allowed]

    def _entry(self, task: TaskLine) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (self.state.get("tasks") or {}).get(task.key) or {}
        return found

    def returns(self, task: TaskLine) -> list[tuple[str, str]]:
        """(id, name) of the steps that the ticket can be returned to from this task."""
        flow = self.bundle.flow
        return [(node, self.words(flow.nodes[node].name)) for node in verbs.returns(flow, self.state, task.key)]

    def held(self, task: TaskLine) -> list[str]:
        """Names of those whose opinion the task waits for."""
        return [self.name(self.state["tasks"][sign]["assignee"]) for sign in self._entry(task).get("held", ())]

    def later(self, task: TaskLine) -> list[str]:
        """Names of those who will be asked once the task is done."""
        return [self.name(row[0]) for row in self._entry(task).get("later", ())]

    def behalf(self, task: TaskLine) -> str:
        """The name of the colleague for whom they do the task, "" for their own."""
        return self.name(self._entry(task).get("behalf"))

    def question(self, task: TaskLine) -> tuple[str, str] | None:
        """(who asks, what) of an opinion; None for other tasks."""
        for event in reversed(self.events if task.kind == opinions.SIGN else ()):
            delta = event.body.get("delta") or {}
            if event.kind == "task.opened" and delta.get("task") == task.key:
                return self.name(delta.get("by")), str(delta.get("note") or "")
        return None

    def recalls(self) -> list[Recall]:
        """What they could take back."""
        tasks = {task.key: task for task in self.detail.tasks}
        found = []
        for key in recallable(self.state, self.actor.id):
            entry, task = (self.state.get("tasks") or {}).get(key), tasks.get(key)
            if task is not None:
                kind = "done" if entry is None else "lent" if entry["assignee"] != self.actor.id else "asked"
                found.append(Recall(task.id, task.name, kind))
        return found

    def access(self, task: TaskLine) -> dict[str, str]:
        """field id → level at the task's step; all hidden where the flow no longer has it, and for an opinion."""
        known = task.node in self.bundle.flow.nodes and task.kind != opinions.SIGN
        return self.bundle.access(task.node) if known else dict.fromkeys(self.bundle.form.fields, "hidden")

    def family(self) -> tuple[Relative | None, list[Relative]]:
        """(the ticket that this one was opened for, those that were opened for it, oldest first). One query, if any."""
        parent, children = self.state["ticket"].get("parent"), self.state.get("children") or {}
        if not parent and not children:
            return None, []
        there = queries.relatives(self.actor, [*children, *([parent["id"]] if parent else [])])
        found = [
            Relative(known["no"], ident if ident in there else "", there.get(ident, known["status"]),
                     self.history().step(known["node"]),
                     known["cascade"] == "ask" and there.get(ident, known["status"]) == "open")
            for ident, known in sorted(children.items(), key=lambda one: one[1]["no"])
        ]
        above = Relative(parent["no"], parent["id"] if parent["id"] in there else "",
                         there.get(parent["id"], "")) if parent else None
        return above, found

    def may_urge(self) -> bool:
        """Whether the service would let them remind those whom the ticket waits for."""
        waits = any(task.status == "open" and task.assignee_id != self.actor.id for task in self.detail.tasks)
        return self.detail.line.status == "open" and waits and service.concerned(self.state, self.actor)

    def may_withdraw(self) -> bool:
        """Whether the service would let them end this ticket without a result."""
        return self.detail.line.status == "open" and service.concerned(self.state, self.actor)

    def places(self) -> list[str]:
        """Names of the steps where the ticket stands."""
        tokens = (self.state.get("tokens") or {}).values()
        nodes = [self.bundle.flow.nodes.get(token["node"]) for token in tokens if not token.get("side")]
        return list(dict.fromkeys(self.words(node.name) for node in nodes if node is not None))

    def paused(self) -> bool:
        """Whether a clock of the ticket stands still (it waits for the customer, say)."""
        clocks = (self.state.get("sla") or {}).values()
        return self.detail.line.status == "open" and any(
            clock["since"] is None and clock["runs"] for clock in clocks
        )

    def stuck(self) -> list[tuple[str, str, str]]:
        """(step id, step name, why) of steps that cannot go on by themselves."""
        history = self.history()
        return [(row["node"], history.step(row["node"]),
                 history.problem_text(row["node"], str(row.get("code")), row.get("params")))
                for row in self.state.get("parked") or ()]


def read(actor: Principal, ticket_id: str, now: int, locale: str) -> Seen:
    """The ticket; raises NotFound, whether it does not exist or is not theirs to see. Four queries."""
    detail = queries.ticket(actor, ticket_id)
    bundle = definitions.bundle(detail.line.type_version_id)
    mine = [task for task in detail.tasks if task.status == "open"
            and (task.assignee_id == actor.id or (task.assignee_id is None and task.id in detail.theirs))]
    mine.sort(key=lambda task: (task.assignee_id is None, task.opened_at))
    people = directory(actor.mark)
    retired = serial.retired(detail, actor, people, now, locale)
    return Seen(
        actor, detail, bundle, people, serial.state_of(detail),
        {**_former(retired), **serial.levels(detail, actor, bundle)}, _events(ticket_id), mine, now, locale, retired,
    )


def _former(retired: Sequence[FieldView]) -> dict[str, str]:
    """Levels of what the form asks no more, columns by their own ids: whose files may be had, whom history names."""
    return {name: "masked" if field.sensitive else field.level for field in retired
            for name in (field.id, field.id.rpartition(".")[2], *(column.id for column in field.columns))}


def _events(ticket_id: str) -> list[EventLine]:
    """All of them, as far as a page can show."""
    found = queries.events_of(ticket_id)
    more = len(found) == queries.MAX_EVENTS
    while more and len(found) < MAX_LINES:
        page = queries.events_of(ticket_id, after=found[-1].seq)
        found += page
        more = len(page) == queries.MAX_EVENTS
    return found


def answers(seen: Seen, asked: FormView | None) -> list[SectionView]:
    """The answers they may read, by section; what the task's form asks is left to the form."""
    eyes = Eyes(frozenset(seen.actor.roles), frozenset({seen.revealed}))
    view = seen.bundle.answers_view(
        seen.levels, seen.state, seen.now, seen.ports, locale=seen.locale, reader=eyes
    )
    there = {field.id for field in asked.fields()} if asked else set()
    return _kept(view, lambda field: field.id not in there and bool(field.display or field.files or field.rows))


def form(seen: Seen, task: TaskLine, raw: Mapping[str, Any] | None = None, problems: Sequence[Any] = ()) -> FormView:
    """What the task asks: only what may be filled in, and what is computed from it."""
    view = seen.bundle.view(
        task.node, {**seen.state["form"], **(raw or {})}, seen.state, seen.now, seen.ports, locale=seen.locale,
        problems=problems,
    )
    if task.kind == opinions.SIGN or seen.held(task):  # there is nothing to fill in now
        return replace(view, sections=(), live=None)
    asked = {section.id for section in view.sections if any(field.editable for field in section.fields)}
    sections = _kept(view, lambda field: field.editable or field.stands)
    return replace(view, sections=tuple(section for section in sections if section.id in asked))


def _kept(view: FormView, wanted: Any) -> list[SectionView]:
    sections = [replace(section, fields=tuple(field for field in section.fields if wanted(field)))
                for section in view.sections]
    return [section for section in sections if section.fields]


def changed_since(seen: Seen, version: int, fields: Mapping[str, str]) -> list[Moved]:
    """Those of `fields` (id → level) that were changed in a later version of the ticket."""
    found = {
        key: event for event in seen.events if event.version > version and event.kind == "form.changed"
        for key in (event.body.get("delta") or {}).get("fields") or () if key in fields
    }
    if not found:
        return []
    there = seen.bundle.answers_view(fields, seen.state, seen.now, seen.ports, locale=seen.locale)
    display = {field.id: field.display for field in there.fields()}
    return [Moved(key, seen.words(seen.bundle.form.fields[key].label), seen.name(event.actor_id), event.at,
                  display.get(key, "")) for key, event in found.items()]


def drawn_from(seen: Seen, version: int) -> Bundle | None:
    """What a page was drawn from that shows this version of the ticket, if the form was upgraded since; else None."""
    since = next((event for event in seen.events if event.version > version and event.kind == "form.upgraded"), None)
    return definitions.bundle(since.body["delta"]["from"]) if since else None


def colleagues(but: str) -> list[tuple[str, str]]:
    """(id, name) of everybody at work except one, for choosing somebody. One query."""
    rows = db.session.execute(
        select(Person.id, Person.name).where(Person.active.is_(True), Person.id != but).order_by(Person.name)
        .limit(MOST_PEOPLE)
    )
    return [(row.id, row.name) for row in rows]
