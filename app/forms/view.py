"""What templates draw: a form seen by one person, in one language, at one step. Templates decide nothing."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from app.core.errors import Problem, localized, text
from app.core.expressions import Env
from app.forms.access import NOBODY, Reader, at_least, may_reveal
from app.forms.base import Asking, Field, FieldType, FormPorts, Option, Section, is_empty
from app.forms.fields.lookup import row_label
from app.forms.keys import Words, instance
from app.forms.live import bundle
from app.forms.loader import Form
from app.forms.logic import Turn, brought, settle
from app.forms.words import condition_text


@dataclass(frozen=True, slots=True)
class OptionView:
    """One choice. An archived one appears only where it is selected (old data)."""

    id: str
    label: str
    selected: bool = False
    archived: bool = False
    parent: str = ""  # option id of the parent field under which this choice stands, of dependent choices
    parent_label: str = ""  # its label, for <optgroup>; groups come in order


@dataclass(frozen=True, slots=True)
class FileView:
    """One attachment; the template makes links from `id`."""

    id: str
    name: str
    kind: str  # image | media | file
    mime: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a sub-table: `index` as in the control names, its cells as fields called `f_items.<index>.f_dish`."""

    index: int
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. `level` is masked | read | edit | required; hidden fields are not in the view at all."""

    id: str
    name: str  # of the HTML control; inside a row "f_items.0.f_dish"
    type: str  # template fields/<type>.html
    label: str
    hint: str = ""
    value: Any = None  # stored value, or the raw one typed when it was refused; None where level is masked
    display: str = ""  # in words, masked where it must be
    level: str = "read"
    required: bool = False  # must be answered now (access, definition or a rule)
    visible: bool = True  # False: a rule hides it for now; drawn all the same, with condition_text
    editable: bool = False  # a control is drawn; else `display`
    condition_text: str = ""  # 「仅当…时填写」 of a field that a rule may hide; "" if always shown
    errors: tuple[str, ...] = ()
    options: tuple[OptionView, ...] = ()
    notice: str = ""  # why nothing can be chosen at the moment
    files: tuple[FileView, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[RowView, ...] = ()  # of a sub-table
    columns: tuple[FieldView, ...] = ()  # of a sub-table: a blank row, named "f_items.{}.f_dish"
    sensitive: bool = False  # personal: a browser keeps no draft of it
    many: bool = False  # more to choose from than a list holds: `options` are what was searched for
    stands: bool = False  # part of a form though nobody answers it: a sum, a notice
    revealable: bool = False  # masked, and this reader may have it shown
    revealed: bool = False  # shown to this reader though it is masked, because they asked
    span: int = 1  # columns it takes on a desktop


@dataclass(frozen=True, slots=True)
class SectionView:
    id: str  # "" for fields outside any section
    title: str
    fields: tuple[FieldView, ...]
    page: int = 0  # on which page it stands, counted from 0


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A line of the error summary: link to `#name`; `where` may be "" for the form as a whole."""

    where: str  # field id, "f_items.0.f_dish" inside a row
    label: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class FormView:
    key: str
    title: str
    submit: str  # text of the submit button
    locale: str
    sections: tuple[SectionView, ...]
    problems: tuple[ProblemView, ...] = ()
    uploads: bool = False  # some editable field takes files: enctype multipart
    desktop_columns: int = 1
    locales: tuple[str, ...] = ()  # languages its author wrote it in
    live: Mapping[str, Any] | None = None  # bundle for the browser, None when nothing is live (docs/forms.md)

    def fields(self) -> tuple[FieldView, ...]:
        """Every field, in order of display."""
        return tuple(found for section in self.sections for found in section.fields)

    def speaks(self, language: str) -> bool:
        """Whether the form has words in "zh" or "en"."""
        return any(locale.partition("-")[0] == language for locale in self.locales)

    def pages(self) -> tuple[tuple[SectionView, ...], ...]:
        """The sections of each page, in order; a page of which nothing is drawn is not there."""
        return tuple(tuple(sections) for _, sections in groupby(self.sections, attrgetter("page")))


def build(form: Form, values: Mapping[str, Any], *, access: Mapping[str, str], env: Env, scope: Mapping[str, Any],
          locale: str, problems: Sequence[Problem] = (), ports: FormPorts, reader: Reader = NOBODY) -> FormView:
    """The page for a person with `access` (see access.resolve).

    `values`: stored answers, or after a refusal the raw ones, which are drawn as they were typed.
    """
    return _Drawing(form, values, access, env, scope, locale, problems, ports, reader).view()


def apart(form: Form, values: Mapping[str, Any], *, access: Mapping[str, str], env: Env, locale: str,
          ports: FormPorts) -> list[FieldView]:
    """Stored answers drawn one by one, whatever rules say of them: of a version of the form that asks no more.

    `access` has a level for every field; what is hidden is left out. A key "f_items.f_dish" is a column, its value a
    list with one for each row.
    """
    drawing = _Drawing(form, {}, access, env, {}, locale, (), ports, NOBODY)
    found = []
    for key, value in values.items():
        owner, _, column = key.partition(".")
        field, level = form.fields[owner], access[owner]
        if level != "hidden":
            found.append(drawing.column(field, field.columns[column], value, level) if column
                         else drawing.alone(field, value, level))
    return found


class _Drawing:
    def __init__(self, form: Form, values: Mapping[str, Any], access: Mapping[str, str], env: Env,
                 scope: Mapping[str, Any], locale: str, problems: Sequence[Problem], ports: FormPorts,
                 reader: Reader) -> None:
        self.form, self.raw, self.access, self.env, self.scope = form, values, access, env, scope
        self.locale, self.problems, self.ports, self.reader = locale, problems, ports, reader
        self.filling = any(self.editable(key) for key in form.fields)
        self.bad: set[str] = set()  # names whose raw answer is no answer: drawn as typed, empty for rules
        self.settled = settle(form, self.answer, scope=scope, env=env, ports=ports, current=values)
        self.errors: dict[str, list[str]] = {}
        for problem in problems:
            self.errors.setdefault(problem.where, []).append(problem.message(locale))
        for name, code in self.settled.failed.items():
            self.errors.setdefault(name, []).append(text(code, locale))

    def view(self) -> FormView:
        form = self.form
        sections: list[SectionView] = []
        page, turned = 0, False
        for section in (Section("", ""), *form.sections):
            turned |= section.page
            fields = tuple(self.field(found) for found in form.fields.values()
                           if (found.section or "") == section.id and self.drawn(found))
            if fields:
                page, turned = page + (turned and bool(sections)), False
                sections.append(SectionView(section.id, self.words(section.title), fields, page))
        live = bundle(form, self.settled, readable=self.readable, editable=self.answerable, scope=self.scope,
                      env=self.env, locale=self.locale)
        return FormView(
            form.key, self.words(form.title),
            self.words(form.settings["submit"]) or text("form_word_submit", self.locale), self.locale, tuple(sections),
            tuple(self.problem(problem) for problem in self.problems),
            uploads=any(found.type.uploads and self.editable(key) for key, found in form.fields.items()),
            desktop_columns=form.layout["desktop"]["columns"], locales=form.locales, live=live)

    def words(self, label: Any) -> str:
        return str(localized(label, self.locale))

    def drawn(self, field: Field) -> bool:
        """Hidden fields and closed campaigns are not on the page, nor what is only read where a rule hides it."""
        turn = self.settled.turns[field.id]
        if not self.known(field):
            return False
        if self.filling and field.type.source(field):
            return False  # whoever fills the form in is not asked; readers of the answers see what was taken
        return self.access[field.id] != "hidden" and turn.open and (turn.shown or self.editable(field.id)
                                                                    or field.type.stands)

    def known(self, field: Field) -> bool:
        """A field whose type is not installed is a colleague's affair: a customer could do nothing about it."""
        return field.type.installed or self.ports.me() is not None

    def editable(self, key: str) -> bool:
        return at_least(self.access[key], "edit") and self.form.fields[key].type.asked

    def answerable(self, key: str) -> bool:
        """Whether a control stands on the page."""
        return self.editable(key) and self.settled.turns[key].open

    def readable(self, key: str) -> bool:
        """Whether the value itself may reach this reader's browser."""
        return self.editable(key) or (at_least(self.access[key], "read") and self.form.fields[key].sensitive is None)

    def answer(self, field: Field, turn: Turn) -> Any:
        """What rules see: an answer that would be refused, or that is hidden, is empty."""
        editable = self.editable(field.id)
        raw = self.raw.get(field.id, field.default if editable else None)
        if is_empty(raw) and turn.shown and self.filling:
            return brought(field, self.scope, self.env, self.ports)
        if is_empty(raw) or not turn.shown:
            return None
        if not editable:
            return raw if field.type.is_stored(field, raw) else None
        if field.columns:
            return [self.row(field, row, index) for index, row in enumerate(self.table_rows(field))]
        return self.cleaned(field, raw, turn, field.id)

    def row(self, table: Field, row: Mapping[str, Any], index: int) -> dict[str, Any]:
        out = {}
        for key, column in table.columns.items():
            if column.type.asked and not is_empty(row.get(key)):
                turn = Turn(allowed=column.type.allowed(column, row[key]))
                out[key] = self.cleaned(column, row[key], turn, f"{table.id}.{index}.{key}")
        return out

    def cleaned(self, field: Field, raw: Any, turn: Turn, name: str) -> Any:
        try:
            return field.type.clean(field, raw, Asking(self.env, self.ports, raw, turn.allowed, require=False))
        except Problem:
            self.bad.add(name)
            return None

    def problem(self, problem: Problem) -> ProblemView:
        field = self.form.fields.get(problem.where.partition(".")[0])
        return ProblemView(problem.where, self.words(field.label) if field else "", problem.message(self.locale),
                           problem.code)

    def field(self, field: Field) -> FieldView:
        key = field.id
        turn = self.settled.turns[key]
        raw = self.raw.get(key)
        as_typed = self.editable(key) and (key in self.bad or not turn.shown)
        value = raw if as_typed else self.settled.values.get(key)
        editable = self.editable(key) and not turn.readonly
        span = self.form.layout["desktop"]["span"].get(key, 1)
        drawn = self.cell(field, value, key, self.access[key], editable, raw_shown=as_typed)
        return replace(
            drawn, span=span, visible=turn.shown,
            required=editable and (self.access[key] == "required" or key in self.settled.required
                                   or bool(field.settings.get("min_rows"))),
            condition_text=condition_text(self.form, key, readable=self.readable, locale=self.locale, ports=self.ports))

    def cell(self, field: Field, value: Any, name: str, level: str, editable: bool, raw_shown: bool) -> FieldView:
        """A field or a table's cell; `raw_shown`: the value was refused and is shown as it was typed."""
        masked = level == "masked" or (field.sensitive is not None and not editable)
        ours = masked and not is_empty(value) and may_reveal(field, level, self.reader.roles)
        revealed = ours and field.id in self.reader.revealed
        secret = masked and not revealed
        display = ""
        if not is_empty(value) and not raw_shown:
            show = field.masked if secret else field.shown
            display = show(value, self.locale, self.ports)
        offered, notice = self.offered(field, value) if editable else ((), "")
        has_files = field.type.uploads is not None and isinstance(value, list) and not secret
        return FieldView(
            field.id, name, field.type.type, self.words(field.label), self.words(field.hint),
            None if secret else value, display, level, field.required and editable, True, editable,
            errors=tuple(self.errors.get(name, ())),
            options=offered, notice=notice,
            many=editable and field.type.many(field, self.ports),
            files=self.files(value) if has_files else (),
            settings={key: self.words(found) if key in texts_of(field.type) else found
                      for key, found in field.type.settings_now(field, self.env).items()},
            rows=self.rows(field, level, editable) if field.columns and not secret else (),
            columns=self.blank(field, level, editable) if field.columns else (),
            sensitive=field.sensitive is not None, stands=field.type.stands,
            revealable=ours and not revealed, revealed=revealed)

    def alone(self, field: Field, value: Any, level: str) -> FieldView:
        """A stored answer as it is read."""
        self.raw = {**self.raw, field.id: value}
        return self.cell(field, value, field.id, level, False, False)

    def column(self, table: Field, column: Field, values: Sequence[Any], level: str) -> FieldView:
        """A column of a table, all its cells as one answer."""
        name = f"{table.id}.{column.id}"
        cells = [self.cell(column, value, name, level, False, False) for value in values if not is_empty(value)]
        display = text("form_join_items", self.locale).join(cell.display for cell in cells)
        return replace(
            cells[0], id=name, display=display, files=tuple(file for cell in cells for file in cell.files), value=None,
            label=text("form_upgrade_column", self.locale, {"table": table.label, "label": column.label}),
        )

    def table_rows(self, table: Field) -> list[Mapping[str, Any]]:
        raw = self.raw.get(table.id)
        return [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []

    def rows(self, table: Field, level: str, editable: bool) -> tuple[RowView, ...]:
        """The rows with each cell as judged, or as typed where it was refused."""
        judged = self.settled.values.get(table.id) or []
        rows = []
        for index, row in enumerate(self.table_rows(table)):
            clean = judged[index] if index < len(judged) else row
            cells = []
            for key, column in table.columns.items():
                if not self.known(column):
                    continue
                name = f"{table.id}.{index}.{key}"
                bad = name in self.bad
                value = row.get(key) if bad else clean.get(key)
                if not bad and value is not None and not column.type.is_stored(column, value):
                    value = None
                cells.append(self.cell(column, value, name, level,
                                       editable and column.type.asked, raw_shown=bad))
            rows.append(RowView(index, tuple(cells)))
        return tuple(rows)

    def blank(self, table: Field, level: str, editable: bool) -> tuple[FieldView, ...]:
        """One empty row, defaults filled in."""
        return tuple(self.cell(column, column.default, f"{table.id}.{{}}.{key}", level, editable and column.type.asked,
                               raw_shown=True) for key, column in table.columns.items() if self.known(column))

    def offered(self, field: Field, value: Any) -> tuple[tuple[OptionView, ...], str]:
        """What may be chosen, and why it cannot be found out now."""
        try:
            return self.options(field, value), ""
        except Problem as problem:
            problem.params.setdefault("label", field.label)
            return (), problem.message(self.locale)

    def options(self, field: Field, value: Any) -> tuple[OptionView, ...]:
        """What may be chosen, and archived choices where they stand; dependent ones group by group."""
        chosen = value if isinstance(value, list) else [value]
        rows = field.type.offer(field, value, self.ports)
        if rows is not None:
            return tuple(OptionView(row["id"], row_label(row, row["id"], self.locale),
                                    row.get("chosen", row["id"] in chosen), parent=row.get("parent", ""))
                         for row in rows)
        if "choices" not in field.settings:
            return ()
        offered = [option for option in field.settings["choices"].values()
                   if not option.archived or option.id in chosen]
        if field.settings["groups"] is None:
            return tuple(self.option(option, option.id in chosen) for option in offered)
        parent = self.form.fields[field.settings["parent"]]
        above = self.settled.values.get(parent.id)
        groups = field.settings["groups"]
        return tuple(
            self.option(option, option.id in chosen and (above == name or above not in groups), name,
                        self.words(parent.settings["choices"][name].label))
            for name, members in groups.items() for option in offered if option.id in members)

    def option(self, option: Option, selected: bool, parent: str = "", parent_label: str = "") -> OptionView:
        return OptionView(option.id, self.words(option.label), selected, option.archived, parent, parent_label)

    def files(self, ids: list[Any]) -> tuple[FileView, ...]:
        known = self.ports.attachments([item for item in ids if isinstance(item, str)])
        return tuple(FileView(item, str(found.get("name", "")), str(found.get("kind", "")), str(found.get("mime", "")),
                              int(found.get("size", 0))) for item, found in known.items())


@lru_cache(maxsize=256)
def texts_of(kind: FieldType) -> frozenset[str]:
    """Settings of a type that are texts in several languages."""
    return frozenset(key for key, found in instance(kind.Settings).fields.items() if isinstance(found, Words))
