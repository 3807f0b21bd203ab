"""The chain over a ticket's events: whoever changes or removes one breaks it.

Each link covers the one before and a keyed digest of the event's body instead of the body itself, so that a person's
words can be erased and the chain still verifies.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.vault import Vault

START = ""


# What it gets came out of JSON and goes into it: looking for circles would double the cost.
_encoder = json.JSONEncoder(separators=(",", ":"), sort_keys=True, check_circular=False)


def canonical(value: Any) -> str:
    """One spelling for one value, whatever the order of its keys."""
    return _encoder.encode(value)


def mac(vault: Vault, ticket_id: str, body: Any) -> str:
    """Keyed digest of an event's body."""
    return vault.blind(canonical(body), f"event/{ticket_id}")


def link(previous: str, ticket_id: str, row: Mapping[str, Any]) -> str:
    """The hash of `row`, whose predecessor has `previous`."""
    # None of them holds a line break, so the lines tell them apart.
    covered = (
        f"{previous}\n{ticket_id}\n{row['seq']}\n{row['version']}\n{row['kind']}\n{row['node']}"
        f"\n{row['actor_type']}\n{row['actor_id']}\n{row['mac']}\n{row['at']}"
    )
    return hashlib.sha256(covered.encode()).hexdigest()
