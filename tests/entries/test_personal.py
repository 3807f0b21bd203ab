"""Field types that tell who somebody is: e-mail addresses find the customer, identity numbers are kept to few."""
from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import func, select

from app.customers.models import Customer
from app.extensions import db
from app.runtime.models import Ticket, TicketHistory
from tests.api.conftest import Program, token_for
from tests.entries.conftest import Guest
from tests.entries.kinds import publish
from tests.personas import ADMIN

NUMBER = "11010519491231002X"


def test_an_identity_number_is_sealed_and_shown_to_nobody_by_accident(demo_app: Flask) -> None:
    guest = Guest(demo_app, publish(demo_app, {"id": "f_id", "type": "idcard", "label": "证件号"}))
    guest.open()
    receipt = guest.post({"f_id": NUMBER.lower()})
    assert receipt.status_code == 303
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        steps = db.session.scalars(select(TicketHistory).where(TicketHistory.ticket_id == ticket.id))
        kept = json.dumps([ticket.data, ticket.state, [step.bodies for step in steps]])
        ticket_id = ticket.id
        db.session.rollback()
    assert "$sealed" in kept and NUMBER not in kept and NUMBER[:17] not in kept
    page = guest.get(receipt.headers["Location"]).text
    assert NUMBER not in page and "1****************X" in page
    seen = Program(demo_app, token_for(demo_app, ADMIN)).get(f"/tickets/{ticket_id}").text
    assert NUMBER not in seen and "1****************X" in seen


def test_an_email_address_tells_who_it_is(demo_app: Flask) -> None:
    path = publish(demo_app, {"id": "f_mail", "type": "email", "label": "邮箱"}, {"id": "f_body", "type": "text"})

    def customers() -> int:
        with demo_app.app_context():
            count = db.session.scalar(select(func.count()).select_from(Customer)) or 0
            db.session.rollback()
        return count

    before = customers()
    for number, address in enumerate(("Li.Ming@Example.com", "ｌi.ming@example.COM")):
        guest = Guest(demo_app, path)
        guest.open()
        assert guest.post({"f_mail": address, "f_body": str(number)}).status_code == 303
        assert customers() == before + 1
