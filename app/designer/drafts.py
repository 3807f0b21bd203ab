"""The calls that every editor of a definition makes: draft, check, compare, publish, versions, restore. One mechanism.

What differs between forms and flows stands in a `Kind`; `install` puts the calls on the editor's blueprint, whose
address holds the definition's key.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask_login import current_user

from app import locales
from app.core.errors import Conflict, Denied, Finding, Problem
from app.core.principal import Principal
from app.definitions import queries
from app.definitions import service as definitions
from app.definitions.service import PublishBlocked, Published
from app.designer import bodies, pages
from app.extensions import clock, db, reading
from app.org.directory import directory
from app.security import carries, me, staff

carries_definitions = carries(definitions.MAX_REQUEST, definitions.too_large)


@dataclass(frozen=True)
class Kind:
    """What the calls must know of a kind of definition.

    `kind_of` (key) → kind of the definition under that key; `edits`: guards the calls of those who change it.
    `check` (key, content) → findings; `finding` → JSON; `compare` (old, new, locale) → changes as JSON; `beside` (key,
    content) → what an answer about a content carries besides its findings. `publishing`: the body of a publish call;
    `publish` (key, body, now, actor) → the version and what else the answer says.
    """

    kind_of: Callable[[str], str]
    edits: Callable[[Callable[..., Response]], Callable[..., Response]]
    check: Callable[[str, Any], Iterable[Finding]]
    finding: Callable[[Finding], dict[str, Any]]
    compare: Callable[[Any, Any, str], list[dict[str, Any]]]
    publishing: type[bodies.Keys]
    publish: Callable[[str, Mapping[str, Any], int, Principal], tuple[Published, dict[str, Any]]]
    beside: Callable[[str, Any], dict[str, Any]] = lambda key, content: {}

    def findings(self, found: Iterable[Finding]) -> list[dict[str, Any]]:
        return [self.finding(one) for one in found]

    def judged(self, key: str, content: Any) -> dict[str, Any]:
        """What an answer says of a content."""
        return {"findings": self.findings(self.check(key, content)), **self.beside(key, content)}

    def stored(self, key: str, content: Any, rev: int, **more: Any) -> Response:
        """Make `content` the draft: {"rev", "findings"}; 409 with what stands there if somebody else was faster."""
        if rev < 1:
            raise Problem("draft_rev", where="rev")
        try:
            new = definitions.save_draft(self.kind_of(key), key, content, rev, actor=me(), now=clock.now_ms())
        except Conflict as conflict:
            db.session.rollback()
            theirs = queries.standing(self.kind_of(key), key)
            return pages.reply({
                **conflict.as_dict(locales.current()), "rev": theirs.rev, "content": theirs.content,
                "by": pages.name_of(directory(me().mark), theirs.updated_by), "at": theirs.updated_at,
                **self.judged(key, theirs.content),
            }, conflict.status)
        return pages.reply({"rev": new, **self.judged(key, content), **more})


def read(schema: type[bodies.Keys]) -> dict[str, Any]:
    """The body of this call as `schema` wants it."""
    return bodies.read(schema, request.get_data(), request.max_content_length or 0)  # as app.security judged it


def install(calls: Blueprint, kind: Kind) -> None:
    """Put the calls on the blueprint of an editor."""
    guard(calls)
    _writing(calls, kind)
    _versions(calls, kind)


def guard(calls: Blueprint) -> None:
    """Refusals as JSON, also to who is not signed in: a redirect would be the wrong kind of page."""

    @calls.before_request
    def signed_in() -> Response | None:
        if current_user.is_authenticated:
            return None
        return pages.reply(Denied("sign_in_first").as_dict(locales.current()), 401)

    @calls.errorhandler(Problem)
    def refused(problem: Problem) -> Response:
        db.session.rollback()
        return pages.reply(problem.as_dict(locales.current()), problem.status)


def _writing(calls: Blueprint, kind: Kind) -> None:
    @calls.put("/draft")
    @carries_definitions
    @kind.edits
    def draft(key: str) -> Response:
        """Store the draft: {"rev", "findings"}; 409 with what stands there now if somebody else saved meanwhile."""
        body = read(bodies.Draft)
        return kind.stored(key, body["content"], body["rev"])

    @calls.post("/check")
    @carries_definitions
    @kind.edits
    def check(key: str) -> Response:
        """What the checks say of a content: {"findings"}. Stores nothing."""
        with reading():
            return pages.reply(kind.judged(key, read(bodies.Content)["content"]))

    @calls.post("/publish")
    @staff("definitions.publish")
    def publish(key: str) -> Response:
        """Freeze the draft at "rev" as the next version: {"version", "at", "findings", "repeated", …}, or 422."""
        now = clock.now_ms()
        try:
            done, more = kind.publish(key, read(kind.publishing), now, me())
        except PublishBlocked as blocked:
            db.session.rollback()
            return pages.reply({**Problem.as_dict(blocked, locales.current()),
                                "findings": kind.findings(blocked.findings)}, blocked.status)
        return pages.reply({"version": done.version, "at": now, "repeated": done.repeated,
                            "findings": kind.findings(done.findings), **more})


def _versions(calls: Blueprint, kind: Kind) -> None:
    @calls.get("/versions")
    @staff("definitions.edit")
    def versions(key: str) -> Response:
        """The published versions, newest first: [{"id", "version", "at", "by"}]."""
        people = directory(me().mark)
        return pages.reply([
            {"id": row["id"], "version": row["version"], "at": row["published_at"],
             "by": pages.name_of(people, row["published_by"])}
            for row in definitions.versions(kind.kind_of(key), key)
        ])

    @calls.get("/versions/<uuid:version_id>")
    @staff("definitions.edit")
    def version(key: str, version_id: UUID) -> Response:
        """The content of one version: {"content"}; 404 for another definition's version too."""
        return pages.reply({"content": queries.version_of(kind.kind_of(key), key, str(version_id))})

    @calls.post("/compare")
    @carries_definitions
    @kind.edits
    def compare(key: str) -> Response:
        """Two contents in words: {"changes": [{"kind", "words", …}]}."""
        body = read(bodies.Compare)
        with reading():
            return pages.reply({"changes": kind.compare(body["old"], body["new"], locales.current())})

    @calls.post("/restore")
    @staff("definitions.edit")
    def restore(key: str) -> Response:
        """Make a version's content the draft again: {"rev", "restored": content, "findings"}; 409 as for a draft."""
        body = read(bodies.Restore)
        content = queries.version_of(kind.kind_of(key), key, body["version"])
        return kind.stored(key, content, body["rev"], restored=content)
