"""What is added to the product without changing it: modules in a folder, loaded into one application's catalogue.

A plugin that is broken is left out, whole, and said so: in the log and by `flask plugins`. The application starts.
"""
from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from flask import Flask
from jinja2 import ChoiceLoader, Environment, FunctionLoader, TemplateError
from jinja2.nodes import Macro

from app import locales
from app.core.catalog import Catalog
from app.core.errors import Invalid, localized
from app.core.expressions import OPERATORS
from app.core.expressions.values import READERS
from app.forms.base import FieldType, Settings
from app.forms.describe import describe_type
from app.forms.keys import instance
from app.forms.schema import load_form
from app.forms.shapes import FIELD_NAMES

LIST = "FIELD_TYPES"  # the name under which a plugin's module lists its classes
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
RESERVED = ("core", "unavailable")  # our own owner; our own template
#: Settings to which forms themselves give a meaning, by the names under which they look for them.
OURS = frozenset({"options", "option_set", "options_from", "choices", "groups", "parent", "fields_", "computed",
                  "formula", "result", "lookup", "source", "min_rows"})
MACROS = {"edit": ["f", "at"], "read": ["f", "at"]}

log = structlog.get_logger(__name__)


class Unfit(Exception):
    """Why a plugin is left out, for its author."""


@dataclass(frozen=True)
class Plugin:
    """One plugin as it was found. `types`: the field types it brings; `reason`: why it is left out, "" if it is not."""

    name: str
    path: Path
    types: tuple[str, ...] = ()
    reason: str = ""
    templates: Mapping[str, Path] = field(default_factory=dict)  # name for Jinja → file

    @property
    def state(self) -> str:
        """ "installed" or "left out"."""
        return "left out" if self.reason else "installed"


def load(folder: Path, catalog: Catalog) -> list[Plugin]:
    """Add the plugins of `folder` to the catalogue, by name; a log line for each that is left out."""
    if not folder.is_dir():
        log.warning("plugins_dir_missing", folder=str(folder), fix="Create it or set PLUGINS_DIR")
        return []
    found: list[Plugin] = []
    for path in sorted(folder.iterdir()):
        if _is_plugin(path):
            found.append(_load(path, catalog, [plugin.name for plugin in found]))
    for plugin in found:
        if plugin.reason:
            log.error("plugin_left_out", plugin=plugin.name, file=str(plugin.path), reason=plugin.reason)
    return found


def _is_plugin(path: Path) -> bool:
    return not path.name.startswith((".", "_")) and (path.is_dir() or path.suffix == ".py")


def _load(path: Path, catalog: Catalog, taken: Sequence[str]) -> Plugin:
    name = path.stem
    file = path / "__init__.py" if path.is_dir() else path
    try:
        if not NAME.fullmatch(name) or name in RESERVED:
            raise Unfit(f"{name!r} is no name for a plugin: use small letters, digits and _")
        if name in taken:
            raise Unfit(f"another plugin is called {name!r}")
        if not file.is_file():
            raise Unfit("the folder has no __init__.py")
        kinds = [_checked(kind, catalog) for kind in _listed(_imported(name, file))]
        if len({kind.type for kind in kinds}) < len(kinds):
            raise Unfit(f"{LIST} names a type twice")
        templates = {f"fields/{kind.type}.html": _template(file.parent / f"{kind.type}.html") for kind in kinds}
    except Unfit as unfit:
        return Plugin(name, file, reason=str(unfit))
    for kind in kinds:
        catalog.fields.add(kind.type, kind, owner=name)
    return Plugin(name, file, tuple(kind.type for kind in kinds), templates=templates)


def _imported(name: str, file: Path) -> ModuleType:
    """The plugin's module, new for each application; it finds its own files with `from . import …`."""
    module_name = f"danflow_plugin_{name}"
    for known in [key for key in sys.modules if key == module_name or key.startswith(f"{module_name}.")]:
        del sys.modules[known]
    inside = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(module_name, file, submodule_search_locations=inside)
    assert spec and spec.loader
    module = sys.modules[module_name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises, the application starts
        del sys.modules[module_name]
        raise Unfit(f"importing it failed with {type(error).__name__}: {error}") from error
    return module


def _listed(module: ModuleType) -> Sequence[Any]:
    found = getattr(module, LIST, None)
    if not isinstance(found, (list, tuple)) or not found:
        raise Unfit(f"it has no {LIST} = (…,)")
    return found


def _checked(kind: Any, catalog: Catalog) -> FieldType:
    """An instance of a class that keeps the contract as far as that can be seen before anybody uses it."""
    if not (isinstance(kind, type) and issubclass(kind, FieldType)):
        raise Unfit(f"{LIST} holds {kind!r}, which is no subclass of FieldType")
    try:
        wrong = next(_faults(kind), None)
        if wrong:
            raise Unfit(f"{kind.__name__}: {wrong}")
        if kind.type in catalog.fields:
            raise Unfit(f"{kind.__name__}: the type {kind.type!r} is taken by {catalog.fields.owner(kind.type)!r}")
        made = kind()
        json.dumps(describe_type(made, ""))
        alone = Catalog()
        alone.fields.add(kind.type, made)
        drawn = {"id": "f_it", "type": kind.type, "label": "x", **made.starter()}
        load_form({"schema": "danflow/form/1", "key": "x", "title": "x", "fields": [drawn]}, alone)
    except Unfit:
        raise
    except Invalid as invalid:
        told = "; ".join(f"{problem.where}: {problem.message('en')}" for problem in invalid.problems)
        raise Unfit(f"{kind.__name__}: a field with the settings of starter() is refused: {told}") from invalid
    except Exception as error:  # noqa: BLE001 - as above
        raise Unfit(f"{kind.__name__}: {type(error).__name__}: {error}") from error
    return made


def _faults(kind: Any) -> Iterator[str]:
    if not NAME.fullmatch(kind.type) or kind.type in RESERVED:
        yield f"type {kind.type!r} is no name: use small letters, digits and _"
    if not all(isinstance(kind.label.get(locale), str) and kind.label[locale] for locale in ("zh", "en")):
        yield "label is not names(Chinese, English)"
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


def _template(path: Path) -> Path:
    if not path.is_file():
        raise Unfit(f"its template {path.name} is missing")
    try:
        macros = {found.name: [arg.name for arg in found.args]
                  for found in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(Macro)}
    except (TemplateError, ValueError) as error:
        raise Unfit(f"its template {path.name}: {error}") from error
    if not MACROS.items() <= macros.items():
        raise Unfit(f"its template {path.name} needs the macros edit(f, at) and read(f, at)")
    return path


def words(texts: Mapping[str, str]) -> str:
    """For templates of plugins, whose texts no catalogue of ours holds: `words({"zh": …, "en": …})`."""
    return str(localized(texts, locales.current()))


def init_app(app: Flask, found: Sequence[Plugin]) -> None:
    """Let Jinja find the templates of plugins, behind our own; `flask plugins` tells what was found."""
    app.extensions["plugins"] = found
    files = {name: path for plugin in found for name, path in plugin.templates.items()}

    def source(name: str) -> tuple[str, str, None] | None:
        path = files.get(name)
        return (path.read_text("utf-8"), str(path), None) if path else None

    ours = app.jinja_loader
    assert ours is not None
    app.jinja_loader = ChoiceLoader([ours, FunctionLoader(source)])
    app.jinja_env.globals["words"] = words
