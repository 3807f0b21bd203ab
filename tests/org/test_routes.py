"""Signing in through the browser, and everything that somebody may try there."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select

from app.driver import statements
from app.extensions import db
from app.org import people, sessions
from app.org.access import SYSTEM
from app.org.models import UserSession
from app.org.routes import own_path
from tests.desk.conftest import Browser, browser_of
from tests.personas import ADMIN, AGENT, LEAD, PASSWORD, Persona

__all__ = ["browser_of"]  # a fixture


def test_signing_in_leads_to_what_was_asked_for(demo_app: Flask) -> None:
    browser = Browser(demo_app)
    first = browser.get("/pool?x=1")
    assert first.status_code == 303
    assert first.location == "/sign-in?next=/pool?x%3D1"
    answer = browser.sign_in(" AN ", next="/pool?x=1")
    assert (answer.status_code, answer.location) == (303, "/pool?x=1")
    assert "安客服" in browser.text("/me")
    assert browser.get("/sign-in").status_code == 303


def test_the_page_does_not_tell_whether_the_account_exists(demo_app: Flask) -> None:
    browser = Browser(demo_app)
    answers = [browser.sign_in(login, "wrong") for login in ("an", "nobody-here")]
    assert [answer.status_code for answer in answers] == [401, 401]
    texts = [answer.text.replace('value="an"', "").replace('value="nobody-here"', "") for answer in answers]
    told = [text.partition('id="refused"')[2].partition("</div>")[0] for text in texts]
    assert told[0] == told[1] != ""
    assert browser.get("/").status_code == 303


def test_a_hundred_wrong_passwords_are_slowed_down(demo_app: Flask) -> None:
    browser = Browser(demo_app)
    token = browser.csrf
    answers = [browser.client.post("/sign-in", data={"login": "an", "password": f"guess{n}", "csrf_token": token})
               for n in range(100)]
    codes = [answer.status_code for answer in answers]
    assert codes[:5] == [401] * 5
    assert set(codes) == {401, 429}
    assert codes.count(401) <= 10  # the wait doubles: on a slow machine a few more guesses are looked at, never many
    refused = answers[len(codes) - 1 - codes[::-1].index(429)]
    assert int(refused.headers["Retry-After"]) >= 1
    assert "秒后再试" in refused.text
    late = browser.sign_in("an")  # even the right one has to wait now
    assert late.status_code == 429
    assert browser.get("/").status_code == 303


def test_the_session_begins_anew_with_the_sign_in(demo_app: Flask) -> None:
    """Fixation: what was planted in the browser before is worth nothing afterwards."""
    browser = Browser(demo_app)
    with browser.client.session_transaction() as session:
        session["token"] = "planted"
    before = browser.csrf
    browser.sign_in("an")
    with browser.client.session_transaction() as session:
        assert session["token"] != "planted"
        first = session["token"]
    assert browser.csrf != before
    assert browser.client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    browser.sign_in("bai")
    with browser.client.session_transaction() as session:
        assert session["token"] != first
    with demo_app.app_context():
        assert sessions.principal(first, 0) is None  # the old one ended with the new sign-in


@pytest.mark.parametrize("value", ["x.y.z", "", "eyJ0b2tlbiI6ImEifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb", "\u00e9" * 50])
def test_a_forged_cookie_is_nobody(demo_app: Flask, value: str) -> None:
    browser = Browser(demo_app)
    browser.client.set_cookie("danflow", value)
    assert browser.get("/").status_code == 303


def test_a_cookie_signed_with_another_key_is_nobody(
    demo_app: Flask, browser_of: Callable[[Persona], Browser]
) -> None:
    known = browser_of(AGENT)
    with known.client.session_transaction() as session:
        content = dict(session)
    other = Flask("other")
    other.secret_key = "some other secret"
    signer = SecureCookieSessionInterface().get_signing_serializer(other)
    assert signer is not None
    browser = Browser(demo_app)
    browser.client.set_cookie("danflow", str(signer.dumps(content)))
    assert browser.get("/").status_code == 303


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(demo_app: Flask) -> None:
    cookie = Browser(demo_app).sign_in("an").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_signing_out_ends_the_session_on_the_server(demo_app: Flask, browser_of: Callable[[Persona], Browser]) -> None:
    browser = browser_of(AGENT)
    cookie = browser.client.get_cookie("danflow")
    assert cookie is not None
    assert browser.post("/sign-out").location == "/sign-in"
    thief = Browser(demo_app)
    thief.client.set_cookie("danflow", cookie.value)
    assert thief.get("/").status_code == 303


def test_signing_out_everywhere_ends_every_session(browser_of: Callable[[Persona], Browser]) -> None:
    phone, desk, other = browser_of(AGENT), browser_of(AGENT), browser_of(LEAD)
    assert phone.text("/me").count('<svg class="i" viewBox') > 2
    desk.post("/sign-out/everywhere")
    assert [browser.get("/").status_code for browser in (phone, desk, other)] == [303, 303, 200]


def test_a_right_that_is_taken_back_ends_with_the_next_request(
    demo_app: Flask, browser_of: Callable[[Persona], Browser]
) -> None:
    browser = browser_of(LEAD)
    assert browser.get("/sent").status_code == 200
    with demo_app.app_context():
        people.revoke_role(LEAD.id, "cs_lead", actor=SYSTEM)
    assert browser.get("/sent").status_code == 403
    assert "/sent" not in browser.text("/")
    with demo_app.app_context():
        people.set_active(LEAD.id, False, actor=SYSTEM)
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("path", ["/sign-out", "/sign-out/everywhere", "/me/language", "/inbox/read"])
def test_nothing_is_done_for_another_sites_form(browser_of: Callable[[Persona], Browser], path: str) -> None:
    browser = browser_of(AGENT)
    for sent in (
        {"data": {"language": "en"}},
        {"data": {"language": "en", "csrf_token": "guess"}},
        {"data": '{"language": "en"}', "content_type": "text/plain"},
        {"data": {"language": "en", "csrf_token": browser.csrf}, "headers": {"Origin": "https://evil.example"}},
    ):
        assert browser.client.post(path, **sent).status_code == 400  # type: ignore[arg-type]
    assert '<html lang="zh-CN">' in browser.text("/")


@pytest.mark.parametrize("wanted", [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "evil.example",
    "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " //evil.example", "", "/" + "a" * 600,
    "http:/evil.example", "//evil.example/%2f..",
])
def test_next_never_leads_away(demo_app: Flask, wanted: str) -> None:
    assert Browser(demo_app).sign_in("an", next=wanted).location == "/"


def test_next_stays_on_our_paths() -> None:
    for wanted in ("/", "/pool", "/tickets/1?show=all", "/a//b"):
        assert own_path(wanted) == wanted


def test_the_language_is_kept_for_the_person(browser_of: Callable[[Persona], Browser]) -> None:
    browser = browser_of(AGENT)
    assert browser.post("/me/language", language="en").status_code == 303
    assert "To do" in browser.text("/")
    assert "To do" in browser_of(AGENT).text("/")
    browser.post("/me/language", language="xx")
    assert '<html lang="en">' in browser.text("/")


def test_the_sign_in_page_names_the_demo_people(demo_app: Flask) -> None:
    page = Browser(demo_app).text("/sign-in")
    assert PASSWORD in page and "林主管" in page
    assert page.count("<code>") > 10


def test_my_page_lists_where_i_am_signed_in(demo_app: Flask, browser_of: Callable[[Persona], Browser]) -> None:
    browser = browser_of(ADMIN)
    page = browser.text("/me")
    assert "本机" in page and "管理员" in page
    with demo_app.app_context():
        stored = db.session.scalars(select(UserSession.id).where(UserSession.person_id == ADMIN.id)).one()
    assert stored not in page


def test_finding_out_who_asks_is_one_statement(demo_app: Flask, browser_of: Callable[[Persona], Browser]) -> None:
    browser = browser_of(AGENT)
    browser.get("/me")
    before = statements.count
    assert browser.client.post("/me/language", data={"csrf_token": "x"}).status_code == 400
    assert statements.count - before <= 1
    page = Browser(demo_app)
    before = statements.count
    page.get("/tickets")  # nobody: not even that one
    assert statements.count == before
