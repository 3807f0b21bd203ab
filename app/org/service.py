"""The organisation's front door: what other rooms import. Writing is in `people` and `masterdata`."""

from __future__ import annotations

from dataclasses import replace

from app.flows.checks.facts import Known
from app.org import directory as facts
from app.org.connectors import call, connector
from app.org.directory import LiveWorld, directory
from app.org.sandbox import RealCompany
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


def known() -> Known:
    """What publish checks may know of the organisation, and the company itself for scenarios that play in it."""
    return replace(facts.known(), company=RealCompany())
