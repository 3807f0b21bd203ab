"""Field types that a plugin brings, held to the contract as far as that can be seen before anybody uses them."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError
from jinja2.nodes import Macro

from app.core.catalog import Catalog
from app.core.errors import Invalid
from app.core.expressions import OPERATORS
from app.core.expressions.values import READERS
from app.forms.base import FieldType, Settings
from app.forms.describe import describe_type
from app.forms.keys import instance
from app.forms.schema import load_form
from app.forms.shapes import FIELD_NAMES
from app.plugins.base import NAME, NOT_BILINGUAL, Sort, Unfit, bilingual, of_class

RESERVED = ("core", "unavailable")  # our own owner; our own template
#: Settings to which forms themselves give a meaning, by the names under which they look for them.
OURS = frozenset({"options", "option_set", "options_from", "choices", "groups", "parent", "fields_", "computed",
                  "formula", "result", "lookup", "source", "min_rows"})
MACROS = {"edit": ["f", "at"], "read": ["f", "at"]}


def _made(kind: Any, catalog: Catalog, owner: str) -> FieldType:
    of_class(kind, FieldType, "FIELD_TYPES")
    wrong = next(_faults(kind), None)
    if wrong:
        raise Unfit(f"{kind.__name__}: {wrong}")
    if kind.type in catalog.fields:
        raise Unfit(f"{kind.__name__}: the type {kind.type!r} is taken by {catalog.fields.owner(kind.type)!r}")
    made: FieldType = kind()
    json.dumps(describe_type(made, ""))
    alone = Catalog()
    alone.fields.add(kind.type, made)
    drawn = {"id": "f_it", "type": kind.type, "label": "x", **made.starter()}
    try:
        load_form({"schema": "danflow/form/1", "key": "x", "title": "x", "fields": [drawn]}, alone)
    except Invalid as invalid:
        told = "; ".join(f"{problem.where}: {problem.message('en')}" for problem in invalid.problems)
        raise Unfit(f"{kind.__name__}: a field with the settings of starter() is refused: {told}") from invalid
    return made

def _faults(kind: Any) -> Iterator[str]:
    if not NAME.fullmatch(kind.type) or kind.type in RESERVED:
        yield f"type {kind.type!r} is no name: use small letters, digits and _"
    if not bilingual(kind.label):
        yield NOT_BILINGUAL
    if not (isinstance(kind.Settings, type) and issubclass(kind.Settings, Settings)):
        yield "Settings is no subclass of sdk.Settings"
        return
    for name, setting in instance(kind.Settings).fields.items():
        if name in OURS or (setting.data_key or name) in OURS | FIELD_NAMES:
            yield f"the setting {name!r} has a meaning of its own in forms: call it otherwise"
        if not {"label", "widget"} <= setting.metadata.keys():
            yield f"the setting {name!r} lacks metadata=ui(Chinese, English, widget)"
    if kind.value_type not in READERS:
        yield f"value_type is not one of {', '.join(READERS)}"
    if not set(kind.operators) <= {op for known in OPERATORS.values() for op in known}:
        yield "operators holds a comparison that does not exist"
    if not (kind.parts.keys() <= kind.part_names.keys() and set(kind.parts.values()) <= READERS.keys()):
        yield "parts needs value types, and part_names a name for each"
    for method in ("clean", "sample") if kind.asked else ():
        if getattr(kind, method) is getattr(FieldType, method):
            yield f"{method}() is missing"


def _template(kind: FieldType, folder: Path) -> Mapping[str, Path]:
    path = folder / f"{kind.type}.html"
    if not path.is_file():
        raise Unfit(f"its template {path.name} is missing")
    try:
        macros = {found.name: [arg.name for arg in found.args]
                  for found in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(Macro)}
    except (TemplateError, ValueError) as error:
        raise Unfit(f"its template {path.name}: {error}") from error
    if not MACROS.items() <= macros.items():
        raise Unfit(f"its template {path.name} needs the macros edit(f, at) and read(f, at)")
    return {f"fields/{kind.type}.html": path}



SORT = Sort("FIELD_TYPES", lambda catalog: catalog.fields, lambda kind: kind.type, _made, _template)
