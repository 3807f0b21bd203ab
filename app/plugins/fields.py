"""Field types that a plugin brings, held to the contract as far as that can be seen before anybody uses them."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError
from jinja2.nodes import Macro

from app.core.catalog import Catalog
from app.core.errors import Invalid, Problem
from app.core.expressions import OPERATORS, Env
from app.core.expressions.values import READERS
from app.forms.base import Asking, Field, FieldType, Settings, is_empty
from app.forms.constants import Permissive
from app.forms.describe import describe_type
from app.forms.keys import Each, Flag, Int, Num, Str, Words, instance
from app.forms.schema import load_form
from app.forms.shapes import FIELD_NAMES
from app.plugins.base import NAME, NOT_BILINGUAL, Sort, Unfit, bilingual, no_icon, of_class, signatures

RESERVED = ("core", "unavailable")  # our own owner; our own template
#: Settings to which forms themselves give a meaning, by the names under which they look for them.
OURS = frozenset({"options", "option_set", "options_from", "choices", "groups", "parent", "fields_", "computed",
                  "formula", "result", "lookup", "source", "min_rows"})
#: Which widgets of the property panel write what a class of settings reads.
WIDGETS = {Each: ("multiselect", "tokens"), Flag: ("switch",), Int: ("number",), Num: ("number",),
           Words: ("words", "long_words"), Str: ("text", "select", "date", "time")}
SAMPLE_MS = 1_793_581_200_000  # Monday 2026-11-02 09:00 in Shanghai, the day for which sample() is judged
MACROS = {"edit": ["f", "at"], "read": ["f", "at"]}


def _made(kind: Any, catalog: Catalog, owner: str) -> FieldType:
    of_class(kind, FieldType, "FIELD_TYPES")
    wrong = next(_faults(kind), None)
    if wrong:
        raise Unfit(f"{kind.__name__}: {wrong}")
    if kind.type in catalog.fields:
        raise Unfit(f"{kind.__name__}: the type {kind.type!r} is taken by {catalog.fields.owner(kind.type)!r}")
    made: FieldType = kind()
    wrong = next(signatures(made, FieldType), None)
    if wrong:
        raise Unfit(f"{kind.__name__}: {wrong}")
    json.dumps(describe_type(made, ""))
    needed = {setting.data_key or name for name, setting in instance(kind.Settings).fields.items() if setting.required}
    _field(made, made.starter())
    field = _field(made, {key: value for key, value in made.starter().items() if key in needed})
    if made.asked:
        try:
            wrong = next(_answers(field), None)
        except Problem as problem:
            problem.params.setdefault("label", "x")
            wrong = (f"clean() refuses what sample() gives, or what display(), cell_out() and cell_in() make of it: "
                     f"{problem.code}, {problem.message('en')}")
        if wrong:
            raise Unfit(f"{kind.__name__}: {wrong}")
    return made


def _field(made: FieldType, settings: Mapping[str, Any]) -> Field:
    """A field of this type, in a form of its own. Raises Unfit."""
    alone = Catalog()
    alone.fields.add(made.type, made)
    drawn = {"id": "f_it", "type": made.type, "label": "x", **settings}
    try:
        form = load_form({"schema": "danflow/form/1", "key": "x", "title": "x", "fields": [drawn]}, alone)
    except Invalid as invalid:
        told = "; ".join(f"{problem.where}: {problem.message('en')}" for problem in invalid.problems)
        raise Unfit(f"{type(made).__name__}: a field with the settings of starter() is refused: {told}") from invalid
    return form.fields["f_it"]


def _answers(field: Field) -> Iterator[str]:
    """What is wrong with how a type treats its own sample, on a day that is always the same. Raises Problem."""
    made, ports = field.type, Permissive()
    asking = Asking(Env(SAMPLE_MS, [[0, 480]]), ports, allowed=made.allowed(field, None))
    stored = made.clean(field, made.sample(field), asking)
    if is_empty(stored) or json.loads(json.dumps(stored)) != stored:
        yield f"clean() makes {stored!r} of what sample() gives, which is no JSON that can be stored"
    if made.clean(field, stored, asking) != stored:
        yield f"clean() changes what it stored itself: {stored!r}"
    if not made.is_stored(field, stored):
        yield f"value_type is {field.value_type!r}, and clean() gives {stored!r}: say another, or write is_stored()"
    for locale in ("zh-CN", "en"):
        shown: Any = made.display(field, stored, locale, ports)
        cell: Any = made.cell_out(field, stored, locale, ports)
        if not isinstance(shown, str) or not shown or "\n" in shown:
            yield f"display() says {shown!r} of {stored!r}, which is no line of words"
        if not isinstance(cell, str):
            yield f"cell_out() gives {cell!r}, which is no text"
        elif made.clean(field, made.cell_in(field, cell, ports), asking) != stored:
            yield f"cell_out() writes {cell!r}, and cell_in() and clean() do not read {stored!r} out of it again"


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
            continue
        widget = setting.metadata["widget"]
        fit: Any = next((fit for known, fit in WIDGETS.items() if isinstance(setting, known)), ())
        if widget not in fit:
            yield (f"the setting {name!r}, a {type(setting).__name__}, has the widget {widget!r}: "
                   f"use {' or '.join(fit) or 'one of Str, Int, Num, Flag, Words, Each'}")
        if widget in ("select", "multiselect") and not setting.metadata.get("options"):
            yield f"the setting {name!r} lacks the choices of its widget: ui(…, options={{key: names(…)}})"
    if kind.value_type not in READERS:
        yield f"value_type is not one of {', '.join(READERS)}"
    if not set(kind.operators) <= {op for known in OPERATORS.values() for op in known}:
        yield "operators holds a comparison that does not exist"
    if not (kind.parts.keys() <= kind.part_names.keys() and set(kind.parts.values()) <= READERS.keys()):
        yield "parts needs value types, and part_names a name for each"
    if wrong := no_icon(kind.icon, "designer"):
        yield wrong
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
