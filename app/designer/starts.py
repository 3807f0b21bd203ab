"""Ways to begin a form: blank, from a template, from another form, from a file."""
from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from app import sheets
from app.core import strictjson
from app.core.errors import Problem, TooLarge
from app.core.principal import Principal, require
from app.definitions import service as definitions
from app.definitions.templates import template
from app.designer.service import KIND, standing
from app.extensions import parts
from app.forms.schema import MAX_BYTES
from app.forms.sheet import form_of_sheet

MAX_TITLE = 200
MAX_FILE = MAX_BYTES
MAX_LINES = 20_000
SHEETS = (".xlsx", ".csv")


def blank(title: str, locale: str, *, actor: Principal, now: int) -> str:
    """An empty form (commits); returns its key."""
    content = {"schema": "danflow/form/1", "locale": locale, "title": tidy(title), "fields": []}
    return _create(content, actor=actor, now=now)


def from_template(key: str, title: str, *, actor: Principal, now: int) -> str:
    """A form as the library has it, under a title of one's own if one is given (commits)."""
    content = template(key).content
    return _create({**content, **({"title": tidy(title)} if title.strip() else {})}, actor=actor, now=now)


def copy(key: str, title: str, *, actor: Principal, now: int) -> str:
    """A form with the draft of another (commits)."""
    content = standing(key).content
    return _create({**content, "title": tidy(title)}, actor=actor, now=now)


def from_file(data: bytes, name: str, locale: str, *, actor: Principal, now: int) -> str:
    """A form from an exported definition (.json), or from a sheet's header row (commits).

    Raises TooLarge, Malformed or Problem; what is wrong inside a definition is left to the editor to show.
    """
    require(actor, "definitions.edit")
    if len(data) > MAX_FILE:
        raise TooLarge("file_too_large", max_mb=MAX_FILE // 1024 // 1024)
    path = PurePosixPath(name.replace("\\", "/")[-300:])
    if path.suffix.lower() == ".json":
        content = from_json(data)
    elif path.suffix.lower() in SHEETS:
        sheet = sheets.read(data, path.name, most=MAX_LINES)
        lines = [sheet.header, *(cells for _, cells in sheet.lines)]
        content = form_of_sheet(lines, path.stem[:MAX_TITLE].strip() or "Excel", locale, set(parts().catalog.fields))
    else:
        raise Problem("designer_file_kind", where="file", name=path.name[:60])
    return _create(content, actor=actor, now=now)


def tidy(title: str, refusal: str = "designer_title") -> str:
    """A name as it is kept; Problem(refusal) for none or one that is too long."""
    title = " ".join(title.split())
    if not 0 < len(title) <= MAX_TITLE:
        raise Problem(refusal, where="title", max=MAX_TITLE)
    return title


def from_json(data: bytes) -> dict[str, Any]:
    """An exported definition. Raises TooLarge, Malformed or Problem."""
    if len(data) > MAX_FILE:
        raise TooLarge("file_too_large", max_mb=MAX_FILE // 1024 // 1024)
    content = strictjson.loads(data, max_bytes=MAX_FILE)
    if not isinstance(content, dict):
        raise Problem("definition_not_object")
    return content


def _create(content: Mapping[str, Any], *, actor: Principal, now: int) -> str:
    key = f"form_{secrets.token_hex(5)}"
    definitions.save_draft(KIND, key, {**content, "key": key}, 0, actor=actor, now=now)
    return key
