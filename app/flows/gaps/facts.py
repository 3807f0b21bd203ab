"""What a gap report knows besides the flow, and what it finds. Plain data, handed in."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any

from app.core.errors import text

MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Around:
    """`org`: the plain data of a Directory, those who left included. `roles`, `labels` ("form.f_store" → label): names.

    `levels`: step → field → right, of steps with a form; `options`: "form.f_kind" → the ids that may be chosen.
    """

    org: Mapping[str, Any]
    roles: Mapping[str, Any] = part(default_factory=dict)
    labels: Mapping[str, Any] = part(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = part(default_factory=dict)
    options: Mapping[str, Collection[str]] = part(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap: where (`node`, `field`), for how many of how many combinations, and the words for it.

    `level` "error": a ticket stands or goes to the last resort; "warning": it goes on, not as drawn.
    """

    level: str
    code: str
    node: str
    field: str = ""
    rows: int = 0
    of: int = 0
    params: Mapping[str, Any] = part(default_factory=dict)

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        """JSON shape: `message` says what is missing, `todo` what to do."""
        return {"level": self.level, "code": self.code, "node": self.node, "field": self.field, "rows": self.rows,
                "of": self.of, "message": text(self.code, locale, self.params),
                "todo": text(f"{self.code}_do", locale, self.params)}
