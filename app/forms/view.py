"""What templates draw: a form seen by one person, in one language, at one step. Templates decide nothing."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    files: tuple[FileView, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[RowView, ...] = ()  # of a sub-table
    columns: tuple[FieldView, ...] = ()  # of a sub-table: a blank row, named "f_items.{}.f_dish"
    sensitive: bool = False  # personal: a browser keeps no draft of it
    revealable: bool = False  # masked, and some role may reveal it
    span: int = 1  # columns it takes on a desktop


@dataclass(frozen=True, slots=True)
class SectionView:
    id: str  # "" for fields outside any section
    title: str
    fields: tuple[FieldView, ...]


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
    live: Mapping[str, Any] | None = None  # bundle for the browser, None when nothing is live (docs/forms.md)

    def fields(self) -> tuple[FieldView, ...]:
        """Every field, in order of display."""
        return tuple(found for section in self.sections for found in section.fields)
