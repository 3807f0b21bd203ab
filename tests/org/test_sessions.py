"""Signing in: revocable sessions, brakes against guessing, one query to find out who asks."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.driver import statements
from app.extensions import db, reading
from app.org import people
from app.org.access import SYSTEM
from app.org.models import SignInAttempt, UserSession
from app.org.sessions import (
    ABSOLUTE_MS,
    BRAKES,
    FORGET_MS,
    IDLE_MS,
    SignedIn,
    SignInDelayed,
    SignInRefused,
    principal,
    sign_in,
    sign_out,
    token_principal,
)
from tests.org.conftest import NOW, PASSWORD


def enter(
    login: str = "bob", password: str = PASSWORD, *, ip: str = "10.1.1.1", now: int = NOW, **more: Any
) -> SignedIn:
    return sign_in(login, password, ip=ip, agent="Firefox", now=now, **more)


def refusal(*args: Any, **more: Any) -> str:
    with pytest.raises((SignInRefused, SignInDelayed)) as caught:
        enter(*args, **more)
    return caught.value.code


def test_the_right_password_opens_a_session_that_tells_who_it_is(company: Flask) -> None:
    token = enter(" Bob ").token
    found = principal(token, NOW + 1)
    assert found is not None
    assert (found.id, found.name, found.roles, found.reads) == ("bob", "Bob", ("manager",), "own")
    assert found.groups == ("manager@store=s1",)
    assert found.rights == frozenset()


def test_the_session_is_stored_by_its_digest_only(company: Flask) -> None:
    token = enter().token
    assert db.session.scalars(select(UserSession.id)).all() != [token]
    assert principal(db.session.scalars(select(UserSession.id)).one(), NOW) is None


def test_who_asks_is_one_query(company: Flask) -> None:
    token = enter("carol").token
    db.session.remove()
    db.session.connection()
    before = statements.count
    found = principal(token, NOW + 1000)
    assert statements.count - before == 1
    assert found is not None and found.reads == "all" and found.may("org.manage")


@pytest.mark.parametrize("forged", ["", "x", "0" * 64, "'; DROP TABLE person; --", "dfl_abc"])
def test_a_forged_session_is_nobody(company: Flask, forged: str) -> None:
    assert principal(forged, NOW) is None
    assert token_principal(forged, NOW) is None


def test_a_session_ends_when_idle_and_after_a_week_at_the_latest(company: Flask) -> None:
    token = enter().token
    assert principal(token, NOW + IDLE_MS) is None
    now = NOW
    while now < NOW + ABSOLUTE_MS - IDLE_MS:
        now += IDLE_MS - 1
        assert principal(token, now) is not None, "use keeps it alive"
    assert principal(token, NOW + ABSOLUTE_MS) is None


def test_reading_a_page_keeps_it_alive(company: Flask) -> None:
    token = enter().token
    db.session.remove()
    with reading():
        assert principal(token, NOW + 120_000) is not None
        db.session.remove()
    assert db.session.scalars(select(UserSession.last_seen)).one() == NOW + 120_000


def test_signing_out_ends_it_on_the_server(company: Flask) -> None:
    token = enter().token
    sign_out(token)
    assert principal(token, NOW) is None


def test_signing_in_again_changes_the_token_and_ends_the_old_session(company: Flask) -> None:
    first = enter().token
    second = enter(old_token=first).token
    assert first != second
    assert principal(first, NOW) is None and principal(second, NOW) is not None


def test_a_revoked_role_and_a_leaver_are_gone_with_the_next_request(company: Flask) -> None:
    token = enter().token
    people.revoke_role("bob", "manager", {"store": "s1"}, actor=SYSTEM)
    found = principal(token, NOW)
    assert found is not None and found.roles == () and found.groups == ()
    people.set_active("bob", False, actor=SYSTEM)
    assert principal(token, NOW) is None
    assert refusal() == "sign_in_refused"


def test_a_new_password_ends_every_session(company: Flask) -> None:
    token = enter().token
    people.set_password("bob", "another password", actor=SYSTEM)
    assert principal(token, NOW) is None
    assert refusal() == "sign_in_refused"
    assert enter(password="another password").person_id == "bob"


def test_a_hundred_wrong_passwords_are_mostly_not_even_looked_at(company: Flask) -> None:
    codes = [refusal(password=f"wrong {number}", now=NOW + number) for number in range(100)]
    assert codes.count("sign_in_refused") == BRAKES["p"].free
    assert set(codes[BRAKES["p"].free :]) == {"sign_in_delayed"}
    assert refusal(now=NOW + 200) == "sign_in_delayed", "the right one has to wait as well"
    assert enter(ip="10.9.9.9", now=NOW + 200).person_id == "bob", "elsewhere its owner still gets in"


def test_the_wait_doubles_and_ends(company: Flask) -> None:
    now, waits = NOW, []
    for _ in range(BRAKES["p"].free + 4):
        with pytest.raises((SignInRefused, SignInDelayed)) as caught:
            enter(password="wrong", now=now)
        if isinstance(caught.value, SignInDelayed):
            seconds = caught.value.params["seconds"]
            waits.append(seconds)
            now += seconds * 1000
    assert waits == [2, 4]
    assert enter(now=now + FORGET_MS + 1).person_id == "bob"


def test_one_address_cannot_try_many_accounts(company: Flask) -> None:
    codes = [refusal(f"user{number}", "wrong password") for number in range(BRAKES["i"].free + 3)]
    assert codes[-1] == "sign_in_delayed" and codes[0] == "sign_in_refused"
    assert enter(ip="10.2.2.2").person_id == "bob"


def test_success_forgets_the_failures(company: Flask) -> None:
    for _ in range(3):
        refusal(password="wrong")
    enter()
    counts = {row.key: row.count for row in db.session.scalars(select(SignInAttempt))}
    assert counts == {"i:10.1.1.1": 3}


def test_many_at_once_are_not_many_free_tries(company: Flask) -> None:
    codes: list[str] = []

    def guess() -> None:
        with company.app_context():
            codes.append(refusal(password="wrong"))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("sign_in_refused") == BRAKES["p"].free
    assert codes.count("sign_in_delayed") == 12 - BRAKES["p"].free


def test_an_unknown_login_takes_as_long_as_a_wrong_password(company: Flask) -> None:
    def seconds(login: str) -> float:
        took = []
        for number in range(3):
            began = time.process_time()  # hashing is all there is to it
            refusal(login, "wrong password", ip=f"10.3.{len(login)}.{number}")
            took.append(time.process_time() - began)
        return min(took)

    seconds("warm-up")
    known, unknown = seconds("bob"), seconds("nobody")
    assert 0.5 < known / unknown < 2


def test_overlong_input_is_a_wrong_password(company: Flask) -> None:
    assert refusal("b" * 100_000, "p" * 100_000) == "sign_in_refused"
    assert refusal("bob\x00" if db.engine.dialect.name == "sqlite" else "bob\t", "x") == "sign_in_refused"


# ---- API tokens ------------------------------------------------------------------------------------------------------


def test_a_token_acts_for_its_person_with_no_more_than_its_own_rights(company: Flask) -> None:
    token = people.create_token("carol", name="ERP", rights=["definitions.edit"], actor=SYSTEM, now=NOW)
    assert token.startswith("dfl_")
    db.session.remove()
    db.session.connection()
    before = statements.count
    found = token_principal(token, NOW)
    assert statements.count - before == 1
    assert found is not None and found.id == "carol" and found.token_id
    assert found.rights == {"definitions.edit", "api.use"} and found.reads == "own"


def test_a_token_loses_what_its_person_loses(company: Flask) -> None:
    token = people.create_token("carol", name="ERP", rights=["definitions.edit"], actor=SYSTEM, now=NOW)
    people.save_role("admin", name="Admin", reads="all", rights=["api.use"], actor=SYSTEM)
    found = token_principal(token, NOW)
    assert found is not None and found.rights == {"api.use"}
    people.revoke_role("carol", "admin", actor=SYSTEM)
    assert token_principal(token, NOW) is None


def test_a_token_ends_by_date_and_by_hand(company: Flask) -> None:
    dated = people.create_token("carol", name="a", rights=[], actor=SYSTEM, now=NOW, expires=NOW + 10)
    assert token_principal(dated, NOW + 9) is not None and token_principal(dated, NOW + 10) is None
    token = people.create_token("carol", name="b", rights=[], actor=SYSTEM, now=NOW)
    found = token_principal(token, NOW)
    assert found is not None
    people.revoke_token(found.token_id, actor=found)
    assert token_principal(token, NOW) is None
