"""Somebody else was faster: the refusal tells what is different now, in words."""

from __future__ import annotations

from typing import Any

from app.core.errors import Conflict, text
from app.extensions import parts
from app.flows import diff as flow_diff
from app.forms import diff as form_diff

MOST = 50  # changes told; whoever has more to look at looks at the definition


class Moved(Conflict):
    """A Conflict whose JSON has "changes": what leads from `mine` to `theirs`, a sentence each, at most MOST."""

    def __init__(self, code: str, where: str, kind: str, mine: Any, theirs: Any, **params: Any) -> None:
        super().__init__(code, where, **params)
        self.kind, self.mine, self.theirs = kind, mine, theirs

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        return {**super().as_dict(locale), "changes": changes(self.kind, self.mine, self.theirs, locale)[:MOST]}


def changes(kind: str, old: Any, new: Any, locale: str) -> list[str]:
    """What changed between two contents of a kind."""
    if kind == "form":
        return [change.words for change in form_diff.compare(old, new, parts().catalog, locale)]
    if kind in ("flow", "branch"):
        return [change.words for change in flow_diff.compare(old, new, locale, parts().catalog)]
    old, new = old or {}, new or {}
    return [
        text("type_diff_part", locale, {"part": key, "old": old.get(key, ""), "new": new.get(key, "")})
        for key in ("name", "form", "flow")
        if old.get(key) != new.get(key)
    ]
