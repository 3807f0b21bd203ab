"""Settings: safe defaults, and a production that refuses what is only fit for development, saying what to set."""
from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.settings import ROOT, Settings, SettingsError, load

GOOD = {
    "DANFLOW_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "BASE_URL": "https://desk.example.com/",
    "DATABASE_URL": "postgresql://danflow:pw@db/danflow",
    "REDIS_URL": "redis://:pw@cache:6379/0",
}


def refused(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load({**GOOD, **changes})
    return caught.value.reasons


def test_defaults_of_a_developer(tmp_path: Path) -> None:
    settings = load({"INSTANCE_DIR": str(tmp_path)})
    assert settings.env == "development"
    assert settings.host == "127.0.0.1"
    assert settings.database_url == f"sqlite:///{tmp_path}/danflow.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.redis_url == ""
    assert settings.hosts is None


def test_the_generated_secret_is_kept_and_private(tmp_path: Path) -> None:
    first = load({"INSTANCE_DIR": str(tmp_path)}).secret_key
    assert len(first) >= 32
    assert load({"INSTANCE_DIR": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_a_good_production_starts() -> None:
    settings = load(GOOD)
    assert settings.database_url == "postgresql+psycopg://danflow:pw@db/danflow"
    assert settings.base_url == "https://desk.example.com"
    assert settings.hosts == ["desk.example.com"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "Unset DEBUG"),
        ({"REDIS_URL": "redis://cache:6379/0"}, "REDIS_URL=redis://:PASSWORD@"),
        ({"REDIS_URL": "rediss://cache:6379/0"}, "REDIS_URL=redis://:PASSWORD@"),
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"CLOCK_FILE": "/tmp/clock"}, "Unset CLOCK_FILE"),
        ({"CRASH_AT_SQL": "3"}, "Unset CRASH_AT_SQL"),
        ({"RATE_LIMITS": "false"}, "Unset RATE_LIMITS"),
        ({"DATABASE_URL": "sqlite:////srv/d.db", "WEB_PROCESSES": "2"}, "WEB_PROCESSES=1"),
    ],
)
def test_production_refuses(changes: dict[str, str], says: str) -> None:
    reasons = refused(**changes)
    assert len(reasons) == 1
    assert says in reasons[0]


def test_every_reason_is_told_at_once() -> None:
    reasons = refused(SECRET_KEY="", DEBUG="true", REDIS_URL="redis://cache")
    assert len(reasons) == 3


def test_production_makes_no_secret_of_its_own(tmp_path: Path) -> None:
    refused(SECRET_KEY="", INSTANCE_DIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_unix_socket_needs_no_password() -> None:
    assert load({**GOOD, "REDIS_URL": "unix:///run/redis.sock"}).redis_url == "unix:///run/redis.sock"


def test_a_value_that_does_not_fit_names_its_variable() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"PORT": "seventy"})
    assert caught.value.reasons[0].startswith("PORT:")


def test_settings_do_not_change() -> None:
    settings = Settings(env="test")
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_setting_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    names = [(field.alias or name).upper() for name, field in Settings.model_fields.items()]
    assert [name for name in names if f"`{name}`" not in text] == []
