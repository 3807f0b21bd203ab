"""Choosing one process for work that only one at a time should do."""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

from app.wire import NOW, Wire

LEAD = (
    "INSERT INTO singleton (name, holder, until, fence) VALUES ({name}, {holder}, {now} + {ms}, 1) ON CONFLICT (name)"
    " DO UPDATE SET holder = excluded.holder, until = excluded.until, fence = singleton.fence + 1"
    " WHERE singleton.until < {now} RETURNING fence"
)
NAMES = ("name", "holder", "ms")
TEXTS = {
    "postgresql": LEAD.format(now=NOW["postgresql"], **{name: f"%({name})s" for name in NAMES}),
    "sqlite": LEAD.format(now=NOW["sqlite"], **{name: f":{name}" for name in NAMES}),
}


def lead(name: str, holder: str, ms: int) -> bool:
    """Whether `holder` may do the work called `name` now; for `ms` milliseconds nobody else may."""
    with Wire() as wire:
        params = {"name": name, "holder": holder, "ms": ms, "offset": wire.offset}
        return bool(wire.write(TEXTS[wire.dialect], params))
