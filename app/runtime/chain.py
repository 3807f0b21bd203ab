"""The chain over a ticket's history: whoever changes or removes a step of it breaks it.

Each link covers the one before and a keyed digest of what the events say instead of their words, so that a person's
words can be erased and the chain still verifies.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from app.vault import Vault

START = ""


# What it gets came out of JSON and goes into it: looking for circles would double the cost.
_encoder = json.JSONEncoder(separators=(",", ":"), sort_keys=True, check_circular=False)


def canonical(value: Any) -> str:
    """One spelling for one value, whatever the order of its keys."""
    return _encoder.encode(value)


def mac(vault: Vault, ticket_id: str, bodies: str) -> str:
    """Keyed digest of the canonical bodies of a step's events."""
    return vault.blind(bodies, f"history/{ticket_id}")


def link(
    previous: str, ticket_id: str, version: int, at: int, actor: Sequence[str | None], marks: str, digest: str
) -> str:
    """The hash of a step's row, whose predecessor has `previous`. `actor`: (type, id); `marks`: canonical; `digest`:
    the bodies' mac."""
    # None of them holds a line break, so the lines tell them apart.
    covered = f"{previous}\n{ticket_id}\n{version}\n{at}\n{actor[0]}\n{actor[1]}\n{marks}\n{digest}"
    return hashlib.sha256(covered.encode()).hexdigest()
