"""Links of a published ticket type: there once, the same for ever, open while their trigger exists."""
from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import NotFound
from app.definitions import scenarios
from app.definitions import service as definitions
from app.entries import doors
from app.entries.models import Entry
from app.extensions import db
from app.org.access import SYSTEM
from app.org.service import known

NOW = 1_800_000_000_000


def links() -> dict[str, tuple[str, bool]]:
    """trigger → (token, open)."""
    found = {entry.trigger: (entry.token, entry.active) for entry in db.session.scalars(select(Entry))}
    db.session.rollback()
    return found


def publish(*triggers: str) -> None:
    """Publish the complaint flow with only these public triggers, without stories that begin at others."""
    told = scenarios.saved("restaurant_complaint")
    scenarios.save("restaurant_complaint", {**told.content, "scenarios": []}, told.rev, actor=SYSTEM, now=NOW)
    draft = definitions.draft("flow", "restaurant_complaint")
    content = draft["content"]
    every = {"t_menu", "t_mini"}
    content["nodes"] = [node for node in content["nodes"] if node["id"] not in every or node["id"] in triggers]
    names = {node["id"] for node in content["nodes"]}
    content["edges"] = [edge for edge in content["edges"] if edge["from"].partition(":")[0] in names]
    definitions.save_draft("flow", "restaurant_complaint", content, draft["rev"], actor=SYSTEM, now=NOW)
    for kind, key in (("flow", "restaurant_complaint"), ("ticket_type", "complaint")):
        definitions.publish(kind, key, actor=SYSTEM, now=NOW, known=known())


def test_one_link_for_each_public_trigger_with_128_bits(demo_app: Flask) -> None:
    with demo_app.app_context():
        first = links()
        assert set(first) == {"t_menu", "t_mini"}
        assert all(doors.TOKEN.match(token) for token, _ in first.values())
        doors.ensure_entries("complaint", now=NOW)
        assert links() == first


def test_a_link_closes_with_its_trigger_and_opens_again_unchanged(demo_app: Flask) -> None:
    with demo_app.app_context():
        before = links()
        whole = definitions.draft("flow", "restaurant_complaint")["content"]
        publish("t_menu")
        doors.ensure_entries("complaint", now=NOW)
        assert links() == before | {"t_mini": (before["t_mini"][0], False)}
        with pytest.raises(NotFound):
            doors.find(before["t_mini"][0], now=NOW)
        db.session.rollback()
        rev = definitions.draft("flow", "restaurant_complaint")["rev"]
        definitions.save_draft("flow", "restaurant_complaint", whole, rev, actor=SYSTEM, now=NOW)
        publish("t_menu", "t_mini")
        doors.ensure_entries("complaint", now=NOW)
        assert links() == before
        assert doors.find(before["t_mini"][0], now=NOW).trigger == "t_mini"
        db.session.rollback()


def test_a_trigger_gone_before_anybody_tidied_up_is_a_closed_door(demo_app: Flask) -> None:
    with demo_app.app_context():
        before = links()
        publish("t_menu")
        with pytest.raises(NotFound):
            doors.find(before["t_mini"][0], now=NOW)
        db.session.rollback()
