"""A process is killed at every single SQL statement of every step of a ticket's life, and nothing is lost or doubled.

For each step the installation is put back to the moment before it, again and again; the process that carries the step
out dies at its 1st, 2nd, 3rd, … statement (commits count twice: before and after) until it comes through. Each time the
same request comes once more, as a browser would send it, or another worker takes over; then the tale is told to its
end, and must be the tale that was told without a crash.
"""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.settings import load
from tests.faults.kit import Erp, Mill, new_stage, wired
from tests.faults.tale import BANQUET, BANQUET_STEPS, REFUND, Scene, Tale, once, outline, set_scene

pytestmark = pytest.mark.faults

MOST = 500  # statements in one step; more would be a fault of its own
# name → the form, the steps, and how many of them are interrupted (the others are, in another tale).
# "work": whatever a worker finds to do; "wait 5": nobody does anything for five days.
TALES: dict[str, tuple[dict[str, Any], list[str], int]] = {
    "banquet": (BANQUET, BANQUET_STEPS, 6),
    "nobody comes": (REFUND, ["submit", "wait 5", "work", "handle", "work", "rate"], 3),
}


@pytest.fixture
def scene(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """The demo company, a mill and an ERP."""
    with new_stage(backend, request, tmp_path) as stage, Erp() as erp, Mill(stage.env, tmp_path / "mill.log") as mill:
        yield set_scene(stage, mill, erp, create_app(load(stage.env)))


@pytest.mark.parametrize("name", TALES)
def test_no_statement_is_a_bad_moment_to_die(scene: Scene, name: str) -> None:
    form, steps, interrupted = TALES[name]
    tale = Tale(scene.mill.send, scene.doors["t_menu"], form, scene.staff)
    scene.keep()
    facts = scene.tell(tale, steps)
    once(facts, scene.erp.per_key())
    told = outline(facts, scene.erp.per_key())
    assert told["ticket"][0] == "closed"
    scene.back()
    for at, step in enumerate(steps[:interrupted]):
        if not step.startswith("wait"):
            scene.keep()
            points = every_point(scene, tale, step, steps[at + 1:], told)
            print(f"{name}, {step}: {points} statements, a death at each")
            scene.back()
        scene.tell(tale, [step])


def every_point(scene: Scene, tale: Tale, step: str, rest: list[str], told: dict[str, Any]) -> int:
    """Kill whoever carries out a step at each of its statements; returns how many there were."""
    request = None if step == "work" else tale.request(step)
    for point in range(1, MOST):
        scene.back()
        if request is None:
            died = scene.mill.killed("work", point)
            facts = scene.tell(tale, ["patience", "work", *rest])
        else:
            died = scene.mill.killed("web", point, **wired(request))
            facts = scene.tell(tale, rest, again=(step, request))
        calls = scene.erp.per_key()
        once(facts, calls)
        assert outline(facts, calls) == told, f"{step}, statement {point}"
        if not died:
            assert point > 3, f"{step}: nothing was interrupted"
            return point - 1
    raise AssertionError(f"{step} takes more than {MOST} statements")


def test_publishing_is_all_or_nothing_at_every_statement(scene: Scene) -> None:
    admin = scene.staff["admin"]
    kinds = {"form": ("forms", "complaint"), "flow": ("flows", "restaurant_complaint"),
             "ticket_type": ("ticket-types", "complaint")}
    for kinds_, key in kinds.values():
        draft = admin.get(f"/{kinds_}/{key}")["content"]
        new = {**draft, "key": f"{key}_b", **({"form": "complaint_b"} if "form" in draft else {}),
               **({"flow": "restaurant_complaint_b"} if "flow" in draft else {})}
        admin.call("PUT", f"/{kinds_}/{key}_b", {"content": new})
    for kind, (kinds_, key) in kinds.items():
        request = admin.request("POST", f"/{kinds_}/{key}_b/publish", {})
        scene.keep()
        for point in range(1, MOST):
            scene.back()
            died = scene.mill.killed("web", point, **wired(request))
            got = scene.mill.send(request)
            assert got.status == 200 and got.json["version"] == 1, (kind, point, got.text)
            rows = scene.mill.done("facts", tables=["versions", "entries"])
            assert [row for row in rows["versions"] if row["key"].endswith("_b") and row["kind"] == kind] == [
                {"kind": kind, "key": f"{key}_b", "version": 1}], point
            if kind == "ticket_type":
                assert sorted(row["trigger"] for row in rows["entries"] if row["type_key"] == "complaint_b") == [
                    "t_menu", "t_mini"], point
            if not died:
                print(f"publish {kind}: {point - 1} statements, a death at each")
                assert point > 3
                break
