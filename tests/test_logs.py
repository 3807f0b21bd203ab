"""Logs: one JSON object a line, with the request's id, and nothing personal or secret in it."""
from __future__ import annotations

import json
import logging

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from app import logs


@pytest.fixture
def backend() -> str:
    return "sqlite"


def read(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("GET /t/AbCdEf0123456789_-xyz", "AbCdEf0123456789_-xyz"),
        ("GET /f/complaints-token-123?lang=en", "complaints-token-123"),
        ("POST /x?token=secret123&a=1", "secret123"),
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("redis://:hunter2@cache:6379", "hunter2"),
        ("call 13812345678 now", "13812345678"),
        ("call +86-13812345678", "13812345678"),
        ("id 11010519491231002X.", "11010519491231002X"),
        ("mail to wang.li@example.com", "wang.li@example.com"),
    ],
)
def test_what_is_personal_is_hidden(text: str, hidden: str) -> None:
    assert hidden not in logs.hide(text)


def test_what_is_harmless_stays() -> None:
    text = "ticket 20261121000123 took 12345678901234 ns at 2026-11-21T10:00:00Z"
    assert logs.hide(text) == text


def test_secrets_in_keys_and_deep_inside(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("probe").warning("sent", token="abc", body={"password": "p", "note": ["to a@b.example"]})
    logging.getLogger("library").warning("connect %s", "postgresql://u:pw@db/x")
    first, second = read(capsys)
    assert first["token"] == logs.HIDDEN
    assert first["body"] == {"password": logs.HIDDEN, "note": ["to " + logs.HIDDEN]}
    assert "pw" not in str(second["event"])


def test_a_request_is_one_line_with_its_id(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/nowhere", headers={"X-Request-ID": "trace-0001"})
    (line,) = read(capsys)
    assert line["event"] == "request"
    assert (line["method"], line["status"], line["request_id"]) == ("GET", 404, "trace-0001")
    assert isinstance(line["ms"], float)


def test_a_forged_request_id_is_replaced(client: FlaskClient) -> None:
    answer = client.get("/livez", headers={"X-Request-ID": "x y\tz" * 30})
    assert len(answer.headers["X-Request-ID"]) == 32
