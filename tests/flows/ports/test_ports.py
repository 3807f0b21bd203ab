"""Every way out of every type of step is taken in the sandbox, and again live, by the same scenarios."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from flask import Flask

from app.cli._catalog import pure_catalog
from app.core.principal import SYSTEM
from app.definitions.bundle import Bundle
from app.definitions.sandbox import play
from app.flows.coverage import coverage
from app.flows.nodes import TYPES
from app.flows.scenario import load_scenarios
from app.notify.base import Message, Receipt, SendError
from app.notify.channels.robot import Robot
from app.org import masterdata, people
from tests.flows.nodes.kit import FORM, Live
from tests.flows.ports.live import Teller
from tests.flows.ports.table import CHILD, CLERK, COMPANY, DEPARTMENTS, TABLE, Row
from tests.runtime import company
from tests.runtime.conftest import Erp

Events = list[dict[str, Any]]
Given = Callable[[Live, dict[str, Any], Mapping[str, Any]], None]
BUNDLES = {row.name: Bundle.load(FORM, row.flow, pure_catalog()) for row in TABLE}
TOLD = ("node.entered", "node.left", "timer.fired", "classified")


def file_of(row: Row) -> Any:
    told = [{"name": f"{number}", **scenario} for number, (scenario, _) in enumerate(row.scenarios)]
    return load_scenarios({"schema": "danflow/scenarios/1", "org": COMPANY, "scenarios": told})


def simulated(row: Row) -> list[Events]:
    """What happens in the sandbox, scenario by scenario; nothing may be refused."""
    file, runs = file_of(row), []
    for scenario in file.scenarios:
        result = play(BUNDLES[row.name], scenario, file.org)
        assert [problem.message("en") for problem in result.failures] == [], (row.name, scenario.name)
        runs.append(result.events)
    return runs


def steps(events: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """The way of a ticket; which words were found where is part of it."""
    return [(event["kind"], event["node"], event.get("port"), event["delta"] if event["kind"] == "classified" else None)
            for event in events if event["kind"] in TOLD]


def types_of(row: Row) -> dict[str, str]:
    return {node["id"]: node["type"] for node in row.flow["nodes"]}


def drawn(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """(type, port) of every way out that leads somewhere."""
    ends = [(types_of(row), edge["from"].split(":")) for row in rows for edge in row.flow["edges"]]
    return {(types[source], port) for types, (source, port) in ends}


def lacking(rows: list[Row]) -> list[str]:
    """What the table leaves out: types, ways out, and types with ways out of their own that show fewer than two."""
    ends, kinds, missing = drawn(rows), {kind for row in rows for kind in types_of(row).values()}, []
    for kind in TYPES:
        missing += [kind.type] if kind.type not in kinds else []
        missing += [f"{kind.type}:{port.id}" for port in kind.outputs if (kind.type, port.id) not in ends]
        own = {port for name, port in ends if name == kind.type} - {port.id for port in kind.outputs}
        missing += [f"{kind.type}:{kind.ports_from}"] if kind.ports_from and len(own) < 2 else []
    return missing


@pytest.fixture
def given(desk: Flask, erp: Erp, monkeypatch: pytest.MonkeyPatch) -> Given:
    """Makes the company what a scenario needs, before it begins."""
    send = Robot.send
    masterdata.save_connector("erp", name="ERP", base_url=erp.url, secret="y" * 32,
                              allow_hosts=[erp.url.split("/")[2]], actor=SYSTEM)
    erp.pages.update({"/erp/goods/found": (200, {"id": "g1"}), "/erp/goods/error": (500, {})})

    for row in reversed(DEPARTMENTS):
        people.save_department(row["id"], name=row["id"], parent_id=row.get("parent"), leader_id=row["leader"],
                               actor=SYSTEM)
    people.create_person(id=CLERK["id"], login="b1.test", name=CLERK["name"], department_id=CLERK["department"],
                         actor=SYSTEM, now=company.NOW)

    def gone(self: Robot, message: Message) -> Receipt:
        raise SendError("robot_gone", "the group was dissolved", permanent=True)

    def make(live: Live, scenario: dict[str, Any], so: Mapping[str, Any]) -> None:
        assert so.keys() <= {"before", "erp", "group"}
        erp.answers[:] = so.get("erp", [])
        monkeypatch.setattr(Robot, "send", gone if so.get("group") == "gone" else send)
        for _ in range(so.get("before", 0)):
            live.open(scenario["form"])

    return make


def test_the_table_holds_every_way_out_of_every_type() -> None:
    assert lacking(TABLE) == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_is_taken_in_the_sandbox(row: Row) -> None:
    assert coverage(BUNDLES[row.name].flow, simulated(row)).missed == []


def test_each_is_taken_live_as_the_sandbox_tells_it(desk: Flask, given: Given) -> None:
    child = {**CHILD, "key": "child", "form": "child"}
    company.publish({**FORM, "key": "child"}, child, "child")
    for row in TABLE:
        live, runs = Live(desk, row.flow), []
        for scenario, (told, so), expected in zip(file_of(row).scenarios, row.scenarios, simulated(row), strict=True):
            given(live, told, so)
            story = Teller(live, scenario).play(row.flow["nodes"][0]["type"])
            assert steps(story.events) == steps(expected), (row.name, scenario.name)
            runs.append(story.events)
        assert coverage(BUNDLES[row.name].flow, runs).missed == [], row.name


def test_a_type_without_a_row_and_a_way_out_that_is_not_drawn_are_missed() -> None:
    for kind in {name for row in TABLE for name in types_of(row).values()}:
        assert kind in lacking([row for row in TABLE if kind not in types_of(row).values()])
    for kind in TYPES:
        for port in kind.outputs:
            assert f"{kind.type}:{port.id}" in lacking([without(row, kind.type, port.id) for row in TABLE])


def without(row: Row, kind: str, port: str) -> Row:
    """The row with a way out of a type left undrawn."""
    ends = {f"{id}:{port}" for id, name in types_of(row).items() if name == kind}
    return Row(row.name, {**row.flow, "edges": [edge for edge in row.flow["edges"] if edge["from"] not in ends]})
