"""What the sandbox promises, the live product does: the five stories of the complaint template, on both databases."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.cli._catalog import pure_catalog
from app.definitions.bundle import Bundle
from app.definitions.sandbox import play
from app.demo.models import DemoRefund
from app.extensions import clock, db, parts
from app.flows.scenario import load_scenarios, standing, unmet
from app.flows.simulate import Result
from app.runtime.verify import verify
from app.settings import Settings
from tests.conftest import make_settings
from tests.live import Live
from tests.live_stories.company import Company, connect_erp, served
from tests.live_stories.player import Player, Story, plain
from tests.people import Customer, colleagues, doors, in_process, over_http

DATA = Path(__file__).parents[1] / "data"
FORM, FLOW, SCENARIOS = (json.loads((DATA / f"complaint.{name}.json").read_text("utf-8"))
                         for name in ("form", "flow", "scenarios"))
STORIES = load_scenarios(SCENARIOS)
PEOPLE = [person["id"] for person in STORIES.org["people"]]
AGENTS = [person["id"] for person in STORIES.org["people"] if person["roles"][0]["role"] == "cs_agent"]
TOLERANCE_MS = 5_000  # real seconds pass while a story is told


def in_sandbox(scenario: Any) -> Result:
    """The scenario as the simulator tells it."""
    bundle = Bundle.load(FORM, FLOW, pure_catalog())
    return play(bundle, scenario, STORIES.org)


@pytest.fixture
def company(demo_app: Flask) -> Iterator[Company]:
    """The demo company with a worker in this process, its ERP behind a real socket."""
    with served(demo_app) as url, demo_app.app_context():
        connect_erp(url)
        yield Company(demo_app, demo_app.extensions["danflow"].settings.clock_file)


def same_story(scenario: Any, story: Story, told: Result) -> None:
    """Live and sandbox: the same events at the same moments, the same messages, answers and place in the flow."""
    simulated = [{"kind": event["kind"], "node": event.get("node"), "actor": event["actor"]["type"],
                  "at": event["t"] - scenario.at, "delta": event["delta"],
                  **{key: event[key] for key in ("port", "edge", "token") if key in event}} for event in told.events]
    late = [live["at"] - sim["at"] for live, sim in zip(story.events, simulated, strict=False)]
    for event in (*story.events, *simulated):
        event["at"] = 0 if event["at"] is None else round(event["at"] / 60_000)
    assert plain(story.events, scenario.at, AGENTS) == plain(simulated, scenario.at, AGENTS)
    assert min(late) >= 0 and max(late) <= TOLERANCE_MS
    assert sent_of(story.sent) == sent_of(told.sent)
    assert {message["status"] for message in story.sent} <= {"sent"}
    live, sim = story.state, told.state
    assert answers_of(live) == answers_of(sim)
    assert {key: live[key] for key in ("status", "reason", "vars", "visits")} == {
        key: sim[key] for key in ("status", "reason", "vars", "visits")}
    assert standing(live) == standing(sim)
    assert unmet(scenario.expect, live, story.events, [{**row, "at": round(row["at"] / 60_000) * 60_000}
                                                       for row in story.sent]) == []


def sent_of(messages: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    names = dict.fromkeys(AGENTS, "agent")
    return sorted((names.get(row["to"], row["to"]), row["via"], row["template"], row["node"],
                   str(round(row["at"] / 60_000))) for row in messages)


def answers_of(state: dict[str, Any]) -> dict[str, Any]:
    """Answers without what differs: who the customer is, ids of files, the moment of consent."""
    form = {key: value for key, value in state["form"].items() if value is not None and key not in ("f_cust",)}
    return form | {"f_photos": len(form.get("f_photos") or ()), "f_ok": form["f_ok"]["accepted"]}


@pytest.mark.parametrize("scenario", STORIES.scenarios, ids=lambda scenario: scenario.name.partition("：")[0])
def test_the_live_product_tells_the_same_story(company: Company, scenario: Any) -> None:
    send = in_process(company.app)
    player = Player(company, Customer(send), colleagues(send, *PEOPLE), scenario)
    story = player.play(doors()[scenario.trigger])
    begun = copy(scenario)
    begun.at = scenario.at + story.events[0]["at"]  # a moment after nine is not nine: the last second of a day counts
    same_story(begun, story, in_sandbox(begun))
    assert list(verify(clock.now_ms(), parts().settings.uploads)) == []
    paid = [event for event in story.events if event["kind"] == "job.done"]
    refunds = db.session.scalars(select(DemoRefund.idem_key)).all()
    assert len(refunds) == len(set(refunds)) == len(paid)


@pytest.mark.parametrize(("backend", "at"), [("postgresql", 0), ("sqlite", 2)])
def test_real_processes_tell_the_same_story(
    live: Live, make_app: Callable[[Settings], Flask], tmp_path: Path, at: int
) -> None:
    scenario = STORIES.scenarios[at]
    live.start()
    app = make_app(make_settings(tmp_path, database_url=live.env["DATABASE_URL"], clock_file=live.clock_file))
    with app.app_context():
        connect_erp(live.url)
        send = over_http(live.url)
        company = Company(app, live.clock_file, processes=True)
        player = Player(company, Customer(send), colleagues(send, *PEOPLE), scenario)
        story = player.play(doors()[scenario.trigger])
    begun = copy(scenario)
    begun.at = scenario.at + story.events[0]["at"]
    same_story(begun, story, in_sandbox(begun))
    assert '"violations": 0' in live.flask("doctor")
