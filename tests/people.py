"""The people of a story as they really act: over HTTP, knowing only what pages and answers tell them.

A customer uses the public form and the ticket's page without JavaScript; a colleague uses the API with a token. How a
request travels is the caller's choice (`Send`): into an application of this process, over a socket, or into a process
that is about to be killed.
"""
from __future__ import annotations

import http.client
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from app.core.principal import SYSTEM
from app.entries.models import Entry
from app.extensions import clock, db
from app.org import people
from app.org.access import RIGHTS

TIMEOUT_S = 20


class Unanswered(Exception):
    """No answer came: whoever should have given it died, or is not there."""


@dataclass(frozen=True)
class Sent:
    """One HTTP request; the same object can be sent again."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Got:
    """Its answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Send = Callable[[Sent], Got]


def in_process(app: Flask) -> Send:
    """Requests are served by an application of this process."""

    def send(sent: Sent) -> Got:
        client = app.test_client(use_cookies=False)
        with client.open(sent.path, method=sent.method, headers=dict(sent.headers), data=sent.body) as answer:
            return Got(answer.status_code, dict(answer.headers), answer.text)

    return send


def over_http(url: str) -> Send:
    """Requests go over a socket, each over its own; raises Unanswered when nobody answers."""
    place = urlsplit(url)

    def send(sent: Sent) -> Got:
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=TIMEOUT_S)
        try:
            connection.request(sent.method, sent.path, sent.body or None, dict(sent.headers))
            answer = connection.getresponse()
            return Got(answer.status, dict(answer.headers), answer.read().decode())
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(f"{sent.method} {sent.path}: {error!r}") from error
        finally:
            connection.close()

    return send


def photo() -> bytes:
    """A real photograph, if a dull one."""
    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def posted(form: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Answers as the page's controls send them; a list of words in a field of pictures is that many photographs."""
    pairs: list[tuple[str, Any]] = []
    for name, value in form.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for at, row in enumerate(value):
                pairs.append((f"{name}.{at}", ""))
                pairs += [(f"{name}.{at}.{column}", str(cell)) for column, cell in row.items()]
        elif isinstance(value, list):
            pairs += [(f"{name}.files", FileStorage(BytesIO(photo()), f"{word}.jpg")) for word in value]
        else:
            pairs.append((name, "true" if value is True else str(value)))
    return pairs


class Customer:
    """A customer with a browser that has scripts switched off."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.cookie = ""
        self.link = ""  # of their ticket, once they have one: "/t/…"

    def form(self, path: str, answers: Mapping[str, Any]) -> Sent:
        """Open a page and fill it in: the request that its button sends, any number of times."""
        page = self.see(path)
        token = re.search(r'name="_token" value="([^"]+)"', page)
        assert token, f"{path} asks nothing:\n{page}"
        boundary, body = encode_multipart(MultiDict([("_token", token[1]), *posted(answers)]))
        kind = f"multipart/form-data; boundary={boundary}"
        return Sent("POST", path, {"Content-Type": kind, "Cookie": self.cookie}, body)

    def see(self, path: str) -> str:
        """The text of a page; whatever cookie comes with it is kept."""
        got = self.send(Sent("GET", path, {"Cookie": self.cookie} if self.cookie else {}))
        assert got.status == 200, (path, got.status, got.text)
        self.cookie = got.headers.get("Set-Cookie", self.cookie).split(";")[0]
        return got.text

    def complain(self, door: str, answers: Mapping[str, Any]) -> str:
        """Send the public form; returns the token of the ticket's link."""
        return self.received(self.send(self.form(door, answers)))

    def received(self, got: Got) -> str:
        """Note the ticket's link that the form was answered with."""
        assert got.status == 303, (got.status, got.text)
        self.link = got.headers["Location"].partition("?")[0]
        return self.link.rpartition("/")[2]

    def answer(self, answers: Mapping[str, Any]) -> Got:
        """Answer what the ticket's page asks."""
        got = self.send(self.form(self.link, answers))
        assert got.status == 303, (got.status, got.text)
        return got


class Colleague:
    """Somebody who acts through the API."""

    def __init__(self, send: Send, id: str, token: str) -> None:
        self.send = send
        self.id = id
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> Any:
        """What the API tells."""
        got = self.send(Sent("GET", f"/api/v1{path}", self._headers))
        assert got.status == 200, (path, got.status, got.text)
        return got.json

    def view(self, name: str) -> list[dict[str, Any]]:
        """What this person has to do ("todo"), or may take ("pool")."""
        found: list[dict[str, Any]] = self.get(f"/tasks?view={name}&limit=100")
        return found

    def tasks(self, ticket_id: str = "") -> list[dict[str, Any]]:
        """What this person has to do, then what they may take; of one ticket, or of all."""
        return [task for task in [*self.view("todo"), *self.view("pool")]
                if ticket_id in ("", task["ticket_id"])]

    def task(self, ticket_id: str, node: str) -> dict[str, Any]:
        """Their task at a node of a ticket; there must be one."""
        return next(task for task in self.tasks(ticket_id) if task["node"] == node)

    def request(self, method: str, path: str, body: Any) -> Sent:
        """A request that can be sent any number of times: it carries an Idempotency-Key of its own."""
        return Sent(method, f"/api/v1{path}", {**self._headers, "Idempotency-Key": uuid.uuid4().hex},
                    json.dumps(body).encode())

    def call(self, method: str, path: str, body: Any) -> Any:
        """Change something; it must be accepted."""
        got = self.send(self.request(method, path, body))
        assert got.status in (200, 201), (path, got.status, got.text)
        return got.json

    def action(self, task_id: str, action: str, form: Mapping[str, Any] | None = None, note: str = "") -> Sent:
        """The request for an action, which can be sent any number of times."""
        return self.request("POST", f"/tasks/{task_id}/actions", {"action": action, "form": form or {}, "note": note})

    def act(self, task_id: str, action: str, form: Mapping[str, Any] | None = None, note: str = "") -> Any:
        """Do something; it must be accepted."""
        got = self.send(self.action(task_id, action, form, note))
        assert got.status == 200, (action, got.status, got.text)
        return got.json


def doors() -> dict[str, str]:
    """trigger → "/f/…" of the public forms. In an application context."""
    found = {entry.trigger: f"/f/{entry.token}" for entry in db.session.scalars(select(Entry).where(Entry.active))}
    db.session.rollback()
    return found


def colleagues(send: Send, *ids: str) -> dict[str, Colleague]:
    """People of the demo company with tokens of their own. In an application context."""
    people.save_role("api_user", name="API", rights=["api.use"], actor=SYSTEM)
    found = {}
    for person_id in ids:
        people.grant_role(person_id, "api_user", actor=SYSTEM)
        rights = people._rights_of(person_id) & set(RIGHTS)
        token = people.create_token(person_id, name="stories", rights=rights, actor=SYSTEM, now=clock.now_ms())
        found[person_id] = Colleague(send, person_id, token)
    return found
