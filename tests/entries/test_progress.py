"""A ticket's way in the customer's words: the past from events, the future from the flow, whatever the flow is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import new_catalog
from app.definitions.bundle import Bundle
from app.entries import progress

LIBRARY = Path(__file__).parents[2] / "app" / "definitions" / "library" / "restaurant_complaint"


@dataclass
class Event:
    kind: str
    node: str | None
    at: int


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    form, flow = (json.loads((LIBRARY / f"{name}.json").read_text(encoding="utf-8")) for name in ("form", "flow"))
    return Bundle.load(form, flow, new_catalog())


def way(bundle: Bundle, moves: str, status: str = "open") -> list[tuple[str, str]]:
    """(what, state) after moves like "+pool -pool +handle"; "." closes the ticket."""
    events = [Event("ticket.created", "t_menu", 0)]
    for at, move in enumerate(moves.split(), 1):
        kind = {"+": "node.entered", "-": "node.left", ".": "ticket.closed"}[move[0]]
        events.append(Event(kind, move[1:] or None, at))
    types = {key: field.type.type for key, field in bundle.form.fields.items()}
    return [(step.what, step.state) for step in progress.line(bundle.flow, types, events, status)]


AHEAD = [("handling", "todo"), ("told", "todo"), ("rating", "todo"), ("closed", "todo")]
TO_POOL = "+classify -classify +is_hot -is_hot +pool"
TO_HANDLE = f"{TO_POOL} -pool +handle"
TO_RATE = f"{TO_HANDLE} -handle +big -big +pay -pay +tell -tell +rate"


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ("", [("received", "done"), ("waiting", "todo"), *AHEAD]),
        (TO_POOL, [("received", "done"), ("waiting", "doing"), *AHEAD]),
        (TO_HANDLE, [("received", "done"), ("waiting", "done"), ("handling", "doing"), *AHEAD[1:]]),
        # A slow webhook is nothing to a customer: somebody is still on it.
        (
            f"{TO_HANDLE} -handle +big -big +pay",
            [("received", "done"), ("waiting", "done"), ("handling", "doing"), *AHEAD[1:]],
        ),
        (
            f"{TO_HANDLE} -handle +big -big +approve",
            [("received", "done"), ("waiting", "done"), ("handling", "done"), ("approval", "doing"), *AHEAD[1:]],
        ),
        (
            TO_RATE,
            [
                ("received", "done"),
                ("waiting", "done"),
                ("handling", "done"),
                ("told", "done"),
                ("rating", "doing"),
                ("closed", "todo"),
            ],
        ),
        # Staff are told things on the way and clocks run; none of that is the customer's.
        (
            f"{TO_HANDLE} +sl1 -sl1 +sl2 -sl2",
            [("received", "done"), ("waiting", "done"), ("handling", "doing"), *AHEAD[1:]],
        ),
        (
            f"{TO_HANDLE} -handle +pool",
            [("received", "done"), ("waiting", "done"), ("handling", "done"), ("waiting", "doing"), *AHEAD],
        ),
    ],
)
def test_the_line_of_an_open_ticket(bundle: Bundle, moves: str, expected: list[tuple[str, str]]) -> None:
    assert way(bundle, moves) == expected


def test_a_parallel_block_is_one_place(bundle: Bundle) -> None:
    moves = (
        "+classify -classify +is_hot -is_hot +fork -fork +n_sup -n_sup +n_mgr -n_mgr +n_dlv -n_dlv +join -join +pool"
    )
    assert way(bundle, moves) == [("received", "done"), ("waiting", "doing"), *AHEAD]


def test_a_closed_ticket_has_no_future(bundle: Bundle) -> None:
    done = way(bundle, f"{TO_RATE} -rate +lt3 -lt3 +end_ok .", "closed")
    assert done[-2:] == [("rating", "done"), ("closed", "done")]
    assert {state for _, state in done} == {"done"}
    assert way(bundle, f"{TO_HANDLE} .", "withdrawn")[-1] == ("withdrawn", "done")


def test_a_review_after_the_rating_shows_as_work_and_repeats_do_not_pile_up(bundle: Bundle) -> None:
    again = way(bundle, f"{TO_RATE} -rate +lt3 -lt3 +review -review +again -again +pool -pool +handle")
    assert again[5:] == [("handling", "done"), ("waiting", "done"), ("handling", "doing"), *AHEAD[1:]]


def test_who_is_in_charge_comes_from_the_step(bundle: Bundle) -> None:
    roles = {name: progress.role_of(node) for name, node in bundle.flow.nodes.items()}
    assert roles["pool"] == "cs_agent" and roles["approve"] == "region_manager" and roles["review"] == "quality"
    assert roles["handle"] == "" and roles["t_menu"] == ""


@pytest.mark.parametrize(("asked", "what"), [("f_solved", "question"), ("f_nps", "rating")])
def test_what_is_asked_names_the_place(bundle: Bundle, asked: str, what: str) -> None:
    raw: dict[str, Any] = json.loads((LIBRARY / "flow.json").read_text(encoding="utf-8"))
    for node in raw["nodes"]:
        if node["id"] == "rate":
            node["config"]["fields"] = {asked: "required"}
    form = json.loads((LIBRARY / "form.json").read_text(encoding="utf-8"))
    form["fields"].append({"id": "f_nps", "type": "scale", "label": "会推荐吗"})
    asking = Bundle.load(form, raw, new_catalog())
    assert (what, "doing") in way(asking, TO_RATE)


def test_whoever_took_the_ticket_handles_it(bundle: Bundle) -> None:
    types = {key: field.type.type for key, field in bundle.form.fields.items()}
    events = [Event("ticket.created", "t_menu", 0), Event("node.entered", "pool", 1), Event("node.left", "pool", 2)]
    events.append(Event("node.entered", "handle", 3))
    roles = {step.what: step.role for step in progress.line(bundle.flow, types, events, "open") if step.at is not None}
    assert roles == {"received": "", "waiting": "cs_agent", "handling": "cs_agent"}
