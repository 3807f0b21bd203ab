"""Definition → Form: each part checked with its JSON path, formulas and rules compiled, faults gathered."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from marshmallow import ValidationError

from app.core.calendar import tz_table
from app.core.catalog import Catalog
from app.core.errors import Invalid, Problem
from app.core.expressions import LIMITS
from app.core.expressions.dates import DAY_MS, midnight, parse_day, parse_moment
from app.core.expressions.errors import Fail
from app.forms.base import Active, Field, FieldType, Option, Section, Sensitive, Text
from app.forms.constants import acceptable
from app.forms.fields.radio import make_options
from app.forms.fields.unavailable import Unavailable
from app.forms.keys import instance, problems
from app.forms.rules import Plan, Rule, compile_formula, compile_rules, make_plan, parts_of_missing
from app.forms.shapes import COLUMN_NAMES, FIELD_NAMES, ColumnKeys, FieldKeys

SCHEMA = "danflow/form/1"
#: What a form may ask of its surroundings besides its own fields; `vars` belong to the flow: any name, any type.
SCOPE_TYPES = {
    "customer.id": "text", "customer.name": "text", "customer.level": "text", "customer.phone": "text",
    "ticket.source": "text", "ticket.channel": "text", "ticket.owner": "text",
    "ctx.node": "text", "ctx.role": "text", "ctx.channel": "text",
}


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """A form, checked and compiled; shared by threads, never changed."""

    key: str
    title: Text
    locale: str
    locales: tuple[str, ...]
    settings: Mapping[str, Any]
    sections: tuple[Section, ...]
    fields: Mapping[str, Field]  # in order of display; columns are in Field.columns
    rules: tuple[Rule, ...]
    layout: Mapping[str, Any]
    plan: Plan

    def types(self, reader: Any = None) -> dict[str, str]:
        """Path → type for expressions: `form.f_comp`, and of a sub-table's columns `form.f_items.f_sum`.

        `reader`: the definition that will ask; parts of a field whose type is not installed are known by its asking.
        """
        return {**field_types(self.fields), **parts_of_missing(_missing(self.fields), reader)}

    def sources(self) -> dict[str, str]:
        """Path of each reference field → the source whose rows it names."""
        return {f"form.{key}": field.settings["source"] for key, field in self.fields.items()
                if "source" in field.settings}


def field_types(fields: Mapping[str, Field]) -> dict[str, str]:
    """See Form.types."""
    types = {}
    for field in fields.values():
        if field.type.stored:
            types[f"form.{field.id}"] = field.value_type
            types.update({f"form.{field.id}.{part}": kind for part, kind in field.type.parts.items()})
        types.update({f"form.{field.id}.{column.id}": column.value_type for column in field.columns.values()})
    return types


def _missing(fields: Mapping[str, Field]) -> list[str]:
    return [key for key, field in fields.items() if not field.type.installed]


class _Gather:
    """Notes every refusal raised inside the block, at `where`, and lets the load go on."""

    def __init__(self, found: list[Problem], where: str) -> None:
        self.found, self.where = found, where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> bool:
        if isinstance(error, ValidationError):
            self.found += problems(error.messages, self.where)
        elif isinstance(error, Invalid):
            self.found += [self.placed(problem) for problem in error.problems]
        elif isinstance(error, Problem):
            self.found.append(self.placed(error))
        return isinstance(error, (ValidationError, Problem))

    def placed(self, problem: Problem) -> Problem:
        problem.where = ".".join(part for part in (self.where, problem.where) if part)
        return problem


class Loader:
    """One load; gathers problems instead of stopping at the first."""

    def __init__(self, keys: Mapping[str, Any], catalog: Catalog, *, strict: bool = False, ours: bool = False) -> None:
        self.keys = keys
        self.catalog = catalog
        self.strict = strict  # a type that is not installed is a fault
        self.ours = ours  # what plugins bring counts as not installed
        self.found: list[Problem] = []
        self.ids: set[str] = set()
        self.option_sets: dict[str, tuple[Option, ...]] = {}

    def form(self) -> Form:
        """The form. Raises Invalid with every fault found."""
        keys = self.keys
        if keys["schema"] != SCHEMA:
            raise Invalid([Problem("form_schema", where="schema", schema=keys["schema"][:60], known=SCHEMA)],
                          "form_invalid")
        for name, rows in keys["option_sets"].items():
            with self.at(""):
                self.option_sets[name] = make_options(rows, f"option_sets.{name}")
        sections = tuple(Section(row["id"], row["title"], row["page"]) for row in keys["sections"])
        names = {section.id for section in sections}
        for index, section in enumerate(sections):
            self.unique(section.id, f"sections[{index}].id")
        fields = {}
        for index, raw in enumerate(keys["fields_"]):
            field = self.field(raw, f"fields[{index}]", names)
            if field:
                fields[field.id] = field
        self.stop()
        asking = [keys["fields_"], keys["rules"]]
        types = {**SCOPE_TYPES, **field_types(fields), **parts_of_missing(_missing(fields), asking)}
        fields = self.with_formulas(fields, types)
        self.check_relations(fields)
        rules, faults = compile_rules(keys["rules"], fields, names, types)
        self.found += faults
        self.stop()
        locales = keys["locales"] or [keys["locale"]]
        return Form(keys["key"], keys["title"], keys["locale"], tuple(locales), keys["settings"], sections, fields,
                    rules, keys["layout"], make_plan(fields, rules, types))

    def at(self, where: str) -> _Gather:
        return _Gather(self.found, where)

    def stop(self) -> None:
        """Raise what has been found so far."""
        if self.found:
            raise Invalid(self.found, "form_invalid")

    def kind(self, name: str) -> FieldType:
        """The type of this name, or its stand-in."""
        known = self.catalog.fields
        if name in known and self.ours and known.owner(name) != "core":
            return Unavailable(name, unfit=True)
        return known.find(name) or Unavailable(name)

    def unique(self, name: str, where: str) -> None:
        """Ids of sections, fields and columns share one namespace: a step's `fields` names them alike."""
        if name in self.ids:
            self.found.append(Problem("form_id_twice", where=where, id=name))
        self.ids.add(name)

    def field(self, raw: Any, where: str, sections: set[str], parent: str | None = None) -> Field | None:
        """One field or column; None with its faults noted."""
        names, schema = (COLUMN_NAMES, ColumnKeys) if parent else (FIELD_NAMES, FieldKeys)
        with self.at(where):
            if not isinstance(raw, dict):
                raise Problem("form_key_object")
            common = instance(schema).load({key: value for key, value in raw.items() if key in names})
            self.unique(common["id"], f"{where}.id")
            kind = self.kind(common["type"])
            if parent and not kind.in_rows:
                raise Problem("form_type_not_in_rows", where="type", type=common["type"])
            if not kind.installed and (self.strict or "fields" in raw):  # only tables of ours have columns
                raise Problem("form_type_unknown", where="type", type=common["type"], label=common["label"])
            if common.get("section") and common["section"] not in sections:
                raise Problem("form_section_unknown", where="section", section=common["section"])
            settings = instance(kind.Settings).load({key: value for key, value in raw.items() if key not in names})
            settings = kind.prepare(settings, {"option_sets": self.option_sets})
            if parent and settings.get("parent"):
                raise Problem("form_type_not_in_rows", where="options_from", type="options_from")
            columns = [self.field(column, f"{where}.fields[{index}]", sections, common["id"])
                       for index, column in enumerate(settings.pop("fields_", []))]
            field = Field(
                id=common["id"], type=kind, label=common["label"], settings=settings, where=where, parent=parent,
                section=common.get("section"), hint=common["hint"], required=common["required_"],
                readonly=common.get("readonly", False), prefill=common.get("prefill"),
                default=kind.default if common["default"] is None or not kind.installed else common["default"],
                active=_active(common.get("active")), sensitive=_sensitive(common.get("sensitive")) or kind.sensitive,
                columns={column.id: column for column in columns if column})
            if field.default is not None:
                acceptable(field, field.default, "default")
            return field
        return None

    def with_formulas(self, fields: Mapping[str, Field], types: Mapping[str, str]) -> dict[str, Field]:
        """The fields with formulas parsed against the types of the whole form."""
        count = 0
        out = {}
        for field in fields.values():
            rows = {f"row.{column.id}": column.value_type for column in field.columns.values()}
            columns = {column.id: self.computed(column, fields, {**types, **rows})
                       for column in field.columns.values()}
            if columns:
                order = row_order(columns, field, self.found)
                field = replace(field, columns=columns, settings={**field.settings, "computed": order})
            out[field.id] = self.computed(field, fields, types)
            count += sum("formula" in inner.settings for inner in (field, *columns.values()))
        if count > LIMITS["computed_fields"]:
            self.found.append(Problem("form_too_many_formulas", where="fields", max=LIMITS["computed_fields"],
                                      count=count))
        return out

    def computed(self, field: Field, fields: Mapping[str, Field], types: Mapping[str, str]) -> Field:
        """The field with its formula compiled, if it has one."""
        if "formula" not in field.settings:
            return field
        with self.at(f"{field.where}.formula"):
            formula = compile_formula(field.settings["formula"], types, fields, field.settings["nulls_as_zero"])
            if formula.type not in ("any", field.value_type):
                raise Problem("form_formula_type", got=formula.type, want=field.value_type)
            return replace(field, formula=formula)
        return field

    def check_relations(self, fields: Mapping[str, Field]) -> None:
        """Names in one part of the form that must exist in another."""
        for field in fields.values():
            holder, _, told = (field.prefill or "").partition(".")
            if holder == "history" and told not in fields:
                self.found.append(Problem("form_field_unknown", where=f"{field.where}.prefill", field=told))
            parent = field.settings.get("parent")
            if parent:
                choices = fields[parent].settings.get("choices") if parent in fields else None
                if choices is None or fields[parent].value_type != "text":
                    self.found.append(Problem("form_parent_unknown", where=f"{field.where}.options_from.ref",
                                              field=parent))
                    continue
                self.found += [Problem("form_option_unknown", where=f"{field.where}.options_from.map.{option}",
                                       option=option) for option in field.settings["groups"] if option not in choices]
            self.found += [Problem("form_fill_column", where=f"{column.where}.lookup")
                           for column in field.columns.values() if column.settings.get("lookup", {}).get("fill")]
            lookup = field.settings.get("lookup", {})
            for target in (*lookup.get("fill", ()), *(path.removeprefix("form.") for path in lookup.get("by", ()))):
                known = target in fields and (fields[target].type.asked or not fields[target].type.installed)
                if not known or fields[target].columns:
                    self.found.append(Problem("form_field_unknown", where=f"{field.where}.lookup", field=target))
        for target in self.keys["layout"]["desktop"]["span"]:
            if target not in fields:
                self.found.append(Problem("form_field_unknown", where=f"layout.desktop.span.{target}", field=target))


def row_order(columns: Mapping[str, Field], table: Field, found: list[Problem]) -> tuple[Field, ...]:
    """Computed columns, each after those it reads; a circle is noted as a problem."""
    waiting = {key: {path.removeprefix("row.") for path in column.formula.refs if path.startswith("row.")}
               for key, column in columns.items() if column.formula}
    order: list[Field] = []
    while waiting:
        ready = [key for key, needs in waiting.items() if not needs & waiting.keys()]
        if not ready:
            found.append(Problem("form_cycle", where=table.where, path=" → ".join([*waiting, next(iter(waiting))])))
            break
        order += [columns[key] for key in ready]
        for key in ready:
            del waiting[key]
    return tuple(order)


def _sensitive(row: Mapping[str, Any] | None) -> Sensitive | None:
    return Sensitive(row["mask"], tuple(row["reveal"]), row["encrypt"]) if row else None


def _active(row: Mapping[str, Any] | None) -> Active | None:
    """The window in UTC milliseconds; a date means the whole local day, the last one included."""
    if not row:
        return None
    since = _moment(row["since"], row["tz"], "active.from", 0)
    until = _moment(row["until"], row["tz"], "active.to", 1)
    if since is not None and until is not None and since >= until:
        raise Problem("form_active_order", where="active.to")
    return Active(since, until)


def _moment(text: str | None, tz: str, where: str, days: int) -> int | None:
    if text is None:
        return None
    try:
        if "T" in text:
            return parse_moment(text)
        day = parse_day(text)
        try:
            zone = tz_table(tz, day * DAY_MS)
        except Problem as problem:
            problem.where = "active.tz"
            raise
        return midnight(day + days, zone)
    except Fail:
        raise Problem("form_active_date", where=where, value=text) from None
