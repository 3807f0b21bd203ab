"""The sandbox of a flow over HTTP: its saved scenarios, and what comes of one that is being recorded.

Nothing is kept between calls: recording is appending a step to a scenario's script and playing it again.
"""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user

from app import locales
from app.core.errors import Denied, Problem, localized
from app.definitions import branches, scenarios, stage
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.sandbox import company_of, play
from app.designer import bodies, pages
from app.designer import replay as replays
from app.designer.flow_bundles import bundle_of
from app.designer.flow_rights import edits
from app.extensions import clock, db, parts, reading
from app.flows.sandbox import Company
from app.flows.scenario import SCHEMA, load_scenarios
from app.flows.told import Teller
from app.org.directory import directory
from app.org.sandbox import RealCompany
from app.security import carries, me

bp = Blueprint("flow_sandbox", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>")
_carries_definitions = carries(definitions.MAX_REQUEST + scenarios.MAX_BYTES, definitions.too_large)


@bp.before_request
def _signed_in() -> Response | None:
    if current_user.is_authenticated:
        return None
    return pages.reply(Denied("sign_in_first").as_dict(locales.current()), 401)


@bp.errorhandler(Problem)
def _refused(problem: Problem) -> Response:
    db.session.rollback()
    return pages.reply(problem.as_dict(locales.current()), problem.status)


def _body(schema: type[bodies.Keys]) -> dict[str, Any]:
    return bodies.read(schema, request.get_data(), request.max_content_length or 0)


@bp.get("/scenarios")
@edits
def saved(key: str) -> Response:
    """The file of saved scenarios: {"rev", "content", "at", "by"}; `rev` 0 where nothing was saved yet."""
    return _saved(key)


def _saved(key: str, **more: Any) -> Response:
    found = scenarios.saved(key)
    by = pages.name_of(directory(me().mark), found.by) if found.by else ""
    return pages.reply({"rev": found.rev, "content": found.content, "at": found.at, "by": by, **more},
                       409 if more else 200)


@bp.put("/scenarios")
@_carries_definitions
@edits
def keep(key: str) -> Response:
    """Save the file: {"rev"}; 409 with what stands there now if somebody else saved meanwhile."""
    body = _body(bodies.Draft)
    try:
        rev = scenarios.save(key, body["content"], body["rev"], actor=me(), now=clock.now_ms())
    except Problem as problem:
        if problem.code != "scenarios_moved":
            raise
        db.session.rollback()
        return _saved(key, **problem.as_dict(locales.current()))
    return pages.reply({"rev": rev})


@bp.post("/simulate")
@_carries_definitions
@edits
def simulate(key: str) -> Response:
    """One scenario played on a content of the flow that need not be stored: see `definitions.stage`.

    What is expected is judged; 422 if the flow or the scenario cannot be read.
    """
    body = _body(bodies.Simulate)
    with reading():
        file = {"schema": SCHEMA, "scenarios": [body["scenario"]], "org": _org(key)}
        read, real = load_scenarios(file), RealCompany()
        bundle, scenario = bundle_of(body["content"]), read.scenarios[0]
        company = company_of(scenario, read.org, real)
        result = play(bundle, scenario, read.org, real, watched=True)
        shown = stage.Stage(bundle, result, body["scenario"], scenario, company, _teller(bundle, company, scenario))
        return pages.reply(shown.as_dict())


@bp.post("/scenarios/run")
@_carries_definitions
@edits
def run(key: str) -> Response:
    """Every saved scenario on a content of the flow: {"results": [{"name", "ok", "failures", "expected"}], "percent",
    "taken": {"node:port": times}}. What is expected is told in words."""
    content = _body(bodies.Content)["content"]
    with reading():
        file, bundle, real = scenarios.saved(key).content, bundle_of(content), RealCompany()
        read, told, results = load_scenarios(file), [], []
        for raw, scenario in zip(file["scenarios"], read.scenarios, strict=True):
            result = play(bundle, scenario, read.org, real)
            teller = _teller(bundle, company_of(scenario, read.org, real), scenario)
            told.append({"name": result.name, "ok": result.ok, "failures": stage.failures(teller, result, raw),
                         "expected": teller.expectations(raw.get("expect") or {})})
            results.append(result)
        return pages.reply({"results": told, **stage.percent(bundle, results)})


@bp.post("/scenarios/bring")
@_carries_definitions
@edits
def bring(key: str) -> Response:
    """The scenarios of a file, told for a content of this flow: {"scenarios", "org", "lost"}. Nothing is saved here."""
    body = _body(bodies.Bring)
    with reading():
        found = scenarios.brought(body["file"], body["content"], parts().catalog)
    lost = [localized(name, locales.current()) for name in found["lost"]]
    return pages.reply({**found, "lost": lost})


@bp.post("/replay")
@_carries_definitions
@edits
def replay(key: str) -> Response:
    """Last month's tickets that the asker may see, told again on a content of the flow, a few in each call: {"rows":
    [{"id", "no", "title", "what", "words"}], "total", "next"}; "before" goes on from "next"."""
    body = _body(bodies.Replay)
    with reading():
        found = replays.replay(branches.flow_of(key), bundle_of(body["content"]), actor=me(), now=clock.now_ms(),
                               locale=locales.current(), before=body["before"])
    return pages.reply({"rows": [asdict(row) for row in found.rows], "total": found.total, "next": found.next})


def _org(key: str) -> Any:
    """The made-up company that the saved scenarios share."""
    return scenarios.saved(key).content.get("org") or {}


def _teller(bundle: Bundle, company: Company, scenario: Any) -> Teller:
    channels = {name: channel.label for name, channel in parts().catalog.channels.items()}
    return stage.told(bundle, company.ports(scenario.customer), channels, locales.current())
