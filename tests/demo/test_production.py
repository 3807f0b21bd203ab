"""What is only fit for trying out stays out of production."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.settings import Settings


def test_production_gets_neither_the_demo_nor_its_erp(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    real = make_app(settings.model_copy(update={"env": "production", "base_url": "https://desk.example"}))
    refused = real.test_cli_runner().invoke(args=["demo", "seed"])
    assert refused.exit_code == 1 and "production" in refused.output
    assert not any(rule.rule.startswith("/demo") for rule in real.url_map.iter_rules())
