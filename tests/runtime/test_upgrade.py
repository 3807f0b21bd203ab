"""Open tickets on a form's new version: whole or not at all, whoever acts and whatever dies meanwhile."""
from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Conflict, Denied, Finding, Invalid
from app.core.principal import SYSTEM
from app.definitions import pairs
from app.definitions import service as definitions
from app.definitions.spread import bring_to_types
from app.extensions import clock, db
from app.org.service import known
from app.runtime import bulk, outbox, queries, seals, service, upgrades
from app.runtime.drain import Drain
from app.runtime.upgrade import Onto, upgrade_ticket
from app.wire import Wire
from tests.runtime.company import (
    act,
    command,
    kinds,
    open_task,
    principal,
    small_flow,
    submit,
    ticket,
)
from tests.runtime.upgrading import changed, onto, republish

VALUES = {"f_what": "退款", "f_sum": "12.50", "f_phone": "13800138000"}


def answers(ident: str) -> dict[str, Any]:
    """In clear."""
    return seals.unseal(ident, ticket(ident).data)


def handling(version: str, **more: Any) -> str:
    """A ticket that somebody has claimed."""
    done = submit(version, {**VALUES, **more}, "start", phone="13800138000")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    return done.ticket_id


def test_a_ticket_goes_on_under_the_new_version(small: str) -> None:
    ident = handling(small)
    before = ticket(ident)
    to = republish(changed(f_what=None, f_why={"type": "text", "required": True, "label": "原因"}),
                   changed(f_what=None, f_sum={"type": "number"}, f_why={"type": "text"}))
    assert upgrade_ticket(ident, to) and not upgrade_ticket(ident, to)
    after = ticket(ident)
    assert (after.type_version_id, after.version, after.status) == (to.new, before.version + 1, "open")
    assert answers(ident) == {"f_sum": "12.5", "f_phone": "13800138000"}
    assert {key: value for key, value in after.state.items() if key != "retired"} == before.state
    (gone,) = after.state["retired"].items()
    assert gone[0] == "f_what" and gone[1]["version"] == small and "退款" not in json.dumps(gone, ensure_ascii=False)
    assert seals.open_apart(ident, "f_what", gone[1]["value"]) == "退款"
    event = queries.events_of(ident)[-1]
    assert (event.kind, event.actor_type, event.actor_id) == ("form.upgraded", "person", "lead")
    assert event.body["delta"] == {"from": small, "to": to.new, "versions": [1, 3], "fields": ["f_sum"],
                                   "retired": ["f_what"], "returned": []}
    # The open task is still theirs, and its form is the new one.
    act("a1", open_task(ident, "handle").id, "submit", {"f_reply": "已退"})
    assert ticket(ident).status == "closed" and answers(ident)["f_reply"] == "已退"
    assert ticket(ident).state["retired"] == after.state["retired"]


def test_sealed_answers_stay_sealed_and_new_secrets_are_sealed(small: str) -> None:
    ident = handling(small)
    to = republish(changed(f_what={"sensitive": {"mask": "all"}}))
    upgrade_ticket(ident, to)
    assert all("$sealed" in ticket(ident).data[key] for key in ("f_what", "f_phone"))
    assert answers(ident) == VALUES  # the same answers, sealed otherwise
    upgrade_ticket(ident, again := republish(changed(f_phone=None, f_what={"sensitive": {"mask": "all"}}), old=to.new))
    row = ticket(ident)
    assert "f_phone" not in row.data and "13800138000" not in json.dumps([row.data, row.state])
    assert seals.open_apart(ident, "f_phone", row.state["retired"]["f_phone"]["value"]) == "13800138000"
    assert row.state["retired"]["f_phone"]["version"] == again.old


def test_what_comes_back_is_an_answer_again(small: str) -> None:
    ident = handling(small)
    upgrade_ticket(ident, first := republish(changed(f_what=None, f_phone=None)))
    upgrade_ticket(ident, republish(changed(f_what={"type": "textarea"}, f_phone=None), old=first.new))
    assert answers(ident) == {"f_what": "退款", "f_sum": "12.50"}
    assert set(ticket(ident).state["retired"]) == {"f_phone"}
    assert queries.events_of(ident)[-1].body["delta"]["returned"] == ["f_what"]


def test_an_answer_that_cannot_be_taken_over_leaves_the_ticket_as_it_was(small: str) -> None:
    ident, empty = handling(small), handling(small, f_what=None)
    before = ticket(ident)
    to = republish(changed(f_what=None), changed(f_what={"type": "date"}))
    with pytest.raises(Invalid) as refused:
        upgrade_ticket(ident, to)
    assert [(problem.code, problem.where) for problem in refused.value.problems] == [("upgrade_misfit", "f_what")]
    after = ticket(ident)
    assert (after.version, after.type_version_id, after.data) == (before.version, small, before.data)
    assert upgrade_ticket(empty, to)


def test_a_closed_ticket_keeps_the_version_it_was_told_under(small: str) -> None:
    ident = handling(small)
    service.withdraw(ident, "不用了", actor=principal("lead"), command_id=command())
    with pytest.raises(Conflict) as refused:
        upgrade_ticket(ident, republish(changed(f_what={"label": "新"})))
    assert refused.value.code == "ticket_closed" and ticket(ident).type_version_id == small


def test_a_ticket_elsewhere_is_left_alone(small: str) -> None:
    ident = handling(small)
    to = republish(changed(f_what={"label": "新"}))
    with pytest.raises(Conflict) as refused:
        upgrade_ticket(ident, Onto(to.new, "another", to.numbers, "lead"))
    assert refused.value.code == "upgrade_moved"


def test_a_ticket_keeps_its_flow_when_the_flow_went_on_too(small: str) -> None:
    ident = handling(small)
    flow = {**small_flow(), "name": "流程二"}
    rev = definitions.draft("flow", "small")["rev"]
    definitions.save_draft("flow", "small", flow, rev, actor=SYSTEM, now=clock.now_ms())
    definitions.publish("flow", "small", actor=SYSTEM, now=clock.now_ms(), known=known())
    content = {**definitions.draft("ticket_type", "small")["content"], "name": "二"}
    definitions.save_draft("ticket_type", "small", content, 1, actor=SYSTEM, now=clock.now_ms())
    definitions.publish("ticket_type", "small", actor=SYSTEM, now=clock.now_ms(), known=known())
    newest = definitions.current_type("small")
    republish(changed(f_what={"label": "新"}))
    bring_to_types("form", "small", actor=SYSTEM, now=clock.now_ms(), known=known())
    to = onto(small)
    assert onto(small) == to  # made once
    upgrade_ticket(ident, to)
    bundle = definitions.bundle(ticket(ident).type_version_id)
    assert bundle.flow.name == "小流程" and bundle.form.fields["f_what"].label == "新"
    assert [row["version"] for row in definitions.versions("ticket_type", "small")] == [3, 2, 1]
    assert definitions.current_type("small").version == newest.version + 1  # new tickets have the new flow


def test_steps_that_name_what_is_gone_are_found_before(small: str) -> None:
    (pair,) = pairs.pairs("small")
    republish(changed(f_reply=None))
    newest = definitions.versions("form", "small")[0]["id"]
    found = pairs.misfits(pair, newest, known())
    assert found and all(isinstance(one, Finding) and one.level == "error" for one in found)
    assert {one.node for one in found} >= {"handle"}


# ---- runs -----------------------------------------------------------------------------------------------------------


def drain(**more: Any) -> int:
    return Drain("worker", **more).lane("internal")


def started(*moves: Onto) -> str:
    return upgrades.start("small", moves, actor=SYSTEM, now=clock.now_ms())


def test_a_run_upgrades_all_and_says_what_it_did_not(small: str) -> None:
    fine, bad, over = handling(small, f_sum="1"), handling(small, f_sum="2"), handling(small)
    to = republish(changed(f_sum=None), changed(f_sum={"type": "number", "max": "1"}))
    ident = started(to)
    service.withdraw(over, "不用了", actor=principal("lead"), command_id=command())
    (waiting,) = bulk.runs("form_upgrade", "small")
    assert (waiting.total, waiting.going, waiting.done) == (3, 3, 0)
    with pytest.raises(Conflict) as twice:
        started(to)
    assert twice.value.code == "bulk_running"
    assert drain() == 3
    run, left = bulk.run("form_upgrade", "small", ident)
    assert (run.total, run.done, run.refused, run.over, run.failed, run.going) == (3, 1, 1, 1, 0, 0)
    assert [(one.ticket_id, one.code) for one in left] == [(bad, "answer_above")]
    assert (ticket(fine).type_version_id, ticket(bad).type_version_id) == (to.new, small)
    assert drain() == 0
    assert upgrades.open_tickets([small, to.new]) == {small: 1, to.new: 1}
    assert bulk.runs("form_upgrade", "small")[0].version == 3 and bulk.runs("form_upgrade", "other") == []


def test_only_who_may_publish_starts_one(small: str) -> None:
    handling(small)
    to = republish(changed(f_what={"label": "新"}))
    with pytest.raises(Denied):
        upgrades.start("small", [to], actor=principal("lead"), now=clock.now_ms())
    assert bulk.runs("form_upgrade", "small") == []


def test_nothing_to_upgrade_starts_nothing(small: str) -> None:
    to = republish(changed(f_what={"label": "新"}))
    with pytest.raises(Conflict) as refused:
        started(to)
    assert refused.value.code == "upgrade_nothing" and bulk.runs("form_upgrade", "small") == []


def test_a_worker_that_dies_after_the_ticket_and_before_the_note(small: str, advance: Callable[[int], None]) -> None:
    """Another one takes over: nothing is done twice, nothing is left out."""
    tickets = [handling(small) for _ in range(3)]
    to = republish(changed(f_what=None))
    ident = started(to)
    with Wire() as wire:
        rows = outbox.claim(wire, "dead", "internal")
    assert len(rows) == 3
    upgrade_ticket(rows[0].ticket_id, to)  # and then it was gone
    assert drain() == 0
    advance(outbox.LEASE_MS + 1)
    worker = Drain("other")
    assert worker.sweep() == 3 and worker.lane("internal") == 3
    run, left = bulk.run("form_upgrade", "small", ident)
    assert (run.done, run.going, left) == (3, 0, [])
    assert all(kinds(one).count("form.upgraded") == 1 for one in tickets)


def test_a_row_that_workers_gave_up_is_told_and_does_not_hold_up_the_next_run(small: str) -> None:
    one, other = handling(small), handling(small)
    to = republish(changed(f_what={"label": "新"}))
    ident = started(Onto(to.old, "gone", to.numbers, "lead"))
    db.session.execute(db.text("UPDATE outbox SET max_attempts = 1 WHERE kind = 'form_upgrade'"))
    db.session.commit()
    drain()
    run, left = bulk.run("form_upgrade", "small", ident)
    # A version that does not exist is a refusal; what a worker could not even try would be dead.
    assert run.going == 0 and {row.ticket_id for row in left} == {one, other}
    started(to)
    drain()
    assert bulk.runs("form_upgrade", "small")[0].done == 2 or bulk.runs("form_upgrade", "small")[1].done == 2


def test_somebody_acts_at_the_same_moment(small: str, desk: Flask) -> None:
    """Whichever comes first: the act is kept, the ticket is upgraded, and both are told in the history."""
    for _ in range(4):
        to_old = definitions.current_type("small").id
        ident = handling(to_old)
        task = open_task(ident, "handle").id
        to = republish(changed(f_what=None, f_more={"label": command()}))
        barrier, failed = threading.Barrier(2), []

        def go(what: Callable[[], Any], barrier: threading.Barrier = barrier, failed: list[Any] = failed) -> None:
            with desk.app_context():
                barrier.wait(5)
                try:
                    what()
                except Conflict as problem:
                    failed.append(problem.code)
                finally:
                    db.session.remove()

        db.session.remove()
        acts = [lambda task=task: act("a1", task, "ask", {"f_reply": "请补充"}),
                lambda ident=ident, to=to: upgrade_ticket(ident, to)]
        threads = [threading.Thread(target=go, args=(what,)) for what in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert ticket(ident).type_version_id == to.new
        assert answers(ident)["f_reply"] == "请补充" and "f_what" not in answers(ident)
        assert kinds(ident).count("form.upgraded") == 1 and kinds(ident).count("task.done") == 1
        definitions.current_type("small")
