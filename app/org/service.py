"""The organisation's front door: what other rooms import. Writing is in `people` and `masterdata`."""

from __future__ import annotations

from app.org.connectors import call, connector
from app.org.directory import LiveWorld, directory, known
from app.org.sessions import principal, revoke_sessions, sign_in, sign_out, token_name, token_principal

__all__ = [
    "LiveWorld",
    "call",
    "connector",
    "directory",
    "known",
    "principal",
    "revoke_sessions",
    "sign_in",
    "sign_out",
    "token_name",
    "token_principal",
]
