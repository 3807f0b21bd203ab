"""Choosing one process for work that only one at a time should do, or one request for what two must not do at once."""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import Conflict
from app.wire import NOW, Wire

LEAD = (
    "INSERT INTO singleton (name, holder, until, fence) VALUES ({name}, {holder}, {now} + {ms}, 1) ON CONFLICT (name)"
    " DO UPDATE SET holder = excluded.holder, until = excluded.until, fence = singleton.fence + 1"
    " WHERE singleton.until < {now} RETURNING fence"
)
FREE = "UPDATE singleton SET until = 0 WHERE name = {name} AND holder = {holder} RETURNING name"
NAMES = ("name", "holder", "ms")
TEXTS = {
    "postgresql": LEAD.format(now=NOW["postgresql"], **{name: f"%({name})s" for name in NAMES}),
    "sqlite": LEAD.format(now=NOW["sqlite"], **{name: f":{name}" for name in NAMES}),
}
FREE_TEXTS = {"postgresql": FREE.format(name="%(name)s", holder="%(holder)s"),
              "sqlite": FREE.format(name=":name", holder=":holder")}
HOLD_MS = 15_000  # a process that died holds nothing longer
WAIT_S = 10.0
TURN_S = 0.02


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Whoever else wants to do what `name` stands for waits meanwhile; Conflict("ticket_busy") after ten seconds."""
    holder, end = str(uuid.uuid4()), time.monotonic() + WAIT_S
    while not lead(name, holder, HOLD_MS):
        if time.monotonic() > end:
            raise Conflict("ticket_busy")
        time.sleep(TURN_S)
    try:
        yield
    finally:
        with Wire() as wire:
            wire.write(FREE_TEXTS[wire.dialect], {"name": name, "holder": holder})



def lead(name: str, holder: str, ms: int) -> bool:
    """Whether `holder` may do the work called `name` now; for `ms` milliseconds nobody else may."""
    with Wire() as wire:
        params = {"name": name, "holder": holder, "ms": ms, "offset": wire.offset}
        return bool(wire.write(TEXTS[wire.dialect], params))
