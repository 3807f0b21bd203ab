"""Danflow: forms, flows and tickets for companies that serve customers on WeCom. Layer 10, the composition root."""
from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import assets, extensions, health, locales, logs, pages, security
from app.cli import run
from app.core.catalog import Catalog
from app.settings import Settings, load


def create_app(settings: Settings | None = None) -> Flask:
    """One application: settings (default: from the environment), catalogue, extensions, pages, commands."""
    settings = settings or load()
    app = Flask(__name__, instance_path=str(settings.instance_dir))
    app.secret_key = settings.secret_key
    app.debug = settings.debug
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    catalog = Catalog()
    logs.init_app(app, settings)
    security.init_app(app, settings)
    extensions.init_app(app, settings, catalog)
    locales.init_app(app)
    assets.init_app(app)
    pages.init_app(app)
    for blueprint in (health.bp,):
        app.register_blueprint(blueprint)
    for command in (run.up,):
        app.cli.add_command(command)
    security.require_policies(app)
    return app
