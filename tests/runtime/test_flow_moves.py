"""Open tickets on a later version of their flow: whole or not at all, and told what keeps those that stay."""
from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Conflict, Denied, Invalid
from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.definitions.spread import bring_to_types
from app.extensions import clock
from app.org.service import known
from app.runtime import bulk, flow_moves, outbox, queries, seals, service, timers
from app.runtime.drain import Drain
from app.runtime.effects.base import Work
from app.runtime.flow_moves import FlowMoveEffect
from app.runtime.verify import verify
from app.wire import Wire
from tests.runtime.company import act, command, kinds, open_task, principal, small_flow, submit, ticket
from tests.runtime.upgrading import changed, republish

VALUES = {"f_what": "退款", "f_sum": "12.50", "f_phone": "13800138000"}


def reworked() -> dict[str, Any]:
    """The small flow, with `handle` called `work`, a check by the lead behind it, and a variable."""
    text = json.dumps(small_flow(), ensure_ascii=False).replace('"handle"', '"work"').replace('"handle:', '"work:')
    flow: dict[str, Any] = json.loads(text)
    work = next(node for node in flow["nodes"] if node["id"] == "work")
    check = {**copy.deepcopy(work), "id": "check", "name": "复核"}
    check["config"] |= {"assignee": [{"role": "cs_lead"}], "actions": [{"port": "ok", "label": "通过"}]}
    flow["nodes"].append(check)
    for edge in flow["edges"]:
        if edge["from"] == "work:submit":
            edge["to"] = "check:in"
    flow["edges"].append({"id": "e90", "from": "check:ok", "to": "big:in"})
    flow["vars"] = [{"key": "round", "type": "number", "default": 1}]
    return flow


def bring(flow: dict[str, Any]) -> None:
    """Publish a version of the small flow and put new tickets on it."""
    now = clock.now_ms()
    rev = definitions.draft("flow", "small")["rev"]
    definitions.save_draft("flow", "small", flow, rev, actor=SYSTEM, now=now)
    definitions.publish("flow", "small", actor=SYSTEM, now=now, known=known())
    bring_to_types("flow", "small", actor=SYSTEM, now=now, known=known())


def handling(version: str) -> str:
    """A ticket that somebody has claimed."""
    ident = submit(version, VALUES, "start", phone="13800138000").ticket_id
    act("a1", open_task(ident, "pool").id, "claim")
    return ident


def move(moves: dict[str, str], *, dry_run: bool = False) -> list[tuple[int, list[str]]]:
    """(no, codes of what keeps it) of each ticket."""
    told = flow_moves.move("small", moves, dry_run=dry_run, actor=SYSTEM, now=clock.now_ms(), known=known())
    return [(row.no, [problem.code for problem in row.problems]) for row in told]


def test_a_ticket_goes_on_under_the_new_flow(small: str) -> None:
    ident = handling(small)
    old, before = open_task(ident, "handle"), ticket(ident)
    bring(reworked())
    assert move({"handle": "work"}) == [(before.no, [])]
    after, task = ticket(ident), open_task(ident, "work")
    assert (task.assignee_id, after.version) == ("a1", before.version + 1)
    assert seals.unseal(ident, after.data) == seals.unseal(ident, before.data)
    assert (after.state["vars"]["round"], after.owner_id) == (1, before.owner_id)
    assert definitions.bundle(after.type_version_id).flow.nodes.keys() >= {"work", "check"}
    event = next(event for event in queries.events_of(ident) if event.kind == "flow.upgraded")
    assert event.body["delta"] == {"from": small, "to": after.type_version_id, "versions": [1, 2],
                                   "moves": {"handle": "work"}}
    with pytest.raises(Conflict):
        act("a1", old.id, "submit", {"f_reply": "已退"})
    act("a1", task.id, "submit", {"f_reply": "已退"})
    act("lead", open_task(ident, "check").id, "ok", {"f_reply": "已退"})
    assert ticket(ident).status == "closed"


def test_timers_keep_their_time_and_fire(small: str, advance: Callable[[int], None]) -> None:
    waiting = submit(small, VALUES, "start").ticket_id
    flow = json.loads(json.dumps(reworked()).replace('"pool"', '"grab"').replace('"pool:', '"grab:'))
    due = ticket(waiting).state["timers"]["pool:1:timeout"]
    bring(flow)
    advance(60_000)
    assert move({"pool": "grab"}) == [(ticket(waiting).no, [])]
    assert ticket(waiting).state["timers"] == {"grab:2:timeout": due}
    advance(30 * 60_000)
    assert timers.fire_due() == 1
    assert open_task(waiting, "work").assignee_id is not None


def test_what_cannot_be_moved_is_told_and_stays(small: str) -> None:
    stuck, free = handling(small), submit(small, VALUES, "start").ticket_id
    over = handling(small)
    service.withdraw(over, "不用了", actor=principal("lead"), command_id=command())
    before = ticket(stuck)
    bring(reworked())
    expected = [(before.no, ["migrate_gone"]), (ticket(free).no, [])]
    assert move({}, dry_run=True) == expected
    assert ticket(free).type_version_id == small
    assert move({}) == expected
    after = ticket(stuck)
    assert (after.version, after.type_version_id, after.state) == (before.version, small, before.state)
    assert ticket(over).type_version_id == small
    assert move({"handle": "work"}) == [(before.no, [])]  # asking again moves the rest
    assert [kinds(ident).count("flow.upgraded") for ident in (stuck, free, over)] == [1, 1, 0]
    with pytest.raises(Conflict) as refused:
        move({})
    assert refused.value.code == "migrate_nothing"


def test_a_form_that_the_new_flow_does_not_fit_keeps_its_tickets(small: str) -> None:
    ident = handling(small)
    republish(changed(f_why={"type": "text"}))
    flow = reworked()
    next(node for node in flow["nodes"] if node["id"] == "work")["config"]["fields"] = {"f_why": "edit"}
    bring(flow)
    assert move({"handle": "work"}) == [(ticket(ident).no, ["migrate_misfit"])]
    assert ticket(ident).type_version_id == small


def test_a_worker_that_dies_in_between_is_no_harm(small: str) -> None:
    """The same ticket moved again, from a list that was read before, changes nothing."""
    ident = handling(small)
    bring(reworked())
    move({"handle": "work"})
    after = ticket(ident)
    flow_moves.move_ticket(ident, small, after.type_version_id, {"handle": "work"}, (1, 2))
    assert ticket(ident).version == after.version
    with pytest.raises(Conflict) as refused:
        flow_moves.move_ticket(ident, small, definitions.current_type("small").id + "x", {}, (1, 2))
    assert refused.value.code == "upgrade_moved"


def test_workers_move_them_for_somebody_and_another_takes_over(small: str, advance: Callable[[int], None]) -> None:
    """A worker that dies after a ticket and before the note does nothing twice and leaves nothing out."""
    idents, over = [handling(small) for _ in range(3)], handling(small)
    bring(reworked())
    moves, boss = {"handle": "work"}, replace(SYSTEM, id="lead")

    def begin(**chosen: str) -> str:
        return flow_moves.start("small", ["small"], chosen, actor=boss, now=clock.now_ms(), known=known())

    with pytest.raises(Denied):
        flow_moves.start("small", ["small"], moves, actor=principal("lead"), now=clock.now_ms(), known=known())
    with pytest.raises(Invalid):
        begin(handle="nowhere")
    (shown,) = flow_moves.look("small", {}, known())
    assert (shown.old, shown.new, shown.count, shown.stuck, shown.going) == (1, 2, 4, 4, 0)
    ((gone,), first) = shown.gone, shown.left[0]
    assert (gone.node.id, gone.count, [node.id for node in gone.heirs]) == ("handle", 4, ["work", "check"])
    assert first.code == "migrate_gone" and "处理" in first.words("zh")
    assert flow_moves.look("small", moves, known())[0].going == 4
    run = begin(**moves)
    with pytest.raises(Conflict):
        begin(**moves)
    service.withdraw(over, "不用了", actor=principal("lead"), command_id=command())
    with Wire() as wire:
        rows = outbox.claim(wire, "dead", "internal")
    FlowMoveEffect().one(Work("", rows[0].ticket_id, "", 0, "", rows[0].payload, clock.now_ms()))  # then it was gone
    advance(outbox.LEASE_MS + 1)
    worker = Drain("other")
    assert (worker.sweep(), worker.lane("internal")) == (4, 4)
    done, left = bulk.run(flow_moves.KIND, "small", run)
    assert (done.done, done.over, done.refused, done.version, done.by, left) == (3, 1, 0, 2, "lead", [])
    for ident in idents:
        (event,) = [event for event in queries.events_of(ident) if event.kind == "flow.upgraded"]
        assert (event.actor_type, event.actor_id) == ("person", "lead") and open_task(ident, "work").assignee_id == "a1"
    assert flow_moves.look("small", {}, known()) == []
    with pytest.raises(Conflict) as nothing:
        begin()
    assert nothing.value.code == "migrate_nothing"


def test_the_command(small: str, desk: Flask) -> None:
    ident = handling(small)
    bring(reworked())
    runner = desk.test_cli_runner()

    def run(*more: str) -> tuple[int, list[str]]:
        done = runner.invoke(args=["flows", "migrate", "small", *more])
        return done.exit_code, done.output.splitlines()

    code, lines = run("--dry-run", "--locale", "en")
    assert (code, lines[-1]) == (1, "0 of 1 can be moved")
    refused = json.loads(lines[0])["refused"][0]
    assert (refused["node"], refused["code"]) == ("handle", "migrate_gone") and "takes over" in refused["message"]
    code, lines = run("--map", "handle=nowhere", "--map", "ghost=work")
    assert code == 2 and "nowhere" in lines[-1] and "ghost" in "".join(lines)
    assert run("--map", "handle")[0] == 2
    code, lines = run("--map", "handle=work")
    assert (code, lines[-1]) == (0, "1 of 1 moved") and open_task(ident, "work")
    assert run()[0] == 2
    settings = desk.extensions["danflow"].settings
    assert [found for found in verify(clock.now_ms(), settings.uploads) if found.ticket == ident] == []
