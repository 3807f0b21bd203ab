"""Anonymous browsers: signed numbers and forms that belong to one of them."""
from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, Response

from app import create_app
from app.core.errors import Malformed
from app.entries import visitor
from app.settings import load


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    """An application that never asks its database."""
    return create_app(load({}, env="test", instance_dir=tmp_path, secret_key="a secret for these tests, 42 characters"))


def cookie(app: Flask, number: str) -> str:
    response = Response()
    with app.test_request_context():
        visitor.remember(response, number)
    return response.headers["Set-Cookie"]


def test_the_cookie_is_signed_and_closed_to_scripts(bare: Flask) -> None:
    header = cookie(bare, visitor.new())
    assert "HttpOnly" in header and "SameSite=Lax" in header
    value = header.split("=", 1)[1].split(";")[0]
    with bare.test_request_context(headers={"Cookie": f"visitor={value}"}):
        assert visitor.known()
    for forged in (value[:-2] + "xx", "someone", "", "a.b", "\xff" * 5, "x" * 5000):
        with bare.test_request_context(headers={"Cookie": f"visitor={forged}"}):
            assert visitor.known() == ""


def test_a_form_belongs_to_its_entry_visitor_and_purpose(bare: Flask) -> None:
    with bare.test_request_context():
        token = visitor.form_token("public", "entry-1", "version-1", "anna")
        read = visitor.read_form_token("public", token, "entry-1", "anna")
        assert (read.subject, read.version) == ("entry-1", "version-1") and len(read.key) >= 20
        assert visitor.read_form_token("public", token, "entry-1", "anna").key == read.key
        for purpose, tampered, subject, number in (
            ("public", token, "entry-2", "anna"), ("public", token, "entry-1", "ben"), ("public", token, "entry-1", ""),
            ("answer", token, "entry-1", "anna"), ("public", token[:-1], "entry-1", "anna"),
            ("public", "", "entry-1", "anna"), ("public", "x" * 5000, "entry-1", "anna"),
        ):
            with pytest.raises(Malformed) as refused:
                visitor.read_form_token(purpose, tampered, subject, number)
            assert refused.value.code == "form_token_bad"


def test_two_drawings_have_two_keys_unless_one_is_drawn_again(bare: Flask) -> None:
    with bare.test_request_context():
        def key(**again: str) -> str:
            token = visitor.form_token("public", "e", "v", "anna", **again)
            return visitor.read_form_token("public", token, "e", "anna").key

        assert key() != key()
        assert key(key="kept") == "kept"


def test_the_stored_key_does_not_give_the_number_away() -> None:
    number = visitor.new()
    assert number not in visitor.key_of(number) and len(visitor.key_of(number)) == 64
