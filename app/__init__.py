"""Danflow: forms, flows and tickets for companies that serve customers on WeCom. Layer 10, the composition root."""
from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import assets, extensions, locales, logs, pages, plugins, security
from app.api.routes import init_app as init_api
from app.cli.catalog import catalog as catalog_command
from app.cli.demo import cli as demo_commands
from app.cli.doctor import doctor
from app.cli.expressions import cli as expression_commands
from app.cli.flows import cli as flow_commands
from app.cli.forms import cli as form_commands
from app.cli.org import cli as org_commands
from app.cli.outbox import cli as outbox_commands
from app.cli.plugins import plugin as plugin_commands
from app.cli.plugins import plugins as plugins_command
from app.cli.run import up
from app.cli.worker import relay, worker
from app.core.catalog import Catalog
from app.demo.routes import bp as demo_erp
from app.designer.routes import init_app as init_designer
from app.desk.routes import init_app as init_desk
from app.entries import children
from app.entries.routes import bp as entries
from app.flows import nodes
from app.forms import fields
from app.health import bp as health
from app.notify import channels
from app.org.routes import bp as sign_in
from app.plugins import pages as plugin_pages
from app.runtime import bookings, effects, events, flow_moves, merging, parked, upgrades
from app.settings import Settings, load

COMMANDS = (
    up, worker, relay, doctor, outbox_commands, catalog_command, plugins_command, plugin_commands, form_commands,
    flow_commands, expression_commands, org_commands, demo_commands,
)


def new_catalog() -> Catalog:
    """What the product itself lets definitions name."""
    catalog = Catalog()
    for room in (fields, nodes, channels, effects, events, merging, bookings, upgrades, flow_moves, parked,
                 children):
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
    catalog = new_catalog()
    found = plugins.load(settings.plugins_dir, catalog)
    extensions.init_app(app, settings, catalog)
    plugin_pages.init_app(app, found)
    locales.init_app(app)
    assets.init_app(app)
    pages.init_app(app)
    for blueprint in (health, entries, sign_in):
        app.register_blueprint(blueprint)
    if settings.env != "production":
        app.register_blueprint(demo_erp)
    init_designer(app)
    init_desk(app)
    init_api(app)
    for command in COMMANDS:
        app.cli.add_command(command)
    security.require_policies(app)
    return app
