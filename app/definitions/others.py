"""What publish checks may know of the other ticket types that a flow names. Read when asked: most flows name none."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from app.definitions.bundle import Bundle
from app.flows.sandbox import MadeUp
from app.flows.scenario import DEFAULT_AT

#: Which way in a sub-ticket takes, in this order; another kind of trigger has news of its own and takes no answers.
TRIGGERS = ("trigger.api", "trigger.chat_sidebar", "trigger.public_form")
Find = Callable[[str], Bundle | None]  # ticket type in force → what runs


def way_in(bundle: Bundle) -> str | None:
    """The trigger by which another ticket's flow opens tickets here."""
    triggers = bundle.flow.triggers()
    return next((node.id for kind in TRIGGERS for node in triggers if node.type.type == kind), None)


class _ByType(Mapping[str, Mapping[str, Any]]):
    """Ticket type → facts about it."""

    def __init__(self, find: Find) -> None:
        self._find = find

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return self._facts(found)

    def _facts(self, bundle: Bundle) -> Mapping[str, Any]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        return iter(())  # nobody walks through all of them

    def __len__(self) -> int:
        return 0


class TypeFields(_ByType):
    """Ticket type → field of its form → kind of field. `own`: the types that will run on what is checked; theirs are
    the fields of `form` (raw), which is in force."""

    def __init__(self, find: Find, own: Sequence[str], form: Any) -> None:
        super().__init__(find)
        self._own, self._form = own, form

    def __getitem__(self, key: str) -> Mapping[str, str]:
        if key in self._own and self._form is not None:
            return {field["id"]: field["type"] for field in self._form["fields"]}
        return super().__getitem__(key)

    def _facts(self, bundle: Bundle) -> Mapping[str, str]:
        return {field.id: field.type.type for field in bundle.form.fields.values()}


class TypeNeeds(_ByType):
    """Ticket type → field that must be given as another ticket's flow opens one → its label."""

    def _facts(self, bundle: Bundle) -> Mapping[str, Any]:
        trigger = way_in(bundle)
        if trigger is None:
            return {}
        view = bundle.view(trigger, {}, bundle.opening(trigger), DEFAULT_AT, MadeUp({}).ports({}), locale="zh")
        return {field.id: bundle.form.fields[field.id].label for field in view.fields()
                if field.editable and field.required and field.visible and field.value in (None, "", [])}
