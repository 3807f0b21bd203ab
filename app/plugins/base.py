"""What the parts of the loader share: a plugin as it was found, and what its module may bring."""
from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from app.core.catalog import Catalog, Registry

STATIC = Path(__file__).parents[1] / "static"
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


class Unfit(Exception):
    """Why a plugin is left out, for its author."""


@dataclass(frozen=True)
class Plugin:
    """One plugin as it was found. `path`: its file, or where its package comes from; `types`: what it brings by name;
    `reason`: why it is left out, "" if it is not."""

    name: str
    path: Path
    types: tuple[str, ...] = ()
    reason: str = ""
    templates: Mapping[str, Path] = field(default_factory=dict)  # name for Jinja → file
    module: ModuleType | None = None  # None where it is left out

    @property
    def state(self) -> str:
        """ "installed" or "left out"."""
        return "left out" if self.reason else "installed"


@dataclass(frozen=True)
class Sort:
    """One sort of things a plugin may bring, in a tuple of classes called `list` in its module.

    `made(class, catalog, plugin's name)` gives the instance that the catalogue keeps under `key(instance)`, or raises
    Unfit; whatever else it raises is the plugin's mistake, too. `template(instance, its folder)` gives {name for Jinja:
    file}.
    """

    list: str
    registry: Callable[[Catalog], Registry]
    key: Callable[[Any], Any]
    made: Callable[[Any, Catalog, str], Any]
    template: Callable[[Any, Path], Mapping[str, Path]] = lambda item, folder: {}


def of_class(kind: Any, base: type, listed: str) -> None:
    """Refuse what is no subclass."""
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise Unfit(f"{listed} holds {kind!r}, which is no subclass of {base.__name__}")


def bilingual(label: Any) -> bool:
    """Whether a label is there in both languages."""
    return all(isinstance(label.get(locale), str) and label[locale] for locale in ("zh", "en"))


def signatures(made: Any, base: type) -> Iterator[str]:
    """What is wrong with the methods of a class of a plugin that the product calls: each takes what `base` says."""
    for name, method in vars(base).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        wanted = list(inspect.signature(method).parameters)
        found = getattr(made, name)
        if not callable(found):
            yield f"{name} is no method"
            continue
        given = inspect.signature(found)
        try:
            given.bind(*wanted[1:])
        except TypeError:
            yield f"{name}{given} is called with other arguments: write def {name}({', '.join(wanted)})"


@cache
def icons(room: str) -> Mapping[str, str]:
    """The drawings that the designer has of what it lists: of "flow" for steps, of "designer" for fields."""
    found: dict[str, str] = json.loads((STATIC / "js" / room / "icons.json").read_text(encoding="utf-8"))
    return found


def no_icon(icon: Any, room: str) -> str:
    """Why an icon will not do, "" if it will."""
    if isinstance(icon, str) and icon in icons(room):
        return ""
    return f"icon {icon!r} is not one of {', '.join(sorted(icons(room)))}"


NOT_BILINGUAL = "label is not names(Chinese, English)"
