"""An archived ticket type takes nothing new through the API either."""
from __future__ import annotations

from app.core.principal import SYSTEM
from app.definitions import archive
from app.extensions import clock
from tests.api.conftest import Program


def test_no_new_tickets_and_no_new_links(admin: Program) -> None:
    before = admin.complain().json
    with admin.client.application.app_context():
        archive.archive("complaint", actor=SYSTEM, now=clock.now_ms())
    refused = admin.complain()
    assert (refused.status_code, refused.json["code"]) == (409, "type_archived")
    link = {"type": "complaint", "trigger": "t_menu", "values": {"order_no": "A1"}}
    assert admin.post("/links", link).status_code == 404
    assert admin.get(f"/tickets/{before['id']}").json["status"] == "open"
    with admin.client.application.app_context():
        archive.bring_back("complaint", actor=SYSTEM)
    assert admin.complain().status_code == 201
