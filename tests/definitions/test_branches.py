"""Departments' branches of flows: who may do what, what a merge stores, and that nothing is lost when several act."""
from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Conflict, Denied, NotFound, Problem
from app.core.principal import SYSTEM, Principal
from app.definitions import branches, queries, scenarios
from app.definitions import service as definitions
from app.definitions.rights import kind_of
from app.extensions import db
from tests.definitions.conftest import RAW

FLOW = "restaurant_complaint"
EDITOR = Principal("admin", "Admin", rights=frozenset({"definitions.edit", "definitions.publish"}))
MARKETING = Principal("lu", "Lu", rights=frozenset({"flows.branch"}), department="marketing")
SERVICE = Principal("a1", "An", rights=frozenset({"flows.branch"}), department="service")
NOBODY = Principal("a2", "Bai", department="marketing")
NOW = 1_800_000_000_000


@pytest.fixture
def backend() -> str:
    """Only what waits for others and what is stored differs between the databases."""
    return "sqlite"


both = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


@pytest.fixture
def company(demo_app: Flask) -> Iterator[Flask]:
    with demo_app.app_context():
        yield demo_app


def opened(by: Principal = MARKETING, department: str = "marketing", name: str = "送优惠券") -> str:
    return branches.open_branch(FLOW, name, department, actor=by, now=NOW)


def draft(key: str) -> Any:
    found = queries.standing(kind_of(key), key)
    return copy.deepcopy(found.content), found.rev


def coupon(content: Any) -> Any:
    """A step for a coupon behind the handling."""
    line = next(edge for edge in content["edges"] if edge["from"] == "handle:submit")
    content["nodes"].append({"id": "coupon", "type": "notify.customer", "tv": 1, "name": "送优惠券",
                             "config": {"template": "complaint_closed"}})
    content["edges"].append({"id": "e_coupon", "from": "coupon:out", "to": line["to"]})
    line["to"] = "coupon:in"
    return content


def save(key: str, content: Any, by: Principal) -> None:
    definitions.save_draft(kind_of(key), key, content, queries.standing(kind_of(key), key).rev, actor=by, now=NOW + 1)


def setting(content: Any, step: str, key: str, value: Any) -> Any:
    next(node for node in content["nodes"] if node["id"] == step)["config"][key] = value
    return content


def merge(key: str, way: str = "into", by: Principal = EDITOR, **choose: str) -> int:
    seen = branches.look(key, way, choose, actor=by)
    return branches.merge_now(key, way, choose, seen.revs, actor=by, now=NOW + 2)


def test_a_branch_begins_with_the_version_in_use_and_touches_nothing(company: Flask) -> None:
    main, rev = draft(FLOW)
    save(FLOW, setting(main, "pool", "timeout", "PT10M"), EDITOR)  # not published
    key = opened()
    content, _ = draft(key)
    assert content == {**RAW["flow"], "key": key}
    assert scenarios.saved(key).content["scenarios"] == scenarios.saved(FLOW).content["scenarios"] != []
    save(key, coupon(content), MARKETING)
    assert draft(FLOW) == (main, rev + 1) and queries.standing("flow", FLOW).published == RAW["flow"]
    assert [line.key for line in queries.lines("flow")] == [FLOW], "lists of flows do not know it"
    assert key not in {row["key"] for row in definitions.list_definitions("flow")}
    assert branches.flow_of(key) == branches.flow_of(FLOW) == FLOW


@both
def test_merging_adds_to_the_draft_and_publishes_nothing(company: Flask) -> None:
    key = opened()
    save(key, coupon(draft(key)[0]), MARKETING)
    save(FLOW, setting(draft(FLOW)[0], "pool", "timeout", "PT10M"), EDITOR)
    _, rev = draft(FLOW)
    assert merge(key) == rev + 1
    content, _ = draft(FLOW)
    assert content == setting(coupon(copy.deepcopy(RAW["flow"])), "pool", "timeout", "PT10M")
    assert queries.standing("flow", FLOW).version == 1
    found = branches.find(key)
    assert (found.ended, found.ended_by) == ("merged", "admin")
    with pytest.raises(Problem, match="branch_merged"):
        save(key, draft(key)[0], MARKETING)
    with pytest.raises(Problem, match="branch_merged"):
        merge(key)
    branches.bring_back(key, actor=MARKETING)
    assert branches.look(key, "into", {}, actor=EDITOR).after == content, "again changes nothing"


def test_what_differs_is_decided_by_a_person(company: Flask) -> None:
    key = opened()
    save(key, setting(draft(key)[0], "pool", "timeout", "PT5M"), MARKETING)
    save(FLOW, setting(draft(FLOW)[0], "pool", "timeout", "PT10M"), EDITOR)
    seen = branches.look(key, "into", {}, actor=EDITOR)
    assert seen.open == ("nodes/pool/config/timeout",)
    with pytest.raises(Problem, match="branch_open"):
        branches.merge_now(key, "into", {}, seen.revs, actor=EDITOR, now=NOW)
    assert not branches.find(key).ended
    merge(key, **{"nodes/pool/config/timeout": "theirs"})
    assert draft(FLOW)[0] == setting(copy.deepcopy(RAW["flow"]), "pool", "timeout", "PT5M")


def test_what_moved_since_it_was_looked_at_is_not_merged(company: Flask) -> None:
    key = opened()
    save(key, coupon(draft(key)[0]), MARKETING)
    seen = branches.look(key, "into", {}, actor=EDITOR)
    save(FLOW, setting(draft(FLOW)[0], "pool", "timeout", "PT10M"), EDITOR)
    with pytest.raises(Conflict, match="branch_moved"):
        branches.merge_now(key, "into", {}, seen.revs, actor=EDITOR, now=NOW)
    db.session.rollback()
    again = branches.look(key, "into", {}, actor=EDITOR)
    file = scenarios.saved(key)
    fewer = {**file.content, "scenarios": file.content["scenarios"][1:]}
    scenarios.save(key, fewer, file.rev, actor=MARKETING, now=NOW)
    with pytest.raises(Conflict, match="branch_moved"):
        branches.merge_now(key, "into", {}, again.revs, actor=EDITOR, now=NOW)
    db.session.rollback()
    assert not branches.find(key).ended and "coupon" not in str(draft(FLOW))


def test_a_branch_is_brought_up_to_date_and_merges_without_the_same_question(company: Flask) -> None:
    key = opened()
    save(key, setting(coupon(draft(key)[0]), "pool", "timeout", "PT5M"), MARKETING)
    save(FLOW, setting(draft(FLOW)[0], "pool", "timeout", "PT10M"), EDITOR)
    _, rev = draft(FLOW)
    merge(key, "update", MARKETING, **{"nodes/pool/config/timeout": "ours"})
    assert draft(FLOW)[1] == rev, "the flow is not touched"
    seen = branches.look(key, "into", {}, actor=EDITOR)
    assert not seen.conflicts
    assert seen.after == setting(coupon(copy.deepcopy(RAW["flow"])), "pool", "timeout", "PT5M")


def test_scenarios_come_along(company: Flask) -> None:
    key, before = opened(), scenarios.saved(FLOW)
    file = scenarios.saved(key)
    more = {**file.content["scenarios"][0], "name": "送券"}
    changed = {**file.content, "scenarios": [*file.content["scenarios"], more]}
    scenarios.save(key, changed, file.rev, actor=MARKETING, now=NOW)
    merge(key)
    after = scenarios.saved(FLOW)
    assert after.rev == before.rev + 1 and after.content["flow"] == FLOW
    assert [one["name"] for one in after.content["scenarios"]] == [
        *(one["name"] for one in before.content["scenarios"]), "送券"]


def test_who_may(company: Flask) -> None:
    for who, code in ((NOBODY, "right_missing"), (SERVICE, "branch_other_department")):
        with pytest.raises(Denied, match=code):
            opened(who)
    with pytest.raises(Denied, match="branch_no_department"):
        opened(Principal("x", "X", rights=frozenset({"flows.branch"})), "")
    key = opened()
    for who in (NOBODY, SERVICE):
        for act in (lambda who=who: save(key, draft(key)[0], who), lambda who=who: merge(key, by=who),
                    lambda who=who: branches.discard(key, actor=who, now=NOW),
                    lambda who=who: branches.request(key, "", actor=who, now=NOW),
                    lambda who=who: scenarios.save(key, scenarios.saved(key).content, 1, actor=who, now=NOW)):
            with pytest.raises(Denied):
                act()
            db.session.rollback()
    with pytest.raises(Denied, match="right_missing"):
        merge(key, by=MARKETING)
    db.session.rollback()
    with pytest.raises(Denied, match="right_missing"):
        save(FLOW, draft(FLOW)[0], MARKETING)
    db.session.rollback()
    with pytest.raises(Problem, match="branch_never_published"):
        definitions.publish("branch", key, actor=SYSTEM, now=NOW)
    assert [one.key for one in branches.of_flow(FLOW, MARKETING)] == [key]
    assert branches.of_flow(FLOW, SERVICE) == branches.of_flow(FLOW, NOBODY) == []
    assert branches.open_counts(EDITOR) == {FLOW: (1, 0)} and branches.open_counts(SERVICE) == {}


def test_asking_discarding_and_bringing_back(company: Flask) -> None:
    key = opened()
    branches.request(key, " 春季活动 ", actor=MARKETING, now=NOW)
    found = branches.find(key)
    assert (found.requested_by, found.note, branches.open_counts(EDITOR)) == ("lu", "春季活动", {FLOW: (1, 1)})
    branches.take_back(key, actor=MARKETING)
    assert branches.find(key).requested_at is None
    with pytest.raises(Problem, match="branch_note"):
        branches.request(key, "长" * 301, actor=MARKETING, now=NOW)
    db.session.rollback()
    branches.discard(key, actor=MARKETING, now=NOW)
    with pytest.raises(Problem, match="branch_discarded"):
        save(key, draft(key)[0], MARKETING)
    db.session.rollback()
    assert branches.open_counts(EDITOR) == {}
    branches.bring_back(key, actor=MARKETING)
    save(key, coupon(draft(key)[0]), MARKETING)


def test_limits(company: Flask) -> None:
    for name in ("", " \n ", "长" * 41):
        with pytest.raises(Problem, match="branch_name"):
            opened(name=name)
    with pytest.raises(Problem, match="branch_department"):
        opened(EDITOR, "")
    with pytest.raises(NotFound):
        branches.open_branch("nothing", "a", "marketing", actor=MARKETING, now=NOW)
    with pytest.raises(NotFound):
        branches.find("branch_unknown")
    definitions.save_draft("flow", "fresh", {**RAW["flow"], "key": "fresh"}, 0, actor=EDITOR, now=NOW)
    with pytest.raises(Problem, match="branch_unpublished"):
        branches.open_branch("fresh", "a", "marketing", actor=MARKETING, now=NOW)
    db.session.rollback()
    keys = [opened(name=f"分支 {n}") for n in range(branches.MOST_OPEN)]
    with pytest.raises(Problem, match="branch_many"):
        opened()
    db.session.rollback()
    branches.discard(keys[0], actor=MARKETING, now=NOW)
    opened()
    with pytest.raises(Problem, match="branch_many"):
        branches.bring_back(keys[0], actor=MARKETING)


@both
def test_of_merges_and_saves_at_once_nothing_is_lost(company: Flask) -> None:
    """Two branches are merged while the flow and one of them are saved, again and again: whatever was accepted is in
    the draft, or was refused in words."""
    one, other = opened(name="一"), opened(name="二")
    save(one, coupon(draft(one)[0]), MARKETING)
    save(other, setting(draft(other)[0], "pool", "timeout", "PT5M"), MARKETING)
    accepted: list[str] = []
    start = threading.Barrier(4)

    def act(name: str, work: Any) -> None:
        with company.app_context():
            start.wait()
            for _ in range(20):
                try:
                    work()
                    accepted.append(name)
                    return
                except (Conflict, Problem) as problem:
                    db.session.rollback()
                    if not isinstance(problem, Conflict):
                        accepted.append(f"{name} {problem.code}")
                        return
                finally:
                    db.session.remove()

    def rename() -> None:
        content, rev = draft(FLOW)
        definitions.save_draft("flow", FLOW, {**content, "name": "新名字"}, rev, actor=EDITOR, now=NOW)

    def note() -> None:
        content, rev = draft(one)
        next(node for node in content["nodes"] if node["id"] == "review")["name"] = "晚到的名字"
        definitions.save_draft("branch", one, content, rev, actor=MARKETING, now=NOW)

    work = {"one": lambda: merge(one), "other": lambda: merge(other), "rename": rename, "note": note}
    threads = [threading.Thread(target=act, args=pair) for pair in work.items()]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    db.session.remove()
    content, _ = draft(FLOW)
    names = {node["id"]: node["name"] for node in content["nodes"]}
    assert {"one", "other", "rename"} <= set(accepted), accepted
    assert "coupon" in names and content["name"] == "新名字"
    assert next(node for node in content["nodes"] if node["id"] == "pool")["config"]["timeout"] == "PT5M"
    assert ("note" in accepted and names["review"] == "晚到的名字") or "note branch_merged" in accepted, accepted
