"""One line of a ticket's history, for whom it is told, and what people call the things in it."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.catalog import Catalog
from app.core.errors import localized
from app.definitions.bundle import Bundle
from app.desk.why import Teller, Why
from app.flows.directory import Directory
from app.flows.model import Node
from app.forms.view import FieldView
from app.runtime.problems import target_words
from app.runtime.queries import EventLine

SHOWS = ("all", "people", "system", "customer")
WHO = {"person": "people", "customer": "customer"}  # actor type → filter; everything else is the system
# What somebody did themselves. All else that the same step brought about is the system's doing.
OWN = frozenset({
    "ticket.created", "task.claimed", "task.done", "task.assigned", "customer.answered", "customer.repeated",
    "form.changed", "comment", "task.returned", "task.recalled", "sign.planned", "sign.given", "sign.cancelled",
    "ticket.urged", "message.read", "answer.revealed", "form.upgraded",
    "ticket.closed",
})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `who` is people | customer | system, `more` free text of a person or a reason, `tone` "" | bad,
    `fields` answers that came with it, as the reader may see them; `why` the whole of an assignment; `ticket`
    the id of another one that it is about."""

    seq: int
    at: int
    who: str
    icon: str
    text: str
    more: str = ""
    tone: str = ""
    fields: Sequence[FieldView] = ()
    why: Why | None = None
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the history is told: language, field levels (hidden fields are not named), how they may see answers that
    were stored apart from the ticket's, and the labels of fields that the form has no more."""

    locale: str
    levels: Mapping[str, str]
    answers: Callable[[Mapping[str, Any]], Sequence[FieldView]]
    former: Mapping[str, str]
    now: int


class Names:
    """Names in the reader's words, and lines made of them."""

    def __init__(self, bundle: Bundle, directory: Directory, catalog: Catalog, reader: Reader) -> None:
        self.bundle, self.directory, self.catalog, self.reader = bundle, directory, catalog, reader
        self.teller = Teller(self.name, reader.locale, reader.now)

    def name(self, person: Any) -> str:
        """A colleague's name."""
        found = self.directory.person(str(person)) if person else None
        return str(found["name"]) if found else _("a former colleague")

    def names(self, people: Iterable[Any]) -> str:
        """Several colleagues."""
        return _(", ").join(self.name(person) for person in people)

    def step(self, node: str | None) -> str:
        """A step's name."""
        found = self.bundle.flow.nodes.get(node or "")
        return self.words(found.name) if found else _("an earlier step")

    def words(self, label: Any) -> str:
        """A label of the definition in the reader's language."""
        return str(localized(label, self.reader.locale))

    def port(self, node: Node | None, port: str | None) -> str:
        """The label of a way out, or of a button."""
        ports = node.ports if node else ()
        return next((self.words(known.label) for known in ports if known.id == port), "")

    def target(self, ref: str) -> str:
        """What a flow sets: the label of a form field, or the name of a variable."""
        return target_words(self.bundle, ref, self.reader.locale)

    def action(self, node: Node | None, action: Any) -> str:
        """The text of a button."""
        known = node.type.actions(node.config) if node else ()
        return next((self.words(one.label) for one in known if one.id == action), "")

    def channel(self, via: Any) -> str:
        """A channel's name."""
        found = self.catalog.channels.find(via)
        return self.words(found.label) if found else _("a message")


    def _line(self, event: EventLine, icon: str, said: str, more: str = "", tone: str = "") -> Line:
        who = WHO.get(event.actor_type, "system") if event.kind in OWN else "system"
        return Line(event.seq, event.at, who, icon, said, more, tone)

    def _labels(self, event: EventLine, part: str = "fields") -> str:
        """The fields that an event names, as far as the reader knows of them."""
        fields, former = self.bundle.form.fields, self.reader.former
        return _(", ").join(
            self.words(fields[key].label) if key in fields else former[key]
            for key in (event.body.get("delta") or {}).get(part) or ()
            if (key in fields or key in former) and self.reader.levels.get(key, "hidden") != "hidden"
        )

    def _node(self, event: EventLine) -> Node | None:
        return self.bundle.flow.nodes.get(event.node or "")
