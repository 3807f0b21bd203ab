"""What the parts of the loader share: a plugin as it was found, and what its module may bring."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.catalog import Catalog, Registry

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


NOT_BILINGUAL = "label is not names(Chinese, English)"
