"""Votes that are taken back: no key is used twice, and what others asked for stays."""
from __future__ import annotations

from tests.flows.kit import Play, flow
from tests.flows.test_verbs import vote


def test_a_vote_in_turn_that_was_taken_back_comes_by_again_under_a_new_key() -> None:
    play = Play(flow(vote("v", "turn"), edges="t:out>v v:approved>end v:rejected>end"))
    play.act("v:1:1", "approve", "ann")
    play.act("v:1:1", "recall", "ann")
    assert list(play.state["tasks"]) == ["v:1:1#2"]
    play.act("v:1:1#2", "approve", "ann")
    assert list(play.state["tasks"]) == ["v:1:2#2"]
    opened = [effect["task"] for effect in play.did("task.open")]
    assert len(opened) == len(set(opened))
    play.act("v:1:2#2", "approve", "bob")
    assert play.state["status"] == "closed"


def test_taking_a_vote_back_leaves_the_opinion_that_another_voter_asked_for() -> None:
    play = Play(flow(vote("v", "all"), edges="t:out>v v:approved>end v:rejected>end"))
    play.act("v:1:2", "add_sign", "bob", to="max", note="?")
    play.act("v:1:1", "approve", "ann")
    play.act("v:1:1", "recall", "ann")
    assert sorted(play.state["tasks"]) == ["v:1:1#2", "v:1:2", "v:1:s1"]
    play.act("v:1:s1", "agree", "max")
    assert not play.state["tasks"]["v:1:2"].get("held")
