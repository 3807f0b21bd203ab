"""Drafts and publishing. A draft may be wrong, a version may not: whatever is published has passed every check."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core.catalog import Catalog
from app.core.errors import Conflict, Finding, NotFound, Problem, TooLarge
from app.core.principal import Principal, require
from app.definitions import checks, others, scenarios
from app.definitions.bundle import Bundle
from app.definitions.models import Definition, DefinitionVersion
from app.definitions.moved import Moved
from app.definitions.rights import may_edit
from app.extensions import db, parts
from app.flows.checks.draft import measure
from app.flows.checks.facts import Known
from app.forms.check import check_form
from app.forms.schema import MAX_BYTES, check_size
from app.wire import Read

KINDS: Mapping[str, str] = {
    "form": "danflow/form/1",
    "flow": "danflow/flow/1",
    "branch": "danflow/flow/1",
    "ticket_type": "danflow/ticket_type/1",
}
NOTHING_KNOWN = Known()
MAX_REQUEST = 2 * MAX_BYTES + 64 * 1024  # a definition on its way: what is around it, and characters sent escaped
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # PostgreSQL stores no NUL


def too_large() -> TooLarge:
    """The refusal of a definition beyond MAX_BYTES."""
    return TooLarge("definition_too_large", limit_mb=MAX_BYTES // 1024 // 1024)


@dataclass(frozen=True)
class Published:
    """A version as it now stands; `repeated`: nothing had changed, so no new version was made."""

    version_id: str
    version: int
    findings: tuple[Finding, ...]
    repeated: bool = False


@dataclass(frozen=True)
class TypeVersion:
    """The ticket type in force."""

    id: str
    key: str
    name: Any
    version: int
    archived: bool = False  # no new tickets


class PublishBlocked(Problem):
    """`findings` hold at least one error."""

    def __init__(self, findings: list[Finding]) -> None:
        errors = sum(finding.level == "error" for finding in findings)
        super().__init__("publish_blocked", count=errors)
        self.findings = findings

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        return {**super().as_dict(locale), "findings": [finding.as_dict(locale) for finding in self.findings]}


def save_draft(kind: str, key: str, content: Any, rev: int, *, actor: Principal, now: int) -> int:
    """Store a draft and return its new revision (commits).

    `rev` is the revision the change is based on, 0 for a new definition; Conflict("draft_moved") if it has moved on.
    """
    if rev:
        put_draft(kind, key, content, rev, actor=actor, now=now)
        db.session.commit()
        return rev + 1
    try:
        begin(kind, key, content, actor=actor, now=now)
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise _moved(kind, key, rev, content) from error
    return 1


def put_draft(kind: str, key: str, content: Any, rev: int, *, actor: Principal, now: int) -> None:
    """As `save_draft` for a definition that is there, and leaves it to the caller to commit."""
    may_edit(kind, key, actor, lock=True)
    title = _checked(kind, key, content)
    values = {"draft": content, "title": title, "updated_at": now, "updated_by": actor.id}
    done = db.session.execute(
        update(Definition)
        .where(Definition.kind == kind, Definition.key == key, Definition.rev == rev)
        .values(**values, rev=rev + 1)
        .returning(Definition.rev)
    ).first()
    if not done:
        db.session.rollback()
        raise _moved(kind, key, rev, content)


def begin(kind: str, key: str, content: Any, *, actor: Principal, now: int) -> None:
    """A new definition with its first draft; it stays to the caller to commit. IntegrityError where there is one."""
    may_edit(kind, key, actor)
    title = _checked(kind, key, content)
    db.session.add(Definition(id=str(uuid.uuid4()), kind=kind, key=key, title=title, draft=content, rev=1,
                              current_version=0, updated_at=now, updated_by=actor.id))
    db.session.flush()


def _moved(kind: str, key: str, yours: int, content: Any) -> Problem:
    row = _definition(kind, key)
    return Moved("draft_moved", "rev", kind, content, row.draft, rev=row.rev, yours=yours)


def _checked(kind: str, key: str, content: Any) -> Any:
    """Refuse what is no draft of this kind at all; returns the title."""
    if kind not in KINDS:
        raise NotFound("definition_kind", where="kind", kind=str(kind)[:40])
    if not isinstance(content, dict):
        raise Problem("definition_not_object")
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError):  # no JSON, NaN, lone surrogates, or nested for the sake of it
        raise Problem("definition_not_object") from None
    if size > MAX_BYTES:
        raise too_large()
    if NUL.search(text):
        raise Problem("definition_not_object")
    if content.get("schema") != KINDS[kind]:
        raise Problem("definition_schema", where="schema", expected=KINDS[kind])
    if not isinstance(content.get("key"), str) or not checks.KEY.match(content["key"]):
        raise Problem("key_bad", where="key", value=str(content.get("key"))[:60])
    if content["key"] != key:
        raise Problem("definition_key_differs", where="key", inside=content["key"], key=key[:60])
    if kind == "form":
        check_size(content)  # a draft may be wrong, but not larger than any form can be
    elif kind in ("flow", "branch"):
        measure(content)
    title = content.get("title" if kind == "form" else "name")
    return title if isinstance(title, (str, dict)) else key


def publish(
    kind: str, key: str, *, actor: Principal, now: int, known: Known = NOTHING_KNOWN, rev: int | None = None
) -> Published:
    """Freeze the draft as the next version (commits). An unchanged draft gives the version in force again.

    `known`: what the organisation holds (`org.service.known()`), for flows and ticket types. Raises PublishBlocked with
    the findings, or Conflict: the draft is not at `rev`, or somebody published meanwhile.
    """
    done = freeze(kind, key, actor=actor, now=now, known=known, rev=rev)
    if not done.repeated:
        db.session.commit()
    return done


def freeze(
    kind: str, key: str, *, actor: Principal, now: int, known: Known = NOTHING_KNOWN, rev: int | None = None
) -> Published:
    """As `publish`, and leaves it to the caller to commit: for what must be published together or not at all."""
    require(actor, "definitions.publish")
    if kind == "branch":
        raise Problem("branch_never_published")
    row = _definition(kind, key)
    if rev is not None and row.rev != rev:
        raise Conflict("draft_moved", where="rev", rev=row.rev, yours=rev)
    uses = _uses(kind, row.draft)
    before = _current(row)
    there = before.content if before else None
    findings = find_problems(kind, row.draft, known, there)
    if kind == "flow" and all(finding.level != "error" for finding in findings):
        form = current_content("form", str(row.draft.get("form", "")))
        findings += scenarios.findings(row.draft, form, parts().catalog, known.company)
    if _uses(kind, row.draft) != uses:
        raise Conflict("part_moved", where=key)  # what was checked is perhaps not what would be pinned
    if any(finding.level == "error" for finding in findings):
        raise PublishBlocked(findings)
    digest = content_hash(row.draft, uses)
    if before is not None and before.hash == digest:
        return Published(before.id, before.version, tuple(findings), repeated=True)
    version_id, version = str(uuid.uuid4()), row.current_version + 1
    draft, definition_id, seen_rev = row.draft, row.id, row.rev
    won = db.session.execute(
        update(Definition)
        .where(Definition.id == definition_id, Definition.current_version == version - 1, Definition.rev == seen_rev)
        .values(current_version=version)
        .returning(Definition.id)
    ).first()
    if not won:
        db.session.rollback()
        theirs = _definition(kind, key)
        now_there = _current(theirs)
        raise Moved("publish_moved", key, kind, there, now_there.content if now_there else {},
                    version=theirs.current_version)
    db.session.add(
        DefinitionVersion(
            id=version_id,
            definition_id=definition_id,
            version=version,
            content=draft,
            hash=digest,
            uses=uses,
            published_at=now,
            published_by=actor.id,
        )
    )
    db.session.flush()
    return Published(version_id, version, tuple(findings))


def content_hash(content: Any, uses: Mapping[str, str]) -> str:
    """SHA-256 of a version: its content and what it was published with, whatever the order of keys."""
    canonical = json.dumps([content, dict(uses)], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def find_problems(kind: str, content: Any, known: Known = NOTHING_KNOWN, published: Any = None) -> list[Finding]:
    """Everything the publish checks say about a draft; `published` is the content in force, if any."""
    catalog = parts().catalog
    if kind == "form":
        return check_form(content, catalog, published, known.sources)
    flow = content if kind == "flow" else current_content("flow", str(content.get("flow", "")))
    form = current_content("form", str((flow or content).get("form", "")))
    key, there = str(content.get("key")), _types()
    own = _own(key, there) if kind == "flow" else [key]
    if known is not NOTHING_KNOWN:
        known = replace(known, ticket_types={*there, *own})
    known = replace(known, type_fields=others.TypeFields(_in_force, own, form), type_needs=others.TypeNeeds(_in_force))
    if kind == "flow":
        found = checks.flow_findings(content, form, catalog, known)
        return found if form is not None or not content.get("form") else [_without_form(content["form"]), *found]
    # A form may have been published since the flow was checked: the pair is checked as it will run.
    return checks.type_findings(content, flow, form, catalog, known)


def own_types(flow: str) -> list[str]:
    """The ticket types that run on a flow; while there is none, what the first will be called (`stock.type_of`)."""
    return _own(flow, _types())


def _own(flow: str, types: Mapping[str, Any]) -> list[str]:
    found = [key for key, runs_on in types.items() if runs_on == flow]
    return found if found or flow in types else [flow]


def _types() -> dict[str, Any]:
    """Every ticket type, published or not → the flow that it runs on. One query."""
    rows = db.session.execute(select(Definition.key, Definition.draft).where(Definition.kind == "ticket_type"))
    return {row.key: row.draft.get("flow") for row in rows}


def _in_force(key: str) -> Bundle | None:
    """What new tickets of a type run on."""
    try:
        return bundle(current_type(key).id)
    except NotFound:
        return None


def _without_form(form: Any) -> Finding:
    """What to say of a flow whose form has no version in force."""
    there = db.session.scalar(select(Definition.id).where(Definition.kind == "form", Definition.key == str(form)[:60]))
    code = "flow_form_unpublished" if there else "flow_form_unknown"
    return Finding("error", code, field="form", params={"form": str(form)[:60]})


def _uses(kind: str, draft: Mapping[str, Any]) -> dict[str, str]:
    """What a version of this draft is pinned to: the versions in force now."""
    if kind == "flow":
        return {"form": _current_id("form", str(draft["form"]))} if draft.get("form") else {}
    if kind == "ticket_type":
        return {part: _current_id(part, str(draft.get(part, ""))) for part in ("form", "flow")}
    return {}


def _definition(kind: str, key: str) -> Definition:
    known = select(Definition).where(Definition.kind == kind, Definition.key == key)
    row = db.session.scalar(known.execution_options(populate_existing=True)) if checks.KEY.match(key) else None
    if row is None:
        raise NotFound("definition_unknown", where=str(key)[:60], key=str(key)[:60])
    return row


def _current(row: Definition) -> DefinitionVersion | None:
    return db.session.scalar(
        select(DefinitionVersion).where(
            DefinitionVersion.definition_id == row.id, DefinitionVersion.version == row.current_version
        )
    )


def _current_version(kind: str, key: str) -> DefinitionVersion | None:
    return db.session.scalar(
        select(DefinitionVersion)
        .join(Definition, Definition.id == DefinitionVersion.definition_id)
        .where(Definition.kind == kind, Definition.key == key, DefinitionVersion.version == Definition.current_version)
    )


def _current_id(kind: str, key: str) -> str:
    row = _current_version(kind, key)
    if row is None:
        raise Problem("not_published", where=kind, key=key[:60])
    return row.id


# ---- reading ---------------------------------------------------------------------------------------------------------


def current_content(kind: str, key: str) -> Any | None:
    """The content of the version in force, None if there is none."""
    row = _current_version(kind, key)
    return row.content if row else None


# Asked for every ticket that is opened.
CURRENT_TYPE = Read(
    "SELECT v.id, v.content, v.version, d.archived_at FROM definition d"
    " JOIN definition_version v ON v.definition_id = d.id AND v.version = d.current_version"
    " WHERE d.kind = 'ticket_type' AND d.key = :key",
    json_at=(1,),
)


def current_type(key: str) -> TypeVersion:
    """The ticket type in force; raises NotFound. One query."""
    rows = CURRENT_TYPE(key=key) if checks.KEY.match(key) else []
    if not rows:
        raise NotFound("definition_unknown", where=key[:60], key=key[:60])
    ident, content, version, archived_at = rows[0]
    return TypeVersion(ident, key, content["name"], version, archived_at is not None)


def current_types() -> list[TypeVersion]:
    """Every published ticket type that takes new tickets, by key."""
    rows = db.session.execute(
        select(DefinitionVersion.id, Definition.key, DefinitionVersion.content, DefinitionVersion.version)
        .join(Definition, Definition.id == DefinitionVersion.definition_id)
        .where(Definition.kind == "ticket_type", DefinitionVersion.version == Definition.current_version,
               Definition.archived_at.is_(None))
        .order_by(Definition.key)
    )
    return [TypeVersion(row.id, row.key, row.content["name"], row.version) for row in rows]


def draft(kind: str, key: str) -> dict[str, Any]:
    """A definition with its draft; raises NotFound."""
    row = _definition(kind, key)
    return {**_shown(row), "content": row.draft}


def list_definitions(kind: str | None = None) -> list[dict[str, Any]]:
    """Every definition without its content, by kind and key."""
    query = select(Definition).order_by(Definition.kind, Definition.key)
    return [_shown(row) for row in db.session.scalars(query.where(Definition.kind == kind) if kind else query)]


def _shown(row: Definition) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "key": row.key,
        "title": row.title,
        "rev": row.rev,
        "current_version": row.current_version,
        "updated_at": row.updated_at,
        "updated_by": row.updated_by,
    }


def versions(kind: str, key: str) -> list[dict[str, Any]]:
    """The versions of a definition, newest first, without content."""
    rows = db.session.scalars(
        select(DefinitionVersion)
        .where(DefinitionVersion.definition_id == _definition(kind, key).id, DefinitionVersion.version > 0)
        .order_by(DefinitionVersion.version.desc())
    )
    return [
        {
            "id": row.id,
            "version": row.version,
            "hash": row.hash,
            "uses": row.uses,
            "published_at": row.published_at,
            "published_by": row.published_by,
        }
        for row in rows
    ]


def version_content(version_id: str) -> Any:
    """The content of a published version; raises NotFound."""
    content = db.session.scalar(select(DefinitionVersion.content).where(DefinitionVersion.id == version_id))
    if content is None:
        raise NotFound("version_unknown", where=version_id[:60])
    return content


# Versions never change, so a loaded one is kept as long as the catalogue it was loaded with.
_bundles: WeakKeyDictionary[Catalog, dict[str, Bundle]] = WeakKeyDictionary()


def bundle(type_version_id: str) -> Bundle:
    """Form and flow of a published ticket type; raises NotFound. Two queries the first time in a process, then none."""
    catalog = parts().catalog
    kept = _bundles.setdefault(catalog, {})
    found = kept.get(type_version_id)
    if found is None:
        row = db.session.execute(
            select(DefinitionVersion.uses, DefinitionVersion.content).where(DefinitionVersion.id == type_version_id)
        ).one_or_none()
        if row is None or set(row.uses) != {"form", "flow"}:
            raise NotFound("version_unknown", where=type_version_id[:60])
        pinned = DefinitionVersion.id.in_(list(row.uses.values()))
        rows = db.session.execute(select(DefinitionVersion.id, DefinitionVersion.content).where(pinned))
        content = {part.id: part.content for part in rows}
        found = kept[type_version_id] = Bundle.load(
            content[row.uses["form"]], content[row.uses["flow"]], catalog, ticket_type=row.content
        )
    return found
