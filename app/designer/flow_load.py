"""The load of a flow over HTTP: gaps in the company, rehearsals of busy days, and where real tickets stand now."""
from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response

from app import locales
from app.core.errors import Conflict, localized, text
from app.definitions import service as definitions
from app.definitions.around import around
from app.designer import bodies, drafts, flow_use, pages
from app.designer.flow_bundles import bundle_of
from app.designer.load_facts import Facts, facts
from app.designer.load_words import line, settings
from app.extensions import clock, db, reading
from app.flows.gaps import gaps
from app.flows.rehearse import Outcome, Progress, Report, load_plan, model_of, rehearse
from app.runtime.trail import SPAN_DAYS, heat
from app.security import me, staff

MOST_SECONDS = 120  # of a processor
bp = Blueprint("flow_load", __name__, url_prefix="/designer/flows/<string(maxlength=40):key>")
drafts.guard(bp)
_one_at_a_time = BoundedSemaphore(1)  # a rehearsal keeps a processor busy: one in each web process


@bp.post("/gaps")
@drafts.carries_definitions
@staff("definitions.edit")
def find_gaps(key: str) -> Response:
    """Where a content of the flow finds nobody today: {"gaps": [{"level", "node", "field", "message", "todo", …}]}."""
    content = drafts.read(bodies.Content)["content"]
    with reading():
        bundle, known = bundle_of(content), facts(me(), clock.now_ms())
        found = gaps(bundle.flow, around(bundle, known.org, known.org["roles"]))
        return pages.reply({"gaps": [gap.as_dict(locales.current()) for gap in found]})


@bp.post("/rehearse/settings")
@drafts.carries_definitions
@staff("definitions.edit")
def rehearsal_settings(key: str) -> Response:
    """What a rehearsal would assume of a content, to be changed: {"teams", "steps", "branches", "day", …}."""
    content = drafts.read(bodies.Content)["content"]
    with reading():
        bundle, known = bundle_of(content), facts(me(), clock.now_ms(), key)
        model = model_of(bundle.flow, known.org, load_plan({}), known.past, now=known.now)
        return pages.reply(settings(bundle.flow, model, known.past, locales.current()))


@bp.post("/rehearse")
@drafts.carries_definitions
@staff("definitions.edit")
def rehearsal(key: str) -> Response:
    """A rehearsal of a content by "plan", and by "other" with the same chance, as lines of JSON while it goes on:
    {"done", "of"} …, last {"report", "other"} or {"refused"}. 409 while another one keeps this process busy."""
    body = drafts.read(bodies.Rehearse)
    plans = [load_plan(body[name]) for name in ("plan", "other") if body[name] is not None]
    with reading():
        bundle, known = bundle_of(body["content"]), facts(me(), clock.now_ms(), key)
        for plan in plans:
            model_of(bundle.flow, known.org, plan, known.past, now=known.now)  # refused before anything is sent
    db.session.remove()  # the connection is not kept while the processor works
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("load_busy")
    lines = _Lines(bundle.flow, known, plans, locales.current())
    answer = Response(lines, mimetype="application/x-ndjson", headers={"Cache-Control": "no-store"})
    answer.call_on_close(lines.close)
    return answer


class _Lines:
    """The lines of a rehearsal as they come. Closed however the answer ends, and the processor is free again."""

    def __init__(self, flow: Any, known: Facts, plans: list[Any], locale: str) -> None:
        self._lines = self._work(flow, known, plans, locale)
        self._held = True

    def __iter__(self) -> Iterator[bytes]:
        return self._lines

    def close(self) -> None:
        """Stop, and let others rehearse."""
        self._lines.close()  # which ends what has begun, and does nothing to what has not
        self._free()

    def _free(self) -> None:
        if self._held:
            self._held = False
            _one_at_a_time.release()

    def _work(self, flow: Any, known: Facts, plans: list[Any], locale: str) -> Generator[bytes, None, None]:
        try:
            yield from self._rehearsed(flow, known, plans, locale)
        finally:
            self._free()

    def _rehearsed(self, flow: Any, known: Facts, plans: list[Any], locale: str) -> Generator[bytes, None, None]:
        outcomes: list[Outcome] = []
        began, total = time.thread_time(), sum(2 * plan.seeds for plan in plans)
        for number, plan in enumerate(plans):
            before = sum(2 * done.seeds for done in plans[:number])
            for step in rehearse(flow, known.org, plan, known.past, now=known.now):
                if isinstance(step, Outcome):
                    outcomes.append(step)
                elif time.thread_time() - began > MOST_SECONDS:
                    yield _json({"refused": text("load_too_long", locale, {"seconds": MOST_SECONDS})})
                    return
                else:
                    yield _json(_progress(step, before, total))
        told = [_told(outcome, locale) for outcome in outcomes]
        yield _json({"report": told[0], "other": told[1] if len(told) > 1 else None})


def _progress(step: Progress, before: int, total: int) -> dict[str, int]:
    return {"done": before + step.done, "of": total}


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _told(outcome: Outcome, locale: str) -> dict[str, Any]:
    """A report in the reader's language, with the effect of one person more."""
    found = _localized(outcome.report, locale)
    return {**found, "lines": [line(one, locale) for one in outcome.report.lines(outcome.more)],
            "assumptions": [line(one, locale) for one in outcome.report.model.assumptions],
            "more": _localized(outcome.more, locale) if outcome.more else None}


def _localized(report: Report, locale: str) -> dict[str, Any]:
    found = report.as_dict()
    for part in ("steps", "teams", "clocks"):
        found[part] = [{**one, "name": localized(one["name"], locale)} for one in found[part]]
    return found


@bp.get("/heat")
@staff("definitions.edit")
def live_heat(key: str) -> Response:
    """Where real tickets of the flow stand: {"nodes": {id: {"waiting", "oldest", "parked", "p50", "p95", "cases",
    "breached"}}, "days", "more", "types"}; only tickets that the reader may see count."""
    with reading():
        ways, content = flow_use.ways(key), definitions.current_content("flow", key)
        if not ways or content is None:
            return pages.reply({"nodes": {}, "days": SPAN_DAYS, "more": False, "types": 0})
        found, more = heat(bundle_of(content).flow, [way.type_key for way in ways], me(), clock.now_ms())
        nodes = {id: {"waiting": one.waiting, "oldest": one.oldest, "parked": one.parked, "cases": one.cases,
                      "p50": one.dwell and one.dwell[0], "p95": one.dwell and one.dwell[1], "breached": one.breached}
                 for id, one in found.items()}
        return pages.reply({"nodes": nodes, "days": SPAN_DAYS, "more": more, "types": len(ways)})


