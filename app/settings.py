"""Settings of one process, from the environment, with defaults that are safe to develop on.

Production is strict: `load()` refuses to start on anything that is only fit for a developer's machine, and every
refusal says which variable to set. Pure: reads the environment and the instance folder, knows nothing of Flask.
"""
from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
SECRET_LENGTH = 32  # characters; what `secrets.token_urlsafe(24)` gives
HOW_TO_MAKE = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


class SettingsError(Exception):
    """The process must not start. One line per reason, each saying what to set."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("Danflow does not start:\n" + "\n".join(f"  - {reason}" for reason in reasons))
        self.reasons = reasons


class Settings(BaseSettings):
    """One field per environment variable (same name in capitals). Build it with `load()` or, in tests, by keywords."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", frozen=True, populate_by_name=True)

    env: Literal["development", "test", "production"] = Field("development", alias="DANFLOW_ENV")
    debug: bool = False
    instance_dir: Path = ROOT / "instance"
    database_url: str = ""  # default: SQLite in instance_dir
    database_pool: int = Field(8, ge=1, le=200)  # the sessions' connections per process (PostgreSQL); steps have theirs
    redis_url: str = ""  # default: none; workers then find their rows by polling
    secret_key: str = ""  # default in development: generated into instance_dir
    data_key: str = ""  # key for sealed fields; default: derived from secret_key
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    base_url: str = ""  # what links in messages start with; default http://127.0.0.1:<port>
    allow_hosts: str = ""  # comma-separated Host names that are answered; default in production: base_url's
    proxies: int = Field(0, ge=0, le=5)  # how many reverse proxies set X-Forwarded-*
    plugins_dir: Path = ROOT / "plugins"  # what is added to the product (docs/plugins.md)
    upload_dir: Path | None = None  # default: instance_dir/uploads
    max_body_bytes: int = Field(64 * 1024 * 1024, ge=64 * 1024)  # largest upload request
    max_form_bytes: int = Field(1024 * 1024, ge=16 * 1024)  # largest request without files
    timezone: str = "Asia/Shanghai"  # where people who have said nothing else live
    min_free_mb: int = Field(200, ge=0)  # less free disk than this: not ready
    rate_limits: bool = True
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool | None = None  # default: JSON unless a person watches (development on a terminal)
    # Whether one worker drains every lane, or each lane has workers of its own (so that slow webhooks delay nobody).
    worker_lanes: Literal["all", "split"] = "all"
    web_threads: int = Field(8, ge=1, le=64)
    web_processes: int = Field(1, ge=1, le=64)
    request_seconds: int = Field(20, ge=1, le=600)  # for sending a request, and a second more for each KB of it
    clock_file: Path | None = None  # tests: a file holding an offset in milliseconds
    crash_at_sql: int = Field(0, ge=0)  # tests: kill this process at its n-th SQL statement

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite (one host, one web process)."""
        return self.database_url.startswith("sqlite")

    @property
    def uploads(self) -> Path:
        """The folder that holds uploaded files."""
        return self.upload_dir or self.instance_dir / "uploads"

    @property
    def hosts(self) -> list[str] | None:
        """Host names that are answered, or None for any."""
        names = [name.strip() for name in self.allow_hosts.split(",") if name.strip()]
        if not names and self.env == "production":
            names = [urlsplit(self.base_url).hostname or ""]
        return names or None


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from `environ` (default: the process's), completed and judged; raises SettingsError.

    In development a missing SECRET_KEY is generated once into `instance/secret.key` (mode 600).
    """
    given = {key.lower(): value for key, value in (os.environ if environ is None else environ).items()}
    known = {name: given[name] for name in Settings.model_fields if given.get(name)}
    if given.get("danflow_env"):
        known["env"] = given["danflow_env"]
    try:
        settings = Settings.model_validate({**known, **overrides})
    except ValidationError as error:
        raise SettingsError(
            [f"{'.'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()]
        ) from error
    settings = _completed(settings)
    reasons = refusals(settings)
    if reasons:
        raise SettingsError(reasons)
    return settings


def _completed(settings: Settings) -> Settings:
    changes: dict[str, Any] = {}
    url = settings.database_url
    if not url:
        url = f"sqlite:///{settings.instance_dir / 'danflow.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    changes["database_url"] = url
    if not settings.base_url and settings.env != "production":
        changes["base_url"] = f"http://127.0.0.1:{settings.port}"
    else:
        changes["base_url"] = settings.base_url.rstrip("/")
    if not settings.secret_key and settings.env != "production":
        changes["secret_key"] = _kept_secret(settings.instance_dir / "secret.key")
    return settings.model_copy(update=changes)


def _kept_secret(path: Path) -> str:
    """The secret in `path`, written there first if it is missing; two processes starting at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def refusals(settings: Settings) -> list[str]:
    """Why this process must not start: empty outside production."""
    if settings.env != "production":
        return []
    reasons = []
    if len(settings.secret_key) < SECRET_LENGTH:
        reasons.append(f"SECRET_KEY is missing or shorter than {SECRET_LENGTH} characters. Set it to what this prints: "
                       f"{HOW_TO_MAKE}")
    if settings.debug or os.environ.get("FLASK_DEBUG", "0") not in ("", "0", "false"):
        reasons.append("DEBUG is on: it shows code and data to visitors. Unset DEBUG and FLASK_DEBUG.")
    if not urlsplit(settings.base_url).hostname:
        reasons.append("BASE_URL is missing: links in messages need it. Set it to the public address, like"
                       " https://desk.example.com")
    if _open_redis(settings.redis_url):
        reasons.append(
            "REDIS_URL has no password: whoever reaches it could steer the workers."
            " Set REDIS_URL=redis://:PASSWORD@HOST:6379/0 (and requirepass in Redis), or use unix:///path/to/socket"
        )
    if settings.clock_file is not None:
        reasons.append("CLOCK_FILE moves the clock and is for tests only. Unset CLOCK_FILE.")
    if settings.crash_at_sql:
        reasons.append("CRASH_AT_SQL kills the process and is for tests only. Unset CRASH_AT_SQL.")
    if not settings.rate_limits:
        reasons.append("RATE_LIMITS is off: guessing and flooding would go unhindered. Unset RATE_LIMITS.")
    if settings.sqlite and settings.web_processes > 1:
        reasons.append("SQLite takes one web process. Set WEB_PROCESSES=1, or DATABASE_URL to a PostgreSQL database.")
    return reasons


def _open_redis(url: str) -> bool:
    if not url:
        return False
    parts = urlsplit(url)
    return parts.scheme != "unix" and not parts.password
