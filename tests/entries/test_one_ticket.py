"""However often one form comes, it makes one ticket; links that lead nowhere look alike; floods are slowed down."""
from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.definitions import service as definitions
from app.entries.models import Entry
from app.extensions import clock, db
from app.org.access import SYSTEM
from app.org.service import known
from app.runtime.models import Ticket
from app.settings import Settings
from tests.conftest import make_settings
from tests.entries.conftest import COMPLAINT, Guest
from tests.live import Live

Guests = Callable[..., Guest]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def test_fifty_taps_at_once_make_one_ticket(live: Live) -> None:
    live.web()
    door = re.search(r"/f/[A-Za-z0-9_-]{22}", live.flask("demo", "people"))
    assert door
    address = live.url + door[0]
    with urllib.request.urlopen(address, timeout=10) as page:
        cookie = page.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="_token" value="([^"]+)"', page.read().decode())
    assert token
    # With an order, so that each tap could also take the first one's ticket for the same request made before.
    body = urlencode({**COMPLAINT, "f_order": "A1001", "_token": token[1]}).encode()
    opener = urllib.request.build_opener(_NoRedirect)
    found: list[tuple[int, str]] = []

    def tap() -> None:
        try:
            opener.open(urllib.request.Request(address, data=body, headers={"Cookie": cookie}), timeout=60)
        except urllib.error.HTTPError as answer:
            found.append((answer.code, (answer.headers["Location"] or "").partition("?")[0]))

    taps = [threading.Thread(target=tap) for _ in range(50)]
    for thread in taps:
        thread.start()
    for thread in taps:
        thread.join()
    assert len(found) == 50 and {code for code, _ in found} == {303}
    assert len({place for _, place in found}) == 1


def test_a_page_from_before_a_new_version_is_judged_by_its_own(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    anna.open()
    with demo_app.app_context():
        old = definitions.current_type("complaint").id
        draft = definitions.draft("form", "complaint")
        content = draft["content"]
        for field in content["fields"]:
            if field["id"] == "f_body":
                field["required"] = True
        definitions.save_draft("form", "complaint", content, draft["rev"], actor=SYSTEM, now=clock.now_ms())
        for kind, key in (("form", "complaint"), ("flow", "restaurant_complaint"), ("ticket_type", "complaint")):
            definitions.publish(kind, key, actor=SYSTEM, now=clock.now_ms(), known=known())
        assert definitions.current_type("complaint").id != old
        db.session.rollback()
    assert anna.send("f_body").status_code == 303
    with demo_app.app_context():
        assert db.session.scalars(select(Ticket.type_version_id)).one() == old
        db.session.rollback()
    later = guest()
    assert later.send("f_body").status_code == 422 and "f_body" in later.errors()


def _calm(page: str) -> str:
    """The page without what differs from one answer to the next."""
    return re.sub(r"\?v=\w+", "", page)


def test_links_that_lead_nowhere_look_alike(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    place = anna.send().headers["Location"].partition("?")[0]
    token = anna.link.removeprefix("/f/")
    mini = guest("t_mini").link
    with demo_app.app_context():
        db.session.execute(update(Entry).where(Entry.trigger == "t_mini").values(expires_at=clock.now_ms() - 1))
        db.session.commit()
    guesses = [
        "/f/" + token[:-1] + ("A" if token[-1] != "A" else "B"), "/f/x", "/f/" + "A" * 22, mini, "/t/" + token,
        place.replace("/t/", "/f/"), "/t/1", "/t/" + "B" * 22, place[:-1] + "~", "/f/" + "%00" * 22, "/t/" + "a" * 3000,
    ]
    pages = [anna.client.get(guess) for guess in guesses]
    assert {page.status_code for page in pages} == {404}
    assert len({_calm(page.text) for page in pages}) == 1
    assert "链接可能已过期" in pages[0].text
    assert anna.client.post(guesses[0], data=COMPLAINT).status_code == 404
    assert anna.client.get("/u/00000000-0000-4000-8000-000000000000").status_code == 404


def test_a_closed_entry_takes_nothing_more(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    anna.open()
    with demo_app.app_context():
        db.session.execute(update(Entry).values(active=False))
        db.session.commit()
    assert anna.send().status_code == 404 and anna.upload(b"x").status_code == 404
    with demo_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0
        db.session.rollback()


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_flood_is_slowed_down_and_told_when_to_come_back(
    guest: Guests, demo_app: Flask, make_app: Callable[[Settings], Flask]
) -> None:
    settings = demo_app.extensions["danflow"].settings
    strict = make_app(make_settings(settings.instance_dir, database_url=settings.database_url, rate_limits=True))
    anna = guest(app=strict)
    anna.open()
    answers = [anna.send("f_phone") for _ in range(61)]
    assert [answer.status_code for answer in answers[:60]] == [422] * 60
    assert answers[60].status_code == 429
    assert 0 < int(answers[60].headers["Retry-After"]) <= 3600
    assert answers[60].mimetype == "text/html" and "<h1>" in answers[60].text
    other = anna.client.get(anna.link, environ_overrides={"REMOTE_ADDR": "10.9.8.7"})
    assert other.status_code == 200
