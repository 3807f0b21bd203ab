"""Tells flows what happened to customers (trigger.crm_event): every event once, by one process at a time."""
from __future__ import annotations

from typing import Any

import structlog

from app.core.errors import NotFound, Problem
from app.customers import events
from app.customers import service as customers
from app.customers.models import CustomerEvent
from app.definitions.bundle import TIME_ZONE
from app.entries import news
from app.entries.news import News, Way
from app.extensions import db
from app.flows import timetable
from app.flows.nodes.trigger_crm_event import CrmEvent

log = structlog.get_logger(__name__)

CONTACTS = ("phone", "email")
HOUR_MS = 3_600_000
MOST_AN_HOUR = 50  # events of one customer: two flows that answer each other stop here


def tell_new(now: int) -> int:
    """Tell the triggers that take them of the oldest events that are new; returns how many events there were.

    An event is marked only when all of its triggers were told: after a crash they are told again, which opens nothing
    twice.
    """
    while events.note_new(now=now) == events.BATCH:
        pass
    waiting = events.untold()
    db.session.rollback()
    ways = list(news.ways(CrmEvent.type)) if waiting else []
    if not ways:
        events.mark_told([event.id for event in waiting], now=now)
        return len(waiting)
    for event in waiting:
        told = {"kind": event.kind, "name": event.name, "before": event.before}
        for way in ways:
            assert isinstance(way.node.type, CrmEvent)
            if way.node.type.takes(way.node.config, told):
                _tell(way, event, now)
        events.mark_told([event.id], now=now)
    return len(waiting)


def _tell(way: Way, event: CustomerEvent, now: int) -> None:
    try:
        customer = about(event.customer_id)
    except NotFound:
        return  # erased meanwhile
    told = {"kind": event.kind, "name": event.name, "before": event.before,
            **timetable.words(timetable.local(event.at, TIME_ZONE))}
    heard = News(["event", str(event.id)], {"event": told, "customer": customer}, known(customer))
    many = events.count_since(event.customer_id, event.at - HOUR_MS)
    db.session.rollback()
    if many > MOST_AN_HOUR:
        log.error("customer_event_flood", customer=event.customer_id, type=way.type.key, trigger=way.node.id)
        news.refuse(way, heard, Problem("crm_event_flood", count=many, max=MOST_AN_HOUR), now=now)
        return
    news.open_from(way, heard, now=now)


def about(customer_id: str) -> dict[str, Any]:
    """All that triggers may take of a customer; raises NotFound."""
    return {**{kind: customers.contact(customer_id, kind) for kind in CONTACTS},
            **events.profile(customer_id)}


def known(customer: dict[str, Any]) -> dict[str, Any]:
    """The customer as a ticket knows them."""
    return {key: value for key, value in customer.items() if key not in CONTACTS}
