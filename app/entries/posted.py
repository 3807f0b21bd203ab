"""What an HTML form sent, as the raw answers that the API would take: one judge for both."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from app.core.errors import Problem
from app.forms.access import at_least
from app.forms.base import Field
from app.forms.loader import Form
from app.forms.validate import read_posted

MAX_PHOTOS = 10  # of codes, in one form: each may take half a second
DO = ("row+", "row-", "file-", "render")


@dataclass(frozen=True, slots=True)
class Do:
    """What a button other than 「提交」 asks for: draw the form again with one change. Nothing is stored."""

    what: str
    field: str = ""
    item: str = ""  # row index, or upload id

    @classmethod
    def read(cls, value: str) -> Do | None:
        """From the button's value "row-:f_items:2"; None for an absent or unknown one, which means: submit."""
        what, _, rest = value.partition(":")
        field, _, item = rest.partition(":")
        return cls(what, field, item) if what in DO else None


def answers(form: Form, access: Mapping[str, str], posted: MultiDict[str, str]) -> dict[str, Any]:
    """Raw answers by field id. Keys that belong to no field stay in, for the judge to refuse them by name.

    Controls whose names begin with "_" are the page's own.
    """
    raw = read_posted(form, posted, access)
    strangers = {key.partition(".")[0] for key in posted if not key.startswith(("_", "f_"))}
    return raw | dict.fromkeys(sorted(strangers), "")


def change(form: Form, raw: dict[str, Any], posted: MultiDict[str, str], do: Do) -> dict[str, Any]:
    """The raw answers after a button's change. Empty rows survive: somebody is about to fill them in."""
    field = form.fields.get(do.field)
    if field is None or field.id not in raw:
        return raw
    items = raw[field.id] or []
    if do.what == "row+" and field.columns and len(items) < field.settings["max_rows"]:
        return raw | {field.id: [*items, {column.id: column.default for column in field.columns.values()}]}
    if do.what == "row-" and field.columns:
        row = f"{field.id}.{do.item}."
        rest = MultiDict((name, value) for name, value in posted.items(multi=True) if not f"{name}.".startswith(row))
        return raw | {field.id: field.type.from_form(field, rest, field.id)}
    if do.what == "file-" and field.type.uploads:
        return raw | {field.id: [item for item in items if item != do.item]}
    return raw


def field_at(form: Form, access: Mapping[str, str], name: str) -> Field | None:
    """The field behind a control that this person may fill in: "f_code", or the column of "f_items.0.f_code"."""
    head, _, rest = name.partition(".")
    field = form.fields.get(head)
    if field is None or not at_least(access.get(head, "hidden"), "edit"):
        return None
    index, _, column = rest.partition(".")
    return (field.columns.get(column) if index.isdigit() else None) if rest else field


def read_photos(
    form: Form, access: Mapping[str, str], files: MultiDict[str, FileStorage], posted: MultiDict[str, str]
) -> list[Problem]:
    """Put what photos of codes say in the place of what was typed; returns what is wrong with the others."""
    problems: list[Problem] = []
    count = 0
    for key, file in files.items():
        name, _, part = key.rpartition(".")
        field = field_at(form, access, name) if part == "photo" and file.filename else None
        if field is None or not field.type.photo:
            continue
        count += 1
        try:
            if count > MAX_PHOTOS:
                raise Problem("scan_many", max=MAX_PHOTOS)
            posted.setlist(name, [field.type.read_photo(field, file.read())])
        except Problem as problem:
            problem.where = name
            problem.params.setdefault("label", field.label)
            problems.append(problem)
    return problems


def new_files(
    form: Form, access: Mapping[str, str], files: MultiDict[str, FileStorage]
) -> Iterator[tuple[Field, FileStorage]]:
    """(field, file) for each file chosen in a field that may be edited; a chooser left empty sends a nameless one."""
    for key in files:
        name, _, part = key.partition(".")
        field = form.fields.get(name)
        if part != "files" or field is None or not field.type.uploads or not at_least(access[name], "edit"):
            continue
        yield from ((field, file) for file in files.getlist(key) if file.filename)
