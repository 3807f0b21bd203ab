"""Sensitive answers at rest: sealed in the ticket's data, never in clear in events or in the outbox."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app import vault
from app.forms.schema import Form
from app.wire import dumps

SEALED = "$sealed"
RESULT = "$result"
SHORTEST = 4  # shorter answers ("1", "男") are too common to be looked for in other texts
HIDDEN = "***"


def sealed_fields(form: Form) -> list[str]:
    """Fields whose answers are stored sealed."""
    return [field.id for field in form.fields.values() if field.sensitive and field.sensitive.encrypt]


def seal(form: Form, ticket_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are stored."""
    stored = dict(values)
    for name in sealed_fields(form):
        if stored.get(name) is not None:
            stored[name] = {SEALED: vault.seal(dumps(stored[name]), f"ticket/{ticket_id}/{name}")}
    return stored


def unseal(ticket_id: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they were given; raises vault.SealBroken."""
    values = dict(stored)
    for name, value in stored.items():
        if isinstance(value, dict) and SEALED in value:
            values[name] = json.loads(vault.open_(value[SEALED], f"ticket/{ticket_id}/{name}"))
    return values


def seal_apart(ticket_id: str, name: str, value: Any) -> dict[str, str]:
    """One value that is kept beside the answers, sealed whatever it is."""
    return {SEALED: vault.seal(dumps(value), f"ticket/{ticket_id}/apart/{name}")}


def open_apart(ticket_id: str, name: str, sealed: Mapping[str, str]) -> Any:
    """What `seal_apart` was given; raises vault.SealBroken."""
    return json.loads(vault.open_(sealed[SEALED], f"ticket/{ticket_id}/apart/{name}"))


def secrets_of(form: Form, values: Mapping[str, Any]) -> list[str]:
    """The sealed answers as they would show inside JSON text."""
    texts = (values.get(name) for name in sealed_fields(form))
    return [dumps(text)[1:-1] for text in texts if isinstance(text, str) and len(text) >= SHORTEST]


def redact(body: Any, secrets: Sequence[str]) -> Any:
    """`body` without any of the secrets."""
    if not secrets:
        return body
    text = dumps(body)
    found = [secret for secret in secrets if secret in text]
    if not found:
        return body
    for secret in found:
        text = text.replace(secret, HIDDEN)
    return json.loads(text)


def pack(payload: dict[str, Any], ticket_id: str, key: str, secrets: Sequence[str]) -> dict[str, Any]:
    """An effect's payload as it is stored: sealed as a whole if it holds a secret."""
    if not secrets:
        return payload
    text = dumps(payload)
    if any(secret in text for secret in secrets):
        return {SEALED: vault.seal(text, f"outbox/{ticket_id}/{key}")}
    return payload


def unpack(payload: Mapping[str, Any], ticket_id: str, key: str) -> dict[str, Any]:
    """What `pack` was given."""
    if SEALED in payload:
        opened: dict[str, Any] = json.loads(vault.open_(payload[SEALED], f"outbox/{ticket_id}/{key}"))
        return opened
    return dict(payload)


def with_result(payload: Mapping[str, Any], ticket_id: str, key: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """An effect's stored payload with what came of it, sealed: another system may answer anything."""
    return {**payload, RESULT: vault.seal(dumps(result), f"outbox/{ticket_id}/{key}/result")}


def result_in(payload: Mapping[str, Any], ticket_id: str, key: str) -> dict[str, Any]:
    """What `with_result` was given; only for a payload that holds a RESULT."""
    opened: dict[str, Any] = json.loads(vault.open_(payload[RESULT], f"outbox/{ticket_id}/{key}/result"))
    return opened
