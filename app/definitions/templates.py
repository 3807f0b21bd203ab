"""The library that comes with the product: forms to start from, each in `library/<key>/form.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.core.errors import NotFound

LIBRARY = Path(__file__).with_name("library")


@dataclass(frozen=True)
class Template:
    """A form to start from. `industry` and `about` (one line) are texts in both languages; treat `content` as fixed."""

    key: str
    industry: Mapping[str, str]
    about: Mapping[str, str]
    content: Mapping[str, Any]


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Every template, in order of display."""
    listed = json.loads((LIBRARY / "forms.json").read_text(encoding="utf-8"))
    return tuple(
        Template(
            row["key"],
            row["industry"],
            row["about"],
            json.loads((LIBRARY / row["key"] / "form.json").read_text(encoding="utf-8")),
        )
        for row in listed
    )


def template(key: str) -> Template:
    """One template; raises NotFound."""
    found = next((one for one in templates() if one.key == key), None)
    if found is None:
        raise NotFound("template_unknown", where=key[:60], key=key[:60])
    return found
