"""Who appears in tests: the people of the demo company, under names that say what they are."""
from __future__ import annotations

from dataclasses import dataclass

from app.demo.seed import PASSWORD

__all__ = ["ADMIN", "AGENT", "AGENT_TWO", "DELIVERY", "HEAD_OFFICE", "LEAD", "MANAGER", "MARKETING", "PASSWORD",
           "QUALITY", "REGION_MANAGER", "SUPERVISOR", "Persona"]


@dataclass(frozen=True)
class Persona:
    """A colleague: `id` in the database, `login` to sign in with (all share PASSWORD)."""

    id: str
    login: str


AGENT = Persona("a1", "an")  # customer service, claims complaints
AGENT_TWO = Persona("a2", "bai")  # another one
LEAD = Persona("lead", "lin")  # leads customer service
MANAGER = Persona("mgr", "ma")  # manager of the stores in Hangzhou
DELIVERY = Persona("dlv", "ding")  # leads delivery
SUPERVISOR = Persona("sup", "sun")  # region supervisor
REGION_MANAGER = Persona("rm", "ren")
HEAD_OFFICE = Persona("hq", "he")
QUALITY = Persona("qa", "qiu")
MARKETING = Persona("lu", "lu")  # may draw branches of flows for the marketing department
ADMIN = Persona("admin", "admin")
