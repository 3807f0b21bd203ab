"""The real company, for scenarios: its people, roles, tables and calendars, of which nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from app.flows.directory import Directory
from app.flows.sandbox import Samples, SandboxWorld
from app.org.directory import directory
from app.org.lookups import Lookups


class RealCompany:
    """`app.flows.sandbox.Company` of this installation. Nobody has anything to do yet in it: what comes of a scenario
    does not depend on how busy people are while it plays."""

    @cached_property
    def _directory(self) -> Directory:
        return directory()

    def world(self) -> SandboxWorld:
        """Everybody who works here."""
        return SandboxWorld({}, self._directory)

    def ports(self, customer: Mapping[str, Any]) -> RealPorts:
        """The company's tables and people, and the scenario's customer."""
        return RealPorts(self._directory, customer)


class RealPorts(Samples, Lookups):
    """What a scenario's forms look up in the company."""

    def __init__(self, known: Directory, customer: Mapping[str, Any]) -> None:
        Samples.__init__(self, customer)
        Lookups.__init__(self, known)
