"""The load of a flow over HTTP: gaps in the company, rehearsals of busy days, and where real tickets stand now."""
from __future__ import annotations

from flask import Blueprint, Response

from app import locales
from app.definitions import branches
from app.definitions import service as definitions
from app.definitions.around import around
from app.designer import bodies, drafts, flow_use, pages, rehearsals
from app.designer.flow_bundles import bundle_of
from app.designer.flow_rights import edits
from app.designer.load_facts import company, facts
from app.designer.load_words import settings
from app.extensions import clock, reading
from app.flows.gaps import gaps
from app.flows.rehearse import load_plan, model_of
from app.runtime.trail import SPAN_DAYS, heat
from app.security import me

bp = Blueprint("flow_load", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>")
drafts.guard(bp)


@bp.post("/gaps")
@drafts.carries_definitions
@edits
def find_gaps(key: str) -> Response:
    """Where a content of the flow finds nobody today: {"gaps": [{"level", "node", "field", "message", "todo", …}]}."""
    content = drafts.read(bodies.Content)["content"]
    with reading():
        bundle, org = bundle_of(content), company()
        found = gaps(bundle.flow, around(bundle, org, org["roles"]))
        return pages.reply({"gaps": [gap.as_dict(locales.current()) for gap in found]})


@bp.post("/rehearse/settings")
@drafts.carries_definitions
@edits
def rehearsal_settings(key: str) -> Response:
    """What a rehearsal would assume of a content, to be changed: {"teams", "steps", "branches", "day", …,
    "scenarios" (how many are saved), "shares" (where the shares of branches are from)}."""
    body = drafts.read(bodies.RehearseSettings)
    with reading():
        bundle = bundle_of(body["content"])
        known = facts(me(), clock.now_ms(), key, bundle, body["shares"])
        model = model_of(bundle.flow, known.org, load_plan({}), known.past, now=known.now)
        return pages.reply({**settings(bundle.flow, model, known.past, locales.current()),
                            "scenarios": known.scenarios, "shares": known.past.source})


@bp.post("/rehearse")
@drafts.carries_definitions
@edits
def begin(key: str) -> Response:
    """Ask for a rehearsal of a content by "plan", and by "other" with the same chance: as `standing` (202)."""
    body = drafts.read(bodies.Rehearse)
    plans = {name: body[name] for name in ("plan", "other")}
    rehearsals.start(key, body["content"], plans, body["shares"], actor=me(), now=clock.now_ms())
    return _standing(key, 202)


@bp.get("/rehearse")
@edits
def standing(key: str) -> Response:
    """The reader's last rehearsal of the flow, as far as it is: {"rehearsal": null or `rehearsals.standing`}."""
    return _standing(key)


@bp.post("/rehearse/stop")
@edits
def stop(key: str) -> Response:
    """Give it up."""
    rehearsals.stop(key, me().id)
    return _standing(key)


def _standing(key: str, status: int = 200) -> Response:
    answer = pages.reply({"rehearsal": rehearsals.standing(key, me().id, locales.current(), clock.now_ms())})
    answer.status_code = status
    return answer


@bp.get("/heat")
@edits
def live_heat(key: str) -> Response:
    """Where real tickets of the flow stand: {"nodes": {id: {"waiting", "oldest", "parked", "p50", "p95", "cases",
    "breached"}}, "days", "more", "types"}; only tickets that the reader may see count."""
    with reading():
        flow = branches.flow_of(key)
        ways, content = flow_use.ways(flow), definitions.current_content("flow", flow)
        if not ways or content is None:
            return pages.reply({"nodes": {}, "days": SPAN_DAYS, "more": False, "types": 0})
        found, more = heat(bundle_of(content).flow, [way.type_key for way in ways], me(), clock.now_ms())
        nodes = {id: {"waiting": one.waiting, "oldest": one.oldest, "parked": one.parked, "cases": one.cases,
                      "p50": one.dwell and one.dwell[0], "p95": one.dwell and one.dwell[1], "breached": one.breached}
                 for id, one in found.items()}
        return pages.reply({"nodes": nodes, "days": SPAN_DAYS, "more": more, "types": len(ways)})
