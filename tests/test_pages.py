"""Refusals and failures at the edge: status, shape, language, headers; never a stack trace."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, Flask, jsonify, render_template_string, request
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import create_environ, run_wsgi_app

from app import security
from app.core.errors import Conflict, Invalid, Problem
from app.extensions import limiter, parts
from app.security import bearer, link, public, staff
from app.settings import Settings

MakeApp = Callable[[Settings], Flask]


def pages() -> Blueprint:
    bp = Blueprint("probe", __name__)

    @bp.get("/problem")
    @public
    def problem() -> str:
        raise Conflict("conflict", where="form.f_phone")

    @bp.get("/several")
    @public
    def several() -> str:
        raise Invalid([Problem("too_large", where="f_a"), Problem("forbidden", where="f_b")])

    @bp.get("/crash")
    @public
    def crash() -> str:
        raise ZeroDivisionError("secret detail")

    @bp.post("/echo")
    @public
    def echo() -> object:
        return jsonify(length=len(request.get_data()))

    @bp.post("/form")
    @public
    def form() -> object:
        return jsonify(dict(request.form))

    @bp.get("/token")
    @public
    def token() -> str:
        return generate_csrf()

    @bp.get("/inline")
    @public
    def inline() -> str:
        return render_template_string("<script nonce='{{ csp_nonce() }}'></script>{{ locale }}")

    @bp.get("/seldom")
    @public
    @limiter.limit("2/minute")
    def seldom() -> str:
        return "ok"

    @bp.get("/desk")
    @staff()
    def desk() -> str:
        return "desk"

    @bp.get("/link/<token>")
    @link
    def by_link(token: str) -> str:
        return token

    @bp.get("/bare-token")
    @bearer("tickets")
    def by_bearer() -> str:
        return ""

    return bp


@pytest.fixture
def client(settings: Settings, make_app: MakeApp) -> Iterator[FlaskClient]:
    app = make_app(settings.model_copy(update={"rate_limits": True}))
    app.register_blueprint(pages())
    yield app.test_client()


@pytest.fixture
def backend() -> str:
    """Pages need no database: one is enough."""
    return "sqlite"


JSON = {"Accept": "application/json"}


def test_a_problem_as_json(client: FlaskClient) -> None:
    answer = client.get("/problem?lang=en", headers=JSON)
    assert answer.status_code == 409
    assert answer.json == {
        "code": "conflict", "message": "Somebody has just changed this. Please reload and try again.",
        "where": "form.f_phone",
    }


def test_a_problem_as_a_page(client: FlaskClient) -> None:
    answer = client.get("/problem", headers={"Accept": "text/html"})
    assert answer.status_code == 409
    assert answer.mimetype == "text/html"
    assert "内容刚刚被别人改过" in answer.text


def test_several_problems_each_at_its_place(client: FlaskClient) -> None:
    answer = client.get("/several", headers=JSON)
    assert answer.status_code == 422
    assert [item["where"] for item in answer.json["problems"]] == ["f_a", "f_b"]


def test_a_failure_tells_its_number_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/crash?lang=en", headers={"X-Request-ID": "abcdef-123456"})
    assert answer.status_code == 500
    assert "abcdef-123456" in answer.text
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    as_json = client.get("/crash", headers=JSON)
    assert as_json.json["code"] == "failed_with_id"
    assert "secret" not in as_json.text


@pytest.mark.parametrize(("path", "method", "status"), [("/nowhere", "GET", 404), ("/problem", "POST", 405)])
def test_what_the_framework_refuses(client: FlaskClient, path: str, method: str, status: int) -> None:
    page = client.open(path, method=method, headers={"Sec-Fetch-Site": "same-origin"})
    if method == "GET":
        assert page.status_code == status
    data = client.open(path, method=method, headers={**JSON, "Sec-Fetch-Site": "same-origin"})
    assert data.status_code in (status, 400)
    assert set(data.json) >= {"code", "message", "where"}


def test_405_says_what_is_allowed(client: FlaskClient) -> None:
    answer = client.put("/livez", headers=JSON)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_large_body_is_refused_by_its_length(client: FlaskClient) -> None:
    answer = client.post("/echo", data=b"x" * (1024 * 1024 + 1), content_type="application/json", headers=JSON)
    assert answer.status_code == 413
    assert answer.json["code"] == "body_too_large"
    assert "1 MB" in answer.json["message"]


def test_a_body_without_a_length_is_refused_unread(client: FlaskClient) -> None:
    class Endless:
        reads = 0

        def read(self, size: int = -1) -> bytes:
            self.reads += 1
            return b"x" * max(size, 1)

    body = Endless()
    environ = create_environ("/echo", method="POST", headers=JSON)
    environ.pop("CONTENT_LENGTH", None)
    environ.update({"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"})
    _chunks, status, _headers = run_wsgi_app(client.application, environ)
    assert status.startswith("411")
    assert body.reads == 0


def test_a_post_without_its_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/form", data={"a": "1"}, headers=JSON)
    assert answer.status_code == 400
    assert answer.json["code"] == "form_expired"


def test_a_post_with_its_token_is_served(client: FlaskClient) -> None:
    token = client.get("/token").text
    answer = client.post("/form", data={"a": "1", "csrf_token": token}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_another_site_cannot_post(client: FlaskClient, headers: dict[str, str]) -> None:
    token = client.get("/token").text
    answer = client.post("/form", data={"a": "1", "csrf_token": token}, headers={**headers, **JSON})
    assert answer.status_code == 400
    assert answer.json["code"] == "foreign_page"


def test_a_forged_session_is_no_session(client: FlaskClient) -> None:
    client.set_cookie("danflow", "eyJfdXNlcl9pZCI6IjEifQ.Z0AAAA.forgedforgedforgedforged", domain="localhost")
    assert client.get("/inline").status_code == 200
    asked = client.get("/desk")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in?next=/desk")


def test_too_many_requests_say_when_to_come_back(client: FlaskClient) -> None:
    assert [client.get("/seldom").status_code for _turn in range(2)] == [200, 200]
    answer = client.get("/seldom", headers=JSON)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["code"] == "too_many"
    assert client.get("/inline").status_code == 200


def test_headers_of_every_page(client: FlaskClient) -> None:
    for path in ("/livez", "/nowhere", "/crash"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert len(headers["X-Request-ID"]) >= 8


def test_a_nonce_is_used_once(client: FlaskClient) -> None:
    first, second = client.get("/inline"), client.get("/inline")
    nonce = first.text.split("'")[1]
    assert f"'nonce-{nonce}'" in first.headers["Content-Security-Policy"]
    assert nonce not in second.text


@pytest.mark.parametrize(
    ("path", "headers", "cookie", "locale"),
    [
        ("/inline", {}, None, "zh_CN"),
        ("/inline", {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}, None, "en"),
        ("/inline", {"Accept-Language": "fr,zh-TW"}, None, "zh_CN"),
        ("/inline", {"Accept-Language": "fr"}, None, "zh_CN"),
        ("/inline", {"Accept-Language": "en"}, "zh", "zh_CN"),
        ("/inline?lang=en", {}, "zh", "en"),
        ("/inline?lang=xx", {}, "en", "en"),
    ],
)
def test_the_language_of_a_page(
    client: FlaskClient, path: str, headers: dict[str, str], cookie: str | None, locale: str
) -> None:
    if cookie:
        client.set_cookie("lang", cookie, domain="localhost")
    assert client.get(path, headers=headers).text.endswith(locale)


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    client.get("/inline?lang=en")
    assert client.get("/inline").text.endswith("en")


def test_a_forged_host_is_refused(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings.model_copy(update={"allow_hosts": "desk.example.com"}))
    client = app.test_client()
    assert client.get("/livez", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/livez", headers={"Host": "desk.example.com"}).status_code == 200


def test_a_view_without_a_policy_stops_the_start(app: Flask) -> None:
    app.add_url_rule("/bare", "bare", lambda: "")
    with pytest.raises(RuntimeError, match="bare"):
        security.require_policies(app)


def test_json_bodies_get_json_errors(client: FlaskClient) -> None:
    answer = client.post("/nowhere", data=json.dumps({}), content_type="application/json")
    assert answer.mimetype == "application/json"


def test_parts_are_the_applications_own(app: Flask, settings: Settings, make_app: MakeApp) -> None:
    other = make_app(settings)
    with app.app_context():
        mine = parts()
    with other.app_context():
        assert parts().catalog is not mine.catalog


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/nothing", "sqlite:////proc/nowhere/danflow.db"])
def test_a_database_out_of_reach_is_told_and_to_be_tried_again(url: str, settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings.model_copy(update={"database_url": url}))
    answer = app.test_client().get("/api/v1/tickets", headers={"Authorization": "Bearer dfl_" + "x" * 43})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.get_json()["code"] == "unavailable"
