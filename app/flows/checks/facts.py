"""What a check may know besides the flow. Plain data: flows know nothing of forms or of the organisation."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.flows.sandbox import Company


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One field of the form: `asked` False = nobody can answer it; `filled` = something fills it in by itself;
    `outside` False = nobody can answer it who is not signed in; `source`: the table it chooses from; `computed`: a
    formula of the form gives it; `options`: all that can be chosen, where the form itself lists it."""

    label: Any
    section: str | None = None
    required: bool = False
    asked: bool = True
    filled: bool = False
    outside: bool = True
    source: str | None = None
    computed: bool = False
    options: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class FormFacts:
    """`types`: "form.f_x" → expression type; `sources`: "form.f_store" → source; `fields` by id; section ids."""

    types: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, FieldFact] = field(default_factory=dict)
    sections: Collection[str] = ()

    @classmethod
    def of(cls, form: Any) -> FormFacts:
        """From a loaded form (anything with `types()`, `sources()`, `fields` and `sections`)."""
        sources = form.sources()
        facts = {
            found.id: FieldFact(found.label, found.section, found.required, found.type.asked and not found.readonly,
                                found.default is not None or found.prefill is not None,
                                found.type.outside or found.prefill is not None, sources.get(f"form.{found.id}"),
                                found.formula is not None, found.type.allowed(found, None))
            for found in form.fields.values()
        }
        return cls(form.types(), sources, facts, [section.id for section in form.sections])


@dataclass(frozen=True, slots=True)
class Known:
    """What exists around the flow; None = not known here, and then not checked.

    `roles`: role → number of active people who hold it; `people`: who is active. `inside`: tables that only
    colleagues may look into. The rest: names of what may be used. `company`: the real one, for scenarios that play
    in it. `skills`: skill → the highest level that somebody active has. `cells`: table → column → what stands there, of
    tables that people are responsible for (others have no columns here). `type_fields`: ticket type → field of its
    form → kind of field. `type_needs`: ticket type → field that its form requires as a ticket is opened → its label.
    """

    form: FormFacts | None = None
    roles: Mapping[str, int] | None = None
    templates: Collection[str] | None = None
    connectors: Collection[str] | None = None
    channels: Collection[str] | None = None
    calendars: Collection[str] | None = None
    people: Collection[str] | None = None
    departments: Collection[str] | None = None
    sources: Collection[str] | None = None
    inside: Collection[str] = ()
    skills: Mapping[str, int] | None = None
    cells: Mapping[str, Mapping[str, Collection[str]]] | None = None
    company: Company | None = None
    ticket_types: Collection[str] | None = None
    type_fields: Mapping[str, Mapping[str, str]] | None = None
    type_needs: Mapping[str, Mapping[str, Any]] | None = None
    tokens: Collection[str] | None = None
