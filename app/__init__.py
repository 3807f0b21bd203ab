"""Danflow: forms, flows and tickets for companies that serve customers on WeCom. Layer 10, the composition root."""
from __future__ import annotations

from flask import Flask

from app import extensions
from app.core.catalog import Catalog
from app.settings import Settings, load


def create_app(settings: Settings | None = None) -> Flask:
    """One application: settings (default: from the environment), catalogue, extensions, pages, commands."""
    settings = settings or load()
    app = Flask(__name__, instance_path=str(settings.instance_dir))
    app.secret_key = settings.secret_key
    catalog = Catalog()
    extensions.init_app(app, settings, catalog)
    return app
