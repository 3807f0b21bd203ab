"""`flask org`: the first administrator has nobody to ask."""

from __future__ import annotations

from click.testing import Result
from flask import Flask

from app.org.service import connector, principal, sign_in, token_principal
from tests.org.conftest import NOW, PASSWORD


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["org", *arguments])


def test_an_administrator_from_nothing(app: Flask) -> None:
    made = run(app, "person", "Root", "老板", "--admin", "--password", PASSWORD)
    assert made.exit_code == 0, made.output
    with app.app_context():
        signed = sign_in("root", PASSWORD, ip="::1", agent="", now=NOW)
        found = principal(signed.token, NOW)
    assert found is not None and found.id == made.output.strip() and found.may("org.manage")


def test_a_new_password_and_a_role(company: Flask) -> None:
    assert run(company, "password", "bob", "--password", "another password").exit_code == 0
    assert run(company, "grant", "bob", "manager", "--scope", "store=s2").exit_code == 0
    found = principal(sign_in("bob", "another password", ip="::1", agent="", now=NOW).token, NOW)
    assert found is not None and set(found.groups) == {"manager@store=s1", "manager@store=s2"}


def test_a_token_is_printed_once_and_works(company: Flask) -> None:
    printed = run(company, "token", "carol", "--name", "ERP", "--right", "tickets.create").output.strip()
    found = token_principal(printed, NOW)
    assert found is not None and found.rights == {"api.use", "tickets.create"}


def test_a_connector_is_made_with_sealed_headers_and_refused_inside_our_network(company: Flask) -> None:
    made = run(company, "connector", "pos", "https://pos.example.com/api", "--name", "POS", "--header", "X-Key: a:b")
    assert made.exit_code == 0 and made.output == "pos (POS): https://pos.example.com/api, header X-Key\n", made.output
    found = connector("pos")
    assert (found.base_url, dict(found.headers)) == ("https://pos.example.com/api", {"X-Key": "a:b"})
    for host, code in (("", 1), ("10.0.0.1", 0)):
        arguments = ["connector", "in", "http://10.0.0.1/x", "--name", "In", *(["--allow-host", host] if host else [])]
        assert run(company, *arguments).exit_code == code


def test_refusals_are_sentences(company: Flask) -> None:
    for arguments, words in (
        (("person", "bob", "Bob", "--password", PASSWORD), "taken"),
        (("person", "eve", "Eve", "--password", "short"), "characters"),
        (("password", "nobody", "--password", PASSWORD), "Nobody has the login"),
        (("grant", "bob", "king"), "no role"),
        (("token", "bob", "--name", "x"), "api.use"),
    ):
        refused = run(company, *arguments)
        assert refused.exit_code == 1 and words in refused.output
