"""Danflow: forms, flows and tickets for companies that serve customers on WeCom. Layer 10, the composition root."""
from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import assets, extensions, health, locales, logs, pages, security
from app.api import routes as api
from app.cli import catalog as catalog_command
from app.cli import demo, expressions, run
from app.cli import flows as flows_command
from app.cli import org as org_command
from app.core.catalog import Catalog
from app.customers import models as customers
from app.definitions import models as definitions
from app.demo import models as demo_models
from app.demo import routes as demo_erp
from app.entries import models as entries
from app.entries import routes as entries_pages
from app.flows import nodes
from app.forms import fields
from app.notify import channels
from app.notify import models as notify
from app.org import models as org
from app.runtime import effects
from app.runtime import models as runtime
from app.settings import Settings, load

# Every table there is: imported, so that migrations and the database know them.
TABLES = (customers, definitions, demo_models, entries, notify, org, runtime)


def new_catalog() -> Catalog:
    """Everything that this installation's definitions may name."""
    catalog = Catalog()
    for room in (fields, nodes, channels, effects):
        room.register(catalog)
    return catalog


def create_app(settings: Settings | None = None) -> Flask:
    """One application: settings (default: from the environment), catalogue, extensions, pages, commands."""
    settings = settings or load()
    app = Flask(__name__, instance_path=str(settings.instance_dir))
    app.secret_key = settings.secret_key
    app.debug = settings.debug
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    logs.init_app(app, settings)
    security.init_app(app, settings)
    extensions.init_app(app, settings, new_catalog())
    locales.init_app(app)
    assets.init_app(app)
    pages.init_app(app)
    for blueprint in (health.bp, entries_pages.bp):
        app.register_blueprint(blueprint)
    if settings.env != "production":
        app.register_blueprint(demo_erp.bp)
    api.init_app(app)
    for command in (run.up, catalog_command.catalog, expressions.cli, flows_command.cli, demo.cli, org_command.cli):
        app.cli.add_command(command)
    security.require_policies(app)
    return app
